"""The log on PostgreSQL: a transaction for each command, held together by a lock on the session's row.

The row is locked first, so that whatever the transaction reads afterwards stays true until it commits.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from psycopg import AsyncConnection, InterfaceError, IsolationLevel, OperationalError
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool

from app.errors import CannotStart, Unavailable
from app.storage.log_steps import Rows, Steps
from app.storage.sql_log import SqlLog

T = TypeVar("T")
Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]

CONNECTIONS = 10  # more would only wait for the same disk
PATIENCE = 15.0  # seconds to go on trying: a restart of the server takes less
PAUSES = (0.02, 0.05, 0.1, 0.2, 0.5)  # seconds between tries, the last one again and again
WAIT = 2.0  # seconds for a free connection, at each try
# A lost connection is not tried for long: the pool would wait longer each time, and a new try makes a new one.
RECONNECT = 0.5
# A process that stands still must not hold a session's row for ever, nor a dead network a command.
DEFAULTS: dict[str, Any] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "application_name": "sevenstep",
    "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=10s",
}
TROUBLE = "The database cannot be reached; nothing that was confirmed is lost, try again."
CLOSED = "The service is shutting down; try again in a moment."


async def open_postgres_log(url: str) -> "PostgresLog":
    """Raises CannotStart where nobody answers at the URL or the tables are not there."""
    pool: Pool = AsyncConnectionPool(
        kwargs={**DEFAULTS, **conninfo_to_dict(url), "autocommit": True},
        min_size=1,
        max_size=CONNECTIONS,
        timeout=WAIT,
        reconnect_timeout=RECONNECT,
        open=False,
        configure=configure,
    )
    log = PostgresLog(pool)
    try:
        await pool.open()
        await log._fetch("SELECT 1 FROM event LIMIT 0", ())
    except Exception as error:
        await pool.close()
        said = str(error).partition("\n")[0]
        raise CannotStart(f"The database cannot be used: {said}.") from error
    return log


async def configure(connection: AsyncConnection[tuple[Any, ...]]) -> None:
    """READ COMMITTED, whatever the server prefers: behind the lock each statement sees the latest."""
    await connection.set_isolation_level(IsolationLevel.READ_COMMITTED)


class PostgresLog(SqlLog):
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._writes: set[asyncio.Task[Any]] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._is_closed = False

    async def wall(self) -> int:
        sql = "SELECT CAST(1000 * extract(epoch FROM clock_timestamp()) AS bigint)"
        return int((await self._read(sql))[0][0])

    async def close(self) -> None:
        self._is_closed = True
        await asyncio.gather(*self._writes, return_exceptions=True)
        await self._pool.close()

    async def _write(self, steps: Callable[[bool], Steps[T]], session: str | None = None) -> T:
        """In a task of its own, so that whoever stops waiting does not stop what was accepted."""
        if self._is_closed:
            raise Unavailable(CLOSED)
        task = asyncio.ensure_future(self._take_turns(session, steps))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        return await asyncio.shield(task)

    async def _take_turns(self, session: str | None, steps: Callable[[bool], Steps[T]]) -> T:
        """One connection per session: a busy one leaves the others to its neighbours, and keeps its order."""
        turn = self._turns.setdefault(session, asyncio.Lock()) if session else asyncio.Lock()
        async with turn:
            return await persist(lambda again: self._commit(steps(again)), self._check)

    async def _read(self, sql: str, *values: Any) -> Rows:
        if self._is_closed:
            raise Unavailable(CLOSED)
        return await persist(lambda _: self._fetch(sql, values), self._check)

    async def _commit(self, steps: Steps[T]) -> T:
        async with self._pool.connection() as db, db.transaction():
            result = await run(db, steps)
        return result

    async def _fetch(self, sql: str, values: tuple[Any, ...]) -> Rows:
        async with self._pool.connection() as db:
            return await (await db.execute(spelled(sql), values)).fetchall()

    async def _check(self) -> None:
        """A server that was restarted leaves a pool of dead connections: try none of them again."""
        await self._pool.check()


async def persist(
    attempt: Callable[[bool], Awaitable[T]], recover: Callable[[], Awaitable[None]]
) -> T:
    """Tries again where a connection was lost or a lock not had, and says from the second try on that it does."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    tries = 0
    while True:
        try:
            return await attempt(tries > 0)
        except (OperationalError, InterfaceError) as error:
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            if loop.time() + pause > until:
                raise Unavailable(TROUBLE) from error
        tries += 1
        await asyncio.sleep(pause)
        await recover()


async def run(db: AsyncConnection[tuple[Any, ...]], steps: Steps[T]) -> T:
    rows: Rows = []
    try:
        sql, values = next(steps)
        while True:
            done = await db.execute(spelled(sql), values)
            rows = await done.fetchall() if done.description else []
            sql, values = steps.send(rows)
    except StopIteration as stop:
        result: T = stop.value
        return result


@lru_cache(256)
def spelled(sql: str) -> bytes:
    """With the placeholders of this driver."""
    return sql.replace("?", "%s").encode()
