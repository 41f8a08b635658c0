"""The whole service, killed in the middle of turns: what its sockets acknowledged is there, once, and answered."""

import json
import queue
import re
import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import httpx2 as httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.storage.db import open_log
from app.storage.log import MAIN
from tests.faults.checker import check, sqlite_in_order
from tests.faults.history import History, stored
from tests.faults.rules import RULES

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]
KILLS = 3
SESSIONS = 3
TURNS = 12  # acknowledged before each kill, over all sessions
SAID = (
    "What is the latency budget?",
    "I assume that we have labels from disputes.",
    "I would split by time, because a random split leaks.",
    "Where should I go next?",
)


@pytest.fixture
def anyio_backend():
    return "asyncio"


class Service:
    def __init__(self, database):
        self.command = [
            sys.executable,
            "-m",
            "app",
            "serve",
            "--port",
            "0",
            "--database",
            str(database),
        ]

    def start(self):
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        self.address = re.search(r"http://\S+", line).group()
        return self

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=30)

    def stop(self):
        self.process.terminate()
        return self.process.communicate(timeout=30)


class Candidate:
    """Sends its turns in order, each again until it is answered, and keeps what it was shown."""

    def __init__(self, session, history, acked):
        self.session, self.history, self.acked = session, history, acked
        self.reader = history.reader(session.rsplit("/", 1)[1], (MAIN,))
        self.seq, self.eid, self.sent = 0, "", 0
        self.waiting = None

    def run(self, address, acknowledged, stop):
        place = address.replace("http", "ws") + self.session + "/socket"
        try:
            with connect(place, origin=address, open_timeout=60, compression=None) as socket:
                cursor = {"seq": self.seq, "eid": self.eid}
                hello = {"t": "hello", "proto": 1, "cursors": {"main": cursor}}
                socket.send(json.dumps(hello))
                self.until(socket, lambda frame: frame["t"] == "welcome")
                while not stop.is_set():
                    self.turn(socket)
                    acknowledged.put(1)
        except (ConnectionClosed, OSError, TimeoutError):
            acknowledged.put(0)

    def turn(self, socket):
        if self.waiting is None:
            self.sent += 1
            type, body = ("start", {}) if self.sent == 1 else ("say", {"text": SAID[self.sent % 4]})
            cmd = f"command-{self.sent:06d}"
            self.waiting = {"t": "cmd", "cmd": cmd, "type": type, "body": body}
            key = (self.reader.session, "candidate", cmd)
            self.history.invoke(key, 3 if type == "start" else 1)
        frame = self.waiting
        key = (self.reader.session, "candidate", frame["cmd"])
        for _ in range(1 + (self.sent % 5 == 0)):  # some are sent twice
            socket.send(json.dumps(frame))
            answer = self.until(socket, lambda f: f.get("cmd") == frame["cmd"] and f["t"] == "ack")
        self.acked[key] = (answer["seq"], answer["eid"])
        self.waiting = None

    def until(self, socket, wanted):
        while True:
            frame = json.loads(socket.recv(timeout=30))
            if frame["t"] == "welcome":
                assert frame["resumed"], frame
            if frame["t"] == "ev" and frame["seq"] > self.seq:
                assert frame["seq"] == self.seq + 1
                self.seq, self.eid = frame["seq"], frame["eid"]
                self.reader.got.append((MAIN, frame["seq"], frame["eid"]))
            if wanted(frame):
                return frame


async def test_killed_in_the_middle_of_turns(tmp_path):
    service = Service(tmp_path / "service.db").start()
    history = History()
    with httpx.Client(base_url=service.address, timeout=60) as client:
        made = [client.post("/sessions", data={"slug": "payment-fraud"}) for _ in range(SESSIONS)]
    acked = {}
    candidates = [Candidate(answer.headers["location"], history, acked) for answer in made]
    random = Random(7)
    for _ in range(KILLS):
        talk(service, candidates, TURNS + random.randrange(4), service.kill)
        service.start()
    talk(service, candidates, TURNS, lambda: None)
    errors = service.stop()[1]
    service.start()
    with httpx.Client(base_url=service.address, timeout=60) as client:
        assert (
            client.get("/sessions").status_code == 200
        )  # open turns are answered before anybody is let in
    errors += service.stop()[1]
    assert "Traceback" not in errors, errors[-6000:]
    log = await open_log(f"sqlite:///{tmp_path}/service.db")
    sessions = [await stored(log, candidate.reader.session) for candidate in candidates]
    await log.close()
    for key, place in acked.items():
        events = [e for s in sessions for e in s.events if (e.session, e.actor, e.cmd) == key]
        assert [(e.seq, e.eid) for e in events if e.stream == MAIN][-1:] == [place]
        history.acked(key, events)
    known = set(history.sent)
    for session in sessions:
        for event in session.events:
            key = (event.session, event.actor, event.cmd)
            if event.cmd is not None and key not in known:
                history.invoke(key, sum((e.actor, e.cmd) == key[1:] for e in session.events))
                known.add(key)
    assert check(history, sessions, RULES) + sqlite_in_order(tmp_path / "service.db") == []
    assert len(acked) >= KILLS * TURNS
    for session in sessions:
        turns = [e for e in session.events if e.type == "turn.committed"]
        said = [n for n, e in enumerate(turns) if e.body["speaker"] == "candidate"]
        answered = [e.body["answers"] for e in session.events if e.type == "move.chosen"]
        assert sorted(a for a in answered if a is not None) == said


def talk(service, candidates, enough, then):
    """All candidates at once, until so many turns were acknowledged; then the blow, then all have let go."""
    acknowledged, stop = queue.SimpleQueue(), threading.Event()
    threads = [
        threading.Thread(target=c.run, args=(service.address, acknowledged, stop))
        for c in candidates
    ]
    for thread in threads:
        thread.start()
    count = 0
    while count < enough:
        count += acknowledged.get(timeout=60)
    then()
    stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
