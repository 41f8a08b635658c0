"""A live session is a fold as well; whoever does what, it holds together, and only those may who may."""

import pytest
from hypothesis import given, settings, strategies as st

from app.interview.commands import (
    Create,
    Credit,
    Expire,
    Extend,
    Finish,
    Pause,
    Refused,
    Resume,
    Say,
    Start,
    Write,
    decide,
)
from app.interview.events import CLASSES, Created, body_of, event_of
from app.interview.leading import (
    NOTICE,
    PARTS,
    Advise,
    Answer,
    Ask,
    Caption,
    Consent,
    Cover,
    Dismiss,
    Drive,
    Focus,
    Join,
    Leading,
    LetObservers,
    Note,
    Prolong,
    Rate,
    SetStep,
    Share,
    Swap,
)
from app.interview.roles import MAY, SEES, may
from app.interview.session import MINUTE, Session, apply, fold
from app.rubric.rubric import STEPS

START = 1_000_000
LEVELS = dict.fromkeys(STEPS, 2.0)


def created(minutes=45, mode="live"):
    return Created("parking", "Park", "q" * 64, "seven-step", "r" * 64, "neutral", mode, minutes)


class Played:
    """A live session that commands are done to at given times."""

    def __init__(self, minutes=45, *, begun=True, mode="live"):
        self.session, self.events = Session(), []
        self.do(Create(created(minutes, mode)), START)
        if begun:
            for command in BEGINNING:
                self.do(command, START)

    def do(self, command, at):
        made = decide(self.session, command, at)
        for event in made:
            self.events.append((event, at))
            self.session = apply(self.session, event, at)
        return made


BEGINNING = (
    Join("i1", "interviewer", "Dana"),
    Consent("i1"),
    Join("c1", "candidate", "Sam"),
    Consent("c1"),
    Start("Design it."),
)


def code(played, command, at=START):
    before = played.session
    with pytest.raises(Refused) as refused:
        played.do(command, at)
    assert played.session is before, "a refusal changes nothing"
    return refused.value.code


# Every command that a live session knows, several of each where it matters.
COMMANDS = [
    *BEGINNING,
    Join("o1", "observer", "Olu"),
    Join("c2", "candidate", "Kim"),
    Consent("c2"),
    Consent("nobody"),
    Consent("c1", NOTICE + 1),
    Say("I split by time.", "Sam"),
    Say(" "),
    Write("data", "Labels."),
    Write("data", ""),
    Ask("Why?", "Dana"),
    Ask("Forty.", "Dana", facts=("volume",)),
    Ask("And the labels?", "Dana", follow_up="labels", criterion="label-source"),
    Ask("Legal called.", "Dana", twist="scams"),
    Ask("", "Dana"),
    Caption("candidate", "I would ask first.", "Sam"),
    Caption("interviewer", "Go on."),
    Drive("script"),
    Drive("human"),
    Drive("model"),
    Focus(3 * MINUTE),
    Focus(None),
    Focus(99 * MINUTE),
    Prolong(5 * MINUTE),
    Prolong(60 * MINUTE),
    Prolong(0),
    Note("n1", "Good on labels.", "i1"),
    Note("n1", "", "i1"),
    Note("n2", "Early.", "i1", at_ms=5, bookmark=True),
    Cover("drift", "met", "i1"),
    Cover("drift", "", "i1"),
    Cover("scale", "missed", "i2"),
    SetStep("data", "i1"),
    SetStep(None, "i1"),
    SetStep("lunch", "i1"),
    Dismiss("labels"),
    LetObservers(True),
    LetObservers(False),
    Pause("interviewer"),
    Pause("absence"),
    Resume(),
    Credit(30_000),
    Expire(),
    Finish("finished"),
    Rate("i1", "Dana", "blind", LEVELS),
    Rate("i1", "Dana", "final", LEVELS, reasons={"data": "They did."}),
    Rate("i2", "Ada", "final", LEVELS),
    Rate("i1", "Dana", "final", LEVELS, machine=dict.fromkeys(STEPS, 0.5)),
    Share(("marks", "secrets"), "Well done.", "i1"),
    Advise("Dana", "Ask more."),
    Answer("Sam", "Thanks."),
    Swap("s2"),
]
# what happens only early or late in a session, so that the walk gets there often enough
WEIGHTED = [*COMMANDS, *BEGINNING, *BEGINNING]


