"""Who may do what at a room's socket, and what each is sent of it."""

import json

import pytest
from starlette.websockets import WebSocketDisconnect

from app.web.line import NOT_YOURS
from app.web.live.room_views import changed
from app.web.live.seats import BODIES
from tests.web.live.held import Held, service, until
from tests.web.test_sessions import ORIGIN, SOCKETS

EXAMPLES = {
    "say": {"text": "I would begin with the goal."},
    "document": {"section": "data", "text": "labels from disputes", "base": 0},
    "start": {},
    "ask": {"text": "What is the goal?"},
    "pause": {},
    "resume": {},
    "prolong": {"minutes": 5},
    "finish": {},
    "drive": {"driver": "script"},
    "focus": {"minutes": 2},
    "note": {"note": "note-0001", "text": "calm"},
    "cover": {"criterion": "business-goal", "heard": "met"},
    "step": {"step": "data"},
    "dismiss": {"suggestion": "criterion:drift"},
    "observers": {"on": False},
    "hint": {},
    "extend": {},
    "join": {"participant": "x", "role": "interviewer", "name": "x"},
    "caption": {"speaker": "candidate", "text": "x"},
}
LEADING = ("start", "ask", "pause", "resume", "prolong", "drive", "focus", "note", "cover", "step")
MAY = {
    "interviewer": {*LEADING, "dismiss", "observers", "finish"},
    "candidate": {"say", "document"},
    "observer": set(),
}


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards) as client:
        yield client


@pytest.fixture
def held(client):
    return Held(client, ("Olga", "observer"), ("Ivo", "interviewer"))


class Seated:
    """A participant at the socket: what they sent, and every frame that came."""

    def __init__(self, browser, address, stack_of):
        browser._cookies()
        self.socket = browser.client.websocket_connect(f"{SOCKETS}{address}/socket", headers=ORIGIN)
        stack_of.append(self.socket)
        self.socket.__enter__()
        self.count, self.frames = 0, []
        hello = {"t": "hello", "proto": 1, "cursors": {"main": {"seq": 0, "eid": ""}}}
        self.socket.send_text(json.dumps(hello))
        self.welcome = self.until(lambda frame: frame["t"] == "welcome")

    def until(self, wanted):
        def kept(frame):
            self.frames.append(frame)
            return wanted(frame)

        return until(self.socket, kept)

    def do(self, type, /, **body):
        self.count += 1
        cmd = f"seat-{id(self)}-{self.count}"
        self.socket.send_text(json.dumps({"t": "cmd", "cmd": cmd, "type": type, "body": body}))
        return self.until(lambda f: f["t"] in ("ack", "nack") and f["cmd"] == cmd)

    def shown(self, target, words):
        """The panel once it holds these words."""

        def holds(frame):
            return any(
                part["target"] == target and words in part["html"] for part in frame.get("html", [])
            )

        for frame in self.frames:
            if holds(frame):
                return frame
        return self.until(holds)


@pytest.fixture
def seat(held):
    opened = []
    people = {"interviewer": held.host, "candidate": held.candidate, **held.others}
    people["observer"] = held.others["Olga"]
    yield lambda who: Seated(people[who], held.address, opened)
    for socket in reversed(opened):
        socket.__exit__(None, None, None)


@pytest.mark.parametrize("role", ["interviewer", "candidate", "observer"])
def test_each_role_may_do_its_own_commands_and_no_other(seat, role):
    """In the order of an interview, so that the state refuses nothing."""
    lead = seat("interviewer")
    asker = lead if role == "interviewer" else seat(role)
    if role != "interviewer":
        lead.do("start")
    order = sorted(EXAMPLES, key=lambda type: (type == "finish", list(EXAMPLES).index(type)))
    order.remove("start")
    for type in ["start", *order]:
        answer = asker.do(type, **EXAMPLES[type])
        if type in MAY[role]:
            assert answer["t"] == "ack", (type, answer)
        else:
            assert (answer["t"], answer["retry"]) == ("nack", False), (type, answer)
            foreign = any(type in bodies for bodies in BODIES.values())
            assert answer["code"] == ("role" if foreign else "bad_frame"), type


def test_every_command_of_every_seat_has_an_example():
    assert {type for bodies in BODIES.values() for type in bodies} <= set(EXAMPLES)


def test_nobody_has_a_model_drive_where_there_is_none(seat):
    assert seat("interviewer").do("drive", driver="model")["code"] == "no_model"


