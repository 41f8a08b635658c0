"""From marks to a report, the same for every rater: levels, overall, decision, seniority.

Flags, segments, pacing, advisories and who raised a matter first are facts that code finds in the transcript. They
do not depend on who marks the criteria, and no rater can change them. What a rater's levels rest on is its own.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.rubric.rubric import STEPS, Step
from app.scoring import score, sums
from app.scoring.advisories import advise
from app.scoring.heard import Finding, Heard
from app.scoring.knowledge import Knowledge
from app.scoring.pacing import StepTimes, pacing_of, step_times
from app.scoring.quotes import evidence_of
from app.scoring.report import (
    Advisory,
    Mark,
    RaisedFlag,
    Rater,
    Report,
    RubricName,
    Segment,
    StepScore,
)
from app.scoring.segments import segments_of
from app.scoring.substance import substance_of, substance_points
from app.scoring.summary import summarise
from app.transcripts.transcript import Transcript

QUOTES = 3
BREAKS_OFF = "truncated"  # the note of the quality gate
FLAGS = 12
STRANGE_SHARE = 0.44  # between natural talk (0.25 at most) and shuffled talk (0.49 at least)
LEAST_PAIRS = 8
LEAST_JUDGED = 0.5  # of a step's criterion weight; a level of fewer would be a guess

Calibrate = Callable[[str, float], float]


@dataclass(frozen=True, slots=True)
class Facts:
    """What code finds in a transcript, whoever marks it. `heard` holds nothing where the words are shuffled."""

    transcript: Transcript
    knowledge: Knowledge
    heard: Heard
    findings: Mapping[str, list[Finding]]
    substance: dict[str, float]
    flags: tuple[RaisedFlag, ...]
    segments: tuple[Segment, ...]
    advisories: tuple[Advisory, ...]
    words: dict[str, int]
    times: StepTimes
    unreached: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rated:
    """A mark and the points that it is worth, its criterion's weight included."""

    mark: Mark
    worth: float


@dataclass(frozen=True, slots=True)
class Weighing:
    """What makes a step's points, by step: some before any mark, and a factor for what its marks are worth."""

    base: Mapping[str, float]
    marks: Mapping[str, float]


def as_it_is(step: str, level: float) -> float:
    return level


def facts_of(transcript: Transcript, knowledge: Knowledge, heard: Heard) -> Facts:
    shuffled = heard.strange_pairs > STRANGE_SHARE * max(heard.function_pairs, LEAST_PAIRS)
    segments = segments_of(transcript, heard)
    advisories = advise(heard, shuffled=shuffled)
    if shuffled:
        heard = Heard()
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in heard.findings:
        findings[finding.criterion].append(finding)
    words = _step_words(heard)
    return Facts(
        transcript=transcript,
        knowledge=knowledge,
        heard=heard,
        findings=findings,
        substance=substance_points(heard, knowledge.rubric.scale.substance),
        flags=tuple(_flags(transcript, knowledge, heard, findings)),
        segments=segments,
        advisories=advisories,
        words=words,
        times=step_times(transcript, segments),
        unreached=_unreached(transcript, words),
    )


def roll_up(
    facts: Facts,
    rated: Mapping[str, Rated],
    rater: Rater,
    weighing: Weighing,
    *,
    calibrate: Calibrate = as_it_is,
    notes: tuple[dict[str, str], ...] = (),
) -> Report:
    """`rated` has every criterion by its id. `notes` are the rater's own, after those on the transcript."""
    knowledge, scale = facts.knowledge, facts.knowledge.rubric.scale
    steps = tuple(
        _step_score(step, facts, rated, weighing, calibrate) for step in knowledge.rubric.steps
    )
    overall = score.overall(scale, {step.id: step.level for step in steps})
    return Report(
        scorable=True,
        reason=None,
        notes=notes_of(facts.transcript) + notes,
        rubric=_rubric_name(knowledge),
        rater=rater,
        question=facts.transcript.question,
        overall=overall,
        decision=None if overall is None else score.decision(scale, overall),
        seniority=None
        if overall is None
        else score.seniority(scale, overall, *_seniority_signs(facts, steps)),
        steps=steps,
        flags=facts.flags,
        segments=facts.segments,
        advisories=facts.advisories,
        pacing=pacing_of(facts.transcript, facts.times),
    )


def unscorable(transcript: Transcript, knowledge: Knowledge, reason: str, rater: Rater) -> Report:
    return Report(
        scorable=False,
        reason=reason,
        notes=notes_of(transcript),
        rubric=_rubric_name(knowledge),
        rater=rater,
        question=transcript.question,
        overall=None,
        decision=None,
        seniority=None,
        steps=tuple(
            StepScore(
                id=step.id,
                level=None,
                judged=0.0,
                share=0.0,
                seconds=None,
                first_at=None,
                summary="Could not be judged.",
                criteria=tuple(Mark(criterion.id, None) for criterion in step.criteria),
            )
            for step in knowledge.rubric.steps
        ),
        pacing=pacing_of(transcript, None),
    )


