"""The levels that raters gave in live sessions: whose they are, which count, and the machine's beside them."""

from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest

from app.interview.events import Marked
from app.rubric.rubric import STEPS
from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import score_transcript
from app.storage import reports
from app.storage.db import open_database, transaction
from app.storage.log import Decision, Draft
from app.storage.people import invite
from app.storage.ratings import levels_given
from app.storage.tickets import add_guest
from app.transcripts import read_transcript
from tests.storage.test_reports import SAID
from tests.storage.writing import ABOUT, HELLO, always

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
FIRST, SECOND = "a" * 32, "b" * 32
LEVELS = dict.fromkeys(STEPS, 3.0)


@pytest.fixture
def engine(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def db_of(engine):
    return lambda: transaction(engine)


async def hold(log, session, *, mode="live"):
    about = replace(ABOUT, mode=mode)
    first = Decision(HELLO, "ended", None)
    await log.create(session, about, first, actor="host", now=lambda: 1_000)


async def mark(log, session, actor, name, stage="blind", at=2_000, state="ended", **levels):
    given = Marked(actor, name, stage, {**LEVELS, **levels}, {}, {})
    await log.append(
        session,
        actor=actor,
        cmd=None,
        digest=b"",
        decide=always(Draft("staff", Marked.type, asdict(given)), state=state),
        known=(0, 0),
        now=lambda: at,
    )


def guest(db, session, name, person=None):
    return add_guest(db, session, "interviewer", name, None, person, NOW, "admitted")[0].id


def found(db_of):
    with db_of() as db:
        return [(one.session, one.rater, one.kind, one.levels["data"]) for one in levels_given(db)]


async def test_only_what_was_given_alone_in_a_live_session_that_is_over(log, db_of):
    await hold(log, FIRST)
    await mark(log, FIRST, "x", "Dana", data=1.0)
    await mark(log, FIRST, "x", "Dana", stage="final", at=3_000, data=4.0)
    await hold(log, SECOND)
    await mark(log, SECOND, "y", "Ben", state="running")
    await hold(log, "c" * 32, mode="practice")
    await mark(log, "c" * 32, "z", "Eve")
    assert found(db_of) == [(FIRST, "Dana", "person", 1.0)]


async def test_people_are_who_the_house_knows_them_as_whatever_they_are_called(log, db_of):
    with db_of() as db:
        dana = invite(db, "interviewer", "Dana", NOW)[0].id
        namesake = invite(db, "interviewer", "Dana", NOW)[0].id
    for session in (FIRST, SECOND):
        await hold(log, session)
    with db_of() as db:
        seats = [
            guest(db, FIRST, "D.", dana),
            guest(db, SECOND, "Dr D.", dana),
            guest(db, SECOND, "Dana", namesake),
            guest(db, SECOND, "again", dana),
        ]
    for at, (session, seat) in enumerate(zip((FIRST, SECOND, SECOND, SECOND), seats, strict=True)):
        await mark(log, session, seat, "as typed", at=2_000 + at, data=float(at))
    assert found(db_of) == [
        (FIRST, "Dana", "person", 0.0),
        (SECOND, "Dana", "person", 1.0),
        (SECOND, "Dana #2", "person", 2.0),
    ]


async def test_two_of_one_name_in_a_session_are_two(log, db_of):
    await hold(log, FIRST)
    for at, actor in enumerate("xy"):
        await mark(log, FIRST, actor, "Dana", at=2_000 + at, data=float(at))
    assert [rater for _, rater, _, _ in found(db_of)] == ["Dana", "Dana (2)"]


async def test_the_machines_levels_stand_beside_and_the_latest_opinion_counts(log, db_of):
    knowledge = Knowledge(get_rubric())
    transcript = read_transcript(SAID)
    report = score_transcript(transcript, knowledge)
    level = next(step.level for step in report.steps if step.id == "data")
    await hold(log, FIRST)
    await hold(log, SECOND)
    with db_of() as db:
        kept = reports.add_transcript(db, transcript, name="talk", now=NOW)
        first = reports.add_report(db, kept, report, knowledge.rubric, now=NOW)
        for minute, name in enumerate(("old-model", "new-model")):
            rater = replace(report.rater, kind="llm", name=name)
            opinion = replace(report, rater=rater)
            later = NOW.replace(minute=40 + minute)
            reports.add_report(db, kept, opinion, knowledge.rubric, now=later, beside=first.id)
        reports.link_session(db, FIRST, first.id)
    await mark(log, FIRST, "x", "Dana")
    await mark(log, SECOND, "x", "Dana", at=4_000)
    assert found(db_of) == [
        (FIRST, "Dana", "person", 3.0),
        (FIRST, "offline-1", "offline", level),
        (FIRST, "new-model", "llm", level),
        (SECOND, "Dana", "person", 3.0),
    ]
