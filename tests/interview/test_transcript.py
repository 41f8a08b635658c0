"""The transcript that is scored: whose time a minute was."""

from app.interview.commands import Finish, Reply, Say, Write
from app.interview.events import Chose
from app.interview.transcript import transcript_of
from tests.interview.test_session import MINUTE, START, Played


def test_the_time_before_a_turn_was_sent_is_that_turns():
    played = Played()
    played.do(Say("First the data."), START + 4 * MINUTE)
    played.do(Say("Then the model."), START + 10 * MINUTE)
    played.do(Reply(Chose("press", "quiet", turn=3), "Why?"), START + 11 * MINUTE)
    played.do(Say("Because."), START + 12 * MINUTE)
    played.do(Write("data", " labels \n"), START + 13 * MINUTE)
    played.do(Finish(), START + 14 * MINUTE)
    transcript = transcript_of(played.session)
    assert [turn.at for turn in transcript.turns] == [0.0, 0.0, 240.0, 660.0, 660.0, None]
    assert transcript.turns[-1].text == "labels" and transcript.turns[-1].name == "document"
    assert transcript.ends_at == 14 * 60
