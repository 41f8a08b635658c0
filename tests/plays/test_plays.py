"""Each question is played by a strong and a weak candidate whose words were written without sight of what its author
expects and by which forms that is known: from the prompt and the facts' answers alone.
"""

from pathlib import Path

import pytest

from app.bank.bank import find_questions, load_question
from app.candidates.script import Scripted, json_lines
from app.interview.events import Created
from app.interview.transcript import transcript_of
from app.live.cast import Cast
from app.live.play import Stage
from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import score_transcript

PLAYS = Path(__file__).parent
QUESTIONS = find_questions()
APART = 30  # points of 100


@pytest.fixture(scope="module")
def knowledge():
    return Knowledge(get_rubric())


def played(slug, candidate, knowledge):
    """The report on a whole session with the scripted interviewer."""
    kept = load_question(QUESTIONS[slug])
    said = json_lines((PLAYS / slug / f"{candidate}.jsonl").read_text("utf-8"))
    cast = Cast(knowledge, None)
    rubric = knowledge.rubric
    created = Created(
        slug=slug,
        title=kept.question.title,
        question_sha256=kept.sha256,
        rubric=rubric.about.id,
        rubric_sha256=rubric.sha256,
        persona="neutral",
        mode="exam",
        minutes=None,
    )
    stage = Stage(
        cast.interviewer(kept.question, kept.sha256, "neutral"),
        cast.expectations(kept.question, kept.sha256),
    )
    session = stage.play(Scripted(said), created).session
    return score_transcript(transcript_of(session), knowledge, question_text=kept.question.prompt)


@pytest.mark.parametrize("slug", sorted(QUESTIONS))
def test_the_strong_one_is_marked_far_above_the_weak_one(slug, knowledge):
    strong, weak = (played(slug, candidate, knowledge) for candidate in ("strong", "weak"))
    assert strong.scorable and strong.overall - (weak.overall or 0.0) >= APART


def test_there_are_at_least_sixty_four():
    assert len(QUESTIONS) >= 64
    assert all(load_question(path).question.status == "published" for path in QUESTIONS.values())