@given(
    st.lists(st.tuples(st.sampled_from(WEIGHTED), st.integers(0, 4 * MINUTE)), max_size=30),
    st.sampled_from([30, 45, None]),
    st.booleans(),
)
@settings(deadline=None)
def test_whatever_is_done_every_cut_folds_to_the_same_live_session(acts, minutes, begun):
    played, now, elapsed = Played(minutes, begun=begun), START, 0
    for command, passes in acts:
        now += passes
        before = played.session
        try:
            made = played.do(command, now)
        except Refused:
            assert played.session is before
            continue
        assert made or played.session is before
        assert played.session.clock.elapsed(now) >= elapsed or isinstance(command, Credit)
        elapsed = played.session.clock.elapsed(now)
    whole = fold(played.events)
    assert whole == played.session
    for cut in range(len(played.events) + 1):
        assert fold(played.events[cut:], fold(played.events[:cut])) == whole
    stored = [(event_of(e.type, body_of(e)), at) for e, at in played.events]
    assert fold(stored) == whole
    assert sum(e.type == "session.ended" for e, _ in played.events) <= 1
    limit = whole.clock.limit
    assert limit is None or limit <= (minutes + 60) * MINUTE
    assert whole.state != "paused" or whole.paused_by == "interviewer"


def test_every_command_of_a_leader_is_among_those_that_are_tried():
    assert {kind for kind in Leading.__args__} <= {type(command) for command in COMMANDS}


