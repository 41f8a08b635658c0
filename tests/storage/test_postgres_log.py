"""What is peculiar to the log on PostgreSQL."""

import asyncio
import subprocess
import sys

import psycopg
import pytest

from app.errors import CannotStart
from app.storage.db import migrate, open_database, open_log
from tests.storage.writing import QUESTION, S, begin, running, said, send, words

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]


@pytest.fixture
def url(fresh_postgres):
    return fresh_postgres


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET body = '{}'",
        "UPDATE event SET at = 0 WHERE seq = 1",
        "DELETE FROM event",
        "TRUNCATE event",
        "INSERT INTO event SELECT * FROM event ON CONFLICT (session, stream, seq) "
        "DO UPDATE SET body = '{}'",
        "DELETE FROM session",
        "TRUNCATE session CASCADE",
    ],
)
async def test_nothing_changes_an_event(log, url, statement):
    await begin(log)
    await send(log, *said("a"))
    before = await log.history(S)
    with psycopg.connect(url) as other, pytest.raises(psycopg.Error, match="event"):
        other.execute(statement)
    assert await log.history(S) == before


async def test_several_processes_share_a_session(log, url):
    """Another pool stands for another process: they share nothing but the server."""
    others = [await open_log(url) for _ in range(3)]
    await begin(log)
    done = await asyncio.gather(
        *(send(each, *said(f"{n}"), cmd=f"{n}") for n in range(20) for each in (log, *others))
    )
    assert sum(not receipt.dup for receipt in done) == 20
    events = await log.read(S, "main")
    assert [event.seq for event in events] == list(range(1, 22))
    for other in others:
        assert await other.read(S, "main") == events
        await other.close()


async def test_a_connection_that_is_cut_costs_nobody_anything(log, url):
    await begin(log)
    name = url.partition("?")[0].rpartition("/")[2]
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = %s AND pid <> pg_backend_pid() AND application_name = 'sevenstep'"
    )
    for round_ in range(5):
        sending = [
            asyncio.ensure_future(send(log, *said(f"{round_}.{n}"), cmd=f"{round_}.{n}"))
            for n in range(8)
        ]
        await send(log, *said("first"))
        async with await psycopg.AsyncConnection.connect(url) as other:
            await other.execute(cut, (name,))
        assert not any(receipt.dup for receipt in await asyncio.gather(*sending))
    said_ = [word for word in words(await log.read(S, "main", after=1)) if word != "first"]
    assert said_ == [f"{round_}.{n}" for round_ in range(5) for n in range(8)]


async def test_deciding_twice_stores_once(log, url):
    """The connection is cut between the decision and the commit: the first try must leave nothing."""
    await begin(log)
    tries = []

    def decide(newer, now):
        tries.append(words(newer))
        if len(tries) == 1:
            with psycopg.connect(url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                    "datname = current_database() AND state = 'idle in transaction'"
                )
        return running(*said("once"))

    receipt = await send(log, decide=decide, cmd="1")
    assert not receipt.dup
    assert tries == [["hello"], ["hello"]]
    assert words(await log.read(S, "main")) == ["hello", "once"]


MIGRATE = "import sys; from app.storage.db import *; migrate(open_database(sys.argv[1]))"


async def test_several_processes_may_migrate_at_once(postgres):
    postgres.do("DROP DATABASE IF EXISTS empty")
    postgres.do("CREATE DATABASE empty")
    url = postgres.url("empty")
    started = [subprocess.Popen([sys.executable, "-c", MIGRATE, url]) for _ in range(2)]
    assert [process.wait(60) for process in started] == [0, 0]
    log = await open_log(url)
    await log.keep_content(QUESTION)
    await log.close()


async def test_the_wall_is_the_servers(log):
    first = await log.wall()
    assert 0 <= await log.wall() - first < 3_600_000


async def test_a_server_that_is_not_there_is_said_in_a_sentence(tmp_path):
    url = f"postgresql://nobody:secret@/nothing?host={tmp_path}"
    with pytest.raises(CannotStart) as said_:
        migrate(open_database(url))
    assert "secret" not in str(said_.value)
