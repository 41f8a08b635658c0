"""Rooms that a person leads: who speaks when they hand over and take back, and what the clock does meanwhile."""

import asyncio

import pytest

from app.interview.commands import Finish, Pause, Refused, Resume, Say, Start
from app.interview.leading import Ask, Caption, Consent, Drive, Focus, Join, Note, Prolong
from app.live.connection import Connection
from app.live.rooms import Rooms
from tests.live.test_rooms import MINUTE, SECOND, Clock, folded, types
from tests.live.voices import Hands

pytestmark = pytest.mark.anyio
ASKS = "What is the latency budget?"
THOUGHT = "I would split by time, because a random split leaks the future into the training set."
LEAD, SAM = "dana-1", "sam-1"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
async def rooms(log, clock, laid, hands):
    rooms = Rooms(log, clock, lambda: laid.cast, hands)
    yield rooms
    await rooms.close()


@pytest.fixture
async def led(rooms, laid):
    """A live session that an interviewer has begun with a candidate; nobody is connected."""

    async def begun(minutes=45):
        question = laid.cast.question("payment-fraud")
        id = await rooms.create(
            question,
            persona="neutral",
            mode="live",
            minutes=minutes,
            knowledge=laid.knowledge,
            voice="model",
        )
        room = await rooms.get(id)
        for who, role in ((LEAD, "interviewer"), (SAM, "candidate")):
            await room.do(Join(who, role, who), actor=who)
            await room.do(Consent(who), actor=who)
        await do(room, Start(room.interviewer.pose()))
        return room

    return begun


async def do(room, command, actor=LEAD):
    await room.do(command, actor=actor)
    await room.after(command)


async def say(room, text):
    await do(room, Say(text, "Sam"), SAM)


async def quiet(room, clock, seconds=120):
    """A long silence, in which the interviewer is looked at."""
    clock.ms += seconds * SECOND
    await room.listen()


async def until(is_so):
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.005)


def speakers(room):
    """By whom the interviewer's side spoke, turn by turn."""
    how = {move.turn: move.trigger for move in room.session.moves if move.turn is not None}
    worded = {word.turn: word.by for word in room.session.wordings}
    return [
        "candidate"
        if turn.speaker == "candidate"
        else worded.get(n, "human" if how.get(n) == "human" else "script")
        for n, turn in enumerate(room.session.turns)
    ]


async def test_where_a_person_leads_nothing_is_said_for_them(led, clock):
    room = await led()
    room.join(Connection(SAM))
    await say(room, ASKS)
    await say(room, THOUGHT)
    await quiet(room, clock)
    clock.ms += 38 * MINUTE  # the script would say the time, and bring the twist
    await quiet(room, clock)
    assert speakers(room) == ["script", "candidate", "candidate"]
    await do(room, Ask("Why by time?", "Dana"))
    assert speakers(room)[-1] == "human" and room.session.turns[-1].name == "Dana"


async def test_the_lead_goes_from_a_person_to_the_script_to_a_person_to_a_model(led, hands):
    room = await led()
    room.join(Connection(SAM))
    await say(room, ASKS)
    await do(room, Drive("script"))
    assert speakers(room) == ["script", "candidate", "script"], "it answers what is open"
    await do(room, Drive("human"))
    await say(room, ASKS)
    assert speakers(room)[-1] == "candidate"
    await do(room, Ask("Eighty, as I said.", "Dana", facts=("latency",)))
    await do(room, Drive("model"))
    assert speakers(room)[-2:] == ["candidate", "human"], "what a person answered is answered"
    hands.model.let()
    await say(room, ASKS)
    await until(lambda: room.draft is None and room.session.unanswered is None)
    assert speakers(room)[-2:] == ["candidate", "model"]
    await do(room, Drive("script"))
    await say(room, ASKS)
    assert speakers(room)[-2:] == ["candidate", "script"]
    driven = [e.body["driver"] for e in room.main if e.type == "driver.changed"]
    assert driven == ["script", "human", "model", "script"]
    assert room.session == folded(await room.log.history(room.id))


