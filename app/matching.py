"""Is this word a slip of the pen or the ear for a known one? The only importer of rapidfuzz.

Edit distance has no power over meaning (a negated sentence is 90 % like its opposite), so rubric and transcript are
compared by it on single long words only: the same first letter, seven letters or more, 90 % alike. "callibration"
is calibration; "collaboration" is not. What is below for rows of words finds where a quote may stand, no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, LCSseq

LEAST_LETTERS = 7
ALIKE = 90.0
FEW = 2  # a word differs by no more letters in length than this
LEAST_SLIP = 5
LEAST_OTHER_LETTER = (
    7  # "cost" and "cast", "stored" and "scored" are two words; in longer ones it is a slip
)


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


class Slips:
    """Known words by one slip: two letters swapped, one too many, one missing, in long words one that is wrong.

    First and last letter are the same, since another last letter is mostly another form of a word that is meant.
    What is a word in its own right is never a slip.
    """

    def __init__(self, words: Iterable[str], real: Iterable[str]) -> None:
        self._real = frozenset(real)
        self._known: dict[tuple[str, str, int], list[str]] = defaultdict(list)
        for word in sorted(set(words)):
            if len(word) >= LEAST_SLIP and word.isalpha():
                self._known[word[0], word[-1], len(word)].append(word)

    def find(self, word: str) -> str | None:
        if len(word) < LEAST_SLIP or not word.isalpha() or word in self._real:
            return None
        for size in (len(word), len(word) + 1, len(word) - 1):
            for known in self._known.get((word[0], word[-1], size), ()):
                if known == word:
                    return None
        for size in (len(word), len(word) + 1, len(word) - 1):
            for known in self._known.get((word[0], word[-1], size), ()):
                if OSA.distance(word, known, score_cutoff=1) > 1:
                    continue
                swapped = size == len(word) and sorted(word) == sorted(known)
                if swapped or size != len(word) or size >= LEAST_OTHER_LETTER:
                    return known
        return None


def aligned(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """Places (in one, in other) of the words of a longest common subsequence, in order."""
    return [
        (block.src_start + k, block.dest_start + k)
        for block in LCSseq.opcodes(one, other)
        if block.tag == "equal"
        for k in range(block.src_end - block.src_start)
    ]


def alike(one: str, other: str) -> float:
    """0 to 100, letter by letter. Both whole: a window that slides over a long text can run for minutes."""
    return fuzz.ratio(one, other)


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """How much of two rows of words is the same, in order: 0 to 100."""
    return fuzz.ratio(one, other)


def near_words(word: str, known: Sequence[str], most: int) -> list[str]:
    """The known words with the fewest slips of the pen from this one, `most` of them at the utmost."""
    found = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=None)
    least = min((slips for _, slips, _ in found), default=0)
    return [known for known, slips, _ in found if slips == least]
