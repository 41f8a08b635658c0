"""What is peculiar to the log on SQLite."""

import asyncio
import sqlite3
import subprocess
import sys

import pytest

from app.errors import CannotStart, Unavailable
from app.storage.db import migrate, open_database, open_log
from app.storage.sqlite_log import SqliteLog
from tests.storage.writing import QUESTION, S, always, begin, said, send, words

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/log.db")
    migrate(engine)
    engine.dispose()
    return tmp_path / "log.db"


@pytest.fixture
async def log(path, anyio_backend):
    opened = SqliteLog(path, patience=0.05)
    await opened.keep_content(QUESTION)
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET body = '{}'",
        "UPDATE event SET at = 0 WHERE seq = 1",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event SELECT * FROM event",
        "INSERT OR REPLACE INTO event SELECT session, stream, seq + 7, pos, eid, at, type, v, "
        "actor, cmd, part + 7, digest, body FROM event",
        "INSERT OR REPLACE INTO event SELECT session, stream, seq + 7, pos + 7, eid, at, type, v, "
        "actor, cmd, part, digest, body FROM event WHERE cmd IS NOT NULL",
        "DELETE FROM session",
    ],
)
async def test_nothing_changes_an_event(log, path, statement):
    await begin(log)
    await send(log, *said("a"), cmd="1")
    before = await log.history(S)
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA foreign_keys=ON")
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(statement)
    other.close()
    assert await log.history(S) == before


async def test_a_second_log_on_the_file_is_refused(log, path):
    with pytest.raises(CannotStart, match="Another process"):
        SqliteLog(path)


async def test_a_second_process_is_refused_until_the_first_is_gone(log, path):
    source = (
        "import sys, pathlib, app.storage.sqlite_log as at; at.SqliteLog(pathlib.Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", source, path]
    refused = subprocess.run(command, capture_output=True, text=True)
    assert "CannotStart: Another process serves" in refused.stderr
    await log.close()
    assert subprocess.run(command).returncode == 0


async def test_a_file_without_tables_is_said_in_a_sentence_and_let_go(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/empty.db")
    engine.connect().close()
    engine.dispose()
    for _ in range(2):
        with pytest.raises(CannotStart, match="no such table"):
            SqliteLog(tmp_path / "empty.db")
    with pytest.raises(CannotStart, match="cannot be locked"):
        SqliteLog(tmp_path / "nowhere" / "at.db")


async def test_a_database_in_memory_is_refused():
    with pytest.raises(CannotStart):
        await open_log("sqlite://")


async def test_whoever_stops_waiting_changes_nothing_for_the_others(log):
    await begin(log)
    sending = [asyncio.ensure_future(send(log, *said(str(n)))) for n in range(20)]
    await asyncio.sleep(0)
    sending[3].cancel()
    done = await asyncio.gather(*sending, return_exceptions=True)
    assert isinstance(done[3], asyncio.CancelledError)
    assert words(await log.read(S, "main", after=1)) == [str(n) for n in range(20)]


async def test_pages_write_beside_it(log, path):
    await begin(log)
    engine = open_database(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO rubric VALUES ('x', 'y', 1, '{}')")
    await send(log, *said("a"))
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM event").scalar_one() == 2
    engine.dispose()


async def test_while_another_holds_the_file_it_says_so_and_goes_on_afterwards(log, path):
    await begin(log)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    done = await asyncio.gather(
        *(send(log, *said(str(n)), cmd=str(n)) for n in range(5)), return_exceptions=True
    )
    assert {type(one) for one in done} == {Unavailable}
    assert words(await log.read(S, "main")) == ["hello"]  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    for n in range(5):
        assert not (await send(log, *said(str(n)), cmd=str(n))).dup
    assert len(await log.read(S, "main")) == 6


async def test_a_full_disk_takes_nobody_in(log, path):
    await begin(log)
    log._writer.execute("PRAGMA max_page_count=60")
    kept = []
    with pytest.raises(Unavailable):
        for n in range(200):
            kept += (await send(log, *said("x" * 4_000), cmd=str(n))).events
    assert await log.read(S, "main", after=1) == kept
    log._writer.execute("PRAGMA max_page_count=100000")
    assert not (await send(log, *said("again"), cmd=str(len(kept)))).dup


async def test_it_syncs_every_commit(log):
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
    values = [log._writer.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    assert values == ["wal", 2, 1, 0]


async def test_a_decision_may_itself_fail(log):
    await begin(log)

    def broken(newer, now):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await send(log, decide=broken)
    assert (await send(log, decide=always(*said("a")))).events[0].seq == 2
