"""Rooms on the log, on a clock that the test turns: whatever the order, what is seen, folded and kept is one."""

import asyncio
from dataclasses import replace
from random import Random

import pytest

from app.errors import Conflict, NotFound, SevenstepError
from app.interview.commands import (
    AskHint,
    Extend,
    Finish,
    Pause,
    Refused,
    Resume,
    Say,
    Start,
    Write,
)
from app.interview.events import event_of
from app.interview.session import fold
from app.live.connection import CANDIDATE, Connection
from app.live.rooms import Rooms
from app.storage.db import open_log
from app.storage.log import MAIN, STAFF
from tests.faults.checker import Rules, check
from tests.faults.history import History, stored

pytestmark = pytest.mark.anyio
START = 1_700_000_000_000
SECOND, MINUTE = 1_000, 60_000
STEPS = 40
SAID = (
    "What is the latency budget?",
    "How much time is left?",
    "I assume that we have labels from disputes.",
    "I would split by time, because a random split leaks the future into the training set.",
    "Let us take gradient boosting for the model, since most features are tabular.",
    "Where should I go next?",
    "Thanks.",
)


def folded(events):
    return fold(
        (event, logged.at)
        for logged in events
        if (event := event_of(logged.type, dict(logged.body))) is not None
    )


def kept(events):
    session = folded(events)
    return session.state, session.clock.due_at


RULES = Rules(
    in_order=False,  # some of it is sent at once, and what was refused is sent again later
    fold=kept,
    answered=lambda e: (
        str(e.body["answers"])
        if e.type == "move.chosen" and e.body.get("answers") is not None
        else None
    ),
)


class Clock:
    ms = START

    def __call__(self):
        return self.ms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(log, clock, laid):
    return Rooms(log, clock, lambda: laid.cast)


@pytest.fixture
async def begin(rooms, laid):
    """A session that has started, and its room."""

    async def begun(mode="practice", minutes=45):
        question = laid.cast.question("payment-fraud")
        id = await rooms.create(
            question, persona="neutral", mode=mode, minutes=minutes, knowledge=laid.knowledge
        )
        room = await rooms.get(id)
        await rooms.start(room, "command-start")
        return room

    return begun


def types(events):
    return [event.type for event in events]


def seen(session):
    """What the main stream tells of a session."""
    return replace(session, moves=(), wordings=(), last_at=0)


# whatever the order -------------------------------------------------------------------------------
class Page:
    """A candidate's page: it reads when it is woken, and comes back with what it has."""

    def __init__(self, reader):
        self.reader, self.events, self.connection = reader, [], None

    def join(self, room):
        self.connection = Connection()
        assert self.events == room.main[: len(self.events)]
        self.connection.cursor = len(self.events)
        self.connection.wake.set()
        room.join(self.connection)

    def leave(self, room):
        room.leave(self.connection)
        self.connection = None

    def read(self, room):
        if self.connection is not None and self.connection.wake.is_set():
            self.connection.wake.clear()
            got = room.main[self.connection.cursor :]
            self.connection.cursor += len(got)
            self.events += got
            self.reader.receive(got)


