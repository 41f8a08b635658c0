"""A model that fails in every way, at every moment of a session: nothing is lost, doubled or out of order, every turn
is answered, and neither the key nor a word of the interview stands in a log."""

import asyncio
import json
import logging
import time
from contextlib import asynccontextmanager, contextmanager
from itertools import count

import httpx2 as httpx
import pytest
import uvicorn
from websockets.asyncio.client import connect

from app.endpoint import Budget, Endpoint, Timeouts
from app.fake_llm.faults import FAULTS
from app.fake_llm.server import running
from app.interview.events import event_of
from app.interview.session import fold
from app.main import create_app
from app.serving import listen
from app.settings import Settings
from app.storage.db import open_log
from app.storage.log import MAIN
from app.web.standards import Standards
from tests.faults.checker import check, sqlite_in_order
from tests.faults.history import History, stored
from tests.faults.rules import RULES
from tests.faults.test_service import Service

pytestmark = pytest.mark.anyio
BOUND = 30  # seconds for an answer, whatever happens
KEY = "sk-canary-4f1d9b"
CANARY = "xylophone"
ASKS = f"What is the latency budget for the {CANARY}?"
ASKS_MORE = "How many payments do we handle on a day?"
GOES_ON = f"Let me first say who uses it, and why the {CANARY} matters to them."
TIMEOUTS = Timeouts(connect=1.0, first=0.8, gap=0.6, whole=2.5)
MINUTE = 60_000
KINDS = [kind for kind, fault in FAULTS.items() if fault.of != "judge"]
HEALED = {  # the model words the line all the same
    "no_usage",
    "no_response_format",
    "no_json_object",
    "no_stream_options",
    "no_temperature",
    "max_completion_tokens",
}
HOUSES = 4  # services at a time


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def standards():
    return Standards(None)


@pytest.fixture
def quiet(caplog, capfd):
    """Everything that the product and its client could log; their own libraries' wire dumps are not ours."""
    caplog.set_level(logging.INFO)
    for name in ("sevenstep", "openai", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield
    written = "".join([caplog.text, *capfd.readouterr()])
    assert KEY not in written and CANARY not in written
    assert "Traceback" not in written and "never retrieved" not in written, written[-3000:]


class Clock:
    """The machine's, and what the test adds."""

    def __init__(self):
        self.ahead = 0

    def __call__(self):
        return time.time_ns() // 1_000_000 + self.ahead


async def until(is_so):
    async with asyncio.timeout(BOUND):
        while not is_so():
            await asyncio.sleep(0.01)


class Beside(uvicorn.Server):
    """One of several in a process, which are stopped by hand."""

    @contextmanager
    def capture_signals(self):
        yield


class House:
    """A service with a model of its own; opening it again is a restart."""

    def __init__(self, folder, name, standards, fake):
        self.database = folder / f"{name}.db"
        self.standards, self.fake, self.clock = standards, fake, Clock()

    @asynccontextmanager
    async def open(self):
        endpoint = Endpoint(
            self.fake.base_url,
            "fake",
            "fake",
            key=KEY,
            timeouts=TIMEOUTS,
            budget=Budget(session_tokens=None, day_tokens=None),
        )
        settings = Settings(database=f"sqlite:///{self.database}", endpoint=endpoint)
        app = create_app(settings, standards=self.standards, clock=self.clock)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            timeout_graceful_shutdown=10,
        )
        with listen("127.0.0.1", 0) as listening:
            server = Beside(config)
            serving = asyncio.ensure_future(server.serve(sockets=[listening]))
            await until(lambda: server.started or serving.done())
            self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            try:
                yield self
            finally:
                server.should_exit = True
                async with asyncio.timeout(60):
                    await serving

    async def post(self, path, **data):
        async with httpx.AsyncClient(base_url=self.address, timeout=60) as client:
            return await client.post(path, data=data)

    async def mend(self):
        """The model answers again, and is asked again also where it was left alone."""
        self.fake.clear()
        assert (await self.post("/settings/probe")).status_code == 200
        self.fake.clear()


