"""Talk that is not speech: lists of terms, shuffled words, repeats, orders to the scorer.

The bounds come from scoring-evidence (4,000 windows of real speech, 0.05 % false flags) and were measured
again with this project's normal forms; `make bench` prints how often real talk is caught.
"""

from app.concepts.words import Reader, Words

WINDOW = 40
LEAST_FUNCTION = 0.30
LONGEST_RUN = 11
SHORT_TURN_RUN = 7
GRAM = 5
REPEATED = 0.7
DETERMINERS = "a an the my our their your this these those his its every each".split()
PREPOSITIONS = "of to from with at into by for in on".split()
NOT_AFTER_DETERMINER = (
    "of to from with at into by for in on and or but because is are was were be been do does did has "
    "had will would can could should must the a an we i they he she it you that which who if so then "
    "as than not"
).split()
NOT_AFTER_PREPOSITION = (
    "of is are was were be been do does did has had would could should will must and or but because "
    "i we he she they so if then"
).split()
NOT_AFTER_PRONOUN = "the a an of my our their your at into by from with to in".split()
PRONOUNS = "i we they he she you".split()


class WordOrder:
    """How many neighbouring pairs no speaker of English says: "the of", "with is", "we the"."""

    def __init__(self, reader: Reader) -> None:
        self._bad = {
            (reader.stem(a), reader.stem(b))
            for firsts, seconds in (
                (DETERMINERS, NOT_AFTER_DETERMINER),
                (PREPOSITIONS, NOT_AFTER_PREPOSITION),
                (PRONOUNS, NOT_AFTER_PRONOUN),
            )
            for a in firsts
            for b in seconds
        }

    def broken(self, words: Words) -> int:
        return sum(pair in self._bad for pair in zip(words.stems, words.stems[1:], strict=False))


def listed(words: Words) -> list[tuple[int, int]]:
    """Stretches (first, last place) that are bare lists of terms."""
    places = set(words.content)
    content = [place in places for place in range(len(words))]
    stretches = _dense_windows(content) if len(content) >= WINDOW // 2 else []
    return stretches + _runs(content, LONGEST_RUN if len(content) >= WINDOW else SHORT_TURN_RUN)


def _dense_windows(content: list[bool]) -> list[tuple[int, int]]:
    n = len(content)
    size = min(WINDOW, n)
    inside = sum(content[:size])
    found = []
    for first in range(n - size + 1):
        if first:
            inside += content[first + size - 1] - content[first - 1]
        if 1 - inside / size < LEAST_FUNCTION:
            found.append((first, first + size - 1))
    return found


def _runs(content: list[bool], longest: int) -> list[tuple[int, int]]:
    found, start = [], 0
    for place, is_content in enumerate([*content, False]):
        if not is_content:
            if place - start >= longest:
                found.append((start, place - 1))
            start = place + 1
    return found


def grams(words: Words, first: int, last: int, size: int = GRAM) -> list[tuple[str, ...]]:
    stems = words.stems
    return [stems[i : i + size] for i in range(first, last - size + 2)]
