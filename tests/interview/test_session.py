"""A session is a fold of its events; commands make events by its rules."""

import pytest
from hypothesis import given, settings, strategies as st

from app.interview.commands import (
    GRACE,
    AskHint,
    Create,
    Credit,
    Expire,
    Extend,
    Finish,
    Pause,
    Predict,
    Publish,
    Refused,
    Reply,
    Resume,
    Say,
    Start,
    Write,
    decide,
)
from app.interview.events import Chose, Created, VoiceChanged, Worded, body_of, event_of
from app.interview.session import MINUTE, Session, apply, fold
from app.rubric.rubric import STEPS

START = 1_000_000


def created(mode="practice", minutes=45, voice="script"):
    return Created(
        "parking",
        "Park cars",
        "q" * 64,
        "seven-step",
        "r" * 64,
        "neutral",
        mode,
        minutes,
        voice=voice,
    )


class Played:
    """A session that commands are done to at given times."""

    def __init__(self, mode="practice", minutes=45, *, begun=True, voice="script"):
        self.session, self.events = Session(), []
        self.do(Create(created(mode, minutes, voice)), START)
        if begun:
            self.do(Start("Design it."), START)

    def do(self, command, at):
        made = decide(self.session, command, at)
        for event in made:
            self.events.append((event, at))
            self.session = apply(self.session, event, at)
        return made


def code(played, command, at):
    with pytest.raises(Refused) as refused:
        played.do(command, at)
    return refused.value.code


COMMANDS = st.one_of(
    st.builds(Say, st.sampled_from(["How many cars?", "I split by time.", " "])),
    st.builds(Write, st.sampled_from(STEPS), st.text(max_size=5)),
    st.sampled_from(
        [
            AskHint(),
            Pause(),
            Pause("absence"),
            Resume(),
            Extend(),
            Credit(30_000),
            Finish("finished", "Thank you."),
            Expire("Time."),
            Predict(dict.fromkeys(STEPS, 2.0)),
            Publish("r1"),
            Reply(Chose("listen", "turn", answers=1), ""),
            Reply(Chose("press", "quiet", turn=2), "Why?"),
        ]
    ),
)


@given(
    st.lists(st.tuples(COMMANDS, st.integers(0, 5 * MINUTE)), max_size=25),
    st.sampled_from(["practice", "exam"]),
    st.sampled_from([30, 45, None]),
)
@settings(deadline=None)
def test_whatever_is_done_every_cut_folds_to_the_same_session_and_time_never_runs_back(
    acts, mode, minutes
):
    played, now, elapsed = Played(mode, minutes), START, 0
    for command, passes in acts:
        now += passes
        try:
            played.do(command, now)
        except Refused:
            continue
        assert played.session.clock.elapsed(now) >= elapsed or isinstance(command, Credit)
        elapsed = played.session.clock.elapsed(now)
    whole = fold(played.events)
    assert whole == played.session
    for cut in range(len(played.events) + 1):
        assert fold(played.events[cut:], fold(played.events[:cut])) == whole
    stored = [(event_of(e.type, body_of(e)), at) for e, at in played.events]
    assert fold(stored) == whole
    assert sum(e.type == "session.ended" for e, _ in played.events) <= 1


def test_the_deadline_moves_with_pauses_extensions_and_outages():
    played = Played()
    due = START + 45 * MINUTE
    assert played.session.clock.due_at == due
    played.do(Pause(), START + 10 * MINUTE)
    assert played.session.clock.due_at is None
    played.do(Resume(), START + 30 * MINUTE)
    assert played.session.clock.due_at == due + 20 * MINUTE
    played.do(Extend(), START + 31 * MINUTE)
    played.do(Credit(2 * MINUTE), START + 33 * MINUTE)
    assert played.session.clock.due_at == due + 27 * MINUTE
    assert played.session.clock.left(START + 33 * MINUTE) == 39 * MINUTE


def test_time_is_up_once_and_not_before():
    played = Played()
    due = START + 45 * MINUTE
    assert played.do(Expire("Time."), due - 1) == ()
    spoken, move, ended = played.do(Expire("Time."), due)
    assert (spoken.text, move.kind, ended.reason) == ("Time.", "end", "expired")
    assert played.do(Expire("Time."), due + 1) == ()
    assert played.do(Finish(), due + 2) == ()


