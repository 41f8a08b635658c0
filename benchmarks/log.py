"""What storing a session's events durably costs, beside one commit of `sqlite3` for each event in the same folder."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.storage.db import migrate, open_database, open_log
from app.storage.log import RUNNING, About, Content, Decision, Draft, Log

WAITERS = (1, 16, 128)
APPENDS = 4_096
ROUNDS = 3
SAID = Draft("main", "turn.committed", {"text": "I would start with a simple baseline. " * 4})
QUESTION = Content("0" * 64, "question", "parking", 1, "{}")
ABOUT = About("parking", "Parking", "practice", "calm", 45, QUESTION.sha256)


def lines() -> Iterator[str]:
    yield f"Log (SQLite, every answer after its sync, best of {ROUNDS})"
    with tempfile.TemporaryDirectory(prefix="log-", dir=Path.cwd()) as folder:
        raw = max(one_commit_each(Path(folder, f"raw{n}.db")) for n in range(ROUNDS))
        yield f"  sqlite3, a commit an event   {raw:8,.0f} a second"
        for waiters in WAITERS:
            found = [
                asyncio.run(appends(Path(folder, f"log{waiters}-{n}.db"), waiters))
                for n in range(ROUNDS)
            ]
            best = max(found)
            yield f"  append, {waiters:3} waiting          {best:8,.0f} a second; {best / raw:.2f} x"


def one_commit_each(path: Path) -> float:
    """The least anybody can do who stores an event before answering: one INSERT, one COMMIT."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE event (session TEXT, seq INTEGER, body TEXT)")
    body = str(SAID.body)
    start = time.perf_counter()
    for n in range(APPENDS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO event VALUES ('s', ?, ?)", (n, body))
        connection.execute("COMMIT")
    spent = time.perf_counter() - start
    connection.close()
    return APPENDS / spent


async def appends(path: Path, waiters: int) -> float:
    """Each waiter is a session of its own, whose next turn waits for the answer to the last."""
    url = f"sqlite:///{path}"
    engine = open_database(url)
    migrate(engine)
    engine.dispose()
    log = await open_log(url)
    await log.keep_content(QUESTION)
    await asyncio.gather(*(talk(log, f"warm{n}", 4) for n in range(waiters)))
    start = time.perf_counter()
    await asyncio.gather(*(talk(log, f"s{n}", APPENDS // waiters) for n in range(waiters)))
    spent = time.perf_counter() - start
    await log.close()
    return APPENDS / spent


async def talk(log: Log, session: str, turns: int) -> None:
    first = Decision((SAID,), RUNNING, None)
    await log.create(session, ABOUT, first, actor="host", now=lambda: 1)
    for n in range(turns):
        await log.append(
            session,
            actor="candidate",
            cmd=str(n),
            digest=b"0" * 32,
            decide=lambda newer, now: first,
            known=(n + 1, 0),
            now=lambda: 1,
        )
