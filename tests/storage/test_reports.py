from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from app.errors import CannotStart, NotFound
from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import score_transcript
from app.storage import reports
from app.storage.db import can_serve, migrate, open_database, transaction
from app.transcripts import read_transcript

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
SAID = (
    b"Dana: Design a system that predicts free parking.\n"
    b"Sam: First I would ask what the business wants and which number would show that it worked, "
    b"because without a goal we cannot choose a metric. I would start with a simple baseline, the "
    b"average occupancy per hour, and only then try gradient boosting because the data is tabular. "
    b"I would split by time, never randomly, since the future must not leak into training, and "
    b"watch for drift with an alert when the distribution of inputs moves.\n"
)


@pytest.fixture(scope="module")
def knowledge():
    return Knowledge(get_rubric())


@pytest.fixture
def engine(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def kept(engine, knowledge):
    transcript = read_transcript(SAID, name="talk.txt")
    report = score_transcript(transcript, knowledge)
    with transaction(engine) as db:
        source = reports.add_transcript(db, transcript, name="talk.txt", now=NOW)
        return reports.add_report(db, source, report, knowledge.rubric, now=NOW)


def count(engine, table):
    with engine.connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_a_report_comes_back_as_the_same_bytes(engine, kept, knowledge):
    transcript = read_transcript(SAID, name="talk.txt")
    with transaction(engine) as db:
        again = reports.get_report(db, kept.id)
    assert again.report.to_json() == score_transcript(transcript, knowledge).to_json()
    assert again.source.transcript == transcript
    assert again.created_at == NOW


def test_odd_characters_are_kept_where_they_can_be(engine, knowledge):
    transcript = replace(read_transcript(SAID, name="talk.txt"), question="park\x00ing")
    report = score_transcript(transcript, knowledge)
    with transaction(engine) as db:
        source = reports.add_transcript(db, transcript, name="ta\x00lk\ud800", now=NOW)
        kept = reports.add_report(db, source, report, knowledge.rubric, now=NOW)
    with transaction(engine) as db:
        again = reports.get_report(db, kept.id)
        assert (again.report, again.source.transcript) == (report, transcript)
        assert again.name == "talk?"


def test_the_rubric_is_kept_once_and_comes_back_whole(engine, kept, knowledge):
    with transaction(engine) as db:
        reports.add_report(
            db, kept.source, kept.report, knowledge.rubric, now=NOW, replaces=kept.id
        )
        assert reports.find_rubric(db, knowledge.rubric.sha256) == knowledge.rubric
        assert reports.find_rubric(db, "0" * 64) is None
    assert count(engine, "rubric") == 1


def test_a_rubric_of_another_shape_is_not_found(engine, kept, knowledge):
    with engine.begin() as connection:
        connection.execute(text("UPDATE rubric SET content = '{}'"))
    with transaction(engine) as db:
        assert reports.find_rubric(db, knowledge.rubric.sha256) is None


def test_the_latest_report_is_listed_first(engine, kept, knowledge):
    with transaction(engine) as db:
        later = reports.add_report(
            db,
            kept.source,
            kept.report,
            knowledge.rubric,
            now=NOW + timedelta(minutes=1),
            replaces=kept.id,
        )
        assert [line.id for line in reports.list_reports(db)] == [later.id, kept.id]
        assert [line.id for line in reports.list_reports(db, limit=1, offset=1)] == [kept.id]
        assert reports.get_report(db, later.id).replaces == kept.id
        assert reports.count_reports(db) == 2


def test_deleting_the_last_report_deletes_its_transcript(engine, kept, knowledge):
    with transaction(engine) as db:
        second = reports.add_report(db, kept.source, kept.report, knowledge.rubric, now=NOW)
    with transaction(engine) as db:
        reports.delete_report(db, kept.id)
    assert count(engine, "transcript") == 1
    with transaction(engine) as db:
        reports.delete_report(db, second.id)
    assert count(engine, "transcript") == 0
    with transaction(engine) as db, pytest.raises(NotFound):
        reports.get_report(db, kept.id)


def test_a_transcript_never_scored_is_forgotten_after_a_day(engine, kept):
    transcript = kept.source.transcript
    with transaction(engine) as db:
        draft = reports.add_transcript(db, transcript, name="draft", now=NOW)
    with transaction(engine) as db:
        reports.add_transcript(db, transcript, name="new", now=NOW + timedelta(days=2))
        with pytest.raises(NotFound):
            reports.get_transcript(db, draft.id)
        assert reports.get_transcript(db, kept.source.id)


def test_what_fails_leaves_nothing_behind(engine, kept):
    with pytest.raises(ZeroDivisionError), transaction(engine) as db:
        reports.delete_report(db, kept.id)
        raise ZeroDivisionError
    assert count(engine, "report") == 1


def test_migrations_make_exactly_the_tables_of_the_code(engine):
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, SQLModel.metadata) == []


def test_references_are_kept(engine, kept):
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("DELETE FROM transcript"))


def test_sqlite_is_durable(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/own.db")
    with engine.connect() as connection:
        values = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert values == ["wal", 2, 1]
    engine.dispose()


def test_a_database_without_tables_is_not_ready(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/empty.db")
    assert not can_serve(engine)
    migrate(engine)
    assert can_serve(engine)
    engine.dispose()


@pytest.mark.parametrize("url", ["nonsense://x", "://", "sqlite:////proc/no/where.db"])
def test_a_wrong_url_is_said_in_a_sentence(url):
    with pytest.raises(CannotStart):
        open_database(url)
