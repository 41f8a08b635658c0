"""Where two raters of one transcript are so far apart that a person should look."""

from dataclasses import dataclass

from app.scoring.report import Report

FAR = 1  # more than one level of a step, more than one depth of a criterion


@dataclass(frozen=True, slots=True)
class Gap:
    """`criterion` None: of the step's levels. `here` is the first rater's, `beside` the other's."""

    step: str
    criterion: str | None
    here: float
    beside: float


def gaps(here: Report, beside: Report) -> tuple[Gap, ...]:
    """In the order of the report, a step before its criteria. What one of them could not judge is no gap."""
    others = {step.id: step for step in beside.steps}
    found: list[Gap] = []
    for step in here.steps:
        if (other := others.get(step.id)) is None:
            continue
        if step.level is not None and other.level is not None:
            # tenths, which are no exact binary numbers
            if round(abs(step.level - other.level), 1) > FAR:
                found.append(Gap(step.id, None, step.level, other.level))
        depths = {mark.id: mark.depth for mark in other.criteria}
        for mark in step.criteria:
            depth = depths.get(mark.id)
            if mark.depth is not None and depth is not None and abs(mark.depth - depth) > FAR:
                found.append(Gap(step.id, mark.id, mark.depth, depth))
    return tuple(found)
