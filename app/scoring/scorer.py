"""Transcript + rubric -> Report, offline: hear every turn, gather the findings per criterion, roll up."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.rubric.rubric import STEPS, Criterion, Step
from app.scoring import score, sums
from app.scoring.advisories import advise
from app.scoring.heard import Finding, Heard, Span
from app.scoring.knowledge import Knowledge
from app.scoring.listen import Listener
from app.scoring.pacing import StepTimes, pacing_of, step_times
from app.scoring.report import (
    Evidence,
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
from app.transcripts import unscorable_reason
from app.transcripts.transcript import Transcript

RATER = Rater("offline", "offline-1")
QUOTES = 3
BREAKS_OFF = "truncated"  # the note of the quality gate
FLAGS = 12
AGREEMENT = 0.6
MOST_AGREEMENT = 3
WEAKER = 1.0  # a quote much weaker than the best only dilutes it
STRANGE_SHARE = 0.44  # between natural talk (0.25 at most) and shuffled talk (0.49 at least)
LEAST_PAIRS = 8


def score_transcript(
    transcript: Transcript, knowledge: Knowledge, *, question_text: str | None = None
) -> Report:
    """The same transcript and rubric give the same report, byte for byte."""
    if reason := unscorable_reason(transcript):
        return unscorable(transcript, knowledge, reason)
    listener = Listener(knowledge, question_text or transcript.question)
    for number, turn in enumerate(transcript.turns):
        listener.hear(number, turn)
    return report_of(transcript, knowledge, listener.heard)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the marks of all steps are made from."""

    transcript: Transcript
    knowledge: Knowledge
    heard: Heard
    findings: dict[str, list[Finding]]
    substance: dict[str, float]
    flags: tuple[RaisedFlag, ...]
    words: dict[str, int]
    times: StepTimes
    unreached: frozenset[str]


def report_of(transcript: Transcript, knowledge: Knowledge, heard: Heard) -> Report:
    """What was heard so far as a report; cheap enough to be asked for after every turn."""
    scale = knowledge.rubric.scale
    shuffled = heard.strange_pairs > STRANGE_SHARE * max(heard.function_pairs, LEAST_PAIRS)
    segments = segments_of(transcript, heard)
    gathered = _gather(transcript, knowledge, Heard() if shuffled else heard, segments)
    steps = tuple(_step_score(step, gathered) for step in knowledge.rubric.steps)
    overall = score.overall(scale, {step.id: step.level for step in steps})
    return Report(
        scorable=True,
        reason=None,
        notes=_notes(transcript),
        rubric=_rubric_name(knowledge),
        rater=RATER,
        question=transcript.question,
        overall=overall,
        decision=None if overall is None else score.decision(scale, overall),
        seniority=None
        if overall is None
        else score.seniority(scale, overall, *_seniority_signs(knowledge, steps)),
        steps=steps,
        flags=gathered.flags,
        segments=segments,
        advisories=advise(heard, shuffled=shuffled),
        pacing=pacing_of(transcript, gathered.times),
    )


def _gather(
    transcript: Transcript, knowledge: Knowledge, heard: Heard, segments: tuple[Segment, ...]
) -> Gathered:
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in heard.findings:
        findings[finding.criterion].append(finding)
    words = _step_words(heard)
    return Gathered(
        transcript,
        knowledge,
        heard,
        findings,
        substance_points(heard, knowledge.rubric.scale.substance),
        tuple(_flags(transcript, knowledge, heard, findings)),
        words,
        step_times(transcript, segments),
        _unreached(transcript, words),
    )


def _unreached(transcript: Transcript, words: dict[str, int]) -> frozenset[str]:
    """Steps that a transcript breaks off before: they may have followed, so they are not missed."""
    if not any(note.id == BREAKS_OFF for note in transcript.notes):
        return frozenset()
    touched = [place for place, step in enumerate(STEPS) if words[step]]
    return frozenset(STEPS[max(touched, default=-1) + 1 :])