class Play:
    """One session, one page; all that was sent and shown is kept."""

    def __init__(self, house, kind):
        self.house, self.kind, self.fake = house, kind, house.fake
        self.history = History()
        self.seq, self.eid, self.events, self.drafts = 0, "", [], []
        self.answers, self.acked, self.numbers = {}, {}, count(1)

    async def enter(self, **fields):
        host = self.fake.base_url.split("/")[2]
        wanted = {"slug": "payment-fraud", "voice": "model", "agree": host, **fields}
        made = await self.house.post("/sessions", **wanted)
        assert made.status_code == 303, made.text
        self.session = made.headers["location"].rsplit("/", 1)[1]
        self.reader = self.history.reader(self.session, (MAIN,))

    @asynccontextmanager
    async def joined(self):
        origin = self.house.address
        place = f"{origin.replace('http', 'ws')}/sessions/{self.session}/socket"
        async with connect(place, origin=origin, open_timeout=60, compression=None) as self.socket:
            cursor = {"seq": self.seq, "eid": self.eid}
            await self._send({"t": "hello", "proto": 1, "cursors": {"main": cursor}})
            reading = asyncio.ensure_future(self._read())
            try:
                yield
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _send(self, frame):
        await self.socket.send(json.dumps(frame))

    async def _read(self):
        async for text in self.socket:
            assert KEY not in text
            frame = json.loads(text)
            if frame["t"] == "welcome":
                assert frame["resumed"]
            elif frame["t"] == "draft":
                self.drafts.append(frame)
            elif frame["t"] == "ev":
                assert frame["seq"] == self.seq + 1
                self.seq, self.eid = frame["seq"], frame["eid"]
                self.reader.got.append((MAIN, frame["seq"], frame["eid"]))
                self.events.append(frame)
            elif frame["t"] in ("ack", "nack"):
                self.answers[frame["cmd"]] = frame

    async def do(self, type, **body):
        cmd = f"command-{next(self.numbers):06d}"
        key = (self.session, "candidate", cmd)
        await self._send({"t": "cmd", "cmd": cmd, "type": type, "body": body})
        await until(lambda: cmd in self.answers)
        self.history.invoke(key, 3 if type == "start" else 1)
        assert self.answers[cmd]["t"] == "ack", self.answers[cmd]
        self.acked[key] = (self.answers[cmd]["seq"], self.answers[cmd]["eid"])

    async def say(self, text):
        await self.do("say", text=text)

    async def asked(self):
        """The model has the request, and what was to come of it at once has come."""
        await until(lambda: self.fake.requests)

    def turns(self):
        return [e["body"]["speaker"] for e in self.events if e["type"] == "turn.committed"]

    async def answered(self, turns):
        await until(lambda: len(self.turns()) == turns and self.turns()[-1] == "interviewer")

    async def ends_well(self, ended=False):
        """Judged by what is stored once the service has stopped."""
        log = await open_log(f"sqlite:///{self.house.database}")
        session = await stored(log, self.session)
        await log.close()
        for key, place in self.acked.items():
            events = [e for e in session.events if (e.session, e.actor, e.cmd) == key]
            assert [(e.seq, e.eid) for e in events if e.stream == MAIN][-1] == place
            self.history.acked(key, events)
        for event in session.events:
            key = (event.session, event.actor, event.cmd)
            if event.cmd is not None and key not in self.history.sent:
                self.history.invoke(key, sum((e.actor, e.cmd) == key[1:] for e in session.events))
        assert check(self.history, [session], RULES) + sqlite_in_order(self.house.database) == []
        folded = fold(
            (event, e.at)
            for e in session.events
            if (event := event_of(e.type, dict(e.body))) is not None
        )
        said = [n for n, turn in enumerate(folded.turns) if turn.speaker == "candidate"]
        assert sorted(m.answers for m in folded.moves if m.answers is not None) == said, self.kind
        spoken = [n for n, turn in enumerate(folded.turns) if turn.speaker == "interviewer"]
        assert [m.turn for m in folded.moves if m.turn is not None] == spoken
        assert (folded.state == "ended") == ended
        self.voices = [e.body["voice"] for e in session.events if e.type == "interviewer.voice"]
        return folded


# the moments --------------------------------------------------------------------------------------
async def nobody_goes_on(play):
    await play.say(ASKS)
    await play.answered(3)
    await play.house.mend()
    await play.say(ASKS_MORE)
    await play.answered(5)


async def the_candidate_goes_on(play):
    await play.say(ASKS)
    await play.asked()
    await play.say(GOES_ON)
    play.fake.mend()
    await play.say(ASKS_MORE)
    await until(lambda: play.turns()[-1] == "interviewer")


async def the_candidate_pauses(play):
    await play.say(ASKS)
    await play.asked()
    await play.do("pause")
    play.fake.mend()
    await play.do("resume")
    await play.say(ASKS_MORE)
    await until(lambda: play.turns()[-1] == "interviewer")


