"""A model words the moves: one open word at a time, stored once, cut where the candidate goes on, never waited for."""

import asyncio

import pytest

from app.errors import Unavailable
from app.interview.commands import AskHint, Expire, Finish, Pause, Refused, Resume, Say, Write
from app.live import room as room_module
from app.live.bundle import export_bundle, read_bundle
from app.live.connection import Connection
from app.live.rooms import Rooms
from app.live.voice import mark_of
from tests.live.test_rooms import (
    MINUTE,
    SECOND,
    STEPS,
    Clock,
    Life,
    answers,
    folded,
    types,
)
from tests.live.voices import HOST, Hands

pytestmark = pytest.mark.anyio
ASKS = "What is the latency budget?"
WHERE = "Where should I go next?"
THOUGHT = "I would split by time, because a random split leaks the future into the training set."


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
async def begin(rooms, laid):
    """A session that has started, its room, and one page in it."""

    async def begun(rooms=rooms, **wishes):
        question = laid.cast.question("payment-fraud")
        wanted = {"persona": "neutral", "mode": "practice", "minutes": 45, "voice": "model"}
        id = await rooms.create(question, knowledge=laid.knowledge, **wanted | wishes)
        room = await rooms.get(id)
        await rooms.start(room, "command-start")
        room.join(Connection())
        return room

    return begun


async def until(is_so):
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.005)


async def say(room, text, cmd=None):
    command = Say(text)
    await room.do(command, cmd=cmd)
    await room.after(command)


def last(room):
    return room.session.turns[-1]


async def begin_to_say(room, hands, words=1):
    """Lets the model go on until so many words are drawn: some are held back until more is known."""
    async with asyncio.timeout(20):
        while room.draft is not None and len(room.draft[1].split()) < words:
            hands.model.let(1)
            await asyncio.sleep(0.01)
    assert room.draft is not None and room.draft[1]


async def silence(room, clock, seconds=90):
    """So long that the interviewer has something to ask of its own accord."""
    clock.ms += seconds * SECOND
    await room.listen()


async def pressing(room, clock):
    """An open word that nobody asked for."""
    room.speaker, speaker = None, room.speaker  # the first answers are beside the point
    await say(room, THOUGHT)
    room.speaker = speaker
    await silence(room, clock)
    assert room.draft is not None


async def test_a_word_grows_before_all_eyes_and_becomes_one_turn(rooms, begin, hands):
    room = await begin()
    page = next(iter(room.connections))
    await say(room, ASKS)
    assert room.draft == (2, "") and len(room.session.turns) == 2
    await begin_to_say(room, hands)
    assert page.wake.is_set()
    hands.model.let()
    await until(lambda: room.draft is None)
    assert last(room).speaker == "interviewer" and "80 milliseconds" in last(room).text
    worded = room.session.wordings[-1]
    assert (worded.by, worded.turn, worded.model) == ("model", 2, "hand")
    assert types(room.main).count("interviewer.voice") == 0
    assert hands.accounts == [f"session:{room.id}"]
    assert room.session == folded(await room.log.history(room.id))


async def test_what_is_drawn_is_told_at_most_twenty_times_a_second(begin, hands, monkeypatch):
    monkeypatch.setattr(room_module, "DRAW_EVERY", 3_600.0)
    room = await begin()
    await say(room, ASKS)
    await begin_to_say(room, hands)
    drawn = room.draft
    hands.model.let(4)
    await until(lambda: room._word.shown != drawn[1])
    assert room.draft == drawn
    hands.model.let()
    await until(lambda: room.draft is None)
    assert last(room).text.startswith(drawn[1])


async def test_while_a_word_is_open_no_other_is_begun(begin, hands, clock):
    room = await begin()
    await say(room, ASKS)
    await silence(room, clock)
    await asyncio.gather(room.answer_turn(), room.answer_turn(), room.listen())
    await hands.model.asked.wait()
    assert len(hands.model.asks) == 1
    hands.model.let()
    await until(lambda: room.draft is None)
    assert answers(room.session) == [1] and len(room.session.turns) == 3


