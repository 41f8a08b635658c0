"""Those who sit in a live room while it is broken: they send in order, each command again until it is answered, come
back through whichever process is there, and write down what they were shown."""

import asyncio
import json
from collections import Counter
from random import Random

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from app.storage.log import MAIN, STAFF
from tests.faults.fleet import World
from tests.faults.history import History
from tests.faults.seating import STREAMS_OF, Seated

ANSWER_WITHIN = 3.0  # seconds, after which a page takes its line for dead
PACE = 0.3  # seconds between two commands at most: a page may send six frames a second
FINAL = (4400, 4403, 4404, 4029)
SAID = (
    "What is the latency budget?",
    "I assume that we have labels from disputes.",
    "I would split by time, because a random split leaks.",
    "Where should I go next?",
)
SECTIONS = ("requirements", "framing", "data", "model")


class Person:
    def __init__(
        self, world: World, seated: Seated, role: str, history: History, chance: Random
    ) -> None:
        self.world, self.seated, self.role, self.history = world, seated, role, history
        self.chance = chance
        self.reader = history.reader(seated.session, STREAMS_OF[role])
        self.cursors: dict[str, tuple[int, str]] = dict.fromkeys(STREAMS_OF[role], (0, ""))
        self.waiting: dict | None = None  # the command that has no answer yet
        self.sent = 0
        self.is_done = role == "observer"
        self.closed: Counter[int] = Counter()
        self.resets = 0
        self._socket = None
        self._answered: asyncio.Future | None = None

    @property
    def is_idle(self) -> bool:
        return self.is_done and self.waiting is None

    def stands_at(self, main: int, staff: int) -> bool:
        heads = {MAIN: main, STAFF: staff}
        return all(self.cursors[stream][0] == heads[stream] for stream in self.cursors)

    def tear(self) -> None:
        """The line is gone without a word."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            proxy = self.chance.choice(self.world.proxies)
            try:
                await self._sit(proxy.address)
            except (WebSocketException, OSError, TimeoutError, EOFError):
                pass
            await asyncio.sleep(self.chance.uniform(0.02, 0.2))

    async def _sit(self, address: str) -> None:
        place = f"{address.replace('http', 'ws')}/live/{self.seated.session}/socket"
        cookie = {"Cookie": self.seated.cookie(self.role)}
        async with connect(
            place,
            origin=address,
            additional_headers=cookie,
            open_timeout=ANSWER_WITHIN,
            close_timeout=0.1,
            compression=None,
        ) as socket:
            self._socket = socket
            cursors = {s: {"seq": seq, "eid": eid} for s, (seq, eid) in self.cursors.items()}
            await self._send({"t": "hello", "proto": 1, "cursors": cursors})
            talking = None
            try:
                async for text in socket:
                    frame = json.loads(text)
                    if frame["t"] == "welcome":
                        self.resets += not frame["resumed"]
                        talking = talking or asyncio.create_task(self._talk())
                    else:
                        self._take(frame)
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 1006
                self.closed[code] += 1
                assert code not in FINAL, (self.role, code)
            finally:
                self._socket = None
                if talking is not None:
                    talking.cancel()
                    (end,) = await asyncio.gather(talking, return_exceptions=True)
                    if isinstance(end, AssertionError):
                        raise end

    async def _send(self, frame: dict) -> None:
        await self._socket.send(json.dumps(frame))

    def _take(self, frame: dict) -> None:
        if frame["t"] == "ev":
            stream, seq, eid = frame["st"], frame["seq"], frame["eid"]
            self.reader.got.append((stream, seq, eid))
            body = frame["body"]
            self.reader.told.append((stream, seq, frame["type"], frame["actor"], frame["at"], body))
            self.cursors[stream] = (seq, eid)
        elif frame["t"] in ("ack", "nack") and self._answered is not None:
            if self.waiting and frame["cmd"] == self.waiting["cmd"] and not self._answered.done():
                self._answered.set_result(frame)

    async def _talk(self) -> None:
        while self.waiting is not None or not self.is_done:
            if self.waiting is None:
                self._invent()
            await self._ask()
            await asyncio.sleep(self.chance.uniform(0.05, PACE))

    def _invent(self) -> None:
        """The next command; a turn and a word beside it by turns."""
        self.sent += 1
        words = f"{self.chance.choice(SAID)} This is number {self.sent}."
        match self.role, self.sent % 3:
            case "candidate", 0:
                section = self.chance.choice(SECTIONS)
                type, body = "document", {"section": section, "text": words}
            case "candidate", _:
                type, body = "say", {"text": words}
            case _, 0:
                type, body = "note", {"note": f"note-{self.sent:06d}", "text": words}
            case _:
                type, body = "ask", {"text": words}
        cmd = f"{type}-{self.sent:06d}"
        self.waiting = {"t": "cmd", "cmd": cmd, "type": type, "body": body}
        self.history.invoke(self._key, 2 if type == "ask" else 1)

    @property
    def _key(self) -> tuple[str, str, str]:
        return (self.seated.session, self.seated.guests[self.role], self.waiting["cmd"])

    async def _ask(self) -> None:
        """Some are sent twice. Who hears that the session is over falls silent."""
        for _ in range(1 + (self.chance.random() < 0.1)):
            self._answered = asyncio.get_running_loop().create_future()
            await self._send(self.waiting)
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    answer = await self._answered
            except TimeoutError:
                self.tear()
                raise
            if answer["t"] == "nack" and answer["retry"]:
                return
            if answer["t"] == "nack":
                assert answer["code"] == "ended", answer
                self.history.refused(self._key)
                self.is_done = True
                break
            self.history.anchored(self._key, answer["seq"], answer["eid"])
        self.waiting = None
