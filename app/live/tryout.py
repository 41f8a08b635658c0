"""A question tried on a simulated candidate, and what the offline scorer makes of it: before anybody real sees it."""

from dataclasses import dataclass
from pathlib import Path

from app.bank.bank import Kept
from app.candidates import make_candidate
from app.interview.events import Created
from app.interview.persona import DEFAULT
from app.interview.session import Session
from app.interview.transcript import transcript_of
from app.live.cast import Cast
from app.live.play import Stage
from app.scoring.knowledge import Knowledge
from app.scoring.report import Report
from app.scoring.scorer import score_transcript

TRIED = ("strong", "typical", "keyword-dropper")
SEED = 1
MINUTES = 45


@dataclass(frozen=True, slots=True)
class Tried:
    candidate: str
    session: Session
    report: Report


def try_out(kept: Kept, candidate: str, knowledge: Knowledge, content: Path | None) -> Tried:
    """The same question and candidate give the same play."""
    rubric = knowledge.rubric
    cast = Cast(knowledge, content)
    interviewer = cast.interviewer(kept.question, kept.sha256, DEFAULT)
    created = Created(
        slug=kept.question.slug,
        title=kept.question.title,
        question_sha256=kept.sha256,
        rubric=rubric.about.id,
        rubric_sha256=rubric.sha256,
        persona=DEFAULT,
        mode="practice",
        minutes=MINUTES,
    )
    stage = Stage(interviewer, cast.expectations(kept.question, kept.sha256))
    played = stage.play(make_candidate(candidate, kept.question, rubric, SEED), created)
    report = score_transcript(
        transcript_of(played.session), knowledge, question_text=kept.question.prompt
    )
    return Tried(candidate, played.session, report)
