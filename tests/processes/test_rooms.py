"""Two processes' rooms on one log, on a clock that the test turns: who pauses, who answers, who ends, and once."""

import asyncio
import logging
from contextlib import asynccontextmanager

import pytest

from app.errors import NotFound
from app.interview.commands import AskHint, Pause, Resume, Say
from app.interview.events import event_of
from app.interview.session import fold
from app.live.bus import MemoryBus
from app.live.connection import Connection
from app.live.meters import Unmetered
from app.live.presence import Presence
from app.live.rooms import Rooms
from app.storage.db import open_database, open_log
from tests.live.voices import Hands

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]
SECOND, MINUTE = 1_000, 60_000
QUESTION = "What is the latency budget?"


class Clock:
    ms = 1_700_000_000_000

    def __call__(self):
        return self.ms


class Counted(Unmetered):
    def __init__(self):
        self.deadlines = 0
        self.wakes = {"sent": 0, "received": 0, "missed": 0}

    def deadline(self):
        self.deadlines += 1

    def wake(self, way):
        self.wakes[way] += 1


class Process:
    """Rooms with a log and a pool of its own. `turn` does what its clockwork would do by now."""

    def __init__(self, name, log, engine, clock, laid, hub):
        self.log, self.counted, self.hands = log, Counted(), Hands()
        self.presence = Presence(engine, name)
        self.bus = MemoryBus(name, hub)
        self.rooms = Rooms(
            log,
            clock,
            lambda: laid.cast,
            self.hands,
            bus=self.bus,
            presence=self.presence,
            meters=self.counted,
        )

    async def attend(self):
        await self.rooms._attend_all(self.presence)

    async def join(self, id):
        room, connection = await self.rooms.get(id), Connection()
        room.join(connection)
        return room, connection


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def processes(fresh_postgres, clock, laid):
    """As many as are asked for; those that `hear` one another have a bus."""

    @asynccontextmanager
    async def opened(number=2, *, hear=True):
        engine, hub = open_database(fresh_postgres), set()
        made = []
        try:
            for n in range(number):
                log = await open_log(fresh_postgres)
                process = Process(f"node{n}", log, engine, clock, laid, hub)
                if hear:
                    process.bus.run(process.rooms)
                made.append(process)
            yield made
        finally:
            for process in made:
                await process.rooms.close()
                await process.log.close()
            engine.dispose()

    return opened


async def begin(process, laid, **wishes):
    question = laid.cast.question("payment-fraud")
    wanted = {"persona": "neutral", "mode": "practice", "minutes": 45} | wishes
    id = await process.rooms.create(question, knowledge=laid.knowledge, **wanted)
    await process.rooms.start(await process.rooms.get(id), "command-start")
    return id


async def eventually(is_so):
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.01)


async def stored(process, id):
    history = await process.log.history(id)
    return fold(
        (event, logged.at)
        for logged in history
        if (event := event_of(logged.type, dict(logged.body))) is not None
    )


async def types(process, id):
    return [logged.type for logged in await process.log.history(id)]


# news ---------------------------------------------------------------------------------------------
async def test_a_turn_taken_by_one_is_seen_by_who_is_with_the_other(processes, laid):
    async with processes() as (one, two):
        id = await begin(one, laid)
        there, connection = await two.join(id)
        connection.wake.clear()
        await (await one.rooms.get(id)).do(Say(QUESTION))
        await eventually(lambda: there.session.turns[-1].text == QUESTION)
        assert connection.wake.is_set()
        assert one.counted.wakes["sent"] and two.counted.wakes["received"]
        assert two.counted.wakes["missed"] == 0


async def test_without_a_bus_the_next_look_finds_it(processes, laid):
    async with processes(hear=False) as (one, two):
        id = await begin(one, laid)
        there, connection = await two.join(id)
        connection.wake.clear()
        await (await one.rooms.get(id)).do(Say(QUESTION))
        assert there.session.turns[-1].text != QUESTION
        await two.rooms._poll()
        await eventually(lambda: there.session.turns[-1].text == QUESTION)
        assert connection.wake.is_set() and two.counted.wakes["missed"] == 1