class Life:
    """One session, its pages and its restarts, step by step as chance wants it."""

    voice = "script"

    def __init__(self, log, clock, laid, seed):
        self.log, self.clock, self.laid = log, clock, laid
        self.random = Random(seed)
        self.history = History()
        self.sent = []
        self.pages = []
        self.rooms = self.opened()

    def opened(self):
        return Rooms(self.log, self.clock, lambda: self.laid.cast)

    async def begin(self):
        await self.rooms.recover()
        mode = self.random.choice(["practice", "practice", "practice", "exam"])
        question = self.laid.cast.question("payment-fraud")
        self.id = await self.rooms.create(
            question,
            persona=self.random.choice(["neutral", "probing"]),
            mode=mode,
            minutes=self.random.choice([30, 45, None]),
            knowledge=self.laid.knowledge,
            voice=self.voice,
        )
        await self.join()
        await self.send(Start((await self.room()).interviewer.pose()), 3)

    async def room(self):
        return await self.rooms.get(self.id)

    async def send(self, command, parts=1, cmd=None):
        """Whether it was done; the interviewer's word may be cut off."""
        if cmd is None:
            cmd = f"command-{len(self.sent)}"
            self.sent.append((command, parts, cmd))
        key = (self.id, CANDIDATE, cmd)
        self.history.invoke(key, parts)
        room = await self.room()
        try:
            receipt = await room.do(command, cmd=cmd)
        except Refused:
            return
        if receipt.events:
            self.history.acked(key, receipt.events)
        if self.random.random() < 0.2:
            return  # the page or the process went away here
        if isinstance(command, AskHint):
            await room.give_hint()
        await room.after(command)

    async def say(self):
        await self.send(Say(self.random.choice(SAID)))

    async def write(self):
        section = self.random.choice(["data", "model", "serving"])
        await self.send(Write(section, self.random.choice(SAID)))

    async def hint(self):
        await self.send(AskHint())

    async def pause(self):
        await self.send(Pause())

    async def resume(self):
        await self.send(Resume())

    async def extend(self):
        await self.send(Extend())

    async def again(self):
        command, parts, cmd = self.random.choice(self.sent)
        await self.send(command, parts, cmd)

    async def at_once(self):
        room = await self.room()
        await asyncio.gather(self.say(), self.hint(), room.listen(), room.answer_turn())

    async def restart(self):
        for page in self.pages:
            page.connection = None
        self.rooms = self.opened()
        self.clock.ms += self.random.choice([0, 4 * SECOND, 30 * SECOND, 12 * MINUTE])
        await self.rooms.recover()
        for page in self.pages:
            if self.random.random() < 0.7:
                page.join(await self.room())

    async def wait(self):
        self.clock.ms += self.random.choice(
            [SECOND, 5 * SECOND, 20 * SECOND, 70 * SECOND, 6 * MINUTE, 20 * MINUTE]
        )
        await self.rooms._expire()
        await self.rooms._listen()
        await self.rooms._beat()

    async def join(self):
        away = [page for page in self.pages if page.connection is None]
        if not away:
            away = [Page(self.history.reader(self.id, (MAIN,)))]
            self.pages += away
        self.random.choice(away).join(await self.room())

    async def leave(self):
        here = [page for page in self.pages if page.connection is not None]
        if here:
            self.random.choice(here).leave(await self.room())

    async def step(self):
        often = [self.say] * 4 + [self.wait] * 4 + [self.resume, self.write, self.join] * 2
        rare = [self.hint, self.pause, self.extend, self.again, self.at_once, self.restart]
        await self.random.choice([*often, *rare, self.leave])()
        await self.is_one()

    async def is_one(self):
        room = await self.room()
        events = await self.log.history(self.id)
        session = folded(events)
        assert session == room.session
        head = await self.log.head(self.id)
        assert (head.state, head.due_at) == (session.state, session.clock.due_at)
        for stream in (MAIN, STAFF):
            seqs = [event.seq for event in events if event.stream == stream]
            assert seqs == list(range(1, len(seqs) + 1))
        assert room.main == [event for event in events if event.stream == MAIN]
        for page in self.pages:
            page.read(room)
            if page.connection is not None:
                assert seen(folded(page.events)) == seen(session)
        times = [turn.at_ms for turn in session.turns]
        assert times == sorted(times)
        spoken = [n for n, turn in enumerate(session.turns) if turn.speaker == "interviewer"]
        assert [m.turn for m in session.moves if m.turn is not None] == spoken

    async def end(self):
        room = await self.room()
        for page in self.pages:
            if page.connection is None:
                page.join(room)
            page.read(room)
            page.reader.is_drained = True
        session = await stored(self.log, self.id)
        for event in session.events:  # what nobody sent from outside is what it led to
            key = (event.session, event.actor, event.cmd)
            if event.cmd is not None and event.actor != CANDIDATE:
                parts = sum((e.actor, e.cmd) == key[1:] for e in session.events)
                self.history.invoke(key, parts)
        assert check(self.history, [session], RULES) == []


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_the_order_all_see_what_is_kept(log, clock, laid, seed, caplog):
    life = Life(log, clock, laid, seed)
    await life.begin()
    for _ in range(STEPS):
        await life.step()
    await life.end()
    assert caplog.text == ""