async def test_a_fact_that_is_cut_off_stands_whole_before_the_candidates_words(begin, hands):
    room = await begin()
    await say(room, ASKS)
    await begin_to_say(room, hands)
    await say(room, "Wait, something else.")
    told, own = room.session.turns[2:4]
    assert (
        told.speaker == "interviewer"
        and "80 milliseconds" in told.text
        and own.speaker == "candidate"
    )
    assert answers(room.session)[0] == 1
    await until(lambda: hands.model.gone == 1)


async def test_a_question_that_is_cut_off_keeps_what_was_said_as_said(begin, hands, clock):
    room = await begin()
    await pressing(room, clock)
    await begin_to_say(room, hands, 4)
    said = room.draft[1]
    await say(room, "Let me go on.")
    cut, own = room.session.turns[-2:]
    assert (cut.speaker, cut.text.rstrip(".…"), own.text) == ("interviewer", said, "Let me go on.")
    assert room.session.wordings[-1].cut


async def test_who_speaks_on_before_the_first_word_of_a_question_hears_none(begin, hands, clock):
    room = await begin()
    await pressing(room, clock)
    turns = len(room.session.turns)
    await say(room, "Let me go on.")
    assert [turn.speaker for turn in room.session.turns[turns:]] == ["candidate"]
    assert room.draft is None


async def test_a_turn_that_is_spoken_over_counts_as_answered(begin, hands):
    room = await begin()
    await say(room, WHERE)
    assert room.draft is not None
    await say(room, ASKS)
    hands.model.let()
    await until(lambda: room.draft is None)
    assert answers(room.session) == [1, 2]
    assert [m.kind for m in room.session.moves][1:] == ["listen", "answer"]


async def test_words_that_are_sent_again_do_not_cut_their_own_answer(begin, hands):
    room = await begin()
    await say(room, ASKS, cmd="command-1")
    word = room._word
    receipt = await room.do(Say(ASKS), cmd="command-1")
    assert receipt.dup and room._word is word
    with pytest.raises(Refused):
        await room.do(Say("   "))
    await room.do(Write("data", "- labels are late"))
    await room.do(Expire(), actor="system", cmd="expire")
    assert room._word is word
    hands.model.let()
    await until(lambda: room.draft is None)
    assert len(room.session.turns) == 3


async def test_a_pause_before_the_first_word_takes_it_up_again_afterwards(begin, hands, clock):
    room = await begin()
    await say(room, WHERE)
    await room.do(Pause())
    assert room.draft is None and room.session.state == "paused" and len(room.session.turns) == 2
    await room.do(Resume())
    await room.listen()
    hands.model.let()
    await until(lambda: len(room.session.turns) == 3)
    assert answers(room.session) == [1]


@pytest.mark.parametrize("end", ["finish", "expire"])
async def test_the_end_waits_for_no_model(rooms, begin, hands, clock, end):
    room = await begin()
    await say(room, ASKS)
    await begin_to_say(room, hands)
    if end == "finish":
        await room.do(Finish("finished", room.interviewer.closing(room.session)))
    else:
        clock.ms += 46 * MINUTE
        await rooms._expire()
    session = room.session
    assert session.state == "ended" and room.draft is None
    assert [turn.speaker for turn in session.turns[-2:]] == ["interviewer", "interviewer"]
    hands.model.let()
    await until(lambda: hands.model.gone == 1)
    assert room.session == session == folded(await room.log.history(room.id))


async def test_who_types_before_the_first_word_is_not_interrupted(begin, hands, clock):
    room = await begin()
    await pressing(room, clock)
    room.typing(next(iter(room.connections)), True)
    assert room.draft is None
    await until(lambda: hands.model.gone == 1 or not hands.model.asks)
    assert last(room).speaker == "candidate"
    clock.ms += MINUTE
    await silence(room, clock)
    await begin_to_say(room, hands)
    room.typing(next(iter(room.connections)), True)
    assert room.draft is not None
    hands.model.let()
    await until(lambda: room.draft is None)
    assert last(room).speaker == "interviewer"


