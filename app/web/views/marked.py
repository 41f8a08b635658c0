"""A transcript's words with the evidence marked, so that every quote has a place to lead to."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from app.scoring.report import Report
from app.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Piece:
    """Words inside or outside a mark; `anchors` are the quotes that begin here."""

    text: str
    marked: bool
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkedTurn:
    number: int
    role: str
    name: str | None
    at: float | None
    pieces: tuple[Piece, ...]


def anchor(turn: int, start: int) -> str:
    return f"t{turn}-{start}"


def spans_of(report: Report) -> dict[int, set[tuple[int, int]]]:
    """Every quote of the report, by turn."""
    spans: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for step in report.steps:
        for mark in step.criteria:
            for evidence in mark.evidence:
                spans[evidence.turn].add((evidence.start, evidence.end))
        for evidence in step.other:
            spans[evidence.turn].add((evidence.start, evidence.end))
    for flag in report.flags:
        spans[flag.turn].add((flag.start, flag.end))
    return spans


def marked_turns(transcript: Transcript, report: Report) -> tuple[MarkedTurn, ...]:
    spans = spans_of(report)
    return tuple(
        MarkedTurn(
            number,
            str(turn.speaker),
            turn.name,
            turn.at,
            pieces_of(turn.text, spans.get(number, set()), number),
        )
        for number, turn in enumerate(transcript.turns)
    )


def pieces_of(text: str, spans: set[tuple[int, int]], turn: int) -> tuple[Piece, ...]:
    """Cut wherever a quote begins or ends; quotes that overlap share their pieces."""
    edges = sorted({0, len(text), *(edge for span in spans for edge in span)})
    starts = {start for start, _ in spans}
    return tuple(
        Piece(
            text[start:end],
            any(a <= start and end <= b for a, b in spans),
            (anchor(turn, start),) if start in starts else (),
        )
        for start, end in pairwise(edges)
        if end <= len(text)
    )
