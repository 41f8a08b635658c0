"""docs/protocol.md is enough to write a client from: its examples are played, its lists are those of the code."""

import ast
import json
import re
from pathlib import Path
from typing import get_args

import pytest
from starlette.testclient import TestClient

from app.interview.commands import Refusal
from app.interview.roles import SEES
from app.main import create_app
from app.settings import Settings
from app.web import line
from app.web.live import seats as live
from app.web.routes import live as live_routes, live_marks, live_room, socket as socket_route
from app.web.routes.live_room import CaptionTurn, Taken
from app.web.seats import BODIES as PRACTICE
from tests.web.conftest import standards  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "protocol.md").read_text("utf-8")
FENCE = re.compile(r"^```json (\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `([^`]+)` \|(.*)\|$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
BASE = "http://localhost:8000"
ORIGIN = {"origin": BASE}
SECRET = re.compile(r"/join#([\w-]+)")
BEARER = re.compile(r'id="link-secret" readonly value="([^"]+)"')
GUEST = re.compile(r'id="admit-([\w-]+)"')


def section(heading):
    start = PAGE.index(f"\n{heading}\n")
    depth = len(heading.split()[0])
    following = re.compile(rf"^#{{1,{depth}}} ", re.MULTILINE).search(PAGE, start + len(heading))
    return PAGE[start : following.start() if following else len(PAGE)]


def rows(heading):
    return {row[0]: row[1] for row in ROW.findall(section(heading))}


def examples(kind):
    return [json.loads(text) for found, text in FENCE.findall(PAGE) if found == kind]


def by_type(kind):
    return {frame["t"]: frame for frame in examples(kind)}


def constants(module, key):
    """The literal values of `key` in the dicts that a module writes."""
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    return {
        value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for name, value in zip(node.keys, node.values, strict=True)
        if isinstance(name, ast.Constant) and name.value == key and isinstance(value, ast.Constant)
    }


def refusals(*folders):
    """The codes of every Refused that is raised there."""
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                is_one = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused"
                if is_one and node.args and isinstance(node.args[0], ast.Constant):
                    yield node.args[0].value


# lists ------------------------------------------------------------------------------------------
def test_the_frames_are_those_of_the_code():
    ours = {option.model_fields["t"].annotation for option in FRAMES}
    assert set(rows("### From a client")) == {get_args(literal)[0] for literal in ours}
    assert set(by_type("client")) == set(rows("### From a client"))
    sent = constants(line, "t")
    assert set(rows("### From the server")) == sent == set(by_type("server"))


FRAMES = (line.Hello, line.Again, line.Do, line.Typing, line.Ping)


@pytest.mark.parametrize(
    ("heading", "bodies"),
    [
        ("### Of a candidate who practises", PRACTICE),
        ("### Of a candidate in a live room", live.BODIES["candidate"]),
        ("### Of an interviewer", live.BODIES["interviewer"]),
        ("### Of an observer", live.BODIES["observer"]),
    ],
)
def test_the_commands_of_each_role_and_their_fields_are_those_of_the_code(heading, bodies):
    written = {name: tuple(CODE.findall(fields)) for name, fields in rows(heading).items()}
    assert written == {name: tuple(body.model_fields) for name, body in bodies.items()}


def test_the_close_codes_are_those_of_the_code():
    known = {
        value
        for name, value in vars(line).items()
        if name.isupper() and isinstance(value, int) and 1000 < value < 5000
    } - {line.RESTART_WITHIN}
    assert {int(code) for code in rows("## Close codes")} == known


def test_the_refusals_are_those_of_the_code():
    written = set(rows("## Refusals"))
    assert not written & set(get_args(Refusal))
    raised = set(refusals("app/web", "app/interview"))
    told = {"conflict", "unavailable"}  # what line.py makes of errors that are no refusals
    assert raised | told == written | set(get_args(Refusal))


def test_the_streams_of_each_role_are_those_of_the_code():
    written = {role: tuple(CODE.findall(seen)) for role, seen in rows("## Who reads what").items()}
    assert written == SEES


def test_the_addresses_of_rooms_are_those_of_the_code():
    routers = (live_routes.router, live_marks.router, live_room.pages, live_room.api)
    known = set()
    for router in (*routers, *nested(live_marks.router)):
        for route in router.routes:
            for method in getattr(route, "methods", None) or ():
                known.add(f"{method} {full(router, route)}")
    written = {row for heading in ("## Into a live room",) for row in rows(heading)}
    assert written == known


def nested(router):
    return [r.original_router for r in router.routes if hasattr(r, "original_router")]


def full(router, route):
    prefix = "" if route.path.startswith(("/live", "/api")) else live_marks.router.prefix
    return prefix + route.path


# examples ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("frame", examples("client"), ids=lambda frame: frame["t"])
def test_what_a_client_sends_by_the_page_is_a_frame(frame):
    assert line.parsed(json.dumps(frame)) is not None


@pytest.mark.parametrize("command", examples("body"), ids=lambda command: command["type"])
def test_the_bodies_of_the_page_are_bodies(command):
    known = [*live.BODIES.values(), PRACTICE]
    models = [bodies[command["type"]] for bodies in known if command["type"] in bodies]
    assert models
    for model in models:
        model.model_validate(command["body"])


def test_every_command_with_a_body_has_an_example_among_them():
    shown = {command["type"] for command in examples("body")} | {"say"}
    assert {type for bodies in live.BODIES.values() for type in bodies} - shown == {
        type for type, body in live.BODIES["interviewer"].items() if not body.model_fields
    }


def test_the_captions_of_the_page_are_captions():
    (turn,), (taken,) = examples("captions"), examples("taken")
    CaptionTurn.model_validate(turn)
    assert set(taken) == set(Taken.model_fields)


# a client written from the page -------------------------------------------------------------------
class Client:
    """Reads every frame as the page says it is: the same fields, and numbers without a gap."""

    def __init__(self, socket, staff=False):
        self.socket = socket
        self.heads = {"main": {"seq": 0, "eid": ""}}
        if staff:
            self.heads["staff"] = {"seq": 0, "eid": ""}
        self.seen, self.count = set(), 0
        self.say(t="hello", proto=1, cursors=self.heads)
        self.welcome = self.until("welcome")

    def say(self, **frame):
        self.socket.send_text(json.dumps(frame))

    def read(self):
        frame = json.loads(self.socket.receive_text())
        example = by_type("server")[frame["t"]]
        assert set(frame) == set(example), f"the page shows other fields of {frame['t']}"
        for fragment in frame.get("html", ()):
            assert set(fragment) == {"target", "swap", "html"}
        self.seen.add(frame["t"])
        if frame["t"] == "ev":
            known = self.heads[frame["st"]]
            assert frame["seq"] == known["seq"] + 1
            assert frame["st"] == "main" or frame["body"] == {}
            self.heads[frame["st"]] = {"seq": frame["seq"], "eid": frame["eid"]}
        return frame

    def until(self, t, **wanted):
        while True:
            frame = self.read()
            if frame["t"] == t and all(frame.get(key) == value for key, value in wanted.items()):
                return frame

    def do(self, type, body=None, cmd=None):
        self.count += 1
        cmd = cmd or f"{id(self)}-{self.count:06d}"
        self.say(t="cmd", cmd=cmd, type=type, body=body or {})
        while True:
            frame = self.read()
            if frame["t"] in ("ack", "nack") and frame["cmd"] == cmd:
                return frame


@pytest.fixture
def service(tmp_path, standards):  # noqa: F811
    app = create_app(Settings(database=f"sqlite:///{tmp_path}/protocol.db"), standards=standards)
    with browser(app) as client:
        yield client


def browser(app, portal=None):
    client = TestClient(app, base_url=BASE, follow_redirects=False, client=("127.0.0.1", 50_000))
    client.portal = portal
    return client


def connect(client, path):
    return client.websocket_connect(f"ws://localhost:8000{path}/socket", headers=ORIGIN)


def let_in(service, path, role):
    """Through the door, by the page's table."""
    made = service.post(f"{path}/tickets", data={"role": role})
    code = SECRET.search(made.text)[1]
    guest = browser(service.app, service.portal)
    assert guest.get(f"{path}/join").status_code == 200
    joined = guest.post(f"{path}/join", data={"code": code, "name": "Sam"})
    assert (joined.status_code, joined.headers["location"]) == (303, path)
    assert [guest.get(f"{path}/waiting").json()] == examples("waiting")
    waiting = GUEST.search(service.get(f"{path}/lobby").text)[1]
    service.post(f"{path}/admit", data={"guest": waiting})
    assert guest.get(f"{path}/waiting").json() == {"state": "admitted"}
    assert guest.post(f"{path}/consent", data={"agreed": "yes"}).status_code == 303
    return guest


@pytest.fixture
def room(service):
    made = service.post("/live", data={"slug": "payment-fraud", "name": "Dana", "minutes": "45"})
    assert made.status_code == 303
    return made.headers["location"]


def test_a_client_written_from_the_page_leads_an_interview(service, room):
    guest = let_in(service, room, "candidate")
    with connect(service, room) as one, connect(guest, room) as other:
        lead, candidate = Client(one, staff=True), Client(other)
        assert (lead.welcome["role"], candidate.welcome["role"]) == ("interviewer", "candidate")
        assert set(lead.welcome["heads"]) == {"main", "staff"}
        assert set(candidate.welcome["heads"]) == {"main"}
        assert lead.do("start")["t"] == "ack"
        for command in examples("body"):
            if command["type"] in live.BODIES["interviewer"]:
                assert lead.do(**command)["t"] == "ack", command
            else:
                assert candidate.do(**command)["t"] == "ack", command
        sent = by_type("client")["cmd"]
        first = candidate.do(sent["type"], sent["body"], sent["cmd"])
        again = candidate.do(sent["type"], sent["body"], sent["cmd"])
        assert again == first | {"dup": True}
        other_words = candidate.do(sent["type"], {"text": "Something else."}, sent["cmd"])
        assert (other_words["code"], other_words["retry"]) == ("conflict", False)
        assert candidate.do("note", {"note": "mine-0001", "text": "?"})["code"] == "role"
        assert candidate.do("sing")["code"] == "bad_frame"
        candidate.say(**by_type("client")["ping"])
        candidate.until("pong", t0=5312.5)
        lead.say(**by_type("client")["typing"])
        lead.do("pause")
        assert candidate.do("say", {"text": "Hello?"})["code"] == "paused"
        lead.do("resume")
        assert lead.do("finish")["t"] == "ack"
        candidate.until("ev", type="session.ended")
        lead.until("ev", type="session.ended")
        assert {"ev", "ack", "nack", "pong", "show"} <= lead.seen | candidate.seen


def test_a_cursor_that_does_not_fit_begins_anew(service, room):
    with connect(service, room) as socket:
        client = Client(socket)
        client.until("ev", seq=client.welcome["heads"]["main"])
        head = client.heads["main"]
        for cursor, reason in (
            ({"seq": head["seq"], "eid": "of another history"}, "anchor"),
            ({"seq": head["seq"] + 9, "eid": head["eid"]}, "ahead"),
        ):
            client.say(t="resume", cursors={"main": cursor})
            welcome = client.until("welcome")
            assert (welcome["resumed"], welcome["reset_reason"]) == (False, reason)
            client.heads["main"] = {"seq": 0, "eid": ""}
            client.until("ev", seq=head["seq"])
        client.say(t="resume", cursors={"main": head})
        assert client.until("welcome")["resumed"]


def test_captions_are_pushed_by_the_page(service, room):
    guest = let_in(service, room, "candidate")
    made = service.post(f"{room}/tickets", data={"role": "captions"})
    tool = browser(service.app, service.portal)
    tool.headers["authorization"] = f"Bearer {BEARER.search(made.text)[1]}"
    address = f"/api/v1/sessions/{room.rpartition('/')[2]}/turns"
    (turn,) = examples("captions")

    def push(key="meeting-7-turn-12", **changed):
        return tool.post(address, json=turn | changed, headers={"Idempotency-Key": key})

    early = push()
    assert early.status_code == 409
    (refusal,) = examples("refusal")
    assert set(early.json()["error"]) == set(refusal["error"])
    with connect(service, room) as socket:
        Client(socket, staff=True).do("start")
        taken = push()
        assert (taken.status_code, set(taken.json())) == (201, set(examples("taken")[0]))
        assert push().json() == taken.json() | {"dup": True}
        assert push(text="Other words.").status_code == 409
        assert push(key="meeting-7-turn-13", mood="glad").status_code == 422
        assert tool.post(address, data={"text": "x"}).status_code == 415
        tool.headers["authorization"] = "Bearer nothing"
        assert push().status_code == 404
    with connect(guest, room) as socket:
        said = Client(socket).until("ev", type="turn.committed", seq=taken.json()["seq"])
        assert (said["body"]["via"], said["body"]["text"]) == ("caption", turn["text"])


def test_codes_of_closing_come_as_the_page_says(service, room):
    stranger = browser(service.app, service.portal)
    for client, path, first, code in (
        (service, room, "no frame", 4400),
        (stranger, room, json.dumps(by_type("client")["hello"]), 4403),
        (service, "/live/nothing", json.dumps(by_type("client")["hello"]), 4404),
    ):
        with connect(client, path) as socket:
            socket.send_text(first)
            closed = socket.receive()
            assert (closed["type"], closed["code"]) == ("websocket.close", code)


def test_the_bounds_of_the_page_are_those_of_the_code():
    assert f"Over {line.BURST} at once, or {line.PER_SECOND:g} a second" in PAGE
    assert f"every {line.BEAT:g} seconds in which nothing was sent" in PAGE
    assert socket_route.HELLO_WITHIN == 5.0 and socket_route.MOST_TABS == 8