async def test_an_answer_is_waited_for_while_one_types(begin, hands):
    room = await begin()
    await say(room, ASKS)
    room.typing(next(iter(room.connections)), True)
    hands.model.let()
    await until(lambda: len(room.session.turns) == 3)


async def test_a_model_that_fails_is_stood_in_for_and_said_once_each_way(begin, hands):
    room = await begin()
    hands.model.let()
    hands.model.fails = "denied"
    for question in (ASKS, "How many payments do we handle on a day?"):
        await say(room, question)
        await until(lambda: room.draft is None)
    hands.model.fails = None
    await say(room, "What does a false block cost us?")
    await until(lambda: room.draft is None)
    changes = [e.body for e in room.main if e.type == "interviewer.voice"]
    assert changes == [
        {"voice": "script", "reason": "denied"},
        {"voice": "model", "reason": ""},
    ]
    assert [w.by for w in room.session.wordings] == ["script", "script", "model"]
    assert "80 milliseconds" in room.session.turns[2].text and answers(room.session) == [1, 3, 5]


async def test_a_speaker_that_never_comes_back_or_breaks_is_stood_in_for(
    begin, hands, monkeypatch, caplog
):
    monkeypatch.setattr(room_module, "WORDED_WITHIN", 0.05)
    room = await begin()
    await say(room, ASKS)
    await until(lambda: room.draft is None)
    assert "80 milliseconds" in last(room).text and room.voice_reason == "overlong"

    async def breaks(*_):
        raise ValueError("the candidate's own words")

    room.speaker.speak = breaks
    await say(room, ASKS)
    await until(lambda: room.draft is None)
    assert room.session.wordings[-1].checks == ("broken",) and last(room).speaker == "interviewer"
    assert "own words" not in caplog.text


async def test_without_the_endpoint_that_was_agreed_to_all_is_scripted(
    log, clock, laid, begin, hands
):
    """None set up, or another one: words go to no other than the one that the candidate was told of."""
    room = await begin()
    assert room.session.spec.host_mark == mark_of(HOST)
    elsewhere = Hands("elsewhere.example")
    elsewhere.model.let()
    for models in (None, elsewhere):
        there = await Rooms(log, clock, lambda: laid.cast, models).get(room.id)
        await say(there, ASKS)
        assert there.draft is None and "80 milliseconds" in last(there).text
    assert elsewhere.model.asks == [] == elsewhere.accounts
    changes = [e.body for e in there.main if e.type == "interviewer.voice"]
    assert changes == [{"voice": "script", "reason": "unset"}]


async def test_a_session_that_is_scripted_asks_no_model(begin, hands):
    room = await begin(voice="script")
    await say(room, ASKS)
    assert len(room.session.turns) == 3 and hands.accounts == [] and not room.session.wordings


async def test_what_was_open_at_a_restart_is_answered_once(log, clock, laid, begin, hands, rooms):
    room = await begin()
    await say(room, ASKS)
    await begin_to_say(room, hands)
    await rooms.close()
    assert all(task.done() for task in rooms._tasks)
    hands.model.hold()
    hands.model.let()
    after = Rooms(log, clock, lambda: laid.cast, hands)
    await asyncio.gather(after.recover(), after.recover())
    there = await after.get(room.id)
    await until(lambda: there.draft is None and len(there.session.turns) == 3)
    await after.recover()
    assert answers(there.session) == [1] and len(there.session.turns) == 3
    await after.close()


async def test_a_store_that_cannot_take_the_word_gets_it_later(begin, hands, monkeypatch):
    room = await begin()
    await say(room, ASKS)
    append, busy = room.log.append, True

    async def sometimes(*given, **named):
        if busy:
            raise Unavailable("The database is busy.")
        return await append(*given, **named)

    monkeypatch.setattr(room.log, "append", sometimes)
    hands.model.let()
    await until(lambda: room._word.reply is not None)
    with pytest.raises(Unavailable):
        await room.listen()
    with pytest.raises(Unavailable):
        await room.do(Say("Something else."))
    busy = False
    await room.listen()
    assert room.draft is None and answers(room.session) == [1] and len(hands.model.asks) == 1


