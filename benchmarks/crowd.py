"""Many people in live rooms, as cheaply as can be: `python -m benchmarks.crowd`, a plan on the standard input, what
was measured on the standard output, both one JSON object.

In each room a turn comes every `pace` seconds, from the candidate and the interviewer by turns. A frame is not parsed
but looked through for its command. `slow` pages stop reading once they are welcome.
"""

import asyncio
import json
import sys
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

AT_ONCE = 100  # connections that are being made
HELLO = {"t": "hello", "proto": 1, "cursors": {"main": {"seq": 0, "eid": ""}}}
STAFF = {"staff": {"seq": 0, "eid": ""}}
LATE = 15.0  # seconds that an answer may take after the last turn
TURN = (
    "I would train on payments that are older than the time in which disputes come in, and keep the "
    "latest weeks for evaluation; this is turn {n}, and a random split would leak."
)


class Crowd:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.sent: dict[str, float] = {}
        self.acks: list[float] = []
        self.others: list[float] = []
        self.refused = 0
        self.closed = 0
        self.is_over = False
        self.sockets: dict[tuple[int, str], ClientConnection] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._reading: list[asyncio.Task[None]] = []

    async def run(self) -> dict[str, Any]:
        begun = time.perf_counter()
        rooms = self.plan["rooms"]
        await asyncio.gather(
            *(self._join(n, role, room) for n, room in enumerate(rooms) for role in room["cookies"])
        )
        entered = time.perf_counter() - begun
        sys.stderr.write("in\n")
        sys.stderr.flush()
        await asyncio.sleep(self.plan["settle"])
        sys.stderr.write("begin\n")
        sys.stderr.flush()
        await asyncio.gather(*(self._talk(n) for n in range(len(rooms))))
        sys.stderr.write("end\n")
        sys.stderr.flush()
        until = time.perf_counter() + LATE
        while len(self.acks) + self.refused < len(self.sent) and time.perf_counter() < until:
            await asyncio.sleep(0.1)
        self.is_over = True
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        return {
            "entered": entered,
            "sent": len(self.sent),
            "acks": self.acks,
            "others": self.others,
            "refused": self.refused,
            "closed": self.closed,
            "cpu": time.process_time(),
        }

    async def _join(self, number: int, role: str, room: dict[str, Any]) -> None:
        addresses = self.plan["addresses"]
        address = addresses[(number + (role == "candidate")) % len(addresses)]
        place = f"{address.replace('http', 'ws')}/live/{room['session']}/socket"
        async with self._gate:
            socket = await connect(
                place,
                origin=address,
                additional_headers={"Cookie": room["cookies"][role]},
                compression=None,
                ping_interval=None,
                open_timeout=60,
                max_queue=64,
            )
            cursors = HELLO["cursors"] | (STAFF if role == "interviewer" else {})
            await socket.send(json.dumps(HELLO | {"cursors": cursors}))
            await socket.recv()
        self.sockets[number, role] = socket
        self._reading.append(asyncio.create_task(self._read(socket, role)))

    async def _read(self, socket: ClientConnection, role: str) -> None:
        async for text in socket:
            now = time.perf_counter()
            if text.startswith('{"t":"ack"'):
                self._take(str(text), now, self.acks)
            elif text.startswith('{"t":"nack"'):
                self.refused += 1
            elif text.startswith('{"t":"ev","st":"main"') and f'-{role}"' not in text[:400]:
                self._take(str(text), now, self.others)
        self.closed += not self.is_over

    def _take(self, text: str, now: float, times: list[float]) -> None:
        begin = text.find('"cmd":"')
        sent = self.sent.get(text[begin + 7 : text.find('"', begin + 7)])
        if begin > 0 and sent is not None:
            times.append(1000 * (now - sent))

    async def _talk(self, number: int) -> None:
        pace, rooms = self.plan["pace"], len(self.plan["rooms"])
        roles = ("candidate", "interviewer")
        loop = asyncio.get_running_loop()
        begun = loop.time() + pace * number / rooms
        for n in range(int(self.plan["seconds"] / pace)):
            await asyncio.sleep(begun + n * pace - loop.time())
            role = roles[(n + number) % 2]
            type = "say" if role == "candidate" else "ask"
            cmd = f"{number:05d}-{n:05d}-{role}"
            body = {"text": TURN.format(n=n)}
            frame = json.dumps({"t": "cmd", "cmd": cmd, "type": type, "body": body})
            self.sent[cmd] = time.perf_counter()
            await self.sockets[number, role].send(frame)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(Crowd(json.load(sys.stdin)).run())))