@pytest.mark.parametrize(
    "more",
    [
        {"facts": ["no-such-fact"]},
        {"follow_up": "no-such-question"},
        {"criterion": "no-such-criterion"},
        {"twist": "no-such-twist"},
        {"name": "Somebody else"},
    ],
)
def test_what_an_interviewer_asks_names_only_what_the_question_holds(seat, more):
    lead = seat("interviewer")
    lead.do("start")
    assert lead.do("ask", text="Well?", **more)["code"] == "bad_frame"


def test_the_name_of_a_turn_is_the_servers_and_its_badge_the_role(held, seat):
    lead, answers = seat("interviewer"), seat("candidate")
    lead.do("start")
    answers.do("say", text="Hello there.")
    frame = lead.until(lambda f: f.get("body", {}).get("text") == "Hello there.")
    assert frame["body"]["name"] == "Sam"
    assert '<b>Sam</b> <span class="tag">candidate</span>' in frame["html"][0]["html"]
    own = answers.until(lambda f: f.get("body", {}).get("text") == "Hello there.") or {}
    assert "<b>You</b>" in own["html"][0]["html"]


def test_a_note_is_changed_by_who_wrote_it_alone(seat):
    lead, other = seat("interviewer"), seat("Ivo")
    lead.do("note", note="note-0001", text="fast")
    assert other.do("note", note="note-0001", text="slow")["code"] == "role"
    assert lead.do("note", note="note-0001", text="")["t"] == "ack"


def test_panels_follow_what_is_said_asked_and_marked(seat):
    lead, answers = seat("interviewer"), seat("candidate")
    lead.do("start")
    answers.do("say", text="How many payments a day are there?")
    lead.shown("#suggestions", "About 40 million payments on an ordinary day.")
    lead.do("ask", text="About 40 million.", facts=["volume"])
    lead.shown("#facts", 'data-word="told">told')
    lead.do("cover", criterion="drift", heard="missed")
    lead.shown("#cover-monitoring", "by you 00:00")
    lead.do("step", step="serving")
    lead.shown("#steps", "set by you")
    lead.do("note", note="note-0001", text="asks first")
    lead.shown("#notes", "asks first")
    lead.do("focus", minutes=2)
    lead.shown("#quiet", "data-until")
    answers.shown("#quiet", "data-until")
    answers.do("document", section="data", text="labels from disputes")
    lead.shown("#mirror-data", "<mark>labels from disputes</mark>")


def test_a_candidate_is_sent_no_panel_of_the_interviewers(seat):
    lead, answers = seat("interviewer"), seat("candidate")
    lead.do("start")
    answers.do("say", text="We watch for drift because the world changes.")
    lead.do("cover", criterion="drift", heard="met")
    lead.do("ask", text="Go on.", follow_up="time:short")
    answers.until(lambda f: f.get("body", {}).get("text") == "Go on.")
    lead.do("finish")
    answers.until(lambda f: f.get("type") == "session.ended")
    answers.shown("#after", "/feedback")
    targets = {part["target"] for frame in answers.frames for part in frame.get("html", [])}
    assert targets <= {"#asked", "#here", "#quiet", "#after", "#doing", "#notice", "#log"}
    assert not any(f.get("st") == "staff" or "staff" in f.get("heads", {}) for f in answers.frames)


def test_an_observer_reads_the_interviewers_side_only_while_it_is_allowed(held, seat):
    lead, reads = seat("interviewer"), seat("observer")
    olga = held.others["Olga"]
    assert "staff" not in reads.welcome["heads"]
    assert "Coverage" not in olga.get(held.address).text
    lead.do("observers", on=True)
    with pytest.raises(WebSocketDisconnect) as closed:
        reads.until(lambda frame: False)
    assert closed.value.code == NOT_YOURS
    page = olga.get(held.address).text
    assert "Coverage" in page and 'id="composer"' not in page and "data-ask" not in page
    again = seat("observer")
    assert "staff" in again.welcome["heads"]
    assert again.do("cover", criterion="drift", heard="met")["code"] == "role"


@pytest.mark.parametrize(
    "before, now, parts",
    [
        ("", "labels", ("", "labels", "")),
        ("we use trees", "we use deep trees", ("we use ", "deep ", "trees")),
        ("we use tree", "we use trees", ("we use ", "trees", "")),
        ("a\nb", "a\nb\nc", ("a\nb", "\nc", "")),
        ("gone now", "now", ("", "", "now")),
        ("same", "same", ("same", "", "")),
    ],
)
def test_what_a_save_changed_is_marked_by_whole_words(before, now, parts):
    assert changed(before, now) == parts
    assert "".join(parts) == now
