"""Evidence to numbers, and nothing else: depth to points, points to levels, levels to an overall."""

from collections.abc import Mapping, Sequence

from app.rubric.rubric import STEPS
from app.rubric.scale import Bars, Scale
from app.scoring.report import DECISIONS, SENIORITIES

TOP = 4.0


def criterion_points(scale: Scale, weight: int, depths: Sequence[int], *, prompted: bool) -> float:
    """`depths` of separate stretches of evidence, deepest first."""
    if not depths:
        return 0.0
    points = scale.depth.of(depths[0])
    if len(depths) > 1 and depths[1] >= 2:
        points += scale.second_span * scale.depth.of(depths[1])
    return weight * points * (scale.prompted if prompted else 1.0)


def level(bars: Bars, points: float) -> float:
    """Points to 0.0-4.0 in tenths, evenly between two bars."""
    below, step = 0.0, 0
    for step, bar in enumerate(bars.points):
        if points < bar:
            return round(step + (points - below) / (bar - below), 1)
        below = bar
    return TOP


def overall(scale: Scale, levels: Mapping[str, float | None]) -> float | None:
    """0 to 100 over the steps that could be judged; None when fewer than four could."""
    judged = [step for step in STEPS if levels[step] is not None]
    if len(judged) < 4:
        return None
    total = sum(scale.step_weights[step] for step in judged)
    reached = sum(scale.step_weights[step] * (levels[step] or 0.0) for step in judged)
    return round(100 * reached / (TOP * total), 1)


def decision(scale: Scale, value: float) -> str:
    return DECISIONS[sum(value >= bar for bar in scale.decisions)]


def seniority(scale: Scale, value: float, core_justified: float, unprompted: float) -> str:
    """The highest bar of which every part is met."""
    reached = SENIORITIES[0]
    for name in SENIORITIES[1:]:
        bar = scale.seniority[name]
        if (
            value < bar.overall
            or core_justified < bar.core_justified
            or unprompted < bar.unprompted
        ):
            break
        reached = name
    return reached
