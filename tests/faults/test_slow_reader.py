"""A page that stops reading delays nobody, loses its seat, and learns why if it reads again."""

import asyncio
import json
import socket
import sys

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.faults.fleet import Service
from tests.faults.seating import Wanted, seat

pytestmark = pytest.mark.anyio
IMPATIENT = (sys.executable, "-m", "tests.faults.faulty", "impatient", "serve")
SLOW = 4008
SECTIONS = ("requirements", "framing", "data", "model", "evaluation", "serving", "monitoring")
LONG = f"{'-' * 78}\n" * 480  # nearly all that a section may hold; readers are sent it whole
MOST = 400  # sections; several times what the systems between keep for a reader
WITHIN = 30.0


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def room(tmp_path):
    """Its service and who is in it."""
    url = f"sqlite:///{tmp_path}/slow.db"
    (seated,) = await seat(url, [Wanted()])
    service = Service("--database", url, command=IMPATIENT)
    await asyncio.to_thread(service.start)
    yield service, seated
    await asyncio.to_thread(service.stop)
    assert "Traceback" not in service.errors, service.errors[-3000:]


def entering(service, seated, role, **options):
    address = f"http://127.0.0.1:{service.port}"
    return connect(
        f"{address.replace('http', 'ws')}/live/{seated.session}/socket",
        origin=address,
        additional_headers={"Cookie": seated.cookie(role)},
        compression=None,
        ping_interval=None,
        open_timeout=WITHIN,
        **options,
    )


async def greet(page, *more):
    cursor = {"seq": 0, "eid": ""}
    cursors = dict.fromkeys(("main", *more), cursor)
    await page.send(json.dumps({"t": "hello", "proto": 1, "cursors": cursors}))


class Page:
    """One that reads, and knows what it was drawn last of who is here."""

    def __init__(self, socket):
        self.socket = socket
        self.here = ""

    async def until(self, wanted):
        async with asyncio.timeout(WITHIN):
            while True:
                frame = json.loads(await self.socket.recv())
                for part in frame.get("html", ()):
                    if part["target"] == "#here":
                        self.here = part["html"]
                if wanted(frame):
                    return frame


async def exchange(candidate, interviewer, number):
    """A section is written, acknowledged, and with the interviewer."""
    cmd = f"write-{number:06d}"
    section = SECTIONS[number % len(SECTIONS)]
    body = {"section": section, "text": f"{number}\n{LONG}"}
    frame = {"t": "cmd", "cmd": cmd, "type": "document", "body": body}
    await candidate.socket.send(json.dumps(frame))
    answer = await candidate.until(lambda f: f.get("cmd") == cmd and f["t"] != "ev")
    assert answer["t"] == "ack"
    await interviewer.until(lambda f: f.get("cmd") == cmd)


async def test_a_slow_reader_delays_nobody_and_is_dropped_with_a_reason(room):
    service, seated = room
    narrow = socket.create_connection(("127.0.0.1", service.port))
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131_072)
    async with (
        entering(service, seated, "candidate") as writing,
        entering(service, seated, "interviewer") as leading,
        entering(service, seated, "observer", sock=narrow, max_queue=1) as slow,
    ):
        candidate, interviewer = Page(writing), Page(leading)
        await greet(slow)
        await greet(writing)
        await greet(leading, "staff")
        await interviewer.until(lambda _: "Robin" in interviewer.here)
        number = 0
        while "Robin" in interviewer.here:  # until it has lost its seat
            assert number < MOST
            await exchange(candidate, interviewer, number)
            number += 1
            await asyncio.sleep(0.17)  # a page may send six frames a second
        got = []
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(WITHIN):
                while True:
                    got.append(json.loads(await slow.recv()))
    assert closed.value.rcvd is not None and closed.value.rcvd.code == SLOW
    events = [frame["seq"] for frame in got if frame["t"] == "ev"]
    assert events == list(range(1, len(events) + 1))
    assert len(events) < number
