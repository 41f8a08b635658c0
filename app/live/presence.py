"""Whether anybody is with a practice session, over all processes that serve it."""

import asyncio
from collections.abc import Iterable

from app.storage.db import Database, transaction
from app.storage.presence import forget_presence, left_open, see, unattended

EVERY = 10.0  # seconds between two words of a process about whom it has
GAP = 30_000  # ms without such a word, after which the others' are not to be trusted either
KEPT = 600_000  # ms


class Presence:
    """What this process says about itself, as `node`, and what it finds out about the others. Times are milliseconds
    of the clock that the processes share."""

    def __init__(self, engine: Database, node: str) -> None:
        self.node = node
        self._engine = engine
        self._since: int | None = None
        self._latest = 0

    async def say(self, sessions: Iterable[str], now: int) -> None:
        await asyncio.to_thread(self._say, list(sessions), now)
        if self._since is None or now - self._latest > GAP:
            self._since = now
        self._latest = max(self._latest, now)

    async def say_some(self, sessions: Iterable[str], now: int) -> None:
        """Somebody came there: not to be found absent until the next round of all."""
        await asyncio.to_thread(self._say, list(sessions), now)

    async def unattended(self, now: int, absent: int) -> list[str]:
        """Practice sessions that nobody was in for so long. None for a while after this process, or its database, was
        away: those who are there may not have been able to come back yet."""
        if self._since is None or now - self._since < absent:
            return []
        return await asyncio.to_thread(self._unattended, now - absent)

    async def left_open(self, now: int, after: int) -> list[str]:
        """Sessions in which a turn may wait for its answer for so long."""
        return await asyncio.to_thread(self._left_open, now - after)

    def _say(self, sessions: list[str], now: int) -> None:
        with transaction(self._engine) as db:
            see(db, self.node, sessions, now)
            forget_presence(db, now - KEPT)

    def _unattended(self, since: int) -> list[str]:
        with transaction(self._engine) as db:
            return unattended(db, since)

    def _left_open(self, until: int) -> list[str]:
        with transaction(self._engine) as db:
            return left_open(db, until)