async def test_a_person_who_takes_over_cuts_the_model_off(led, hands):
    room = await led()
    room.join(Connection(SAM))
    await do(room, Drive("model"))
    await say(room, ASKS)
    await hands.model.asked.wait()
    assert room.draft == (2, "")
    await do(room, Drive("human"))
    assert room.draft is None
    await until(lambda: hands.model.gone == 1)
    hands.model.let()
    await room.listen()
    assert room.draft is None and len(hands.model.asks) == 1
    await do(room, Ask("Eighty milliseconds.", "Dana"))
    assert room.session.turns[-1].name == "Dana"


async def test_a_person_who_speaks_ends_the_word_that_a_model_was_finding(led, hands):
    """A fact that was being told is told whole, before theirs; the model has nothing more to say to it."""
    room = await led()
    room.join(Connection(SAM))
    await do(room, Drive("model"))
    await say(room, ASKS)
    await hands.model.asked.wait()
    await do(room, Ask("Let me answer that: eighty.", "Dana"))
    hands.model.let()
    await room.listen()
    assert room.draft is None and len(hands.model.asks) == 1
    assert speakers(room)[2:] == ["script", "human"]
    assert "80 milliseconds" in room.session.turns[2].text


async def test_captions_are_heard_and_answered_like_words_that_were_typed(led):
    room = await led()
    await do(room, Caption("candidate", THOUGHT, "Sam"), "a-tool")
    assert room.hearing.coverage().depth("validation-scheme") > 0
    await do(room, Drive("script"))
    await do(room, Caption("candidate", ASKS, "Sam"), "a-tool")
    assert "80 milliseconds" in room.session.turns[-1].text


async def test_quiet_minutes_pass_without_a_word_of_the_leading_person_being_needed(led, clock):
    room = await led()
    await do(room, Focus(3 * MINUTE))
    assert room.session.led.focus_until == clock.ms + 3 * MINUTE
    await quiet(room, clock, 200)
    assert len(room.session.turns) == 1


# the clock ----------------------------------------------------------------------------------------
async def test_the_deadline_holds_where_nobody_is_there(rooms, led, clock):
    room = await led(30)
    for _ in range(28):
        clock.ms += MINUTE
        await rooms._listen()
        assert room.session.state == "running", "nobody's absence pauses a live session"
    clock.ms += 2 * MINUTE
    await rooms._expire()
    ended = await rooms.get(room.id)
    assert ended.session.ended.reason == "expired"
    assert types(ended.main).count("session.ended") == 1
    assert len(ended.session.turns) == 1, "a person who leads has their own last words"


async def test_where_the_script_leads_it_has_the_last_word(rooms, led, clock):
    room = await led(30)
    await do(room, Drive("script"))
    clock.ms += 30 * MINUTE
    await rooms._expire()
    ended = (await rooms.get(room.id)).session
    assert (ended.moves[-1].kind, ended.turns[-1].speaker) == ("end", "interviewer")


async def test_only_a_pause_of_the_interviewers_moves_the_deadline(rooms, led, clock):
    room = await led(30)
    due = room.session.clock.due_at
    clock.ms += 10 * MINUTE
    await do(room, Pause("interviewer"))
    clock.ms += 40 * MINUTE
    await rooms._expire()
    assert room.session.state == "paused"
    await do(room, Resume())
    await do(room, Prolong(5 * MINUTE))
    assert room.session.clock.due_at == due + 45 * MINUTE
    clock.ms = due + 45 * MINUTE - 1
    await rooms._expire()
    assert room.session.state == "running"
    clock.ms += 1
    await rooms._expire()
    assert (await rooms.get(room.id)).session.state == "ended"
    with pytest.raises(Refused):
        await do(await rooms.get(room.id), Prolong(MINUTE))


# both streams ---------------------------------------------------------------------------------------
async def test_who_may_not_read_the_staff_stream_is_not_sent_its_numbers(led):
    room = await led()
    await do(room, Note("note-0001", "They hesitate.", LEAD))
    assert types(room.main)[-1] != "note.written" and types(room.staff)[-1] == "note.written"
    assert Connection(SAM).staff is None
    assert [e.seq for e in room.staff] == list(range(1, len(room.staff) + 1))
    await do(room, Finish())
    assert room.session == folded(await room.log.history(room.id))
