"""A live interview as its browsers hold it: each person with cookies of their own, on one clock that the test turns."""

import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime

from starlette.testclient import TestClient

from app.main import create_app
from app.rubric.rubric import STEPS
from app.settings import Settings
from tests.web.test_sessions import MINUTE, ORIGIN, SOCKETS, STRONG, Clock

BASE = "http://localhost:8000"
SECRET = re.compile(r"/join#([\w-]+)")
THREES = {f"level.{step}": "3" for step in STEPS}


class Browser:
    """One person's: their cookies go with every request."""

    def __init__(self, client):
        self.client, self.jar, self.count = client, {}, 0

    def request(self, method, address, **given):
        self.client.cookies = self._cookies()
        answer = self.client.request(method, address, **given)
        for cookie in answer.cookies.jar:
            self.jar[cookie.name, cookie.path] = cookie.value
        return answer

    def _cookies(self):
        self.client.cookies.clear()
        for (name, path), value in self.jar.items():
            self.client.cookies.set(name, value, domain="localhost.local", path=path)
        return self.client.cookies

    def get(self, address):
        return self.request("GET", address)

    def post(self, address, **data):
        return self.request("POST", address, data=data)

    @contextmanager
    def room(self, address):
        """Commands to the room's socket: each returns its answer."""
        self._cookies()
        with self.client.websocket_connect(f"{SOCKETS}{address}/socket", headers=ORIGIN) as socket:
            hello = {"t": "hello", "proto": 1, "cursors": {"main": {"seq": 0, "eid": ""}}}
            socket.send_text(json.dumps(hello))
            until(socket, lambda frame: frame["t"] == "welcome")

            def send(type, **body):
                self.count += 1
                cmd = f"{id(self)}-{self.count:08d}"
                frame = {"t": "cmd", "cmd": cmd, "type": type, "body": body}
                socket.send_text(json.dumps(frame))
                mine = until(socket, lambda f: f["t"] in ("ack", "nack") and f["cmd"] == cmd)
                assert mine["t"] == "ack", mine
                return mine

            yield send


def until(socket, is_wanted):
    while not is_wanted(frame := json.loads(socket.receive_text())):
        pass
    return frame


@contextmanager
def service(tmp_path, standards, clock=None, **settings):
    clock = clock or Clock()
    now = lambda: datetime.fromtimestamp(clock() / 1000, UTC)  # noqa: E731
    wanted = Settings(database=f"sqlite:///{tmp_path}/live.db", **settings)
    app = create_app(wanted, standards=standards, now=now, clock=clock)
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        client.clock = clock
        yield client


def come_in(host, address, role, name, client):
    """By a link that the host makes; let in, and agreed to the notice."""
    made = host.post(f"{address}/tickets", role=role)
    guest = Browser(client)
    code = SECRET.search(made.text)[1]
    assert guest.post(f"{address}/join", code=code, name=name).status_code == 303
    waiting = host.get(f"{address}/lobby").text
    for id in re.findall(r'name="guest" value="(\w+)"', waiting):
        host.post(f"{address}/admit", guest=id)
    assert guest.post(f"{address}/consent", agreed="yes").status_code == 303
    return guest


class Held:
    """An interview with its people: `host` made the room, `candidate` answers, others by name."""

    def __init__(self, client, *others, slug="payment-fraud", host_name="Dana"):
        self.client = client
        self.host = Browser(client)
        made = self.host.post("/live", slug=slug, name=host_name, minutes="45")
        assert made.status_code == 303, made.text
        self.address = made.headers["location"]
        self.id = self.address.rpartition("/")[2]
        self.candidate = come_in(self.host, self.address, "candidate", "Sam", client)
        self.others = {
            name: come_in(self.host, self.address, role, name, client) for name, role in others
        }

    def room_at(self, address=None):
        """What the service holds of this room, or of another."""
        rooms, id = self.client.app.state.rooms, (address or self.address).rpartition("/")[2]
        return self.client.portal.call(rooms.get, id)

    def talk(self, said=STRONG, document="Alert on drift of the score each hour."):
        """From the first question to the end, with a note, a bookmark and a tap of the host's."""
        clock = self.client.clock
        with self.host.room(self.address) as lead:
            lead("start")
            lead("step", step="requirements")
            clock.ms += MINUTE
            lead("note", note="note-0001", text="PRIVATE asked for the scale at once")
            lead("cover", criterion="business-goal", heard="met")
            lead("ask", text="How would you begin?")
        with self.candidate.room(self.address) as answer:
            clock.ms += 5 * MINUTE
            answer("say", text=said)
            answer("document", section="monitoring", text=document)
        with self.host.room(self.address) as lead:
            lead("step", step="evaluation")
            clock.ms += MINUTE
            lead("note", note="note-0002", text="PRIVATE moment", bookmark=True)
            lead("finish")
        return self

    def mark(self, browser=None, **levels):
        given = {**THREES, **{f"level.{step}": level for step, level in levels.items()}}
        return (browser or self.host).post(f"{self.address}/marks", **given)

    def settle(self, browser=None, **fields):
        """Final marks of three with a reason for each, and what else is given."""
        reasons = {f"reason.{step}": f"Because of {step}." for step in STEPS}
        given = {"seen": "0", **THREES, **reasons, **fields}
        return (browser or self.host).post(f"{self.address}/compare", **given)