def _unreached(transcript: Transcript, words: dict[str, int]) -> frozenset[str]:
    """Steps that a transcript breaks off before: they may have followed, so they are not missed."""
    if not any(note.id == BREAKS_OFF for note in transcript.notes):
        return frozenset()
    touched = [place for place, step in enumerate(STEPS) if words[step]]
    return frozenset(STEPS[max(touched, default=-1) + 1 :])


def _step_score(
    step: Step,
    facts: Facts,
    rated: Mapping[str, Rated],
    weighing: Weighing,
    calibrate: Calibrate,
) -> StepScore:
    """Criteria without a depth are left out, and the others count for them by their share of the weight."""
    scale = facts.knowledge.rubric.scale
    reached = step.id not in facts.unreached
    weight = sum(criterion.weight for criterion in step.criteria)
    left = sum(c.weight for c in step.criteria if rated[c.id].mark.depth is not None)
    judged = left / weight if reached else 0.0
    marks, points = [], weighing.base.get(step.id, 0.0)
    for criterion in step.criteria:
        mark = rated[criterion.id].mark
        marks.append(mark if reached or mark.depth else Mark(criterion.id, None))
        points += weighing.marks[step.id] * rated[criterion.id].worth / (judged or 1.0)
    other = substance_of(facts.transcript, facts.heard, step.id, marks) if weighing.base else ()
    step_of = sums.STEP | {flag.id: flag.step for flag in facts.knowledge.rubric.flags}
    faults = {flag.id for flag in facts.flags if step_of[flag.id] == step.id}
    points *= max(0.0, 1 - scale.flag * len(faults))
    level = None
    if judged >= LEAST_JUDGED:
        level = calibrate(step.id, score.level(scale.bars[step.id], points))
    return StepScore(
        id=step.id,
        level=level,
        judged=round(judged, 3),
        share=round(facts.words[step.id] / max(sum(facts.words.values()), 1), 3),
        seconds=facts.times.seconds[step.id],
        first_at=facts.times.first_at[step.id],
        summary=summarise(step, level, marks, len(other)),
        criteria=tuple(marks),
        other=other[:QUOTES],
    )


def _flags(
    transcript: Transcript,
    knowledge: Knowledge,
    heard: Heard,
    findings: Mapping[str, list[Finding]],
) -> Iterable[RaisedFlag]:
    authored = {flag.id: flag for flag in knowledge.rubric.flags}
    seen: set[tuple[str, int, int]] = set()
    for sign in heard.flags:
        flag = authored.get(sign.id)
        place = (sign.id, sign.span.turn, sign.span.start)
        if place in seen or len(seen) >= FLAGS:
            continue
        if flag and flag.unless_met and any(f.depth >= 2 for f in findings[flag.unless_met]):
            continue
        seen.add(place)
        quote = evidence_of(transcript, sign.span.turn, sign.span.start, sign.span.end)
        why = flag.why if flag else sums.WHY[sign.id]
        yield RaisedFlag(sign.id, quote.turn, quote.start, quote.end, quote.quote, why)


def _step_words(heard: Heard) -> dict[str, int]:
    words = dict.fromkeys((*STEPS, "other"), 0)
    for clause in heard.clauses:
        words[clause.step] += clause.words
    return words


def _seniority_signs(facts: Facts, steps: tuple[StepScore, ...]) -> tuple[float, float]:
    """Share of core criteria at depth 3 or more, and of those the share that was not prompted. What a rater could
    not judge counts for neither; a step that the transcript breaks off before was not shown."""
    core = {c.id for _, c in facts.knowledge.rubric.criteria.values() if c.core}
    marks = [
        mark
        for step in steps
        for mark in step.criteria
        if mark.id in core and (mark.depth is not None or step.id in facts.unreached)
    ]
    deep = [mark for mark in marks if (mark.depth or 0) >= 3]
    unprompted = sum(not mark.prompted for mark in deep)
    return len(deep) / max(len(marks), 1), unprompted / max(len(deep), 1)


def notes_of(transcript: Transcript) -> tuple[dict[str, str], ...]:
    return tuple({"id": note.id, "message": note.message} for note in transcript.notes)


def _rubric_name(knowledge: Knowledge) -> RubricName:
    about = knowledge.rubric.about
    return RubricName(about.id, about.version, knowledge.rubric.sha256)
