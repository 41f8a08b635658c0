"""Cut a turn into clauses without looking at punctuation: speech recognisers give none."""

from dataclasses import dataclass

from app.concepts.words import Reader, Words

SHORTEST = 9
LONGEST = 32
EAGER = "so but then also now okay next finally second third otherwise because secondly thirdly"
PATIENT = "if when what which how for and first another"


@dataclass(frozen=True, slots=True)
class Clause:
    """Words `first` to `last` of a turn, both included."""

    first: int
    last: int


class ClauseCutter:
    """A new clause begins at a connective once there are SHORTEST words (twice that for the
    connectives that often stand inside a thought), and at the latest after LONGEST."""

    def __init__(self, reader: Reader) -> None:
        self._eager = frozenset(reader.stem(word) for word in EAGER.split())
        self._patient = frozenset(reader.stem(word) for word in PATIENT.split())

    def cut(self, words: Words) -> list[Clause]:
        clauses: list[Clause] = []
        start, stems, n = 0, words.stems, len(words)
        for place in range(n):
            length = place - start
            if length < SHORTEST or n - place < 3:
                continue
            if (
                length >= LONGEST
                or stems[place] in self._eager
                or (length >= 2 * SHORTEST and stems[place] in self._patient)
            ):
                clauses.append(Clause(start, place - 1))
                start = place
        if n > start:
            clauses.append(Clause(start, n - 1))
        return clauses
