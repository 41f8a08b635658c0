"""Where two raters of one transcript are so far apart that a person should look."""

from dataclasses import dataclass

from app.scoring.report import Report

Side = tuple[str | None, float | None, float | None]  # criterion, the one, the other

FAR = 1  # more than one level of a step, more than one depth of a criterion


@dataclass(frozen=True, slots=True)
class Gap:
    """`criterion` None: of the step's levels. `here` is the first rater's, `beside` the other's."""

    step: str
    criterion: str | None
    here: float
    beside: float


def gaps(here: Report, beside: Report) -> tuple[Gap, ...]:
    """In the order of the report, a step before its criteria."""
    others = {step.id: step for step in beside.steps}
    found: list[Gap] = []
    for step in here.steps:
        if (other := others.get(step.id)) is None:
            continue
        depths = {mark.id: mark.depth for mark in other.criteria}
        sides: list[Side] = [(None, step.level, other.level)]
        sides += [(mark.id, mark.depth, depths.get(mark.id)) for mark in step.criteria]
        found += [
            Gap(step.id, criterion, one, two)
            for criterion, one, two in sides
            if one is not None and two is not None and is_far(one, two)
        ]
    return tuple(found)


def is_far(one: float | None, other: float | None) -> bool:
    """Levels of a step, or depths of a criterion. What one of them could not judge is no difference between them."""
    # tenths are no exact binary numbers
    return one is not None and other is not None and round(abs(one - other), 1) > FAR
