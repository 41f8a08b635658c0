"""What was said on a step beyond the criteria: no list names everything that a good candidate says.

Every clause about the step is worth something by how much it says, more where it reasons or compares and where
it holds an amount. Lists of terms, repeats, echoes and orders to the scorer are worth nothing, and a question only
where asking is the work of the step.
"""

from app.rubric.scale import Substance
from app.scoring.listen import Heard, HeardClause
from app.scoring.report import Evidence, Mark
from app.transcripts.transcript import Transcript

CONTENT = 20
LEAST_CONTENT = 3
ASKING_STEP = "requirements"
SHOWN_CONTENT = 6


def counts(clause: HeardClause) -> bool:
    return (
        clause.content >= LEAST_CONTENT
        and not (clause.repeated or clause.listed or clause.ordered or clause.echoed)
        and (clause.step == ASKING_STEP or not clause.asked)
    )


def substance_points(heard: Heard, scale: Substance) -> dict[str, float]:
    """step -> points over all of its clauses."""
    points: dict[str, float] = {}
    for clause in heard.clauses:
        if counts(clause):
            worth = scale.said
            worth += scale.reasoned * (clause.reasons or clause.contrast)
            worth += scale.counted * clause.numbers
            points[clause.step] = points.get(clause.step, 0.0) + worth * clause.content / CONTENT
    return points


def substance_of(
    transcript: Transcript, heard: Heard, step: str, marks: list[Mark]
) -> tuple[Evidence, ...]:
    """Reasoned or counted clauses that no mark quotes, the most substantial first."""
    quoted = {(quote.turn, quote.start) for mark in marks for quote in mark.evidence}
    found = [
        clause
        for clause in heard.clauses
        if clause.step == step
        and counts(clause)
        and clause.content >= SHOWN_CONTENT
        and (clause.reasons or clause.contrast or clause.numbers)
        and (clause.turn, clause.start) not in quoted
    ]
    found.sort(
        key=lambda c: (-(c.numbers + (c.reasons or c.contrast)), -c.content, c.turn, c.start)
    )
    return tuple(
        Evidence(c.turn, c.start, c.end, transcript.turns[c.turn].text[c.start : c.end])
        for c in found
    )
