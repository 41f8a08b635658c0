"""The log in SQL: what both backends have in common, which is everything but how a transaction is run."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from app.errors import NotFound
from app.storage.log import (
    NOTHING_KNOWN,
    About,
    Content,
    Decide,
    Decision,
    Head,
    Known,
    Logged,
    Receipt,
    SessionLine,
)
from app.storage.log_steps import (
    EVENT,
    GONE,
    NEWER,
    Command,
    Rows,
    Steps,
    appending,
    asking,
    creating,
    deleting,
    logged,
)

T = TypeVar("T")

READ = (
    f"SELECT {EVENT} FROM event WHERE session = ? AND stream = ? AND seq > ? ORDER BY seq LIMIT ?"
)
HEADS = """
SELECT id, head_main, main.eid, head_staff, staff.eid, state, due_at, last_at FROM session
LEFT JOIN event AS main
  ON main.session = id AND main.stream = 'main' AND main.seq = head_main
LEFT JOIN event AS staff
  ON staff.session = id AND staff.stream = 'staff' AND staff.seq = head_staff
WHERE id IN """
LINE = (
    "SELECT id, created_at, slug, title, mode, persona, minutes, question_sha256, "
    "state, last_at, due_at, report_id FROM session "
)
BEAT = (
    "INSERT INTO service (id, seen_at) VALUES ('service', ?) "
    "ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"
)
KEEP = (
    "INSERT INTO content (sha256, kind, id, version, content) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (sha256) DO NOTHING"
)


class SqlLog(ABC):
    """Runs steps in transactions. The steps are made anew for each try, told whether it is not the first."""

    @abstractmethod
    async def _write(self, steps: Callable[[bool], Steps[T]], session: str | None = None) -> T:
        """Writes to one session happen in the order in which they were asked for."""

    @abstractmethod
    async def _read(self, sql: str, *values: Any) -> Rows: ...

    async def create(
        self,
        session: str,
        about: About,
        first: Decision,
        *,
        actor: str,
        cmd: str | None = None,
        digest: bytes = b"",
        now: Callable[[], int],
    ) -> Receipt:
        command = Command(session, actor, cmd, digest)
        return await self._write(lambda _: creating(command, about, first, now), session)

    async def append(
        self,
        session: str,
        *,
        actor: str,
        cmd: str | None,
        digest: bytes,
        decide: Decide,
        known: Known = NOTHING_KNOWN,
        now: Callable[[], int],
    ) -> Receipt:
        command = Command(session, actor, cmd, digest)
        return await self._write(lambda _: appending(command, decide, known, now), session)

    async def delete(self, session: str) -> None:
        await self._write(lambda again: deleting(session, again=again), session)

    async def read(
        self, session: str, stream: str, after: int = 0, limit: int = 200
    ) -> list[Logged]:
        return [logged(row) for row in await self._read(READ, session, stream, after, limit)]

    async def history(self, session: str, known: Known = NOTHING_KNOWN) -> list[Logged]:
        return [logged(row) for row in await self._read(NEWER, session, *known)]

    async def head(self, session: str) -> Head:
        heads = await self.heads([session])
        if session not in heads:
            raise NotFound(GONE)
        return heads[session]

    async def heads(self, sessions: Sequence[str]) -> dict[str, Head]:
        if not sessions:
            return {}
        rows = await self._read(f"{HEADS} ({', '.join('?' * len(sessions))})", *sessions)
        return {row[0]: Head(*row[1:]) for row in rows}

    async def due(self, now: int, limit: int = 100) -> list[str]:
        sql = "SELECT id FROM session WHERE due_at <= ? ORDER BY due_at, id LIMIT ?"
        return [row[0] for row in await self._read(sql, now, limit)]

    async def unfinished(self) -> list[str]:
        sql = "SELECT id FROM session WHERE state IN ('running', 'paused') ORDER BY id"
        return [row[0] for row in await self._read(sql)]

    async def sessions(self, *, limit: int = 200, offset: int = 0) -> list[SessionLine]:
        order = "ORDER BY created_at DESC, id LIMIT ? OFFSET ?"
        return [line(row) for row in await self._read(LINE + order, limit, offset)]

    async def count_sessions(self) -> int:
        return int((await self._read("SELECT count(*) FROM session"))[0][0])

    async def session(self, session: str) -> SessionLine:
        found = await self._read(f"{LINE} WHERE id = ?", session)
        if not found:
            raise NotFound(GONE)
        return line(found[0])

    async def keep_content(self, content: Content) -> None:
        kept = (content.sha256, content.kind, content.id, content.version, content.content)
        await self._write(lambda _: asking(KEEP, *kept))

    async def find_content(self, sha256: str) -> Content | None:
        sql = "SELECT sha256, kind, id, version, content FROM content WHERE sha256 = ?"
        found = await self._read(sql, sha256)
        return Content(*found[0]) if found else None

    async def beat(self, now: int) -> None:
        await self._write(lambda _: asking(BEAT, now))

    async def last_beat(self) -> int | None:
        found = await self._read("SELECT seen_at FROM service WHERE id = 'service'")
        return found[0][0] if found else None


def line(row: tuple[Any, ...]) -> SessionLine:
    return SessionLine(row[0], row[1], About(*row[2:8]), *row[8:])
