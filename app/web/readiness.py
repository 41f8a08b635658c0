"""Whether this process can serve now, and what an operator should know of it."""

import asyncio
from contextlib import suppress

from app.live.bus import Bus
from app.storage.db import Database, can_serve, is_shared

WITHIN = 3.0  # seconds for the database to say a word
LATE = "news of other processes comes up to a second late"


class Readiness:
    """`bus` tells the state of Redis; None where it is not used."""

    def __init__(self, engine: Database) -> None:
        self._engine = engine
        self._asking: asyncio.Task[bool] | None = None
        self.is_stopping = False
        self.bus: Bus | None = None
        self.begun: asyncio.Event | None = None  # open turns are answered, an outage is given back

    async def look(self) -> tuple[bool, str]:
        """And a line or two about it."""
        if self.is_stopping:
            return False, "the service is stopping"
        if not await self._database_answers():
            return False, "the database cannot be used"
        if not await self._has_begun():
            return False, "sessions are being brought up to date"
        return True, "\n".join(["ready", *self._about_redis()])

    def _about_redis(self) -> list[str]:
        if not is_shared(self._engine):
            return []
        if self.bus is None:
            return [f"no Redis is set: {LATE}"]
        return ["Redis is reached" if self.bus.is_up else f"Redis cannot be reached: {LATE}"]

    async def _has_begun(self) -> bool:
        if self.begun is None:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(WITHIN):
                await self.begun.wait()
        return self.begun.is_set()

    async def _database_answers(self) -> bool:
        """One question at a time, so that a database that hangs does not gather threads."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(can_serve, self._engine))
        done, _ = await asyncio.wait({self._asking}, timeout=WITHIN)
        return bool(done) and self._asking.result()
