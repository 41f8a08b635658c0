"""How much of a turn to quote: the sentence around the words that count, or the clause where there are no sentences."""

import re

SENTENCE = re.compile(r"[.?!…](?=\s)|\n|;(?=\s)")
BEFORE = 160
AFTER = 200


def quote_bounds(text: str, first: int, last: int, clause: tuple[int, int]) -> tuple[int, int]:
    """(start, end) code points around `first` to `last`, which the quote always contains."""
    start = _start(text, first)
    end = _end(text, last)
    return (
        clause[0] if start is None else start,
        max(clause[1], last) if end is None else end,
    )


def _start(text: str, first: int) -> int | None:
    low = max(0, first - BEFORE)
    breaks = [found.end() for found in SENTENCE.finditer(text, low, first)]
    at = breaks[-1] if breaks else (0 if low == 0 else None)
    if at is None:
        return None
    while at < first and text[at].isspace():
        at += 1
    return at


def _end(text: str, last: int) -> int | None:
    found = SENTENCE.search(text, last, min(len(text), last + AFTER))
    if found:
        return found.end()
    return len(text) if len(text) - last <= AFTER else None