def _step_score(step: Step, gathered: Gathered) -> StepScore:
    scale = gathered.knowledge.rubric.scale
    judged = step.id not in gathered.unreached
    marks, points = [], gathered.substance.get(step.id, 0.0)
    for criterion in step.criteria:
        mark, worth = _mark(criterion, gathered)
        marks.append(mark if judged or mark.depth else Mark(criterion.id, None))
        points += scale.marks * worth
    other = substance_of(gathered.transcript, gathered.heard, step.id, marks)
    step_of = sums.STEP | {flag.id: flag.step for flag in gathered.knowledge.rubric.flags}
    faults = {flag.id for flag in gathered.flags if step_of[flag.id] == step.id}
    points *= max(0.0, 1 - scale.flag * len(faults))
    level = score.level(scale.bars[step.id], points) if judged else None
    return StepScore(
        id=step.id,
        level=level,
        judged=1.0 if judged else 0.0,
        share=round(gathered.words[step.id] / max(sum(gathered.words.values()), 1), 3),
        seconds=gathered.times.seconds[step.id],
        first_at=gathered.times.first_at[step.id],
        summary=summarise(step, level, marks, len(other)),
        criteria=tuple(marks),
        other=other[:QUOTES],
    )


def _mark(criterion: Criterion, gathered: Gathered) -> tuple[Mark, float]:
    found = gathered.findings.get(criterion.id, [])
    best = sorted(found, key=lambda f: (-_trust(f), f.prompted, f.span.turn, f.span.start))
    apart: list[Finding] = []
    for finding in best:
        if all(finding.clause != other.clause for other in apart):
            apart.append(finding)
    if not apart:
        return Mark(criterion.id, 0), 0.0
    top = apart[0]
    points = score.criterion_points(
        gathered.knowledge.rubric.scale,
        criterion.weight,
        [top.depth, *sorted((finding.depth for finding in apart[1:]), reverse=True)],
        prompted=top.prompted,
    )
    shown = [finding for finding in apart if _trust(finding) >= _trust(top) - WEAKER]
    evidence = tuple(_evidence(gathered.transcript, finding.span) for finding in shown[:QUOTES])
    note = "rests on one quote" if len(evidence) == 1 else None
    return Mark(criterion.id, top.depth, top.prompted, evidence, note), points


def _trust(finding: Finding) -> float:
    """Depth, and more where several forms agree: one loose form alone may be a chance likeness."""
    return finding.depth + AGREEMENT * min(finding.support - 1, MOST_AGREEMENT)


def _evidence(transcript: Transcript, span: Span) -> Evidence:
    text = transcript.turns[span.turn].text
    return Evidence(span.turn, span.start, span.end, text[span.start : span.end])


def _flags(
    transcript: Transcript,
    knowledge: Knowledge,
    heard: Heard,
    findings: dict[str, list[Finding]],
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
        quote = _evidence(transcript, sign.span)
        why = flag.why if flag else sums.WHY[sign.id]
        yield RaisedFlag(sign.id, quote.turn, quote.start, quote.end, quote.quote, why)


def _step_words(heard: Heard) -> dict[str, int]:
    words = dict.fromkeys((*STEPS, "other"), 0)
    for clause in heard.clauses:
        words[clause.step] += clause.words
    return words


def _seniority_signs(knowledge: Knowledge, steps: tuple[StepScore, ...]) -> tuple[float, float]:
    """Share of core criteria at depth 3 or more, and of those the share that was not prompted."""
    core = {c.id for _, c in knowledge.rubric.criteria.values() if c.core}
    marks = [mark for step in steps for mark in step.criteria if mark.id in core]
    deep = [mark for mark in marks if (mark.depth or 0) >= 3]
    unprompted = sum(not mark.prompted for mark in deep)
    return len(deep) / max(len(marks), 1), unprompted / max(len(deep), 1)


def _notes(transcript: Transcript) -> tuple[dict[str, str], ...]:
    return tuple({"id": note.id, "message": note.message} for note in transcript.notes)


def _rubric_name(knowledge: Knowledge) -> RubricName:
    about = knowledge.rubric.about
    return RubricName(about.id, about.version, knowledge.rubric.sha256)


def unscorable(transcript: Transcript, knowledge: Knowledge, reason: str) -> Report:
    return Report(
        scorable=False,
        reason=reason,
        notes=_notes(transcript),
        rubric=_rubric_name(knowledge),
        rater=RATER,
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
