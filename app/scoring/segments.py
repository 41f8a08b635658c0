"""What each stretch of the candidate's talk is about: segments that cover every turn without overlap."""

from collections import defaultdict

from app.scoring.heard import Heard, HeardClause
from app.scoring.report import Segment
from app.transcripts.transcript import Speaker, Transcript


def segments_of(transcript: Transcript, heard: Heard) -> tuple[Segment, ...]:
    by_turn: dict[int, list[HeardClause]] = defaultdict(list)
    for clause in heard.clauses:
        by_turn[clause.turn].append(clause)
    segments: list[Segment] = []
    for number, turn in enumerate(transcript.turns):
        if turn.speaker is Speaker.CANDIDATE and turn.text:
            segments += _of_turn(number, len(turn.text), by_turn[number])
    return tuple(segments)


def _of_turn(number: int, size: int, clauses: list[HeardClause]) -> list[Segment]:
    if not clauses:
        return [Segment(number, 0, size, "other")]
    found: list[Segment] = []
    start = 0
    for i, clause in enumerate(clauses):
        last = i + 1 == len(clauses)
        if last or clauses[i + 1].step != clause.step:
            end = size if last else clauses[i + 1].start
            found.append(Segment(number, start, end, clause.step))
            start = end
    return found
