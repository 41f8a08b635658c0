"""Word sequences, function words included: markers of reasoning, negation, questions, withdrawal."""

from collections.abc import Iterable, Mapping

from app.concepts.words import Reader, Words


class Sequences:
    """Named sets of sequences, looked for in one pass."""

    def __init__(self, kinds: Mapping[str, Iterable[str]], reader: Reader) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for kind, phrases in kinds.items():
            for phrase in phrases:
                stems = reader.read(phrase).stems
                if stems:
                    self._by_first.setdefault(stems[0], []).append((stems, kind))

    def find(self, words: Words) -> dict[str, list[tuple[int, int]]]:
        """kind -> (first, last) places, in order."""
        found: dict[str, list[tuple[int, int]]] = {}
        stems = words.stems
        for place, stem in enumerate(stems):
            for sequence, kind in self._by_first.get(stem, ()):
                n = len(sequence)
                if n == 1 or stems[place : place + n] == sequence:
                    found.setdefault(kind, []).append((place, place + n - 1))
        return found
