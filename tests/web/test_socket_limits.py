"""What a socket does with odd frames, late ones, faults of ours, and a page that does not read."""

import asyncio
import logging
from contextlib import contextmanager

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.errors import Unavailable
from app.live.connection import Connection
from app.live.rooms import Rooms
from app.main import create_app
from app.settings import Settings
from app.web import line, seats
from app.web.routes import socket as route
from app.web.seats import PractiseSeat
from tests.web.test_sessions import ORIGIN, SOCKETS, Page, begin, joined

SECRET = "the candidate's own words"


@pytest.fixture
def client(tmp_path, standards):
    app = create_app(Settings(database=f"sqlite:///{tmp_path}/limits.db"), standards=standards)
    base = "http://localhost:8000"
    with TestClient(app, base_url=base, follow_redirects=False) as client:
        yield client


@contextmanager
def closes(code):
    with pytest.raises(WebSocketDisconnect) as closed:
        yield
    assert closed.value.code == code


def drain(page):
    while True:
        page.read()


def breaks(*_given, **_named):
    raise ValueError(SECRET)


def connect(client, address):
    return client.websocket_connect(f"{SOCKETS}{address}/socket", headers=ORIGIN)


def test_bytes_are_no_frame(client):
    address = begin(client)
    with closes(4400), connect(client, address) as socket:
        socket.send_bytes(b"\x00\x01")
        socket.receive_text()
    with closes(4400), joined(client, address) as page:
        page.socket.send_bytes(b"{}")
        drain(page)


def test_a_page_that_is_slow_to_say_hello_may_come_again(client, monkeypatch):
    monkeypatch.setattr(route, "HELLO_WITHIN", 0.05)
    with closes(4008), connect(client, begin(client)) as socket:
        socket.receive_text()


def test_a_store_that_cannot_answer_lets_the_page_come_again(client, monkeypatch):
    address = begin(client)

    async def busy(*_):
        raise Unavailable("The database is busy.")

    monkeypatch.setattr(Rooms, "get", busy)
    with closes(1013), connect(client, address) as socket:
        Page(socket)


def test_only_so_many_tabs_and_frames(client):
    address = begin(client)
    with connect(client, address) as first:
        Page(first)
        room = next(iter(client.app.state.rooms._rooms.values()))
        others = [Connection() for _ in range(route.MOST_TABS - 1)]
        room.connections.update(others)
        with closes(4009), connect(client, address) as socket:
            Page(socket)
        room.connections.difference_update(others)
    with closes(4029), joined(client, address) as page:
        for _ in range(line.BURST + 2):
            page.socket.send_text('{"t":"ping","t0":1}')
        drain(page)


def test_a_fault_while_showing_an_event_closes_the_socket_and_quotes_nothing(
    client, monkeypatch, caplog
):
    address = begin(client)
    with caplog.at_level(logging.WARNING), closes(1011), joined(client, address) as page:
        monkeypatch.setattr(seats, "turn_fragment", breaks)
        page.send("start")
        drain(page)
    assert SECRET not in caplog.text


def test_a_fault_in_an_answer_closes_the_socket_and_quotes_nothing(client, monkeypatch, caplog):
    address = begin(client)
    with caplog.at_level(logging.WARNING), closes(1011), joined(client, address) as page:
        page.send("start")
        room = next(iter(client.app.state.rooms._rooms.values()))
        monkeypatch.setattr(room, "answer_turn", breaks)
        page.send("say", text="Hello there.")
        drain(page)
    assert "ValueError" in caplog.text and SECRET not in caplog.text


def test_a_finish_that_is_sent_again_is_answered_alike(client):
    with joined(client, begin(client)) as page:
        for type in ("start", "say", "finish"):
            body = {"text": "What is the latency budget?"} if type == "say" else {}
            first = page.send(type, cmd=f"once-{type}", **body)
            again = page.send(type, cmd=f"once-{type}", **body)
            assert (again["t"], again["dup"]) == ("ack", True), again
            assert again["eid"] == first["eid"]


class Stuck:
    """A socket whose page reads nothing: neither words nor a farewell go out."""

    async def send_text(self, _):
        await asyncio.Event().wait()

    async def close(self, _):
        await asyncio.Event().wait()


def test_a_page_that_does_not_read_is_left_to_itself(monkeypatch):
    monkeypatch.setattr(line, "SEND_WITHIN", 0.05)
    monkeypatch.setattr(line, "CLOSE_WITHIN", 0.05)

    async def send():
        stuck = line.Line(Stuck(), None, PractiseSeat(), lambda: 0)
        async with asyncio.timeout(5):
            await stuck._send({"t": "hb"})

    with pytest.raises(WebSocketDisconnect):
        asyncio.run(send())


@pytest.mark.parametrize("ticks", range(5))
def test_a_page_that_goes_as_something_happens_is_not_held(ticks):
    """What is sent for it, and its leaving, meet at every step of the loop."""

    class Quiet:
        main, staff, draft = (), (), None

    async def leave():
        gone = line.Line(Stuck(), Quiet(), PractiseSeat(), lambda: 0)
        pump = asyncio.ensure_future(gone._pump())
        await asyncio.sleep(0.01)
        gone._connection.wake.set()
        for _ in range(ticks):
            await asyncio.sleep(0)
        pump.cancel()
        done, _ = await asyncio.wait([pump], timeout=5)
        assert done

    asyncio.run(leave())
