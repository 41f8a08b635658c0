"""Transcript + rubric -> Report, offline: hear every turn, gather the findings per criterion, roll up."""

from app.rubric.rubric import STEPS, Criterion
from app.scoring import rollup, score
from app.scoring.heard import Finding, Heard
from app.scoring.knowledge import Knowledge
from app.scoring.listen import Listener
from app.scoring.quotes import evidence_of
from app.scoring.report import Mark, Rater, Report
from app.scoring.rollup import QUOTES, Facts, Rated, Weighing, facts_of, roll_up
from app.transcripts import unscorable_reason
from app.transcripts.transcript import Transcript

RATER = Rater("offline", "offline-1")
AGREEMENT = 0.6
MOST_AGREEMENT = 3
WEAKER = 1.0  # a quote much weaker than the best only dilutes it


def score_transcript(
    transcript: Transcript, knowledge: Knowledge, *, question_text: str | None = None
) -> Report:
    """The same transcript and rubric give the same report, byte for byte."""
    if reason := unscorable_reason(transcript):
        return unscorable(transcript, knowledge, reason)
    return report_of(transcript, knowledge, hear(transcript, knowledge, question_text))


def hear(transcript: Transcript, knowledge: Knowledge, question_text: str | None = None) -> Heard:
    listener = Listener(knowledge, question_text or transcript.question)
    for number, turn in enumerate(transcript.turns):
        listener.hear(number, turn)
    return listener.heard


def report_of(transcript: Transcript, knowledge: Knowledge, heard: Heard) -> Report:
    """What was heard so far as a report; cheap enough to be asked for after every turn."""
    return offline_report(facts_of(transcript, knowledge, heard))


def offline_report(facts: Facts) -> Report:
    """No list names everything a good candidate says, so what else was said to the point counts as well."""
    rubric = facts.knowledge.rubric
    weighing = Weighing(facts.substance, dict.fromkeys(STEPS, rubric.scale.marks))
    rated = {c.id: _rated(c, facts) for _, c in rubric.criteria.values()}
    return roll_up(facts, rated, RATER, weighing)


def unscorable(transcript: Transcript, knowledge: Knowledge, reason: str) -> Report:
    return rollup.unscorable(transcript, knowledge, reason, RATER)


def _rated(criterion: Criterion, facts: Facts) -> Rated:
    found = facts.findings.get(criterion.id, [])
    best = sorted(found, key=lambda f: (-_trust(f), f.prompted, f.span.turn, f.span.start))
    apart: list[Finding] = []
    for finding in best:
        if all(finding.clause != other.clause for other in apart):
            apart.append(finding)
    if not apart:
        return Rated(Mark(criterion.id, 0), 0.0)
    top = apart[0]
    points = score.criterion_points(
        facts.knowledge.rubric.scale,
        criterion.weight,
        [top.depth, *sorted((finding.depth for finding in apart[1:]), reverse=True)],
        prompted=top.prompted,
    )
    shown = [finding for finding in apart if _trust(finding) >= _trust(top) - WEAKER]
    spans = [finding.span for finding in shown[:QUOTES]]
    evidence = tuple(evidence_of(facts.transcript, s.turn, s.start, s.end) for s in spans)
    note = "rests on one quote" if len(evidence) == 1 else None
    return Rated(Mark(criterion.id, top.depth, top.prompted, evidence, note), points)


def _trust(finding: Finding) -> float:
    """Depth, and more where several forms agree: one loose form alone may be a chance likeness."""
    return finding.depth + AGREEMENT * min(finding.support - 1, MOST_AGREEMENT)
