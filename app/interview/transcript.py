"""A session as the transcript that is scored: what was said, then the document, all at the interview's time."""

from app.interview.session import Session
from app.rubric.rubric import STEPS
from app.transcripts.transcript import Speaker, Transcript, Turn

DOCUMENT = "document"


def transcript_of(session: Session) -> Transcript:
    """Turn numbers are those of the session; the document's sections follow as turns of the candidate.

    A candidate's turn begins where the turn before it was sent, since the time before it was committed went
    into it; the interviewer's words take none.
    """
    spec = session.spec
    turns: list[Turn] = []
    sent_at = 0.0
    for turn in session.turns:
        own_at = turn.at_ms / 1000
        began = sent_at if turn.speaker == "candidate" else own_at
        turns.append(Turn(Speaker(turn.speaker), turn.text, at=began))
        sent_at = own_at
    turns += [
        Turn(Speaker.CANDIDATE, session.document[step].strip(), name=DOCUMENT)
        for step in STEPS
        if session.document.get(step, "").strip()
    ]
    elapsed = session.clock.elapsed(session.last_at) / 1000
    return Transcript(
        tuple(turns),
        question=spec.slug if spec else None,
        title=spec.title if spec else None,
        ends_at=elapsed,
    )
