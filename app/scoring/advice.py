"""What would have raised this report most, and so what to practise first."""

from dataclasses import dataclass

from app.rubric.load import Rubric
from app.rubric.rubric import Criterion, Step
from app.rubric.scale import Bars
from app.scoring import score
from app.scoring.report import Mark, Report

GOOD = 3  # said with its reason: what a next interview can reach
CORE = 1.5  # a core point is asked for in every interview, so it is worth practising before others


@dataclass(frozen=True, slots=True)
class Advice:
    """A criterion that was missing or shallow, and the levels its step would gain at depth 3."""

    step: Step
    criterion: Criterion
    depth: int
    gain: float


def next_best(report: Report, rubric: Rubric, n: int = 2) -> tuple[Advice, ...]:
    """The largest gains first, core before others, one of each step before a second of any."""
    if not report.scorable:
        return ()
    found = [
        _advice(rubric, step.level, mark)
        for step in report.steps
        if step.level is not None
        for mark in step.criteria
        if mark.depth is not None and mark.depth < GOOD
    ]
    worth = sorted(found, key=_worth, reverse=True)
    firsts: dict[str, Advice] = {}
    for advice in worth:
        firsts.setdefault(advice.step.id, advice)
    leading = list(firsts.values())
    return tuple((leading + [advice for advice in worth if advice not in leading])[:n])


def _worth(advice: Advice) -> float:
    return advice.gain * (CORE if advice.criterion.core else 1.0)


def _advice(rubric: Rubric, level: float, mark: Mark) -> Advice:
    step, criterion = rubric.criteria[mark.id]
    depth, credit, bars = mark.depth or 0, rubric.scale.depth, rubric.scale.bars[step.id]
    more = criterion.weight * (credit.of(GOOD) - credit.of(depth))
    gain = score.level(bars, points_at(bars, level) + more) - level
    return Advice(step, criterion, depth, round(gain, 1))


def points_at(bars: Bars, level: float) -> float:
    """The points that make this level; the other way round of `score.level`."""
    whole = min(int(level), len(bars.points) - 1)
    below = bars.points[whole - 1] if whole else 0.0
    return below + (level - whole) * (bars.points[whole] - below)
