"""The log on SQLite: one thread writes, and everything that waits goes to the disk in one commit.

A commit costs a sync of the disk however much is in it, so a batch is whatever came while the one
before was synced. Each command has a savepoint of its own: a bad one takes nobody else along.
"""

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar
from urllib.parse import quote

from app.errors import CannotStart, Unavailable
from app.storage.locked import lock_beside
from app.storage.log_steps import Rows, Steps
from app.storage.sql_log import SqlLog

T = TypeVar("T")

BATCH = 256  # commands in one commit; more would make the first of them wait for the last
READERS = 3
PATIENCE = 5.0  # seconds to wait for another's lock on the file before saying no
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF")
BUSY = "The database is busy; nothing was lost, try again."
UNKNOWN = "The database could not store this; try again."
CLOSED = "The service is shutting down; try again in a moment."


@dataclass(slots=True)
class Waiting:
    """A command on its way to the disk, and who waits for it."""

    steps: Steps[Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: BaseException | None = None


class SqliteLog(SqlLog):
    """Takes the file for this process alone until it is closed. The tables must be there."""

    def __init__(self, path: Path, *, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._lock = lock_beside(path)
        try:
            self._writer = self._connect()
            self._writer.execute("SELECT 1 FROM event LIMIT 0")
        except sqlite3.Error as error:
            os.close(self._lock)
            raise CannotStart(f"The database cannot be used: {error}.") from error
        self._readers = ThreadPoolExecutor(READERS, "log-reader")
        self._own = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._is_closed = False
        self._thread = threading.Thread(target=self._write_all, name="log-writer", daemon=True)
        self._thread.start()

    async def wall(self) -> int:
        return time.time_ns() // 1_000_000

    async def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._readers.shutdown)
        for connection in (*self._opened, self._writer):
            connection.close()
        os.close(self._lock)

    async def _write(self, steps: Callable[[bool], Steps[T]], session: str | None = None) -> T:
        if self._is_closed:
            raise Unavailable(CLOSED)
        loop = asyncio.get_running_loop()
        waiting = Waiting(steps(False), loop.create_future(), loop)
        self._queue.put(waiting)
        done: T = await waiting.future
        return done

    async def _read(self, sql: str, *values: Any) -> Rows:
        if self._is_closed:
            raise Unavailable(CLOSED)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._fetch, sql, values)

    def _fetch(self, sql: str, values: tuple[Any, ...]) -> Rows:
        try:
            if not hasattr(self._own, "connection"):
                self._own.connection = self._connect("?mode=ro")
                self._opened.append(self._own.connection)
            return self._own.connection.execute(sql, values).fetchall()  # type: ignore[no-any-return]
        except sqlite3.OperationalError as error:
            raise Unavailable(BUSY) from error

    def _connect(self, mode: str = "?mode=rw") -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(self._path.absolute()))}{mode}",
            uri=True,
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,
        )
        for pragma in PRAGMAS if mode == "?mode=rw" else PRAGMAS[3:]:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _write_all(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first, *self._more()]
            last = batch[-1] is None
            commands = [waiting for waiting in batch if waiting is not None]
            try:
                self._commit(commands)
            except sqlite3.Error as error:
                self._fail(commands, error)
            answer(commands)
            if last:
                return

    def _more(self) -> list[Waiting | None]:
        """What else is waiting already, up to the word to stop."""
        found: list[Waiting | None] = []
        with suppress(Empty):
            while len(found) < BATCH - 1:
                found.append(self._queue.get_nowait())
                if found[-1] is None:
                    break
        return found

    def _commit(self, batch: list[Waiting]) -> None:
        """Results may be told only after the last line."""
        db = self._writer
        db.execute("BEGIN IMMEDIATE")
        for waiting in batch:
            db.execute("SAVEPOINT command")
            try:
                waiting.result = run(db, waiting.steps)
            except Exception as error:
                if not db.in_transaction:  # SQLite gave the whole batch up: no space, no memory
                    raise sqlite3.OperationalError("the transaction is gone") from error
                db.execute("ROLLBACK TO command")
                waiting.error = said(error)
            db.execute("RELEASE command")
        db.execute("COMMIT")

    def _fail(self, batch: list[Waiting], error: sqlite3.Error) -> None:
        if self._writer.in_transaction:
            with suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")
        for waiting in batch:
            waiting.error = said(error)


def run(db: sqlite3.Connection, steps: Steps[Any]) -> Any:
    """SQLite has one writer at a time, so there is no row to lock."""
    rows: Rows = []
    try:
        ask = next(steps)
        while True:
            sql, values = ask
            rows = db.execute(sql.removesuffix(" FOR UPDATE"), values).fetchall()
            ask = steps.send(rows)
    except StopIteration as stop:
        return stop.value


def said(error: Exception) -> Exception:
    """In a sentence, where it is the disk or a lock and no fault of the command."""
    if not isinstance(error, sqlite3.OperationalError):
        return error
    locked = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    unavailable = Unavailable(BUSY if locked else UNKNOWN)
    unavailable.__cause__ = error
    return unavailable


def answer(batch: list[Waiting]) -> None:
    """In the loop of each caller, all callers of a loop at once."""
    for loop in {waiting.loop for waiting in batch}:
        theirs = [waiting for waiting in batch if waiting.loop is loop]
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, theirs)


def settle(answered: list[Waiting]) -> None:
    for waiting in answered:
        if waiting.future.done():
            continue  # whoever waited was cancelled
        if waiting.error is not None:
            waiting.future.set_exception(waiting.error)
        else:
            waiting.future.set_result(waiting.result)
