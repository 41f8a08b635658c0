"""A service with many clients is killed and begun again: how long until every client, with history, is current."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.faults.fleet import Service
from tests.faults.seating import Seated, Wanted, seat

CLIENTS = 1_000
ROLES = ("candidate", "interviewer")
WITHIN = 10.0  # seconds, from the first moment at which somebody is let in
JITTER = 0.5  # seconds of a page's first try, and twice as long after each that failed
LONGEST = 5.0
HISTORY = 20  # events that each has seen


def lines(clients: int = CLIENTS) -> Iterator[str]:
    yield f"Reconnect storm ({clients:,} clients in {clients // 2:,} live rooms, the service killed; SQLite)"
    with TemporaryDirectory() as folder:
        yield from asyncio.run(storm(Path(folder), clients))


async def storm(folder: Path, clients: int) -> list[str]:
    url = f"sqlite:///{folder}/storm.db"
    seated = await seat(url, [Wanted(roles=ROLES)] * (clients // 2))
    service = await asyncio.to_thread(Service("--database", url).start)
    pages = [Page(service, place, role) for place in seated for role in ROLES]
    running = [asyncio.create_task(page.run()) for page in pages]
    try:
        await asyncio.gather(*(page.current.wait() for page in pages))
        await asyncio.gather(*(page.talk() for page in pages if page.role == "interviewer"))
        killed = time.monotonic()
        service.kill()
        for page in pages:
            page.current.clear()
        await asyncio.to_thread(service.start)
        ready = time.monotonic()
        await asyncio.gather(*(page.current.wait() for page in pages))
        done = time.monotonic()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        service.stop()
    waits = sorted(page.at - ready for page in pages)
    worst = max(page.at - page.tried for page in pages)
    tries = sum(page.tries for page in pages)
    resets = sum(page.resets for page in pages)
    return [
        f"  ready {ready - killed:.1f} s after the kill; from then all current within "
        f"{done - ready:.1f} s ({WITHIN:g}), at worst {worst:.1f} of it not spent waiting to try, "
        f"half within {waits[len(waits) // 2]:.1f}; {tries / len(pages):.1f} tries each, {resets} began anew"
    ]


class Page:
    """Comes back as static/ws.js does, and knows how far it was."""

    def __init__(self, service: Service, place: Seated, role: str) -> None:
        self.service, self.place, self.role = service, place, role
        self.seen = {"main": (0, "")} | ({"staff": (0, "")} if role == "interviewer" else {})
        self.current = asyncio.Event()
        self.at = self.tried = 0.0
        self.tries = self.resets = 0
        self.chance = Random(place.session + role)
        self.socket = None
        self.heads: dict[str, int] = {}
        self.answered = asyncio.Event()

    async def run(self) -> None:
        longest = JITTER
        while True:
            try:
                await self.sit()
                longest = JITTER
            except (WebSocketException, OSError, TimeoutError, EOFError):
                longest = min(LONGEST, 2 * longest)
            await asyncio.sleep(self.chance.uniform(0, longest))

    async def sit(self) -> None:
        self.tries += self.at > 0
        self.tried = time.monotonic()
        address = f"http://127.0.0.1:{self.service.port}"
        async with connect(
            f"{address.replace('http', 'ws')}/live/{self.place.session}/socket",
            origin=address,
            additional_headers={"Cookie": self.place.cookie(self.role)},
            compression=None,
            ping_interval=None,
            open_timeout=20,
            close_timeout=0.1,
        ) as self.socket:
            cursors = {name: {"seq": seq, "eid": eid} for name, (seq, eid) in self.seen.items()}
            await self.socket.send(json.dumps({"t": "hello", "proto": 1, "cursors": cursors}))
            async for text in self.socket:
                self.take(json.loads(text))

    def take(self, frame: dict) -> None:
        if frame["t"] == "welcome":
            self.resets += not frame["resumed"]
            self.heads = frame["heads"]
        elif frame["t"] == "ev":
            self.seen[frame["st"]] = (frame["seq"], frame["eid"])
        elif frame["t"] in ("ack", "nack"):
            self.answered.set()
        if all(self.seen[name][0] >= self.heads.get(name, 1) for name in self.seen):
            if not self.current.is_set():
                self.at = time.monotonic()
            self.current.set()

    async def talk(self) -> None:
        """Something to come back to."""
        for n in range(HISTORY // 4):
            self.answered.clear()
            body = {"text": f"What would you measure first, and why? This is number {n}."}
            frame = {"t": "cmd", "cmd": f"ask-{n:06d}", "type": "ask", "body": body}
            await self.socket.send(json.dumps(frame))
            await self.answered.wait()
