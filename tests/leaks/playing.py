"""One scripted live session, with everybody in their seat and things said, hidden and marked at random."""

import asyncio
import json
import re
from random import Random

import httpx2 as httpx

from app.interview.leading import Rate
from app.rubric.rubric import STEPS
from tests.leaks.canaries import SLUG, Canaries
from tests.leaks.recorder import WHO, Recorder

BASE = "http://localhost:8000"
WITHIN = 30.0  # seconds; a liveness bound
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
    """The recorded application, within this loop: no thread stands between it and its clients."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.app = recorder.app

    def client(self, who: str, session: str = "") -> httpx.AsyncClient:
        """A browser of its own."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.recorder, client=("127.0.0.1", 50_000)),
            base_url=BASE,
            headers={WHO: f"{who}:{session}", "accept-encoding": "identity"},
        )


class Socket:
    """A page's socket: it knows its cursors, and leaves to the recorder what else comes."""

    def __init__(self, service: Service, client: httpx.AsyncClient, path: str) -> None:
        cookies = client.build_request("GET", path).headers.get("cookie", "")
        headers = {"host": "localhost:8000", "origin": BASE, "cookie": cookies}
        headers[WHO] = client.headers[WHO]
        if bearer := client.headers.get("authorization"):
            headers["authorization"] = bearer
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "scheme": "ws",
            "path": f"{path}/socket",
            "raw_path": f"{path}/socket".encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            "client": ("127.0.0.1", 50_000),
            "subprotocols": [],
            "state": {},
        }
        self._sent: asyncio.Queue = asyncio.Queue()
        self._came: asyncio.Queue = asyncio.Queue()
        self._count = 0
        self._sent.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(service.recorder(scope, self._sent.get, self._came.put))

    async def __aenter__(self) -> "Socket":
        start = {"seq": 0, "eid": ""}
        self.put({"t": "hello", "proto": 1, "cursors": {"main": start, "staff": start}})
        await self.until(lambda frame: frame["t"] == "welcome")
        return self

    async def __aexit__(self, *_) -> None:
        self._sent.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await self._task

    def put(self, frame: dict) -> None:
        self._sent.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})

    async def until(self, wanted) -> dict:
        while True:
            async with asyncio.timeout(WITHIN):
                message = await self._came.get()
            if message["type"] == "websocket.accept":
                continue
            assert message["type"] == "websocket.send", message
            if wanted(frame := json.loads(message["text"])):
                return frame

    async def do(self, type: str, **body) -> dict:
        self._count += 1
        cmd = f"{id(self)}-{self._count:08d}"
        self.put({"t": "cmd", "cmd": cmd, "type": type, "body": body})
        return await self.until(
            lambda frame: frame.get("cmd") == cmd and frame["t"] in ("ack", "nack")
        )

    async def until_event(self, type: str) -> None:
        await self.until(lambda frame: frame["t"] == "ev" and frame["type"] == type)


