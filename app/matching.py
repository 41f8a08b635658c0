"""Is this word a slip of the pen or the ear for a known one? The only importer of rapidfuzz.

Edit distance has no power over meaning (a negated sentence is 90 % like its opposite), so it is used on single
long words only: the same first letter, seven letters or more, 90 % alike. "callibration" is calibration;
"collaboration" is not.
"""

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import fuzz, process

LEAST_LETTERS = 7
ALIKE = 90.0
FEW = 2  # a word differs by no more letters in length than this


class Spelling:
    """Known words, by first letter and length."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(set(words)):
            if len(word) >= LEAST_LETTERS and word.isalpha():
                self._known[word[0], len(word)].append(word)

    def find(self, word: str) -> str | None:
        """The known word that `word` is meant to be, or None. The first in the alphabet wins a tie."""
        if len(word) < LEAST_LETTERS or not word.isalpha():
            return None
        near = [
            known
            for size in range(len(word) - FEW, len(word) + FEW + 1)
            for known in self._known.get((word[0], size), ())
        ]
        found = process.extractOne(word, near, scorer=fuzz.ratio, score_cutoff=ALIKE)
        return found[0] if found else None