async def test_who_asks_for_a_room_gets_it_as_it_is_now(processes, laid):
    async with processes(hear=False) as (one, two):
        id = await begin(one, laid)
        await two.rooms.get(id)
        await (await one.rooms.get(id)).do(Say(QUESTION))
        assert (await two.rooms.get(id)).session.turns[-1].text == QUESTION
        await one.rooms.delete(id)
        with pytest.raises(NotFound):
            await two.rooms.get(id)


@pytest.mark.parametrize("hear", [True, False])
async def test_pages_of_a_session_that_another_deletes_are_sent_away(processes, laid, hear):
    async with processes(hear=hear) as (one, two):
        id = await begin(one, laid)
        _, connection = await two.join(id)
        await one.rooms.delete(id)
        await two.rooms._poll()
        assert connection.is_over and not two.rooms.holds(id)


async def test_who_is_there_and_types_is_known_to_both(processes, laid):
    async with processes() as (one, two):
        id = await begin(one, laid)
        here, _ = await one.join(id)
        there, page = await two.join(id)
        page.participant = "dana"
        there.say_who_is_here()
        assert here.present == there.present == {"candidate", "dana"}
        there.typing(page, True)
        assert here.elsewhere.is_composing(one.rooms.now())
        there.leave(page)
        assert here.present == {"candidate"}


async def test_a_store_that_lost_its_tail_is_read_again(processes, laid):
    async with processes() as (one, two):
        id = await begin(one, laid)
        room, connection = await two.join(id)
        await room.do(Say(QUESTION))
        room.main.append(room.main[-1])  # it knows of more than there is
        await two.rooms._poll()
        await eventually(lambda: connection.is_over)
        assert room.is_at(await two.log.head(id))


# absence ------------------------------------------------------------------------------------------
async def test_a_candidate_at_another_process_is_not_absent(processes, laid, clock):
    async with processes() as (one, two):
        id = await begin(one, laid)
        _, connection = await two.join(id)
        for _ in range(15):
            clock.ms += 10 * SECOND
            await one.attend()
            await one.rooms._listen()
            await two.attend()
        assert (await stored(one, id)).state == "running"
        (await two.rooms.get(id)).leave(connection)
        for _ in range(5):
            clock.ms += 10 * SECOND
            await two.attend()
            await one.attend()
        assert (await stored(one, id)).state == "running"
        clock.ms += 25 * SECOND
        await one.attend()
        assert (await stored(one, id)).state == "paused"
        await two.attend()
        assert (await types(one, id)).count("clock.paused") == 1


async def test_a_session_whose_process_was_killed_is_paused_by_another(processes, laid, clock):
    async with processes() as (one, two):
        id = await begin(two, laid)
        await two.join(id)
        await two.attend()
        for _ in range(8):  # nothing is heard of the second any more
            clock.ms += 10 * SECOND
            await one.attend()
        assert (await stored(one, id)).state == "paused"


async def test_after_an_outage_of_all_nobody_is_absent_at_once(processes, laid, clock):
    async with processes() as (one, two):
        id = await begin(one, laid)
        await one.join(id)
        await one.attend()
        clock.ms += 5 * MINUTE  # the database was away, and with it every word
        await two.attend()
        await one.attend()
        await two.attend()
        assert (await stored(one, id)).state == "running"


async def test_exams_go_on_without_anybody(processes, laid, clock):
    async with processes() as (one, two):
        id = await begin(one, laid, mode="exam")
        for _ in range(12):
            clock.ms += 10 * SECOND
            await one.attend()
            await one.rooms._listen()
            await two.attend()
        assert (await stored(one, id)).state == "running"


async def test_who_comes_back_in_time_is_not_paused(processes, laid, clock):
    async with processes() as (one, two):
        id = await begin(one, laid)
        for _ in range(8):
            clock.ms += 8 * SECOND
            await one.attend()
        clock.ms += 4 * SECOND - 1  # it was last seen after eight seconds
        await two.join(id)
        await two.rooms._say_who_came(two.presence)
        clock.ms += 1
        await one.attend()
        assert (await stored(one, id)).state == "running"


