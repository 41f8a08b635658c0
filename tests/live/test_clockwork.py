"""One session's trouble is its own: the clockwork goes on for the others, and nothing is left behind."""

import asyncio
import logging
from contextlib import asynccontextmanager

import pytest

from app.commands.practice import lay_table
from app.errors import NotFound
from app.interview.commands import Say
from app.live.rooms import Rooms
from app.storage.db import migrate, open_database, open_log

MINUTE = 60_000
SECRET = "the candidate's own words"


@pytest.fixture(scope="module")
def table():
    return lay_table()


class Clock:
    ms = 1_700_000_000_000

    def __call__(self):
        return self.ms


@pytest.fixture
def opened(tmp_path, table):
    """Rooms on a database; opening them again is a restart. Their clock is turned by hand."""
    url = f"sqlite:///{tmp_path}/rooms.db"
    clock = Clock()
    engine = open_database(url)
    migrate(engine)
    engine.dispose()

    @asynccontextmanager
    async def again():
        log = await open_log(url)
        rooms = Rooms(log, clock, lambda: table.cast)
        try:
            yield rooms, clock
        finally:
            await rooms.close()
            await log.close()

    return again


async def begin(rooms, table, **fields):
    kept = table.cast.question("payment-fraud")
    wanted = {"persona": "neutral", "mode": "practice", "minutes": 45} | fields
    room = await rooms.get(await rooms.create(kept, knowledge=table.knowledge, **wanted))
    await rooms.start(room)
    return room


def breaks(*_given, **_named):
    raise ValueError(SECRET)


async def eventually(is_so):
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.02)


def test_a_session_that_cannot_be_ended_does_not_keep_others_from_ending(opened, table, caplog):
    async def play():
        async with opened() as (rooms, clock):
            broken, sound = await begin(rooms, table, minutes=30), await begin(rooms, table)
            broken.interviewer = None
            rooms.run()
            clock.ms += 46 * MINUTE
            await eventually(lambda: sound.session.state == "ended")

    with caplog.at_level(logging.WARNING):
        asyncio.run(play())
    assert "AttributeError" in caplog.text


def test_a_fault_in_one_silence_is_logged_without_its_words_and_the_next_is_heard(
    opened, table, caplog, monkeypatch
):
    async def play():
        async with opened() as (rooms, _):
            broken, sound = await begin(rooms, table), await begin(rooms, table)
            for room in (broken, sound):
                room.connections.add(_Nobody())
            monkeypatch.setattr(broken, "interviewer", _Breaking())
            await sound.do(Say("What is the latency budget?"))
            rooms.run()
            await eventually(lambda: sound.session.unanswered is None)

    with caplog.at_level(logging.WARNING):
        asyncio.run(play())
    assert "ValueError" in caplog.text and SECRET not in caplog.text


class _Nobody:
    typing_until = 0

    def close(self):
        pass

    show = breaks

    class wake:
        set = staticmethod(lambda: None)


class _Breaking:
    next_move = staticmethod(breaks)


def test_a_session_that_cannot_be_read_does_not_keep_the_service_from_starting(
    opened, table, monkeypatch
):
    async def play():
        async with opened() as (rooms, clock):
            first, second = await begin(rooms, table), await begin(rooms, table)
            await rooms.log.beat(clock())
        bad = min(first.id, second.id)
        load = Rooms._load
        monkeypatch.setattr(
            Rooms, "_load", lambda self, id: breaks() if id == bad else load(self, id)
        )
        async with opened() as (rooms, clock):
            clock.ms += 20 * MINUTE
            rooms.run()
            async with asyncio.timeout(10):
                await rooms.ready.wait()
            room = await rooms.get(max(first.id, second.id))
            assert room.session.clock.left(clock()) > 44 * MINUTE

    asyncio.run(play())


def test_an_interviewer_who_is_gone_is_stood_in_for(opened, table):
    async def play():
        async with opened() as (rooms, _):
            room = await begin(rooms, table, persona="retired-last-year")
            assert room.interviewer.persona.id == "neutral"

    asyncio.run(play())


def test_ids_that_do_not_exist_leave_nothing_behind(opened):
    async def play():
        async with opened() as (rooms, _):
            for number in range(50):
                with pytest.raises(NotFound):
                    await rooms.get(f"{number:032x}")
            assert not rooms._rooms and not rooms._loading

    asyncio.run(play())


def test_all_who_ask_at_once_get_the_same_room_and_the_deleted_is_gone(opened, table):
    async def play():
        async with opened() as (rooms, _):
            room = await begin(rooms, table)
            del rooms._rooms[room.id]
            asked = await asyncio.gather(*(rooms.get(room.id) for _ in range(8)))
            assert len(set(map(id, asked))) == 1
            del rooms._rooms[room.id]
            asking = asyncio.ensure_future(rooms.get(room.id))
            await asyncio.sleep(0)
            await rooms.delete(room.id)
            await asyncio.wait([asking])
            assert not rooms._rooms
            with pytest.raises(NotFound):
                await rooms.get(room.id)

    asyncio.run(play())


def test_a_silence_is_not_asked_about_where_somebody_spoke_meanwhile(opened, table):
    async def play():
        async with opened() as (rooms, clock):
            room = await begin(rooms, table)
            clock.ms += 10 * MINUTE
            room._active_at = clock() - 10 * MINUTE
            await asyncio.gather(room.do(Say("I begin with the users.")), room.listen())
            interviewers = [t.speaker for t in room.session.turns]
            for move in room.session.moves:
                assert move.turn is None or interviewers[move.turn] == "interviewer"

    asyncio.run(play())


def test_an_exam_that_nobody_attends_is_left_alone_and_out_of_memory(opened, table):
    async def play():
        async with opened() as (rooms, clock):
            room = await begin(rooms, table, mode="exam", minutes=None)
            clock.ms += 10 * MINUTE
            await rooms._listen()
            assert room.session.state == "running" and room.id not in rooms._rooms

    asyncio.run(play())