async def the_time_is_up(play):
    await play.say(ASKS)
    await play.asked()
    play.house.clock.ahead += 46 * MINUTE
    await until(lambda: play.events[-1]["type"] == "session.ended")


async def the_candidate_finishes(play):
    await play.say(ASKS)
    await play.asked()
    await play.do("finish")
    await until(lambda: play.events[-1]["type"] == "session.ended")


MOMENTS = (
    nobody_goes_on,
    the_candidate_goes_on,
    the_candidate_pauses,
    the_time_is_up,
    the_candidate_finishes,
)


async def all_of(folder, name, kinds, standards, moment):
    """The sessions, one for each kind, once the service has stopped."""
    with running() as fake:
        house = House(folder, name, standards, fake)
        plays = [Play(house, kind) for kind in kinds]
        async with house.open():
            for play in plays:
                await house.mend()
                await play.enter()
                async with play.joined():
                    await play.do("start")
                    fake.fault(play.kind, times=None)
                    await moment(play)
    for path in folder.glob(f"{name}.db*"):
        assert KEY.encode() not in path.read_bytes()
    ended = moment in MOMENTS[3:]
    return [(play, await play.ends_well(ended=ended)) for play in plays]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.__name__)
async def test_a_fault_at_a_moment_costs_nothing(tmp_path, standards, quiet, moment):
    found = await asyncio.gather(
        *(all_of(tmp_path, f"house{n}", KINDS[n::HOUSES], standards, moment) for n in range(HOUSES))
    )
    for play, session in sum(found, []):
        told = [turn.text for turn in session.turns if turn.speaker == "interviewer"]
        assert sum("80 milliseconds" in text for text in told) == 1, (play.kind, told)
        assert play.voices in ([], ["script"], ["script", "model"]), play.kind
        if moment is nobody_goes_on:
            healed = play.kind in HEALED
            first = "model" if healed else "script"
            assert [w.by for w in session.wordings] == [first, "model"], play.kind
            assert play.voices == ([] if healed else ["script", "model"])


async def test_what_was_being_said_when_the_service_stopped_is_said_once(
    tmp_path, standards, quiet
):
    async def stopped(kind):
        with running(pace=20) as fake:
            house = House(tmp_path, kind, standards, fake)
            play = Play(house, kind)
            async with house.open():
                await play.enter()
                async with play.joined():
                    await play.do("start")
                    if kind != "honest":
                        fake.fault(kind, times=None)
                    await play.say(ASKS)
                    await play.asked()
                    if kind in ("honest", "hang_between"):
                        await until(lambda: any(draft["text"] for draft in play.drafts))
            async with house.open(), play.joined():
                await play.answered(3)
                await play.do("finish")
                await until(lambda: play.events[-1]["type"] == "session.ended")
        return await play.ends_well(ended=True)

    kinds = ("honest", "hang_before", "hang_between", "drip", "500", "reset")
    for session in await asyncio.gather(*map(stopped, kinds)):
        speakers = [turn.speaker for turn in session.turns]
        assert speakers == ["interviewer", "candidate", "interviewer", "interviewer"]


async def test_a_service_that_is_killed_while_the_model_speaks_says_it_once(
    tmp_path, monkeypatch, quiet
):
    """The real process, its settings from the environment; after the kill it has no draft, but the open turn."""
    errors = ""
    with running(pace=4) as fake:
        monkeypatch.setenv("SEVENSTEP_LLM_BASE_URL", fake.base_url)
        monkeypatch.setenv("SEVENSTEP_LLM_API_KEY", KEY)
        monkeypatch.setenv("SEVENSTEP_LLM_MODEL", "fake")
        house = House(tmp_path, "killed", None, fake)
        service = Service(house.database).start()
        house.address = service.address
        play = Play(house, "killed")
        try:
            await play.enter()
            async with play.joined():
                await play.do("start")
            for turns, question in ((3, ASKS), (5, ASKS_MORE)):
                play.drafts.clear()
                async with play.joined():
                    await play.say(question)
                    await until(lambda: any(draft["text"] for draft in play.drafts))
                    assert len(play.turns()) == turns - 1
                    service.process.kill()
                errors += service.process.communicate(timeout=30)[1]
                house.address = service.start().address
                async with play.joined():
                    await play.answered(turns)
        finally:
            errors += service.stop()[1]
    session = await play.ends_well()
    assert [w.by for w in session.wordings] == ["model", "model"]
    assert KEY not in errors and CANARY not in errors and "Traceback" not in errors, errors[-3000:]