# who may ----------------------------------------------------------------------------------------
ALLOWED = {
    Join: {"candidate", "interviewer", "observer"},
    Consent: {"candidate", "interviewer", "observer"},
    Say: {"candidate"},
    Write: {"candidate"},
    Answer: {"candidate"},
    Caption: {"captions"},
    **dict.fromkeys(
        (Start, Ask, Pause, Resume, Prolong, Finish, Drive, Focus, Note, Cover, SetStep, Dismiss)
        + (LetObservers, Rate, Share, Advise, Swap),
        {"interviewer"},
    ),
    **dict.fromkeys((Credit, Expire, Extend, Create), set()),
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize("role", MAY)
def test_a_role_may_what_is_listed_and_nothing_else(role, command):
    assert may(role, command) == (role in ALLOWED[type(command)])


def test_what_nobody_lists_nobody_may():
    for kind in (Create(created()), Extend(), Credit(1), Expire()):
        assert not any(may(role, kind) for role in MAY)


def test_only_interviewers_read_the_staff_stream_by_their_role():
    assert {role for role, streams in SEES.items() if "staff" in streams} == {"interviewer"}
    private = {"note.written", "criterion.marked", "step.set", "suggestion.dismissed"}
    private |= {"marks.given", "move.chosen", "observers.see", "report.shared"}
    assert {CLASSES[type].stream for type in private} == {"staff"}


# consent, the clock, who leads ---------------------------------------------------------------------
def test_it_starts_once_every_candidate_has_agreed():
    played = Played(begun=False)
    assert code(played, Start("Design it.")) == "no_consent"
    played.do(Join("c1", "candidate", "Sam"), START)
    assert code(played, Start("Design it.")) == "no_consent"
    played.do(Consent("c1"), START)
    played.do(Join("c2", "candidate", "Kim"), START)
    assert code(played, Start("Design it.")) == "no_consent"
    played.do(Consent("c2"), START)
    assert played.do(Start("Design it."), START)
    assert played.session.state == "running"


def test_consent_is_given_by_who_is_here_to_this_version_of_the_notice():
    played = Played(begun=False)
    assert code(played, Consent("c1")) == "not_here"
    played.do(Join("c1", "candidate", "Sam"), START)
    assert code(played, Consent("c1", NOTICE + 1)) == "old_notice"
    assert len(played.do(Consent("c1"), START)) == 1
    assert played.do(Consent("c1"), START) == ()
    assert played.do(Join("c1", "interviewer", "Eve"), START) == ()
    assert played.session.led.people["c1"].role == "candidate"


def test_the_clock_waits_for_nobody_but_an_interviewers_pause():
    played = Played()
    due = START + 45 * MINUTE
    assert played.do(Pause("absence"), START + MINUTE) == ()
    assert played.session.clock.due_at == due
    played.do(Pause("interviewer"), START + 10 * MINUTE)
    assert played.session.paused_by == "interviewer"
    assert code(played, Say("Hello?"), START + 11 * MINUTE) == "paused"
    assert code(played, Ask("Hello?", "Dana"), START + 11 * MINUTE) == "paused"
    played.do(Resume(), START + 20 * MINUTE)
    assert played.session.clock.due_at == due + 10 * MINUTE
    assert played.do(Expire(), due + 10 * MINUTE - 1) == ()
    (ended,) = played.do(Expire(), due + 10 * MINUTE)
    assert (ended.reason, played.do(Expire(), due + 11 * MINUTE)) == ("expired", ())


def test_an_hour_may_be_added_in_all():
    played = Played(30)
    for _ in range(12):
        played.do(Prolong(5 * MINUTE), START)
    assert played.session.clock.limit == 90 * MINUTE
    assert code(played, Prolong(1)) == "too_long"
    assert code(Played(), Prolong(61 * MINUTE)) == "too_long"
    assert code(Played(), Prolong(0)) == "too_long"
    assert code(Played(None), Prolong(MINUTE)) == "untimed"
    played.do(Finish(), START + MINUTE)
    assert code(played, Prolong(MINUTE), START + MINUTE) == "ended"


def test_a_live_session_begins_with_a_person_who_leads():
    assert Played().session.led.driver == "human"
    assert Played(mode="practice", begun=False).session.led.driver == "script"
    played = Played()
    assert played.do(Drive("human"), START) == ()
    played.do(Drive("script"), START)
    assert played.session.led.driver == "script"


def test_what_is_asked_is_written_down_with_what_it_tells():
    played = Played()
    played.do(Say("How many cars?", "Sam"), START + MINUTE)
    spoke, chose = played.do(Ask("Forty.", "Dana", facts=("volume",)), START + 2 * MINUTE)
    assert (spoke.name, chose.kind, chose.trigger, chose.answers) == ("Dana", "answer", "human", 1)
    assert played.session.unanswered is None, "a script that takes over has nothing left to answer"
    assert played.session.told == {"volume": 2}
    played.do(Ask("And labels?", "Dana", follow_up="f1", criterion="c1"), START + 3 * MINUTE)
    played.do(Ask("Legal called.", "Dana", twist="t1"), START + 3 * MINUTE)
    played.do(Ask("Go on.", "Dana"), START + 3 * MINUTE)
    assert played.session.asked == {"f1", "t1"}
    assert [move.kind for move in played.session.moves[-3:]] == ["press", "twist", "say"]


def test_a_note_stands_as_it_was_written_last_at_the_moment_it_was_about():
    played = Played()
    played.do(Note("n1", "Good.", "i1", bookmark=True), START + MINUTE)
    played.do(Note("n1", " Very good. ", "i1"), START + 9 * MINUTE)
    note = played.session.led.notes["n1"]
    assert (note.text, note.at_ms, note.bookmark) == ("Very good.", MINUTE, True)
    played.do(Note("n1", "", "i1"), START + 10 * MINUTE)
    assert dict(played.session.led.notes) == {}
    assert played.do(Note("n2", " ", "i1"), START) == ()
    assert code(played, Note("n3", "x" * 4_001, "i1")) == "too_long"


def test_quiet_minutes_are_within_bounds_and_can_be_ended():
    played = Played()
    played.do(Focus(3 * MINUTE), START + MINUTE)
    assert played.session.led.focus_until == START + 4 * MINUTE
    played.do(Focus(None), START + 2 * MINUTE)
    assert played.session.led.focus_until is None
    assert played.do(Focus(None), START + 2 * MINUTE) == ()
    assert code(played, Focus(16 * MINUTE)) == "too_long"
    assert code(played, Focus(0)) == "too_long"


# marks ------------------------------------------------------------------------------------------
@pytest.fixture
def ended():
    played = Played()
    played.do(Finish(), START + MINUTE)
    return played


def test_marks_are_blind_first_and_once(ended):
    assert code(ended, Rate("i1", "Dana", "final", LEVELS)) == "not_blind"
    ended.do(Rate("i1", "Dana", "blind", LEVELS, {"drift": 3}), START)
    assert code(ended, Rate("i1", "Dana", "blind", LEVELS)) == "rated"
    assert code(ended, Rate("i2", "Ada", "final", LEVELS)) == "not_blind"
    marks = ended.session.led.marks[("i1", "blind")]
    assert (marks.levels, marks.depths) == (LEVELS, {"drift": 3})


def test_final_marks_that_differ_by_more_than_a_level_say_why(ended):
    ended.do(Rate("i1", "Dana", "blind", LEVELS), START)
    machine = LEVELS | {"data": 3.1, "model": None}
    final = Rate("i1", "Dana", "final", LEVELS, machine=machine)
    assert code(ended, final) == "no_reason"
    blank = Rate("i1", "Dana", "final", LEVELS, reasons={"data": " "}, machine=machine)
    assert code(ended, blank) == "no_reason"
    good = Rate("i1", "Dana", "final", LEVELS, reasons={"data": "Only named."}, machine=machine)
    ended.do(good, START)
    none = Rate("i1", "Dana", "final", LEVELS | {"data": None}, machine=machine)
    ended.do(none, START)
    assert ended.session.led.marks[("i1", "final")].levels["data"] is None


@pytest.mark.parametrize("level", [-0.1, 4.1, float("nan")])
def test_a_mark_is_from_0_to_4(ended, level):
    assert code(ended, Rate("i1", "Dana", "blind", LEVELS | {"data": level})) == "levels"


@pytest.mark.parametrize(
    "command",
    [
        Rate("i1", "Dana", "blind", LEVELS),
        Share(("marks",), "", "i1"),
        Advise("Dana", "Ask."),
        Answer("Sam", "Thanks."),
        Swap("s2"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_belongs_after_the_end_waits_for_it(command):
    assert code(Played(), command) == "not_ended"


@pytest.mark.parametrize(
    "command",
    [
        Ask("Why?", "Dana"),
        Caption("candidate", "And so on."),
        Drive("script"),
        Focus(MINUTE),
        Say("One more thing."),
    ],
    ids=lambda command: type(command).__name__,
)
def test_after_the_end_nobody_goes_on(ended, command):
    assert code(ended, command, START + 2 * MINUTE) == "ended"


def test_only_parts_that_there_are_can_be_shared(ended):
    (shared,) = ended.do(Share(("evidence", "notes", "transcript"), " Well done. ", "i1"), START)
    assert shared.parts == ("transcript", "evidence") and set(shared.parts) < set(PARTS)
    assert shared.message == "Well done."


def test_sides_are_changed_once(ended):
    assert len(ended.do(Swap("s2"), START)) == 1
    assert ended.do(Swap("s3"), START) == ()
    assert ended.session.led.next == "s2"


LIVE_ONLY = {type(c): c for c in COMMANDS if isinstance(c, Leading) and type(c) is not Prolong}


@pytest.mark.parametrize("command", LIVE_ONLY.values(), ids=lambda c: type(c).__name__)
def test_a_session_for_practice_knows_none_of_it(command):
    played = Played(begun=False, mode="practice")
    played.do(Start("Design it."), START)
    assert code(played, command) == "not_live"
