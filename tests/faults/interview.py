"""A tiny interview over the log, with clients that repeat themselves: enough for every invariant to matter."""

import asyncio
import random
from functools import partial

from app.errors import SevenstepError
from app.storage.log import ENDED, MAIN, RUNNING, Decision, Draft
from tests.faults.checker import Rules
from tests.faults.history import History, stored
from tests.storage.writing import ABOUT, QUESTION

MINUTE = 60_000
STREAMS_OF = {"candidate": (MAIN,), "interviewer": (MAIN, "staff"), "observer": (MAIN,)}


class Over(SevenstepError):
    """The session has ended."""


def fold(events):
    """State and deadline."""
    state, due = RUNNING, None
    for event in events:
        if event.type == "session.created":
            due = event.body["due_at"]
        elif event.type == "clock.extended":
            due += event.body["ms"]
        elif event.type == "session.ended":
            state, due = ENDED, None
    return state, due


def is_answer(event):
    return event.body.get("answers") if event.type == "turn.committed" else None


RULES = Rules(
    fold=fold,
    asked=lambda event: event.body.get("id") if event.type == "turn.committed" else None,
    answered=is_answer,
)


def deciding(events, state=RUNNING):
    """Refuses what comes after the end. All events are handed over, since nothing is known."""

    def decide(so_far, now):
        at, due = fold(so_far)
        if at == ENDED:
            raise Over("The session is over.")
        return Decision(events, at, due)

    return decide


def speak(client, n):
    """A turn and its answer are one command; the interviewer notes something beside it."""
    turn = f"{client}-{n}"
    return (
        Draft("main", "turn.committed", {"id": turn}),
        Draft("staff", "note.added", {"about": turn}),
        Draft("main", "turn.committed", {"answers": turn}),
    )


def expire(so_far, now):
    state, due = fold(so_far)
    if state == ENDED or due is None or now < due:
        return Decision((), state, due)
    return Decision((Draft("main", "session.ended", {"reason": "expired"}),), ENDED, None)


async def begin(log, session, at=1_000):
    due = at + 45 * MINUTE
    first = Decision((Draft("main", "session.created", {"due_at": due}),), RUNNING, due)
    await log.keep_content(QUESTION)
    await log.create(session, ABOUT, first, actor="host", now=lambda: at)


class Client:
    """Sends numbered turns, now and then one of them again, and writes everything down."""

    def __init__(self, log, history, session, name, seed, now):
        self.log, self.history, self.session, self.name = log, history, session, name
        self.random = random.Random(seed)
        self.now = now
        self.done = 0

    async def send(self, n):
        key = (self.session, self.name, str(n))
        drafts = speak(self.name, n)
        self.history.invoke(key, len(drafts))
        try:
            receipt = await self.log.append(
                self.session,
                actor=self.name,
                cmd=str(n),
                digest=str(n).encode(),
                decide=deciding(drafts),
                now=self.now,
            )
        except Over:
            self.history.refused(key)
            return
        self.history.acked(key, receipt.events)

    async def talk(self, turns):
        for _ in range(turns):
            await self.send(self.done)
            self.done += 1
            if self.random.random() < 0.25:
                await self.send(self.random.randrange(self.done))


async def read_on(log, reader, cursors, limit=7):
    """Pages of each stream from where the reader stands, until there is nothing more."""
    for stream in reader.streams:
        while events := await log.read(reader.session, stream, cursors.get(stream, 0), limit):
            reader.receive(events)
            cursors[stream] = events[-1].seq


async def run(log, seed=1, sessions=2, turns=12):
    """Whole interviews: talk, readers that come early and late, the end found by three at once, more talk."""
    history, clock = History(), [1_000]

    def now():
        clock[0] += 5
        return clock[0]

    names = [f"s{n}" for n in range(sessions)]
    for name in names:
        await begin(log, name)
        clients = [
            Client(log, history, name, who, f"{seed}{name}{who}", now) for who in ("sam", "dana")
        ]
        readers = [(history.reader(name, streams), {}) for streams in STREAMS_OF.values()]
        await asyncio.gather(*(client.talk(turns) for client in clients))
        for reader, cursors in readers:
            await read_on(log, reader, cursors)
        await asyncio.gather(*(client.talk(turns // 2) for client in clients))
        readers += [(history.reader(name, streams), {}) for streams in STREAMS_OF.values()]
        clock[0] += 45 * MINUTE
        end = partial(log.append, actor="clock", cmd=None, digest=b"", decide=expire, now=now)
        await asyncio.gather(*(end(name) for _ in range(3)))
        await asyncio.gather(*(client.talk(2) for client in clients))
        for reader, cursors in readers:
            await read_on(log, reader, cursors)
            reader.is_drained = True
    return history, [await stored(log, name) for name in names]
