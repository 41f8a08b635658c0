"""What sessions say about a question, counted without keeping them."""

import random
from statistics import correlation

import pytest

from app.bank.experience import LEAST, LEAST_TOLD, Experience, Gathering, Mean, Pushed, Seen
from app.rubric.rubric import STEPS

OWN = {("fact", "volume"): "requirements", ("follow-up", "drift"): "monitoring"}


def seen(at=1, level=2.0, **given):
    levels = given.pop("levels", dict.fromkeys(STEPS, level))
    return Seen("q", at, **{"is_finished": True, "levels": levels, "has_report": True} | given)


def gathered(sessions):
    gathering = Gathering("q")
    for one in sessions:
        gathering.add(one)
    return gathering.experience()


def test_nothing_happened_yet():
    assert gathered([]) == Experience("q")


def test_sessions_are_counted_and_the_latest_is_named():
    found = gathered(
        [
            seen(5, facts=frozenset({"volume"}), twists=frozenset({"chips"})),
            seen(9, facts=frozenset({"volume", "goal"}), is_finished=False, has_report=False),
        ]
    )
    assert (found.used, found.last_used, found.unfinished, found.reports) == (2, 9, 1, 1)
    assert dict(found.facts) == {"volume": 2, "goal": 1}
    assert dict(found.twists) == {"chips": 1}


def test_a_follow_up_lands_only_where_a_report_can_say_so():
    pressed = [{"drift": True}, {"drift": False}, {"drift": None}]
    assert dict(gathered([seen(pressed=one) for one in pressed]).follow_ups) == {
        "drift": Pushed(asked=3, judged=2, landed=1)
    }


def test_levels_of_the_scorer_and_of_people_stand_apart():
    found = gathered([seen(level=2.0, people={"data": 3.0}), seen(level=3.0, minutes={"data": 4})])
    assert found.levels["data"] == Mean(2.5, 2)
    assert found.people == {"data": Mean(3.0, 1)}
    assert found.minutes == {"data": Mean(4.0, 1)}


def test_a_mean_that_would_tell_a_live_interviews_marks_is_not_told():
    alone = [seen(level=n, is_live=not n) for n in range(LEAST_TOLD - 1)]
    assert not gathered(alone).levels
    assert gathered([seen(level=1.0)]).levels["data"] == Mean(1.0, 1)
    assert gathered([*alone, seen(level=2.0)]).levels["data"] == Mean(1.0, LEAST_TOLD)


def test_an_item_that_goes_with_doing_well_is_told_from_one_that_does_not():
    draw = random.Random(7)
    sessions = []
    for number in range(40):
        level = number / 10
        sessions.append(
            seen(
                level=level,
                facts=frozenset({"volume"}) if level > 2 else frozenset(),
                pressed={"drift": draw.random() < 0.5},
                own_step=OWN,
            )
        )
    found = gathered(sessions)
    assert found.separation("fact", "volume").value > 0.8
    assert abs(found.separation("follow-up", "drift").value) < 0.4
    assert found.separation("follow-up", "drift").sessions == 40
    assert found.is_judged


def test_a_step_is_compared_with_the_other_steps_alone():
    draw = random.Random(3)
    all_levels = [{step: draw.random() * 4 for step in STEPS} for _ in range(30)]
    found = gathered([seen(levels=levels) for levels in all_levels])
    data = [levels["data"] for levels in all_levels]
    rest = [sum(v for s, v in levels.items() if s != "data") / 6 for levels in all_levels]
    assert found.separation("step", "data").value == pytest.approx(
        correlation(data, rest), abs=0.006
    )


@pytest.mark.parametrize("few", [0, 1, LEAST - 1])
def test_of_few_sessions_nothing_is_said(few):
    assert not gathered([seen(level=n, own_step=OWN) for n in range(few)]).separations


def test_what_never_varies_says_nothing():
    sessions = [seen(level=n / 4, pressed={"drift": True}, own_step=OWN) for n in range(12)]
    assert gathered(sessions).separation("follow-up", "drift") is None


def test_with_too_few_other_steps_nobody_is_strong_or_weak():
    sessions = [seen(levels={"data": n / 4, "model": 1.0}) for n in range(12)]
    assert not gathered(sessions).separations
