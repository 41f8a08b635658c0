"""Every question can be played from beginning to end, and its report rests on the candidate's own words."""

import pytest

from app.bank.bank import find_questions
from app.candidates import make_candidate
from app.commands.practice import lay_table, play
from app.interview.transcript import transcript_of
from app.scoring.scorer import score_transcript
from app.transcripts.transcript import Speaker


@pytest.fixture(scope="module")
def table():
    return lay_table()


@pytest.mark.parametrize("slug", find_questions())
def test_a_session_ends_in_a_report_of_the_candidates_words(slug, table):
    question = table.cast.question(slug).question
    strong = make_candidate("strong", question, table.knowledge.rubric, 1)
    played = play(table, slug, strong, persona="probing")
    assert played.session.state == "ended"
    transcript = transcript_of(played.session)
    report = score_transcript(transcript, table.knowledge, question_text=question.prompt)
    assert report.scorable
    quotes = [(m.id, e) for step in report.steps for m in step.criteria for e in m.evidence]
    assert len(quotes) > 20
    for _, evidence in quotes:
        turn = transcript.turns[evidence.turn]
        assert turn.speaker is Speaker.CANDIDATE
        assert turn.text[evidence.start : evidence.end] == evidence.quote
    spoke = [turn for turn in played.session.turns if turn.speaker == "interviewer"]
    assert len(spoke) > 5
