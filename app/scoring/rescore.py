"""What another version of a rubric or question would make of a transcript: two reports, compared."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.scoring.report import Evidence, Mark, Report


@dataclass(frozen=True, slots=True)
class StepChange:
    """Levels before and after; None where it could not be judged, or the step was not there."""

    id: str
    before: float | None
    after: float | None

    @property
    def by(self) -> float:
        """From or to what could not be judged counts as nothing: it is no lower."""
        if self.before is None or self.after is None:
            return 0.0
        return round(self.after - self.before, 1)


@dataclass(frozen=True, slots=True)
class CriterionChange:
    """Depths before and after, None where it was not judged or is not in the rubric. `evidence` are the words that
    earned the higher of the two."""

    id: str
    step: str
    before: int | None
    after: int | None
    evidence: tuple[Evidence, ...]

    @property
    def is_won(self) -> bool:
        return (self.after or 0) > (self.before or 0)


@dataclass(frozen=True, slots=True)
class Change:
    """What would be another: `steps` holds all of them in their order, `criteria` those that differ."""

    before: float | None
    after: float | None
    decision_before: str | None
    decision_after: str | None
    steps: tuple[StepChange, ...]
    criteria: tuple[CriterionChange, ...]

    @property
    def by(self) -> float:
        """Of the overall mark."""
        if self.before is None or self.after is None:
            return 0.0
        return round(self.after - self.before, 1)

    @property
    def moved(self) -> float:
        """How much, to sort by: the overall mark in points of 100, then levels."""
        return abs(self.by) + sum(abs(step.by) for step in self.steps) / 10

    @property
    def is_none(self) -> bool:
        same = (self.before, self.decision_before) == (self.after, self.decision_after)
        return same and not self.criteria and all(s.before == s.after for s in self.steps)

    @property
    def won(self) -> tuple[CriterionChange, ...]:
        return tuple(criterion for criterion in self.criteria if criterion.is_won)

    @property
    def lost(self) -> tuple[CriterionChange, ...]:
        return tuple(criterion for criterion in self.criteria if not criterion.is_won)


def compare(before: Report, after: Report) -> Change:
    """The new version's steps, in their order, and behind them what is no longer there."""
    levels = {step.id: step.level for step in before.steps}
    new = {step.id: step.level for step in after.steps}
    return Change(
        before.overall,
        after.overall,
        before.decision,
        after.decision,
        tuple(StepChange(id, levels.get(id), new.get(id)) for id in {**new, **levels}),
        tuple(_criteria(before, after)),
    )


def _criteria(before: Report, after: Report) -> Iterator[CriterionChange]:
    was, now = dict(_marks(before)), dict(_marks(after))
    for id in {**now, **was}:
        step, new = now.get(id, (was[id][0] if id in was else "", None))
        old = was.get(id, ("", None))[1]
        before_, after_ = old.depth if old else None, new.depth if new else None
        if (before_ or 0) != (after_ or 0):
            higher = new if (after_ or 0) > (before_ or 0) else old
            yield CriterionChange(id, step, before_, after_, higher.evidence if higher else ())


def _marks(report: Report) -> Iterator[tuple[str, tuple[str, Mark]]]:
    for step in report.steps:
        for mark in step.criteria:
            yield mark.id, (step.id, mark)