async def test_a_hint_waits_for_the_word_before_it_and_survives_a_restart(
    log, clock, laid, begin, hands, rooms
):
    room = await begin()
    await say(room, ASKS)
    await room.do(AskHint())
    await room.give_hint()
    assert room.draft[0] == 2
    hands.model.let()
    await until(lambda: room.draft is None)
    hands.model.hold()
    await room.listen()
    assert room.draft == (3, "")
    await rooms.close()
    hands.model.let()
    after = Rooms(log, clock, lambda: laid.cast, hands)
    await after.recover()
    there = await after.get(room.id)
    await until(lambda: there.draft is None)
    await after.recover()
    await there.give_hint()
    assert [turn.hint for turn in there.session.turns].count(True) == 1
    await after.close()


async def test_a_deleted_session_stops_its_model(rooms, begin, hands):
    room = await begin()
    await say(room, ASKS)
    await hands.model.asked.wait()
    await rooms.delete(room.id)
    await until(lambda: hands.model.gone == 1)
    assert room.draft is None


async def test_a_branch_is_worded_by_whom_it_branches_off(rooms, begin, hands, clock):
    room = await begin()
    clock.ms += MINUTE
    await room.do(Finish())
    there = await rooms.get(await rooms.branch(room, 0))
    assert there.speaker is not None and there.session.voice == "model"


# whatever the order -------------------------------------------------------------------------------
class VoicedLife(Life):
    """Its model speaks, dawdles, fails and is cut off as chance wants it."""

    voice = "model"

    def opened(self):
        for task in getattr(self, "rooms", None) and list(self.rooms._tasks) or ():
            task.cancel()
        self.hands = Hands()
        self.toss()
        return Rooms(self.log, self.clock, lambda: self.laid.cast, self.hands)

    def toss(self):
        model = self.hands.model
        model.hold()
        model.let(self.random.choice([0, 0, 1, 4, 9, 40]))
        model.fails = self.random.choice([None, None, None, "server", "slow", "cut"])

    async def step(self):
        self.toss()
        await super().step()
        for _ in range(self.random.choice([0, 1, 3, 30])):
            await asyncio.sleep(0)

    async def is_one(self):
        async with (await self.room())._lock:  # the model goes on meanwhile
            await super().is_one()

    async def type(self):
        room = await self.room()
        for connection in room.connections:
            room.typing(connection, self.random.random() < 0.7)

    async def end(self):
        self.hands.model.fails = None
        self.hands.model.let()
        room = await self.room()
        room.join(Connection())
        if room.session.state == "paused":
            await room.do(Resume())
        for _ in range(3):
            await room.listen()
            await until(lambda: room.draft is None)
        if room.session.state == "running":
            assert room.session.unanswered is None
        await super().end()
        await self.rooms.close()


@pytest.mark.parametrize("seed", range(16))
async def test_whatever_the_order_a_voiced_session_is_one(log, clock, laid, seed, caplog):
    life = VoicedLife(log, clock, laid, seed)
    await life.begin()
    for _ in range(STEPS):
        await life.step()
        if life.random.random() < 0.2:
            await life.type()
    await life.end()
    assert caplog.text == ""


async def test_a_session_from_elsewhere_goes_on_by_the_script_and_owes_no_hint(rooms, hands, begin):
    """Its file says that somebody had agreed to the very host that is set up here; nobody here has."""
    room = await begin()
    hands.model.let()
    await room.do(AskHint())
    await room.give_hint()
    await until(lambda: room.session.count("hint") == 1 and room.draft is None)
    bundle = read_bundle((await export_bundle(room, None)).encode())
    brought = await rooms.get(await rooms.bring(bundle))
    assert brought.session.spec.voice == "script" and not brought.session.spec.host_mark
    asked, turns = len(hands.model.asks), len(brought.session.turns)
    await brought.do(Resume())
    await brought.give_hint()
    assert len(brought.session.turns) == turns
    await say(brought, ASKS)
    assert answers(brought.session) and len(hands.model.asks) == asked
