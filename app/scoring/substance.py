"""Substantial points on a step that no criterion names: reasoned, specific, and not yet counted.

No list of criteria holds everything a good candidate says. A clause counts here when it is about the step,
gives a reason or a comparison and is grounded in a number or says how, and no mark already rests on it.
"""

from app.scoring.listen import Heard
from app.scoring.report import Evidence, Mark
from app.transcripts.transcript import Transcript

LEAST_CONTENT = 6


def substance_of(
    transcript: Transcript, heard: Heard, step: str, marks: list[Mark]
) -> tuple[Evidence, ...]:
    counted = {
        (quote.turn, quote.start) for mark in marks for quote in mark.evidence if mark.depth
    }
    found = []
    for clause in heard.clauses:
        if clause.step != step or clause.content < LEAST_CONTENT:
            continue
        if clause.repeated or clause.listed or clause.asked or clause.ordered:
            continue
        if not ((clause.reasons or clause.contrast) and (clause.numbers or clause.how)):
            continue
        if any(turn == clause.turn and start == clause.start for turn, start in counted):
            continue
        text = transcript.turns[clause.turn].text
        found.append(
            Evidence(clause.turn, clause.start, clause.end, text[clause.start : clause.end])
        )
    return tuple(found)
