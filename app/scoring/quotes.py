"""How much of a turn to quote: the sentence around the words that count, or the clause where there are no sentences."""

import re

from app.scoring.report import Evidence
from app.transcripts.transcript import Transcript

SENTENCE = re.compile(r"[.?!…](?=\s)|\n|;(?=\s)")
BEFORE = 160
AFTER = 200
SHORT = 45  # a sentence of fewer letters is shown with the one before it


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
    if low == 0:
        breaks.insert(0, 0)
    if not breaks:
        return None
    at = breaks[-1]
    if len(breaks) > 1 and first - at < SHORT:
        end = _end(text, first)
        if end is not None and end - at < SHORT:
            at = breaks[-2]
    while at < first and text[at].isspace():
        at += 1
    return at


def _end(text: str, last: int) -> int | None:
    found = SENTENCE.search(text, last, min(len(text), last + AFTER))
    if found:
        return found.end()
    return len(text) if len(text) - last <= AFTER else None


def evidence_of(transcript: Transcript, turn: int, start: int, end: int) -> Evidence:
    """The transcript's own words at a place."""
    return Evidence(turn, start, end, transcript.turns[turn].text[start:end])
