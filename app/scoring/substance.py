"""What was said on a step beyond the criteria: no list names everything that a good candidate says.

Every clause about the step is worth something by how much it says: little where it would read the same for
any problem, more where it reasons or compares, most where it names this problem's own things or holds an
amount. Lists of terms, repeats, echoes and orders to the scorer are worth nothing, and a question only where
asking is the work of the step.
"""

from app.rubric.scale import Substance
from app.scoring.heard import Heard, HeardClause
from app.scoring.quotes import evidence_of, quote_bounds
from app.scoring.report import Evidence, Mark
from app.transcripts.transcript import Transcript

CONTENT = 20
LEAST_CONTENT = 3
ASKING_STEP = "requirements"
SHOWN_CONTENT = 6
REACH = 2


def counts(clause: HeardClause) -> bool:
    return (
        clause.content >= LEAST_CONTENT
        and not (clause.repeated or clause.listed or clause.ordered or clause.echoed)
        and (clause.step == ASKING_STEP or not clause.asked)
    )


def substance_points(heard: Heard, scale: Substance) -> dict[str, float]:
    """step -> points over all of its clauses."""
    points: dict[str, float] = {}
    anchored = anchors(heard)
    for number, clause in enumerate(heard.clauses):
        if counts(clause):
            worth = scale.said
            worth += scale.reasoned * (clause.reasons or clause.contrast)
            worth += scale.counted * clause.numbers
            worth += scale.tied * (clause.numbers or clause.specific > 0)
            if number not in anchored:
                worth *= scale.unanchored
            points[clause.step] = points.get(clause.step, 0.0) + worth * clause.content / CONTENT
    return points


def anchors(heard: Heard) -> set[int]:
    """Clauses within REACH of one in which a criterion of their own step was found. Talk about the weather
    may sound like a step; it seldom does what a criterion asks for."""
    near: set[int] = set()
    for finding in heard.findings:
        if finding.step_fits:
            step = heard.clauses[finding.clause].step
            low, high = finding.clause - REACH, finding.clause + REACH + 1
            near.update(
                n
                for n in range(max(low, 0), min(high, len(heard.clauses)))
                if heard.clauses[n].step == step
            )
    return near


def substance_of(
    transcript: Transcript, heard: Heard, step: str, marks: list[Mark]
) -> tuple[Evidence, ...]:
    """Reasoned or counted clauses that no mark quotes, the most substantial first."""
    quoted = [quote for mark in marks for quote in mark.evidence]
    found = [
        clause
        for clause in heard.clauses
        if clause.step == step
        and counts(clause)
        and clause.content >= SHOWN_CONTENT
        and (clause.reasons or clause.contrast or clause.numbers)
        and not any(_shares(clause, quote) for quote in quoted)
    ]
    found.sort(
        key=lambda c: (-(c.numbers + (c.reasons or c.contrast)), -c.content, c.turn, c.start)
    )
    return tuple(_evidence(transcript, clause) for clause in found)


def _shares(clause: HeardClause, quote: Evidence) -> bool:
    return quote.turn == clause.turn and clause.start < quote.end and quote.start < clause.end


def _evidence(transcript: Transcript, clause: HeardClause) -> Evidence:
    text = transcript.turns[clause.turn].text
    start, end = quote_bounds(text, clause.start, clause.end, (clause.start, clause.end))
    return evidence_of(transcript, clause.turn, start, end)
