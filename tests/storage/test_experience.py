"""What stored sessions say about their questions: sessions that were really played, on both databases."""

from dataclasses import asdict

import pytest

from app.bank.experience import LEAST, LEAST_TOLD, Mean, Pushed
from app.interview.events import Marked
from app.interview.transcript import transcript_of
from app.storage.db import open_database, transaction
from app.storage.experience import AT_ONCE, Experienced, experience
from app.storage.log import Draft
from app.web.views.session_report import session_report
from tests.storage.played import BEGIN, keep, lay_table as lay, played, report_on
from tests.storage.writing import always

pytestmark = pytest.mark.anyio
DAY = 24 * 3_600_000
NAMES = ("strong", "typical", "rambling", "questions-only", "silent")


@pytest.fixture(scope="module")
def table():
    return lay()


@pytest.fixture(scope="module")
def plays(table):
    return {name: played(table, name) for name in NAMES}


@pytest.fixture
def engine(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


def found(engine, now=BEGIN, **given):
    with transaction(engine) as db:
        return experience(db, now, **given)


async def test_an_empty_house_says_nothing(engine, log):
    assert found(engine) == Experienced({}, 0, 0)


async def test_one_session_says_what_was_asked_told_and_pressed(engine, log, table, plays):
    play = plays["strong"]
    await keep(log, table, "a" * 32, play)
    report = report_on(engine, table, "a" * 32, play)
    said = found(engine).of("payment-fraud")
    assert (said.used, said.unfinished, said.reports) == (1, 0, 1)
    assert said.last_used == BEGIN
    assert set(said.facts) == {
        f for m in play.session.moves if m.turn is not None for f in m.facts
    } - {""}
    pressed = {m.follow_up for m in play.session.moves if m.follow_up and m.turn is not None}
    assert set(said.follow_ups) == pressed and pressed
    assert set(said.twists) == {m.twist for m in play.session.moves if m.twist}
    assert {step: one.value for step, one in said.levels.items()} == {
        step.id: step.level for step in report.steps if step.level is not None
    }
    minutes = sum(one.value for one in said.minutes.values())
    assert 0 < minutes <= 46
    assert not said.separations


async def test_a_push_has_landed_where_its_criterion_was_heard_before_the_next(
    engine, log, table, plays
):
    """The same as the session's own report page says."""
    play = plays["typical"]
    await keep(log, table, "a" * 32, play)
    report = report_on(engine, table, "a" * 32, play)
    question = table.cast.question("payment-fraud").question
    shown = session_report(
        "a", play.session, question, report, table.knowledge.rubric, transcript_of(play.session)
    )
    asked = {f.ask: f.id for f in question.follow_ups}
    said = found(engine).of("payment-fraud").follow_ups
    compared = 0
    for push in shown.pushes:
        if push.text in asked:
            assert said[asked[push.text]] == Pushed(1, 1, int(push.answered)), push
            compared += 1
    assert compared > 2


async def test_sessions_without_a_report_are_used_and_not_judged(engine, log, table, plays):
    await keep(log, table, "a" * 32, plays["strong"])
    said = found(engine).of("payment-fraud")
    assert (said.used, said.reports) == (1, 0)
    assert not said.levels
    assert all((one.judged, one.landed) == (0, 0) for one in said.follow_ups.values())


async def test_a_session_is_left_once_nothing_happened_for_a_day(engine, log, table, plays):
    await keep(log, table, "a" * 32, plays["strong"], until=12)
    await keep(log, table, "b" * 32, plays["strong"], until=1)  # never begun
    assert found(engine, BEGIN + 3_600_000).of("payment-fraud").unfinished == 0
    said = found(engine, BEGIN + 2 * DAY).of("payment-fraud")
    assert (said.used, said.unfinished) == (1, 1)


async def test_final_marks_of_interviewers_stand_beside_the_scorers(engine, log, table, plays):
    levels = {"x": {"blind": 1.0, "final": 3.0}, "y": {"final": 2.0}}
    for number in range(LEAST_TOLD):
        session = f"{number:032x}"
        await keep(log, table, session, plays["strong"], mode="live")
        for rater, given in levels.items():
            for stage, level in given.items():
                marked = Marked(rater, rater, stage, {"data": level, "model": None}, {}, {})
                await log.append(
                    session,
                    actor=rater,
                    cmd=None,
                    digest=b"",
                    decide=always(Draft("staff", Marked.type, asdict(marked)), state="ended"),
                    known=(0, 0),
                    now=lambda: BEGIN,
                )
        people = found(engine).of("payment-fraud").people
        told = number + 1 >= LEAST_TOLD  # of fewer it would be somebody's marks
        assert dict(people) == ({"data": Mean(2.5, number + 1)} if told else {})


async def test_many_sessions_tell_what_separates_strong_from_weak(engine, log, table, plays):
    for number in range(2 * len(NAMES)):
        id = f"{number:032x}"
        play = plays[NAMES[number % len(NAMES)]]
        await keep(log, table, id, play, at=BEGIN + number)
        report_on(engine, table, id, play)
    said = found(engine).of("payment-fraud")
    assert (said.used, said.reports) == (10, LEAST)  # who says nothing cannot be scored
    assert said.last_used == BEGIN + 9
    assert all(-1 <= one.value <= 1 for one in said.separations.values())
    steps = [id for kind, id in said.separations if kind == "step"]
    assert len(steps) >= 5
    assert said.separation("step", "model").value > 0.5


async def test_the_newest_are_looked_at_and_the_others_counted(engine, log, table, plays):
    for number in range(5):
        await keep(log, table, f"{number:032x}", plays["silent"], at=BEGIN + number)
    said = found(engine, most=3)
    assert (said.sessions, said.left_out) == (3, 2)
    assert said.of("payment-fraud").last_used == BEGIN + 4
    assert found(engine, slugs=["news-feed"]).sessions == 0


async def test_a_deleted_session_is_gone_from_the_figures(engine, log, table, plays):
    await keep(log, table, "a" * 32, plays["strong"])
    await log.delete("a" * 32)
    assert found(engine).of("payment-fraud").used == 0


async def test_batches_leave_nobody_out_and_count_nobody_twice(
    engine, log, table, plays, monkeypatch
):
    monkeypatch.setattr("app.storage.experience.AT_ONCE", 2)
    assert AT_ONCE > 2
    for number in range(5):  # all of the same moment
        await keep(log, table, f"{number:032x}", plays["silent"])
    assert found(engine).of("payment-fraud").used == 5
