"""Talk that is not speech: lists of terms, shuffled words, repeats, orders to the scorer.

The bounds come from scoring-evidence (4,000 windows of real speech, 0.05 % false flags) and were measured
again with this project's normal forms; `make bench` prints how often real talk is caught.
"""

from collections import Counter
from collections.abc import Iterable

from app.concepts.words import Words

WINDOW = 40
LEAST_FUNCTION = 0.30
LONGEST_RUN = 11
SHORT_TURN_RUN = 7
GRAM = 5
PATTERN = 6
TEMPLATED = 0.35  # real turns repeat 0.22 of their patterns at most (970 turns), templates 0.9
REPEATED = 0.7


class WordOrder:
    """Which function words people put next to each other, learned from the rubric's own sentences.

    "Of the" and "if we" are common, "the of" and "we if" nobody says: in natural talk a quarter of such pairs
    at most was never seen (50 interviews), in shuffled talk half of them or more.
    """

    def __init__(self, sentences: Iterable[Words]) -> None:
        self._said = {pair for words in sentences for pair in function_pairs(words)}

    def strange(self, words: Words) -> tuple[int, int]:
        """(pairs that nobody says, all pairs of function words)."""
        pairs = function_pairs(words)
        return sum(pair not in self._said for pair in pairs), len(pairs)


def function_pairs(words: Words) -> list[tuple[str, str]]:
    content = set(words.content)
    stems = words.stems
    return [
        (stems[i], stems[i + 1])
        for i in range(len(words) - 1)
        if i not in content and i + 1 not in content
    ]


def listed(words: Words) -> list[tuple[int, int]]:
    """Stretches (first, last place) that are bare lists of terms, or terms hung into one sentence pattern."""
    places = set(words.content)
    content = [place in places for place in range(len(words))]
    if len(content) >= WINDOW and _repeats_itself(words, content):
        return [(0, len(content) - 1)]
    stretches = _dense_windows(content) if len(content) >= WINDOW // 2 else []
    return stretches + _runs(content, LONGEST_RUN if len(content) >= WINDOW else SHORT_TURN_RUN)


def _repeats_itself(words: Words, content: list[bool]) -> bool:
    """Whether the same pattern of function words comes again and again: "I would also use X. I would also ..." """
    row = ["_" if full else stem for full, stem in zip(content, words.stems, strict=True)]
    patterns = Counter(
        pattern
        for i in range(len(row) - PATTERN + 1)
        if (pattern := tuple(row[i : i + PATTERN])).count("_") <= PATTERN - 2
    )
    again = sum(count for count in patterns.values() if count > 1)
    return again > TEMPLATED * max(patterns.total(), 1)


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
    """Rows of `size` words; a stretch shorter than that is one row of its own."""
    stems = words.stems
    if last - first + 1 < size:
        return [stems[first : last + 1]]
    return [stems[i : i + size] for i in range(first, last - size + 2)]