class Play:
    """`id` is the session's. What may be read, and from when on, is written down before it is said."""

    def __init__(
        self, service: Service, canaries: Canaries, question: dict, seed: int, token: str = ""
    ) -> None:
        self.service, self.canaries, self.question = service, canaries, question
        self.chance = Random(seed)
        self.seed = seed
        self.is_slow = seed % 10 == 0  # looks at every page on the way
        self.lead = service.client("interviewer")
        if token:
            self.lead.headers["authorization"] = f"Bearer {token}"
        # records of what observers were shown while the interviewer let them: from, until
        self.shown: list[tuple[int, int]] = []

    async def _begin(self) -> None:
        form = {"slug": SLUG, "name": "Dana", "minutes": "45"}
        made = await self.lead.post("/live", data=form)
        assert made.status_code == 303, made.text
        self.path = made.headers["location"]
        self.id = self.path.rpartition("/")[2]
        self.people = {
            "candidate": await self._let_in("candidate", "Sam"),
            "observer": await self._let_in("observer", "Olu"),
        }
        self.stranger = self.service.client("stranger", self.id)

    async def room(self):
        return await self.service.app.state.rooms.get(self.id)

    async def _let_in(self, role: str, name: str) -> httpx.AsyncClient:
        made = await self.lead.post(f"{self.path}/tickets", data={"role": role})
        code = SECRET.search(made.text)[1]
        client = self.service.client(role, self.id)
        if self.is_slow:
            await client.get(f"{self.path}/join")
            await client.post(f"{self.path}/join", data={"code": code})
        came = await client.post(f"{self.path}/join", data={"code": code, "name": name})
        assert came.status_code == 303, came.text
        if self.is_slow:
            await client.get(self.path)
            await client.get(f"{self.path}/waiting")
        guest = GUEST.search((await self.lead.get(f"{self.path}/lobby")).text)[1]
        await self.lead.post(f"{self.path}/admit", data={"guest": guest})
        if self.is_slow:
            await client.get(self.path)
        agreed = await client.post(f"{self.path}/consent", data={"agreed": "yes"})
        assert agreed.status_code == 303, agreed.text
        return client

    def _socket(self, client: httpx.AsyncClient) -> Socket:
        return Socket(self.service, client, self.path)

    def _say_aloud(self, text: str) -> None:
        """It is about to be said, so it may be read from here on."""
        self.canaries.allow(self.id, text, self.service.recorder.mark)

    # the whole of it ----------------------------------------------------------------------------
    async def run(self) -> None:
        await self._begin()
        async with (
            self._socket(self.lead) as lead,
            self._socket(self.people["candidate"]) as candidate,
            self._socket(self.people["observer"]) as observer,
        ):
            assert (await lead.do("start"))["t"] == "ack"
            await self._talk(lead, candidate)
            await self._trespass(candidate, observer)
            if self.seed % 4 == 0:
                await self._let_observers(lead, observer)
            for client in self.people.values():
                await client.get(self.path)
            await self._drive(lead, candidate)
            assert (await lead.do("finish"))["t"] == "ack"
            await candidate.until_event("session.ended")
        await self._mark()
        await self._come_again()

    async def _talk(self, lead: Socket, candidate: Socket) -> None:
        chance, question, canaries = self.chance, self.question, self.canaries
        for text in chance.sample(SAID, 3):
            assert (await candidate.do("say", text=text))["t"] == "ack"
        await candidate.do("document", section="data", text=chance.choice(SAID))
        for n in range(2):
            text = f"{canaries.word('a private note')} they hesitate"
            await lead.do("note", note=f"note-{self.seed}-{n}", text=text, bookmark=bool(n))
        await lead.do(
            "note", note=f"note-{self.seed}-0", text=canaries.word("a private note, changed")
        )
        for criterion in chance.sample(CRITERIA, 2):
            await lead.do(
                "cover", criterion=criterion, heard=chance.choice(["met", "partly", "missed"])
            )
        await lead.do("step", step=chance.choice(STEPS))
        await lead.do("dismiss", suggestion=chance.choice(question["follow_ups"])["id"])
        acts = chance.sample(["fact", "follow_up", "trap", "twist", "own"], 3)
        for act in acts:
            await self._ask(lead, act)
            await candidate.do("say", text=chance.choice(SAID))

    async def _ask(self, lead: Socket, act: str) -> None:
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
        assert (await lead.do("ask", **body))["t"] == "ack"

    async def _trespass(self, candidate: Socket, observer: Socket) -> None:
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
                assert (await socket.do(type, **body))["t"] == "nack"
            socket.put({"t": "resume", "cursors": {"main": {"seq": 0}, "staff": {"seq": 0}}})
            await socket.until(lambda frame: frame["t"] == "welcome")
        assert (await observer.do("say", text="May I?"))["t"] == "nack"

    async def _let_observers(self, lead: Socket, observer: Socket) -> None:
        """While it is on they see the notes and the coverage, and no longer."""
        since = self.service.recorder.mark
        await lead.do("observers", on=True)
        async with self._socket(self.people["observer"]):
            await self.people["observer"].get(self.path)
        await lead.do("observers", on=False)
        # whoever was shown it is sent away, which is the last of it
        self.shown.append((since, self.service.recorder.mark))

    async def _drive(self, lead: Socket, candidate: Socket) -> None:
        """The script answers what it is asked, by its own sheet."""
        since, before = self.service.recorder.mark, len((await self.room()).session.turns)
        await lead.do("drive", driver="script")
        await candidate.do("say", text=self.question["facts"][0]["ask"][0])
        await lead.do("drive", driver="human")
        for turn in (await self.room()).session.turns[before:]:
            self.canaries.allow(self.id, turn.text, since)

    # after the end ------------------------------------------------------------------------------
    async def _mark(self) -> None:
        chance, canaries = self.chance, self.canaries
        if self.seed % 2:
            blind = {f"level.{step}": str(chance.randint(0, 4)) for step in STEPS}
            given = await self.lead.post(f"{self.path}/marks", data=blind)
            assert given.status_code == 303, given.text
        else:
            levels = {step: canaries.level("a blind mark") for step in STEPS}
            rater = next(
                p for p in (await self.room()).session.led.people.values() if p.name == "Dana"
            )
            await self._rate(rater.id, levels)
        if self.is_slow:
            await self.lead.get(f"{self.path}/compare")
            await self._look()
        final = {f"level.{step}": str(chance.randint(0, 4)) for step in STEPS}
        final |= {f"reason.{step}": canaries.word("a reason for a mark") for step in STEPS}
        final |= {"decision": "lean_no", "summary": canaries.word("the summary of a scorecard")}
        settled = await self.lead.post(f"{self.path}/compare", data=final)
        assert settled.status_code == 303, settled.text
        word = canaries.word("what a candidate writes to the interviewer")
        canaries.allow(self.id, word, self.service.recorder.mark, "candidate")
        await self.people["candidate"].post(
            f"{self.path}/feedback", data={"text": f"{word}, thanks."}
        )
        await self._share()

    async def _rate(self, rater: str, levels: dict) -> None:
        await (await self.room()).do(Rate(rater, "Dana", "blind", levels), actor=rater)

    async def _share(self) -> None:
        parts = [part for n, part in enumerate(PARTS) if self.seed >> n & 1]
        message = f"{self.canaries.word('a message to the candidate')}, good luck."
        self._say_aloud(message)
        shared = await self.lead.post(
            f"{self.path}/share", data={"parts": parts, "message": message, "link": ""}
        )
        assert shared.status_code == 303, shared.text

    async def _look(self) -> None:
        """What people of the room, and others, are answered where the room has something."""
        report = (await self.room()).session.report or "none"
        rooms = ("", "/shared", "/feedback", "/marks", "/compare", "/card", "/card.json", "/lobby")
        paths = [self.path + way for way in rooms]
        paths += [f"/sessions/{self.id}/bundle", f"/reports/{report}.json"]
        for client in (*self.people.values(), self.stranger):
            for path in paths if client is self.people["candidate"] else paths[::3]:
                await client.get(path)

    async def _come_again(self) -> None:
        await self._look()
        await self.people["candidate"].post(f"{self.path}/marks", data={"level.data": "4"})
        for client in self.people.values():
            async with self._socket(client) as page:
                await page.until_event("session.ended")
