"""A judge's verdicts as a report: the judge labels and points at words, code makes the numbers of it.

Its levels rest on its depths alone. The substance that the offline scorer adds would make the two agree whatever the
judge says, and a second opinion that cannot differ is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.rubric.rubric import Criterion
from app.scoring import score
from app.scoring.report import Evidence, Mark, Rater, Report
from app.scoring.rollup import Calibrate, Facts, Rated, Weighing, as_it_is, roll_up


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of all votes on one criterion. `depth` None: it could not be judged, and `note` says why."""

    depth: int | None
    evidence: tuple[Evidence, ...] = ()
    note: str | None = None


def judged_report(
    facts: Facts,
    verdicts: Mapping[str, Verdict],
    rater: Rater,
    *,
    calibrate: Calibrate = as_it_is,
    notes: tuple[dict[str, str], ...] = (),
) -> Report:
    """A criterion without a verdict could not be judged."""
    rated = {
        criterion.id: _rated(criterion, verdicts.get(criterion.id, Verdict(None)), facts)
        for _, criterion in facts.knowledge.rubric.criteria.values()
    }
    weighing = Weighing({}, facts.knowledge.rubric.scale.judged)
    return roll_up(facts, rated, rater, weighing, calibrate=calibrate, notes=notes)


def _rated(criterion: Criterion, verdict: Verdict, facts: Facts) -> Rated:
    """One depth for a criterion, so nothing is added for a second stretch of evidence."""
    prompted = bool(verdict.depth) and _was_raised_before(criterion.id, verdict, facts)
    mark = Mark(criterion.id, verdict.depth, prompted, verdict.evidence, verdict.note)
    if not verdict.depth:
        return Rated(mark, 0.0)
    scale = facts.knowledge.rubric.scale
    worth = score.criterion_points(scale, criterion.weight, [verdict.depth], prompted=prompted)
    return Rated(mark, worth)


def _was_raised_before(criterion: str, verdict: Verdict, facts: Facts) -> bool:
    """By the interviewer before all of these words, and before any others of the candidate on it."""
    raised = facts.heard.raised.get(criterion)
    return raised is not None and all(quote.turn > raised for quote in verdict.evidence)
