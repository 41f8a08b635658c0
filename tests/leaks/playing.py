"""One scripted live session, with everybody in their seat and things said, hidden and marked at random."""

import json
import re
from contextlib import ExitStack
from random import Random

from starlette.testclient import TestClient

from app.interview.leading import Rate
from app.rubric.rubric import STEPS
from tests.leaks.canaries import SLUG, Canaries
from tests.leaks.recorder import WHO, Recorder

BASE = "http://localhost:8000"
ORIGIN = {"origin": BASE}
SECRET = re.compile(r"/join#([\w-]+)")
GUEST = re.compile(r'id="admit-([\w-]+)"')
SAID = (
    "I would like to know what is behind this first, because the goal decides what we measure.",
    "I take boosted trees, since the features are counters and amounts in a table.",
    "As a metric I would measure accuracy on the last month.",
    "How many payments do you have on a day?",
    "The labels are disputes, which come weeks late, so the newest weeks cannot be trusted.",
    "We could retrain every night and watch the share of refused payments per country.",
)
OWN = ("Please go on.", "Why that?", "Let us leave that there.", "How would you find out?")
CRITERIA = ("offline-metric", "label-delay-noise", "baseline-first", "drift", "validation-scheme")
PARTS = ("transcript", "document", "marks", "evidence", "feedback")


class Service:
    """The recorded application with a client that runs it; others share its loop."""

    def __init__(self, recorder: Recorder, stack: ExitStack) -> None:
        self.recorder = recorder
        self.app = recorder.app
        self._main = stack.enter_context(self.client("maker"))

    def client(self, who: str, session: str = "") -> TestClient:
        """A browser of its own."""
        client = TestClient(
            self.recorder,
            base_url=BASE,
            follow_redirects=False,
            client=("127.0.0.1", 50_000),
            headers={WHO: f"{who}:{session}", "accept-encoding": "identity"},
        )
        client.portal = getattr(self, "_main", client).portal
        return client

    def call(self, work, *given):
        return self._main.portal.call(work, *given)


class Socket:
    """A page's socket: it knows its cursors, and leaves to the recorder what else comes."""

    def __init__(self, client: TestClient, path: str, stack: ExitStack, *, staff=False) -> None:
        headers = {**ORIGIN, WHO: client.headers[WHO]}
        url = f"ws://localhost:8000{path}/socket"
        self._socket = stack.enter_context(client.websocket_connect(url, headers=headers))
        cursors = {"main": {"seq": 0, "eid": ""}}
        if staff:
            cursors["staff"] = {"seq": 0, "eid": ""}
        self._count = 0
        self.put({"t": "hello", "proto": 1, "cursors": cursors})
        self.welcome = self.until(lambda frame: frame["t"] == "welcome")

    def put(self, frame: dict) -> None:
        self._socket.send_text(json.dumps(frame))

    def until(self, wanted) -> dict:
        while not wanted(frame := json.loads(self._socket.receive_text())):
            pass
        return frame

    def do(self, type: str, **body) -> dict:
        self._count += 1
        cmd = f"{id(self)}-{self._count:08d}"
        self.put({"t": "cmd", "cmd": cmd, "type": type, "body": body})
        return self.until(lambda frame: frame.get("cmd") == cmd and frame["t"] in ("ack", "nack"))

    def until_event(self, type: str) -> None:
        self.until(lambda frame: frame["t"] == "ev" and frame["type"] == type)