# turns --------------------------------------------------------------------------------------------
async def test_who_took_a_turn_answers_it_and_another_only_ten_seconds_later(
    processes, laid, clock
):
    async with processes() as (one, two):
        id = await begin(one, laid)
        here, _ = await one.join(id)
        there, _ = await two.join(id)
        await here.do(Say(QUESTION))  # and then its process says nothing more
        await eventually(lambda: there.session.unanswered is not None)
        clock.ms += 9 * SECOND
        await two.rooms._listen()
        assert (await stored(two, id)).unanswered is not None
        clock.ms += 1 * SECOND
        await two.rooms._listen()
        assert (await stored(two, id)).unanswered is None
        await one.rooms._listen()
        assert (await types(one, id)).count("move.chosen") == 2  # the question, and the answer


async def test_both_at_once_answer_a_turn_once(processes, laid, clock):
    async with processes(hear=False) as (one, two):
        id = await begin(one, laid)
        here = await one.rooms.get(id)
        await here.do(Say(QUESTION))
        there = await two.rooms.get(id)
        await asyncio.gather(here.answer_turn(), there.answer_turn())
        history = await one.log.history(id)
        answers = [e.body["answers"] for e in history if e.type == "move.chosen"]
        assert [answer for answer in answers if answer is not None] == [1]


async def test_a_hint_is_given_by_who_was_asked(processes, laid, clock):
    async with processes() as (one, two):
        id = await begin(one, laid)
        here, _ = await one.join(id)
        there, _ = await two.join(id)
        await here.do(AskHint())
        await eventually(lambda: there.session.hints == 1)
        await two.rooms._listen()
        assert not any(turn.hint for turn in (await stored(two, id)).turns)
        await here.give_hint()
        clock.ms += 11 * SECOND
        await eventually(lambda: there.known == here.known)
        await two.rooms._listen()
        assert sum(turn.hint for turn in (await stored(two, id)).turns) == 1


async def test_a_turn_left_open_where_nobody_is_any_more_is_answered_by_a_sweep(
    processes, laid, clock
):
    async with processes() as (one, two):
        id = await begin(one, laid, mode="exam")
        await (await one.rooms.get(id)).do(Say(QUESTION))
        await two.attend()
        assert (await stored(two, id)).unanswered is not None
        clock.ms += 10 * SECOND
        await two.attend()
        assert (await stored(two, id)).unanswered is None


# a model's words ----------------------------------------------------------------------------------
async def wording(one, two, laid):
    """A room at each, and a model at the first that has begun to answer."""
    id = await begin(one, laid, voice="model")
    here, _ = await one.join(id)
    there, _ = await two.join(id)
    await here.do(Say(QUESTION))
    await here.after(Say(QUESTION))
    await grow(one, here)
    return here, there


async def grow(process, room):
    """Until there is more of the word to be seen."""
    seen = room.draft
    async with asyncio.timeout(20):
        while room.draft == seen or not room.draft[1]:
            process.hands.model.let(1)
            await asyncio.sleep(0.01)


async def test_a_word_grows_before_all_eyes_and_is_paid_once(processes, laid, clock):
    async with processes() as (one, two):
        here, there = await wording(one, two, laid)
        for _ in range(3):
            clock.ms += 9 * SECOND
            await grow(one, here)
            assert there.draft == here.draft
            await two.rooms._listen()
        assert not two.hands.model.asks
        one.hands.model.let()
        await eventually(lambda: here.draft is None and there.known == here.known)
        assert there.draft is None and there.session.turns[-1].speaker == "interviewer"
        clock.ms += 1 * SECOND
        await two.rooms._listen()
        assert not two.hands.model.asks and len(one.hands.model.asks) == 1


async def test_a_word_whose_process_died_is_found_anew_elsewhere(processes, laid, clock):
    async with processes() as (one, two):
        here, there = await wording(one, two, laid)
        here.told = lambda kind, body: None
        clock.ms += 11 * SECOND
        two.hands.model.let()
        await two.rooms._listen()
        await eventually(lambda: there.session.unanswered is None)
        one.hands.model.let()
        await eventually(lambda: here.draft is None and here.known == there.known)
        history = await one.log.history(here.id)
        assert sum(event.type == "turn.committed" for event in history) == 3


