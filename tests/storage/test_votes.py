from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from app.llm.votes import Kept
from app.main import create_app
from app.settings import Settings
from app.storage import reports
from app.storage.db import open_database, transaction
from app.storage.votes import SqlVotes
from tests.storage.test_reports import count, kept, knowledge  # noqa: F401

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
KEY = "f" * 64 + "/requirements/1/1"
ANSWER = Kept('{"criteria": []} “ünïcode”', 1_200, 300, 0.012)


@pytest.fixture
def engine(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


def test_an_answer_comes_back_as_it_was(engine):
    votes = SqlVotes(engine, lambda: NOW)
    assert votes.get(KEY) is None
    votes.put(KEY, ANSWER)
    assert votes.get(KEY) == ANSWER
    assert votes.get(KEY[:-1] + "2") is None


def test_the_first_answer_stays(engine):
    votes = SqlVotes(engine, lambda: NOW)
    votes.put(KEY, ANSWER)
    votes.put(KEY, Kept("another", 1, 1, 0.0))
    assert votes.get(KEY) == ANSWER


def test_answers_go_with_the_transcript(engine, kept):  # noqa: F811
    SqlVotes(engine, lambda: NOW, kept.source.id).put(KEY, ANSWER)
    assert SqlVotes(engine, lambda: NOW).get(KEY) == ANSWER
    with transaction(engine) as db:
        reports.delete_report(db, kept.id)
    assert count(engine, "vote") == 0


def test_nothing_is_kept_about_a_deleted_transcript(engine, kept):  # noqa: F811
    votes = SqlVotes(engine, lambda: NOW, kept.source.id)
    with transaction(engine) as db:
        reports.delete_report(db, kept.id)
    votes.put(KEY, ANSWER)
    assert votes.get(KEY) is None


def test_answers_about_what_is_not_kept_go_after_a_week(engine, kept):  # noqa: F811
    SqlVotes(engine, lambda: NOW).put(KEY, ANSWER)
    SqlVotes(engine, lambda: NOW, kept.source.id).put("kept", ANSWER)
    later = SqlVotes(engine, lambda: NOW + timedelta(days=6))
    later.put("later", ANSWER)
    assert later.get(KEY) == ANSWER
    SqlVotes(engine, lambda: NOW + timedelta(days=8)).put("last", ANSWER)
    with engine.connect() as db:
        left = db.execute(text("SELECT key FROM vote ORDER BY key")).scalars().all()
    assert left == ["kept", "last", "later"]


def test_a_service_that_starts_forgets_them(engine, kept, url):  # noqa: F811
    SqlVotes(engine, lambda: NOW).put("old", ANSWER)
    SqlVotes(engine, lambda: NOW, kept.source.id).put("kept", ANSWER)
    SqlVotes(engine, lambda: NOW + timedelta(days=2)).put("new", ANSWER)
    with TestClient(create_app(Settings(database=url), now=lambda: NOW + timedelta(days=8))):
        pass
    votes = SqlVotes(engine, lambda: NOW)
    assert [votes.get(key) for key in ("old", "kept", "new")] == [None, ANSWER, ANSWER]


def test_what_a_column_cannot_hold_is_left_out(engine):
    votes = SqlVotes(engine, lambda: NOW)
    votes.put(KEY, Kept("a\0b", 1, 1, 0.0))
    assert votes.get(KEY) == Kept("ab", 1, 1, 0.0)