# absence, deadlines, outages ----------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["practice", "exam"])
async def test_practice_pauses_after_a_minute_alone_and_an_exam_does_not(rooms, clock, begin, mode):
    room = await begin(mode)
    page = Connection()
    room.join(page)
    clock.ms += 5 * MINUTE
    await rooms._listen()
    assert room.session.state == "running"
    room.leave(page)
    clock.ms += MINUTE - 1
    await rooms._listen()
    assert room.session.state == "running"
    clock.ms += 1
    await rooms._listen()
    room = await rooms.get(room.id)
    paused = ("paused", "absence") if mode == "practice" else ("running", None)
    assert (room.session.state, room.session.paused_by) == paused


@pytest.fixture
async def other(url, log, clock, laid):
    """Another process on the same database, where the database allows one."""
    own = log if url.startswith("sqlite") else await open_log(url)
    yield Rooms(own, clock, lambda: laid.cast)
    if own is not log:
        await own.close()


async def test_two_processes_end_a_session_once_and_both_know(rooms, other, clock, begin):
    room = await begin()
    there = await other.get(room.id)
    clock.ms += 45 * MINUTE - 1
    await asyncio.gather(rooms._expire(), other._expire())
    assert room.session.state == "running"
    clock.ms += 1
    await asyncio.gather(room.expire(), there.expire(), rooms._expire(), other._expire())
    assert types(await room.log.history(room.id)).count("session.ended") == 1
    assert room.session == there.session == folded(await room.log.history(room.id))
    assert room.session.state == "ended"


async def test_an_outage_is_given_back_once(log, rooms, clock, laid, begin):
    room = await begin()
    await rooms._beat()
    clock.ms += 4 * SECOND
    await room.do(Say(SAID[0]))  # the last that the service did; its next beat never came
    clock.ms += 20 * MINUTE
    left = room.session.clock.left(room.session.last_at)
    for _ in range(2):
        after = Rooms(log, clock, lambda: laid.cast)
        await after.recover()
        session = (await after.get(room.id)).session
        assert session.clock.left(clock()) == left
        assert types(await log.history(room.id)).count("clock.extended") == 1


async def test_two_processes_give_an_outage_back_once(rooms, other, clock, begin):
    room = await begin()
    there = await other.get(room.id)
    await rooms._beat()
    clock.ms += 20 * MINUTE
    await asyncio.gather(rooms.recover(), other.recover())
    assert types(await room.log.history(room.id)).count("clock.extended") == 1
    for each in (room, there):
        await each.catch_up()  # whoever came second found nothing to give back, and so read nothing
    assert room.session == there.session


async def test_an_outage_that_was_given_back_to_some_is_given_back_to_all(
    log, rooms, clock, laid, begin
):
    """The process ends again while it is at it: the next start goes on where that one was cut off."""
    both = [await begin(), await begin()]
    await rooms._beat()
    clock.ms += 20 * MINUTE
    seen, now = await log.last_beat(), clock()
    await rooms._give_back(both[0], seen, now)
    clock.ms += 10 * MINUTE
    after = Rooms(log, clock, lambda: laid.cast)
    await after.recover()
    for room in both:
        session = (await after.get(room.id)).session
        assert session.clock.left(clock()) == 45 * MINUTE


async def test_a_short_gap_is_no_outage(log, rooms, clock, laid, begin):
    room = await begin()
    await rooms._beat()
    clock.ms += 10 * SECOND
    after = Rooms(log, clock, lambda: laid.cast)
    await after.recover()
    assert (await after.get(room.id)).session.clock.left(clock()) == 45 * MINUTE - 10 * SECOND


# answers ------------------------------------------------------------------------------------------
def answers(session):
    return [move.answers for move in session.moves if move.answers is not None]


async def test_an_open_turn_is_answered_once_after_a_restart(log, clock, laid, begin):
    room = await begin()
    await room.do(Say(SAID[0]), cmd="command-1")
    assert answers(room.session) == []
    for _ in range(2):
        after = Rooms(log, clock, lambda: laid.cast)
        await after.recover()
        assert answers((await after.get(room.id)).session) == [1]


@pytest.mark.parametrize("text", SAID)
async def test_an_answer_is_given_once_however_many_give_it(rooms, other, clock, begin, text):
    room = await begin()
    there = await other.get(room.id)
    await room.do(Say(text))
    await there.load()
    await asyncio.gather(*(r.answer_turn() for r in (room, there) * 3), there.listen())
    assert answers(room.session) == [1]
    await there.load()
    assert room.session == there.session == folded(await room.log.history(room.id))


