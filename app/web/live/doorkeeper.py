"""Who was shown out must go: asked of the store every few seconds, for all who are connected to this process."""

import asyncio
import logging
from weakref import WeakSet

from starlette.requests import HTTPConnection

from app.live.noted import Noted
from app.live.room import Room
from app.live.rooms import Rooms
from app.storage.db import Database, transaction
from app.storage.tickets import still_in
from app.web.deps import own

LOOK_EVERY = 3.0  # seconds; a link that is revoked anywhere closes its sockets within five

logger = logging.getLogger("sevenstep.live")


class Doorkeeper:
    """A live seat's `may_stay` asks it, and it wakes the rooms whose answer has changed."""

    def __init__(self, engine: Database) -> None:
        self._engine = engine
        self._rooms: WeakSet[Room] = WeakSet()
        self._out: frozenset[str] = frozenset()
        self._note = Noted(logger)

    def watch(self, room: Room) -> None:
        """From the first connection on."""
        self._rooms.add(room)

    def may_stay(self, guest: str) -> bool:
        return guest not in self._out

    async def look(self) -> None:
        """One statement for everybody who is here."""
        here = {c.participant for room in self._rooms for c in room.connections}
        out = here - await asyncio.to_thread(self._still_in, here) if here else set()
        self._out = frozenset(out)
        for room in list(self._rooms):
            if any(c.participant in out for c in room.connections):
                room.wake()

    def _still_in(self, guests: set[str]) -> frozenset[str]:
        with transaction(self._engine) as db:
            return still_in(db, guests)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception as error:  # the store may be away for a while
                self._note("look", error)


def doorkeeper_of(connection: HTTPConnection) -> Doorkeeper:
    """The one of this process; it begins its rounds with the first who asks."""
    state = connection.app.state

    def begun() -> Doorkeeper:
        rooms: Rooms = state.rooms
        keeper = Doorkeeper(state.home.engine)
        rooms.spawn(keeper.run())
        return keeper

    return own(connection, "doorkeeper", begun)
