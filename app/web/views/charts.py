"""Numbers to the shapes of server-side SVG; every figure's numbers also stand in a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.scoring.report import Report
from app.transcripts.transcript import Transcript

WIDTH = 1000
LEAST = 3  # narrower than this nobody sees it
TICKS = 4


@dataclass(frozen=True, slots=True)
class Block:
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """Blocks for each step on one axis: minutes where there are times, else the share of words."""

    timed: bool
    ticks: tuple[str, ...]
    rows: dict[str, tuple[Block, ...]]


def timeline(report: Report, transcript: Transcript) -> Timeline:
    times = [turn.at for turn in transcript.turns if turn.at is not None]
    last = max([*times, transcript.ends_at or 0.0]) if times else 0.0
    if not report.pacing.timed or last <= 0:
        return _order(report, transcript)
    ends = _ends(transcript, last)
    stretches: dict[str, list[tuple[float, float]]] = {step.id: [] for step in report.steps}
    for segment in report.segments:
        turn, end = transcript.turns[segment.turn], ends[segment.turn]
        if segment.step in stretches and turn.at is not None:
            spent, size = max(end - turn.at, 0.0), max(len(turn.text), 1)
            stretches[segment.step].append(
                (turn.at + spent * segment.start / size, turn.at + spent * segment.end / size)
            )
    ticks = tuple(minutes(last * n / TICKS) for n in range(TICKS + 1))
    return Timeline(True, ticks, {id: _blocks(rows, last) for id, rows in stretches.items()})


def _ends(transcript: Transcript, last: float) -> list[float]:
    ends, following = [], last
    for turn in reversed(transcript.turns):
        ends.append(following)
        following = turn.at if turn.at is not None else following
    return ends[::-1]


def _order(report: Report, transcript: Transcript) -> Timeline:
    """Without times: where in the candidate's words each step came up."""
    total = max(sum(segment.end - segment.start for segment in report.segments), 1)
    stretches: dict[str, list[tuple[float, float]]] = {step.id: [] for step in report.steps}
    at = 0
    for segment in report.segments:
        size = segment.end - segment.start
        if segment.step in stretches:
            stretches[segment.step].append((at, at + size))
        at += size
    ticks = ("start", "middle", "end")
    return Timeline(False, ticks, {id: _blocks(rows, total) for id, rows in stretches.items()})


def _blocks(stretches: Sequence[tuple[float, float]], total: float) -> tuple[Block, ...]:
    """Neighbours run together; small gaps would only flicker."""
    blocks: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        x, far = WIDTH * min(start / total, 1.0), WIDTH * min(end / total, 1.0)
        if blocks and x - blocks[-1][1] <= LEAST:
            blocks[-1] = (blocks[-1][0], max(far, blocks[-1][1]))
        else:
            blocks.append((x, far))
    return tuple(Block(round(x), max(round(far - x), LEAST)) for x, far in blocks)


def minutes(seconds: float) -> str:
    whole, rest = divmod(round(seconds), 60)
    return f"{whole}:{rest:02}"
