"""The next good questions for a person who leads: what is worth most, without what was asked, told or put away."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from app.bank.asking import load_asking
from app.bank.bank import get_question
from app.bank.sheet import FactSheet
from app.interview.coverage import Coverage, Raised
from app.interview.events import Chose, Covered, Created, Dismissed, Spoke, Started, StepSet
from app.interview.pressing import Pressing
from app.interview.session import MINUTE, Session, apply
from app.interview.suggesting import MOST, as_heard, suggestions
from app.rubric.rubric import STEPS
from app.rubric.shelf import get_rubric

START = 1_000_000
CREATED = Created("payment-fraud", "Fraud", "q" * 64, "seven-step", "r" * 64, "neutral", "live", 45)


@pytest.fixture(scope="module")
def pressing():
    rubric = get_rubric()
    question = get_question("payment-fraud").question
    return Pressing(FactSheet(question, rubric.lexicon, load_asking(None)), rubric)


def session(*events):
    """Begun, with these events at the start."""
    folded = Session()
    posed = (Spoke("interviewer", "Design it.", 0), Chose("pose", "start", turn=0))
    for event in (CREATED, Started(), *posed, *events):
        folded = apply(folded, event, START)
    return folded


def heard(step="requirements", raised=(), depths=None, **seconds):
    raised = tuple(raised)
    known = depths or {r.criterion: r.depth for r in raised}
    spent = {step: 60.0} | seconds
    return Coverage(
        depths=MappingProxyType(known), raised=raised, steps=MappingProxyType(spent), step=step
    )


def ids(found):
    return [suggestion.id for suggestion in found]


SAID = "I train on labels. I measure accuracy as the metric."
NOW = START + 2 * MINUTE


def test_there_are_up_to_six_each_with_words_and_a_reason(pressing):
    found = suggestions(pressing, session(), heard(), NOW)
    assert 0 < len(found) <= MOST
    assert len({s.id for s in found}) == len(found)
    for suggestion in found:
        assert suggestion.text and suggestion.why and len(suggestion.why) <= 120
        assert suggestion.step in STEPS and suggestion.criterion in pressing.rubric.criteria
    assert all("not heard yet" in s.why for s in found)
    assert found[0].why.startswith("core, ")


@pytest.mark.parametrize("state", ["draft", "ended"])
def test_there_are_none_before_the_interview_and_after_it(pressing, state):
    assert suggestions(pressing, replace(session(), state=state), heard(), NOW) == ()


def test_a_trap_that_was_walked_into_comes_first_until_it_was_asked(pressing):
    trapped = session(Spoke("candidate", SAID, MINUTE))
    first = suggestions(pressing, trapped, heard("evaluation"), NOW)[0]
    assert (first.kind, first.id) == ("trap", "accuracy-trap")
    assert first.follow_up == first.id and first.twist is None
    later = session(
        Spoke("candidate", SAID, MINUTE),
        Spoke("interviewer", "Go on.", MINUTE),
        Chose("say", "human", answers=1, turn=2),
        Spoke("candidate", "I take trees.", 2 * MINUTE),
    )
    assert ids(suggestions(pressing, later, heard("evaluation"), NOW))[0] == "accuracy-trap"
    asked = apply(later, Chose("press", "human", turn=3, follow_up="accuracy-trap"), START)
    assert "accuracy-trap" not in ids(suggestions(pressing, asked, heard("evaluation"), NOW))


def test_what_was_just_named_is_pressed_with_the_candidates_words(pressing):
    said = session(Spoke("candidate", "We keep the last month aside as the test set.", MINUTE))
    raised = Raised("validation-scheme", 1, 1, "keep the last month aside")
    found = suggestions(pressing, said, heard("evaluation", [raised]), NOW)
    about = next(s for s in found if s.criterion == "validation-scheme")
    assert about.why == 'named, not explained: "keep the last month aside"'
    assert about == found[0], "core and just said: before what was left out"
    explained = heard("evaluation", [replace(raised, depth=3)])
    assert "validation-scheme" not in [
        s.criterion for s in suggestions(pressing, said, explained, NOW)
    ]


def test_what_was_put_away_or_asked_twice_does_not_come_back(pressing):
    first = suggestions(pressing, session(), heard(), NOW)[0]
    away = session(Dismissed(first.id))
    assert first.id not in ids(suggestions(pressing, away, heard(), NOW))
    twice = [Chose("press", "human", turn=1, criterion=first.criterion)] * 2
    found = suggestions(pressing, session(*twice), heard(), NOW)
    assert first.criterion not in [s.criterion for s in found]


def test_a_persons_word_stands_above_the_scorers(pressing):
    first = suggestions(pressing, session(), heard(), NOW)[0]
    met = session(Covered(first.criterion, "met", 0, "i1"))
    assert first.criterion not in [s.criterion for s in suggestions(pressing, met, heard(), NOW)]
    raised = Raised(first.criterion, 4, 1, "because the goal decides")
    said = Spoke("candidate", "because the goal decides", 0)
    missed = session(said, Covered(first.criterion, "missed", 0, "i1"))
    found = suggestions(pressing, missed, heard(raised=[raised]), NOW)
    about = next(s for s in found if s.criterion == first.criterion)
    assert "marked as missed" in about.why


def test_overrides_lift_and_lower_depths_and_set_the_step():
    raised = Raised("drift", 4, 1, "drift")
    marked = session(
        Covered("drift", "partly", 0, "i1"),
        Covered("scale", "met", 0, "i1"),
        Covered("privacy", "missed", 0, "i1"),
        StepSet("serving", 0, "i1"),
    ).led
    coverage = heard("data", [raised], {"drift": 4, "privacy": 2})
    coverage = replace(coverage, possible=frozenset({"privacy", "slo"}))
    seen = as_heard(coverage, marked)
    assert dict(seen.depths) == {"drift": 2, "scale": 3, "privacy": 0}
    assert (seen.step, seen.possible) == ("serving", {"slo"})
    assert seen.steps["serving"] >= 30
    assert as_heard(coverage, session().led) is coverage


def test_a_twist_comes_when_its_moment_has_come_and_once(pressing):
    at = START + 24 * MINUTE
    found = suggestions(pressing, session(), heard("model"), at)
    twist = next(s for s in found if s.kind == "twist")
    assert twist.twist == twist.id == "authorised-scams" and twist.follow_up is None
    assert "twist" not in [
        s.kind for s in suggestions(pressing, session(), heard("model"), START + 22 * MINUTE)
    ]
    told = session(Chose("twist", "human", turn=1, twist="authorised-scams"))
    again = suggestions(pressing, told, heard("model"), at)
    assert "authorised-scams" not in ids(again)


@pytest.mark.parametrize(
    ("minute", "id"), [(41, "time:short"), (44, "time:last"), (20, None), (45, "time:last")]
)
def test_the_time_is_said_when_it_runs_short(pressing, minute, id):
    found = suggestions(pressing, session(), heard("serving"), START + minute * MINUTE)
    timed = [s.id for s in found if s.kind == "time"]
    assert timed == ([id] if id else [])
    used = session(Chose("press", "human", turn=1, follow_up=id))
    assert id not in ids(suggestions(pressing, used, heard("serving"), START + minute * MINUTE))


def test_a_step_that_had_its_time_is_left_while_others_had_none(pressing):
    long = heard("data", data=30 * 60.0)
    found = suggestions(pressing, session(), long, START + 20 * MINUTE)
    timed = next(s for s in found if s.kind == "time")
    assert timed.why == "data has had its time; nothing of model yet"
    everywhere = heard("data", **dict.fromkeys(STEPS, 30 * 60.0))
    assert not [
        s
        for s in suggestions(pressing, session(), everywhere, START + 20 * MINUTE)
        if s.kind == "time"
    ]


def test_the_list_does_not_jump_about_with_seconds_or_words_that_earn_nothing(pressing):
    said = session(Spoke("candidate", SAID, MINUTE))
    before = suggestions(pressing, said, heard("evaluation"), NOW)
    on = apply(said, Spoke("candidate", "Let me see.", MINUTE), START)
    for seconds in range(1, 40, 7):
        after = suggestions(pressing, on, heard("evaluation"), NOW + seconds * 1_000)
        assert after == before