def test_what_was_being_composed_may_be_sent_for_a_minute_once():
    played = Played()
    due = START + 45 * MINUTE
    played.do(Expire(), due)
    (late,) = played.do(Say("and a fallback"), due + GRACE)
    assert late.late
    assert code(played, Say("and more"), due + GRACE) == "ended"


def test_a_minute_after_the_end_is_too_late():
    played = Played()
    played.do(Expire(), START + 45 * MINUTE)
    assert code(played, Say("and more"), START + 45 * MINUTE + GRACE + 1) == "ended"


def test_nothing_late_after_finishing_by_hand_or_once_the_report_is_made():
    played = Played()
    played.do(Finish(), START + MINUTE)
    assert code(played, Say("wait"), START + MINUTE + 1) == "ended"
    played = Played()
    played.do(Expire(), START + 45 * MINUTE)
    played.do(Publish("r"), START + 45 * MINUTE)
    assert code(played, Say("wait"), START + 45 * MINUTE + 1) == "ended"


@pytest.mark.parametrize("command", [Pause(), Extend(), AskHint()])
def test_an_exam_keeps_its_time_and_gives_no_hints(command):
    assert code(Played("exam"), command, START + 1) == "exam"


def test_absence_pauses_practice_only():
    assert Played("exam").do(Pause("absence"), START + MINUTE) == ()
    played = Played()
    played.do(Pause("absence"), START + MINUTE)
    assert played.session.state == "paused" and played.session.paused_by == "absence"
    assert code(played, Say("hello"), START + 2 * MINUTE) == "paused"


def test_an_untimed_session_never_ends_by_itself():
    played = Played(minutes=None)
    assert played.session.clock.due_at is None
    assert played.do(Expire(), START + 10**9) == ()
    assert code(played, Extend(), START) == "untimed"


def test_before_the_start_and_twice():
    played = Played(begun=False)
    assert code(played, Say("hello"), START) == "not_started"
    played.do(Start("Design it."), START)
    assert code(played, Start("Design it."), START) == "started"


def test_a_reply_is_dropped_where_another_came_first():
    played = Played()
    played.do(Say("How many cars?"), START + 1)
    move = Chose("answer", "turn", answers=1, turn=2, facts=("cars",))
    assert len(played.do(Reply(move, "A million."), START + 2)) == 2
    assert played.do(Reply(move, "A million."), START + 3) == ()
    assert played.session.told == {"cars": 2}
    assert played.session.unanswered is None


def answered(played, by, at, *, cut=False, reason=""):
    """The events of an answer in somebody's words, whole or cut off."""
    played.do(Say("How many cars?"), at)
    turns = len(played.session.turns)
    worded = Worded(0, by, "", 0, "", "", cut=cut)
    move = Chose("answer", "turn", answers=turns - 1, turn=turns)
    return played.do(Reply(move, "A million.", worded, reason), at + 1)


@pytest.mark.parametrize("by", ["model", "script"])
def test_who_speaks_on_changes_nobodys_voice(by):
    """The script's words stand in for a fact that was cut off; the model has not failed."""
    played = Played(voice="model")
    assert not any(isinstance(e, VoiceChanged) for e in answered(played, by, START + 1, cut=True))
    assert played.session.voice == "model" and played.session.wordings[-1].cut
    made = answered(played, "script", START + 3, reason="slow")
    assert made[-1] == VoiceChanged("script", "slow")
    assert not any(isinstance(e, VoiceChanged) for e in answered(played, by, START + 5, cut=True))
    assert played.session.voice == "script"
    assert answered(played, "model", START + 7)[-1] == VoiceChanged("model", "")


def test_marks_are_guessed_once_after_the_end():
    played = Played()
    assert code(played, Predict({}), START + 1) == "not_ended"
    played.do(Finish(), START + 2)
    assert code(played, Predict({"data": 5.0}), START + 3) == "levels"
    played.do(Predict({"data": 2.5}), START + 3)
    assert played.session.predicted["data"] == 2.5
    assert code(played, Predict({}), START + 4) == "predicted"


def test_the_document_keeps_its_sections_and_nothing_is_written_twice():
    played = Played()
    played.do(Write("data", "labels"), START + 1)
    assert played.do(Write("data", "labels"), START + 2) == ()
    assert played.session.document == {"data": "labels"}
    assert code(played, Write("lunch", "x"), START + 3) == "no_section"