async def test_a_hint_is_given_once_and_beside_an_answer(rooms, other, begin):
    room = await begin()
    there = await other.get(room.id)
    await room.do(AskHint())
    await room.do(Say(SAID[0]))
    await there.load()
    both = [step for r in (room, there) for step in (r.give_hint, r.answer_turn, r.give_hint)]
    await asyncio.gather(*(step() for step in both))
    await room.load()
    session = room.session
    assert session.count("hint") == 1 and answers(session) == [1]
    spoken = [n for n, turn in enumerate(session.turns) if turn.speaker == "interviewer"]
    assert [move.turn for move in session.moves] == spoken
    assert [turn.hint for turn in session.turns].count(True) == 1
    assert session.turns[next(m.turn for m in session.moves if m.kind == "hint")].hint


async def test_what_was_done_elsewhere_is_shown_when_it_is_sent_again(rooms, other, begin):
    """A page whose command another process took, or whose answer was cut off, has its turn and the reply."""
    room = await begin()
    there = await other.get(room.id)
    page = Connection()
    room.join(page)
    command = Say(SAID[0])
    await there.do(command, cmd="command-1")
    receipt = await room.do(command, cmd="command-1")
    assert receipt.dup and page.wake.is_set()
    assert room.main[-1] == receipt.events[-1]
    await room.after(command)
    assert answers(room.session) == [1]
    with pytest.raises(Conflict):
        await there.do(Say(SAID[1]), cmd="command-1")
    assert there.session == room.session


# deleted, branched --------------------------------------------------------------------------------
async def test_a_deleted_session_closes_its_pages_here_and_elsewhere(rooms, other, clock, begin):
    room, sound = await begin(), await begin()
    there = await other.get(room.id)
    await other.get(sound.id)
    pages = [Connection(), Connection()]
    room.join(pages[0])
    there.join(pages[1])
    await there.do(Say(SAID[0]))  # the clockwork there has something to do for it
    await rooms.delete(room.id)
    assert pages[0].is_over and pages[0].wake.is_set()
    clock.ms += MINUTE
    await other._listen()
    assert pages[1].is_over
    assert (await other.get(sound.id)).session.state == "paused"
    for process in (rooms, other):
        with pytest.raises(NotFound):
            await process.get(room.id)


@pytest.mark.parametrize("minute", [0, 3, 5, 12, 45])
async def test_a_branch_has_the_turns_up_to_its_minute(log, rooms, clock, begin, minute):
    room = await begin()
    for number, text in enumerate(SAID):
        clock.ms += 2 * MINUTE
        command = Say(text)
        await room.do(command)
        await room.after(command)
        await room.do(Write("data", f"{number}. {text}"))
        if number == 2:
            await room.do(Pause())
            clock.ms += 9 * MINUTE
            await room.do(Resume())
            await room.do(Extend())
    await room.do(Finish("finished", room.interviewer.closing(room.session)))
    branch = (await rooms.get(await rooms.branch(room, minute))).session
    whole, limit = room.session, minute * MINUTE
    turns = tuple(turn for turn in whole.turns[:-1] if turn.at_ms <= limit)
    assert branch.turns == turns
    assert branch.moves == tuple(
        m for m in whole.moves if m.kind != "end" and max(m.turn or 0, m.answers or 0) < len(turns)
    )
    assert branch.document.get("data", "") == (
        f"{min(minute // 2, 7) - 1}. {SAID[min(minute // 2, 7) - 1]}" if minute >= 2 else ""
    )
    assert (branch.state, branch.ended) == ("paused", None)
    assert branch.clock.elapsed(clock()) == min(limit, 14 * MINUTE)
    extra = 5 * MINUTE if minute >= 6 else 0
    assert branch.clock.left(clock()) == 45 * MINUTE + extra - min(limit, 14 * MINUTE)
    assert branch.unanswered is None


async def test_a_log_that_lost_its_end_is_read_anew(rooms, clock, begin):
    room = await begin()
    page = Connection()
    room.join(page)
    sound = room.session
    room.staff.append(room.main[0])  # it knows of an event that the log has not
    with pytest.raises(SevenstepError):
        await room.do(Say(SAID[0]))
    assert page.is_over and room.session == sound
    await room.do(Say(SAID[0]))
    assert room.session.turns[-1].text == SAID[0]
