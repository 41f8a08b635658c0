"""A scorecard: what people settled about an interview, beside what the machine found, with the words it rests on.

Pure: who gave which marks comes in as values, and the numbers over all steps are made by the same roll-up as those of
any report. A step that nobody could judge stays None; it lowers nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

from app.rubric.load import Rubric
from app.rubric.rubric import STEPS, Step
from app.scoring import score
from app.scoring.gaps import is_far
from app.scoring.report import Evidence, RaisedFlag, Rater, Report, RubricName, StepScore
from app.transcripts.transcript import Transcript

SCHEMA = 1
QUOTES = 3  # for a step; a committee reads the transcript for more
NOTHING: Mapping[str, str] = MappingProxyType({})

Levels = Mapping[str, float | None]
Depths = Mapping[str, int | None]
NOTHING_DEEP: Depths = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Given:
    """One person's own marks, from before any others were shown to them. `depths` are of criteria, as far as they
    wanted to say so much."""

    name: str
    levels: Levels
    depths: Depths = field(default_factory=lambda: NOTHING_DEEP)


@dataclass(frozen=True, slots=True)
class Settled:
    """The room's final marks. `decision` is the interviewer's own choice, one of DECISIONS, or None; `at` is when, in
    ISO 8601. `reasons` are by step, `summary` is about the whole."""

    name: str
    at: str
    levels: Levels
    reasons: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    decision: str | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Note:
    """A private note that its author chose to put on the card; `at` is seconds of the interview."""

    name: str
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Interview:
    """`minutes` were planned (None: no clock), `seconds` were used; `started` and `ended` in ISO 8601."""

    title: str
    question: str | None
    started: str | None
    ended: str | None
    minutes: int | None
    seconds: float
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """The candidate's own words and what the machine heard in them; `criterion` None: no criterion names it."""

    criterion: str | None
    title: str | None
    depth: int | None
    turn: int
    start: int
    end: int
    quote: str
    at: float | None


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine made of it on its own."""

    rater: Rater
    overall: float | None
    decision: str | None
    levels: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class CardCriterion:
    """A criterion that a rater marked: `given` by their place in `raters` (None: not, or not to be judged)."""

    id: str
    title: str
    given: tuple[int | None, ...]
    machine: int | None
    judge: int | None


@dataclass(frozen=True, slots=True)
class CardStep:
    """`level` is the final one; `given` each rater's own by their place in `raters`, `low` and `high` their range.
    `apart` where the final level is more than a level from the scorer's."""

    id: str
    title: str
    level: float | None
    low: float | None
    high: float | None
    given: tuple[float | None, ...]
    machine: float | None
    judge: float | None
    apart: bool
    reason: str
    criteria: tuple[CardCriterion, ...]
    evidence: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """`overall` and `decision` are computed from the final levels; `chosen` is the interviewer's own decision."""

    interview: Interview
    steps: tuple[CardStep, ...]
    overall: float | None
    decision: str | None
    chosen: str | None
    summary: str
    settled_by: str
    settled_at: str
    raters: tuple[str, ...]
    machine: Machine
    judge: Machine | None
    rubric: RubricName
    flags: tuple[RaisedFlag, ...]
    notes: tuple[Note, ...]

    def as_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **asdict(self)}

    def to_json(self) -> str:
        return json.dumps(self.as_json(), ensure_ascii=False, indent=1)


def make_card(
    interview: Interview,
    settled: Settled,
    given: Sequence[Given],
    report: Report,
    judge: Report | None,
    transcript: Transcript,
    rubric: Rubric,
    notes: Sequence[Note] = (),
) -> Card:
    """`report` is the offline scorer's on the same transcript, `judge` a model's beside it, where there is one."""
    machine = machine_of(report)
    second = None if judge is None else machine_of(judge)
    overall, decision = rolled_up(rubric, settled.levels)
    scores = {step.id: step for step in report.steps}
    return Card(
        interview=interview,
        steps=tuple(
            CardStep(
                id=step.id,
                title=step.title,
                level=settled.levels.get(step.id),
                low=min(_known(step.id, given), default=None),
                high=max(_known(step.id, given), default=None),
                given=tuple(one.levels.get(step.id) for one in given),
                machine=machine.levels[step.id],
                judge=None if second is None else second.levels[step.id],
                apart=is_far(settled.levels.get(step.id), machine.levels[step.id]),
                reason=settled.reasons.get(step.id, ""),
                criteria=marked_criteria(step, given, report, judge),
                evidence=cited(scores[step.id], rubric, transcript),
            )
            for step in rubric.steps
        ),
        overall=overall,
        decision=decision,
        chosen=settled.decision,
        summary=settled.summary,
        settled_by=settled.name,
        settled_at=settled.at,
        raters=tuple(one.name for one in given),
        machine=machine,
        judge=second,
        rubric=report.rubric,
        flags=report.flags,
        notes=tuple(sorted(notes, key=lambda note: note.at)),
    )


def _known(step: str, given: Sequence[Given]) -> list[float]:
    levels = (one.levels.get(step) for one in given)
    return [level for level in levels if level is not None]


def marked_criteria(
    step: Step, given: Sequence[Given], report: Report, judge: Report | None
) -> tuple[CardCriterion, ...]:
    """Those of the step that somebody marked, in the rubric's order."""
    machine = depths_of(report)
    second = {} if judge is None else depths_of(judge)
    return tuple(
        CardCriterion(
            criterion.id,
            criterion.title,
            tuple(one.depths.get(criterion.id) for one in given),
            machine.get(criterion.id),
            second.get(criterion.id),
        )
        for criterion in step.criteria
        if any(criterion.id in one.depths for one in given)
    )


def depths_of(report: Report) -> dict[str, int | None]:
    return {mark.id: mark.depth for step in report.steps for mark in step.criteria}


def machine_of(report: Report) -> Machine:
    levels = {step.id: step.level for step in report.steps}
    return Machine(report.rater, report.overall, report.decision, levels)


def rolled_up(rubric: Rubric, levels: Levels) -> tuple[float | None, str | None]:
    """The overall and the decision that levels make, both None where fewer than four steps could be judged."""
    overall = score.overall(rubric.scale, {step: levels.get(step) for step in STEPS})
    return overall, None if overall is None else score.decision(rubric.scale, overall)


def cited(step: StepScore, rubric: Rubric, transcript: Transcript) -> tuple[Cited, ...]:
    """The words that say most about a step: the deepest marks first, one quote of each."""
    deepest = sorted((mark for mark in step.criteria if mark.depth), key=lambda m: -(m.depth or 0))
    found = [
        _cited(mark.evidence[0], mark.id, mark.depth, rubric, transcript)
        for mark in deepest
        if mark.evidence
    ]
    found += [_cited(evidence, None, None, rubric, transcript) for evidence in step.other]
    return tuple(found[:QUOTES])


def _cited(
    evidence: Evidence, criterion: str | None, depth: int | None, rubric: Rubric, said: Transcript
) -> Cited:
    title = rubric.criteria[criterion][1].title if criterion in rubric.criteria else None
    place = (evidence.turn, evidence.start, evidence.end, evidence.quote)
    return Cited(criterion, title, depth, *place, said.turns[evidence.turn].at)