class Play:
    """`id` is the session's. What may be read, and from when on, is written down before it is said."""

    def __init__(self, service: Service, canaries: Canaries, question: dict, seed: int) -> None:
        self.service, self.canaries, self.question = service, canaries, question
        self.chance = Random(seed)
        self.seed = seed
        self.lead = service.client("interviewer")
        made = self.lead.post("/live", data={"slug": SLUG, "name": "Dana", "minutes": "45"})
        assert made.status_code == 303, made.text
        self.path = made.headers["location"]
        self.id = self.path.rpartition("/")[2]
        self.people = {
            role: self._let_in(role, name)
            for role, name in (("candidate", "Sam"), ("observer", "Olu"))
        }
        self.stranger = service.client("stranger", self.id)
        # records of what observers were shown while the interviewer let them: from, until
        self.shown: list[tuple[int, int]] = []

    @property
    def _room(self):
        return self.service.call(self.service.app.state.rooms.get, self.id)

    def _let_in(self, role: str, name: str) -> TestClient:
        made = self.lead.post(f"{self.path}/tickets", data={"role": role})
        code = SECRET.search(made.text)[1]
        client = self.service.client(role, self.id)
        client.get(f"{self.path}/join")
        client.post(f"{self.path}/join", data={"code": code})
        came = client.post(f"{self.path}/join", data={"code": code, "name": name})
        assert came.status_code == 303, came.text
        client.get(self.path)
        client.get(f"{self.path}/waiting")
        guest = GUEST.search(self.lead.get(f"{self.path}/lobby").text)[1]
        self.lead.post(f"{self.path}/admit", data={"guest": guest})
        client.get(self.path)
        agreed = client.post(f"{self.path}/consent", data={"agreed": "yes"})
        assert agreed.status_code == 303, agreed.text
        return client

    def _say_aloud(self, text: str) -> None:
        """It is about to be said, so it may be read from here on."""
        self.canaries.allow(self.id, text, self.service.recorder.mark)

    # the whole of it ----------------------------------------------------------------------------
    def run(self) -> None:
        for client in self.people.values():
            client.get(self.path)
        with ExitStack() as stack:
            lead = Socket(self.lead, self.path, stack, staff=True)
            candidate = Socket(self.people["candidate"], self.path, stack, staff=True)
            observer = Socket(self.people["observer"], self.path, stack)
            assert lead.do("start")["t"] == "ack"
            self._talk(lead, candidate)
            self._trespass(candidate, observer)
            if self.seed % 4 == 0:
                self._let_observers(lead, observer)
            for client in self.people.values():
                client.get(self.path)
            self._drive(lead, candidate)
            assert lead.do("finish")["t"] == "ack"
            candidate.until_event("session.ended")
        self._mark()
        self._come_again()

    def _talk(self, lead: Socket, candidate: Socket) -> None:
        chance, question, canaries = self.chance, self.question, self.canaries
        for text in chance.sample(SAID, 3):
            assert candidate.do("say", text=text)["t"] == "ack"
        candidate.do("document", section="data", text=chance.choice(SAID))
        for n in range(2):
            text = f"{canaries.word('a private note')} they hesitate"
            lead.do("note", note=f"note-{self.seed}-{n}", text=text, bookmark=bool(n))
        lead.do("note", note=f"note-{self.seed}-0", text=canaries.word("a private note, changed"))
        for criterion in chance.sample(CRITERIA, 2):
            lead.do("cover", criterion=criterion, heard=chance.choice(["met", "partly", "missed"]))
        lead.do("step", step=chance.choice(STEPS))
        lead.do("dismiss", suggestion=chance.choice(question["follow_ups"])["id"])
        acts = chance.sample(["fact", "follow_up", "trap", "twist", "own"], 3)
        for act in acts:
            self._ask(lead, act)
            candidate.do("say", text=chance.choice(SAID))

    def _ask(self, lead: Socket, act: str) -> None:
        chance, question = self.chance, self.question
        body: dict = {}
        match act:
            case "fact":
                fact = chance.choice(question["facts"])
                body = {"text": fact["answer"], "facts": [fact["id"]]}
            case "follow_up":
                chosen = chance.choice(question["follow_ups"])
                body = {"text": chosen["ask"], "follow_up": chosen["id"]}
                body["criterion"] = chosen["criterion"]
            case "trap":
                trap = question["traps"][0]
                body = {"text": trap["ask"], "follow_up": trap["id"]}
            case "twist":
                twist = chance.choice(question["twists"])
                body = {"text": twist["says"], "twist": twist["id"]}
            case _:
                body = {"text": chance.choice(OWN)}
        self._say_aloud(body["text"])
        assert lead.do("ask", **body)["t"] == "ack"

    def _trespass(self, candidate: Socket, observer: Socket) -> None:
        """What is not theirs, they may not do; what they are told about that is searched as well."""
        note = {"note": f"mine-{self.seed:04d}", "text": "what do I see"}
        for socket in (candidate, observer):
            for type, body in (
                ("ask", {"text": "And?", "facts": [self.question["facts"][0]["id"]]}),
                ("note", note),
                ("cover", {"criterion": "drift", "heard": "met"}),
                ("observers", {"on": True}),
                ("drive", {"driver": "script"}),
                ("finish", {}),
            ):
                assert socket.do(type, **body)["t"] == "nack"
            socket.put({"t": "resume", "cursors": {"main": {"seq": 0}, "staff": {"seq": 0}}})
            socket.until(lambda frame: frame["t"] == "welcome")
        assert observer.do("say", text="May I?")["t"] == "nack"

    def _let_observers(self, lead: Socket, observer: Socket) -> None:
        """While it is on they see the notes and the coverage, and no longer."""
        since = self.service.recorder.mark
        lead.do("observers", on=True)
        with ExitStack() as stack:
            Socket(self.people["observer"], self.path, stack, staff=True)
            self.people["observer"].get(self.path)
        lead.do("observers", on=False)
        # whoever was shown it is sent away, which is the last of it
        self.shown.append((since, self.service.recorder.mark))

    def _drive(self, lead: Socket, candidate: Socket) -> None:
        """The script answers what it is asked, by its own sheet."""
        since, before = self.service.recorder.mark, len(self._room.session.turns)
        lead.do("drive", driver="script")
        candidate.do("say", text=self.question["facts"][0]["ask"][0])
        lead.do("drive", driver="human")
        for turn in self._room.session.turns[before:]:
            self.canaries.allow(self.id, turn.text, since)

    # after the end ------------------------------------------------------------------------------
    def _mark(self) -> None:
        chance, canaries = self.chance, self.canaries
        if self.seed % 2:
            blind = {f"level.{step}": str(chance.randint(0, 4)) for step in STEPS}
            given = self.lead.post(f"{self.path}/marks", data=blind)
            assert given.status_code == 303, given.text
        else:
            levels = {step: canaries.level("a blind mark") for step in STEPS}
            rater = next(p for p in self._room.session.led.people.values() if p.name == "Dana")
            self.service.call(self._rate, rater.id, levels)
        self.lead.get(f"{self.path}/compare")
        self._look()
        final = {f"level.{step}": str(chance.randint(0, 4)) for step in STEPS}
        final |= {f"reason.{step}": canaries.word("a reason for a mark") for step in STEPS}
        final |= {"decision": "lean_no", "summary": canaries.word("the summary of a scorecard")}
        settled = self.lead.post(f"{self.path}/compare", data=final)
        assert settled.status_code == 303, settled.text
        self.lead.get(f"{self.path}/card")
        word = canaries.word("what a candidate writes to the interviewer")
        canaries.allow(self.id, word, self.service.recorder.mark, "candidate")
        self.people["candidate"].post(f"{self.path}/feedback", data={"text": f"{word}, thanks."})
        self._share()

    async def _rate(self, rater: str, levels: dict) -> None:
        room = await self.service.app.state.rooms.get(self.id)
        await room.do(Rate(rater, "Dana", "blind", levels), actor=rater)

    def _share(self) -> None:
        parts = [part for n, part in enumerate(PARTS) if self.seed >> n & 1]
        message = f"{self.canaries.word('a message to the candidate')}, good luck."
        self._say_aloud(message)
        shared = self.lead.post(
            f"{self.path}/share", data={"parts": parts, "message": message, "link": ""}
        )
        assert shared.status_code == 303, shared.text

    def _look(self) -> None:
        """What people of the room, and others, are answered where the room has something."""
        report = self._room.session.report or "none"
        rooms = ("", "/shared", "/feedback", "/marks", "/compare", "/card", "/card.json", "/lobby")
        paths = [self.path + way for way in rooms]
        paths += [f"/sessions/{self.id}/export", f"/reports/{report}.json"]
        for client in (*self.people.values(), self.stranger):
            for path in paths if client is self.people["candidate"] else paths[::3]:
                client.get(path)

    def _come_again(self) -> None:
        self._look()
        self.people["candidate"].post(f"{self.path}/marks", data={"level.data": "4"})
        for client in self.people.values():
            with ExitStack() as stack:
                page = Socket(client, self.path, stack, staff=True)
                page.until_event("session.ended")