async def test_who_takes_the_floor_at_another_process_ends_the_word(processes, laid, clock):
    async with processes() as (one, two):
        here, there = await wording(one, two, laid)
        await there.do(Say("Let me go on."))
        await eventually(lambda: here.draft is None and there.draft is None)
        assert here.session.turns == there.session.turns
        assert there.session.turns[-1].text == "Let me go on."


# the clock ----------------------------------------------------------------------------------------
async def test_a_deadline_fires_once_whoever_finds_it(processes, laid, clock):
    async with processes(3) as three:
        ids = [await begin(process, laid, minutes=30) for process in three for _ in range(3)]
        for id in ids:
            await three[0].join(id)
        for process in three:
            await process.rooms._beat_now()
        clock.ms += 30 * MINUTE
        for process in three:
            process.rooms._beaten_at = clock.ms
        await asyncio.gather(*(process.rooms._expire() for process in three))
        for id in ids:
            assert (await types(three[0], id)).count("session.ended") == 1
        assert sum(process.counted.deadlines for process in three) == len(ids)


async def test_who_starts_beside_another_leaves_open_turns_to_it(processes, laid, clock):
    async with processes() as (one, two):
        id = await begin(one, laid)
        await (await one.rooms.get(id)).do(Say(QUESTION))
        await one.rooms._beat_now()
        clock.ms += 5 * SECOND
        await two.rooms.recover()
        assert (await stored(one, id)).unanswered is not None
        clock.ms += 15 * SECOND
        await two.rooms.recover()
        assert (await stored(one, id)).unanswered is None


async def test_time_is_given_back_only_where_no_process_was_up(processes, laid, clock):
    async with processes() as (one, two):
        id = await begin(one, laid)
        await one.rooms._beat_now()
        clock.ms += 9 * SECOND
        await two.rooms.recover()  # the first was up until a moment ago
        assert (await stored(one, id)).clock.left(clock.ms) == 45 * MINUTE - 9 * SECOND
        clock.ms += 20 * MINUTE  # none was
        await asyncio.gather(two.rooms.recover(), one.rooms.recover())
        assert (await stored(one, id)).clock.left(clock.ms) == 45 * MINUTE - 9 * SECOND
        assert (await types(one, id)).count("clock.extended") == 1


async def test_a_database_that_was_away_is_an_outage_and_nothing_is_due_before_it_is_given_back(
    processes, laid, clock
):
    async with processes() as (one, two):
        id = await begin(one, laid, minutes=30)
        for process in (one, two):
            await process.rooms._beat()
        clock.ms += 40 * MINUTE
        await asyncio.gather(two.rooms._expire(), one.rooms._expire())
        session = await stored(one, id)
        assert session.state == "running" and session.clock.left(clock.ms) == 30 * MINUTE


async def test_a_pause_at_one_stops_the_clock_at_the_other(processes, laid, clock):
    async with processes() as (one, two):
        id = await begin(one, laid)
        there, _ = await two.join(id)
        await (await one.rooms.get(id)).do(Pause())
        await eventually(lambda: there.session.state == "paused")
        clock.ms += 10 * MINUTE
        await there.do(Resume())
        assert (await one.rooms.get(id)).session.clock.left(clock.ms) == 45 * MINUTE


async def test_a_notice_that_makes_no_sense_is_passed_over(processes, laid, caplog):
    async with processes() as (one, two):
        id = await begin(one, laid)
        there, _ = await two.join(id)
        with caplog.at_level(logging.WARNING):
            one.bus.tell(id, "wake", {"main": "many"})
            one.bus.tell(id, "draft", {"turn": "x", "text": 7})
            one.bus.tell(id, "typing", {"who": ["x"]})
            one.bus.tell(id, "presence", {"who": {"x": 1}})
            await eventually(lambda: not two.rooms._behind)
        assert there.draft is None and there.present == {"candidate"} and not caplog.records
