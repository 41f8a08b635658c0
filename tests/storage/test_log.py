"""What every log does, on each backend."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.errors import Conflict, NotFound, SevenstepError, Unavailable
from app.storage.db import open_database, open_log, transaction
from app.storage.log import DRAFT, ENDED, PAUSED, RUNNING, Content, Decision, Draft, Head
from app.storage.reports import link_session, report_of_session
from tests.storage.writing import (
    ABOUT,
    QUESTION,
    S,
    always,
    begin,
    numbers,
    running,
    said,
    send,
    words,
)

pytestmark = pytest.mark.anyio


class TooLate(SevenstepError):
    pass


async def test_a_session_begins_with_its_events(log):
    receipt = await begin(log, due_at=5_000)
    assert numbers(receipt.events) == [("main", 1)]
    head = await log.head(S)
    assert head == Head(1, receipt.events[0].eid, 0, None, RUNNING, 5_000, 1_000)
    assert await log.read(S, "main") == list(receipt.events)


async def test_each_stream_counts_for_itself_and_a_command_is_stored_whole(log):
    await begin(log)
    receipt = await send(log, *said("a"), *said("note", stream="staff"), *said("b"))
    assert numbers(receipt.events) == [("main", 2), ("staff", 1), ("main", 3)]
    assert words(await log.read(S, "main")) == ["hello", "a", "b"]
    assert words(await log.read(S, "staff")) == ["note"]
    assert len({event.eid for event in receipt.events}) == 3


async def test_history_is_in_the_order_of_storing_across_streams(log):
    await begin(log)
    await send(log, *said("n1", stream="staff"), *said("a"))
    await send(log, *said("b"), *said("n2", stream="staff"))
    assert words(await log.history(S)) == ["hello", "n1", "a", "b", "n2"]
    assert words(await log.history(S, (2, 1))) == ["b", "n2"]


async def test_pages_are_read_by_number(log):
    await begin(log)
    await send(log, *said(*"abcdef"))
    assert numbers(await log.read(S, "main", after=2, limit=3)) == [
        ("main", 3),
        ("main", 4),
        ("main", 5),
    ]
    assert await log.read(S, "main", after=7) == []
    assert await log.read(S, "main", after=99) == []


async def test_what_comes_back_is_what_was_said(log):
    body = {"text": 'naïve \x00 \ud800 "quoted" 😀', "n": [1, 2.5, None, True], "deep": {"a": {}}}
    receipt = await begin(log, first=(Draft("main", "turn", body, v=3),))
    (kept,) = await log.read(S, "main")
    assert kept == receipt.events[0]
    assert (kept.body, kept.v, kept.type, kept.actor) == (body, 3, "turn", "host")


async def test_deciding_sees_what_the_caller_has_not_folded_and_the_time_of_its_events(log):
    await begin(log)
    await send(log, *said("a"), *said("n", stream="staff"), at=2_000)
    seen = []

    def decide(newer, now):
        seen.append((words(newer), now))
        return running(*said("b"))

    first = await send(log, decide=decide, known=(1, 0), at=3_000)
    assert words(first.newer) == ["a", "n"]
    assert (await send(log, decide=decide, known=(3, 1), at=4_000)).newer == ()
    assert seen == [(["a", "n"], 3_000), ([], 4_000)]


async def test_time_never_falls_within_a_session(log):
    await begin(log, at=5_000)
    asked = []

    def decide(newer, now):
        asked.append(now)
        return running(*said("a"))

    receipt = await send(log, decide=decide, at=4_000)
    assert (receipt.events[0].at, asked) == (5_000, [5_000])


async def test_what_is_refused_leaves_nothing_behind(log):
    await begin(log)

    def refuse(newer, now):
        raise TooLate("The session is over.")

    before = await log.head(S)
    with pytest.raises(TooLate):
        await send(log, decide=refuse, cmd="1")
    assert await log.head(S) == before
    assert numbers((await send(log, *said("a"), cmd="1")).events) == [("main", 2)]


async def test_a_decision_without_events_writes_nothing(log):
    await begin(log)
    before = await log.head(S)
    receipt = await send(log, decide=always(state=ENDED, due_at=7), cmd="1")
    assert receipt.events == ()
    assert await log.head(S) == before


async def test_the_same_command_is_answered_with_its_first_events(log):
    await begin(log)
    sent = [*said("a"), *said("n", stream="staff"), *said("b")]
    first = await send(log, *sent, cmd="1", digest=b"x")
    await send(log, *said("c"), cmd="2")

    def never(newer, now):
        raise AssertionError("decided twice")

    again = await send(log, decide=never, cmd="1", digest=b"x")
    assert (again.events, again.dup) == (first.events, True)
    assert (await log.head(S)).main == 4


async def test_the_same_command_with_another_content_is_a_conflict(log):
    await begin(log)
    await send(log, *said("a"), cmd="1", digest=b"x")
    with pytest.raises(Conflict):
        await send(log, *said("b"), cmd="1", digest=b"y")
    assert words(await log.read(S, "main")) == ["hello", "a"]


async def test_a_command_is_known_by_its_actor_and_session(log):
    other = S[::-1]
    await begin(log)
    await begin(log, other)
    receipts = [
        await send(log, *said("a"), cmd="1"),
        await send(log, *said("a"), cmd="1", actor="dana"),
        await send(log, *said("a"), cmd="1", session=other),
        await send(log, *said("a"), cmd=None),
        await send(log, *said("a"), cmd=None),
    ]
    assert [receipt.dup for receipt in receipts] == [False] * 5


async def test_creating_twice_with_one_command_is_creating_once(log):
    first = running(*said("hello"))

    async def create(cmd, digest=b"x"):
        return await log.create(
            S, ABOUT, first, actor="host", cmd=cmd, digest=digest, now=lambda: 1_000
        )

    receipt = await create("1")
    assert await create("1") == replace(receipt, dup=True)
    with pytest.raises(Conflict):
        await create("1", b"y")
    with pytest.raises(Conflict):
        await create("2")
    with pytest.raises(Conflict):
        await create(None)
    assert len(await log.history(S)) == 1


async def test_many_at_once_are_numbered_without_a_gap(log):
    await begin(log)
    await asyncio.gather(*(send(log, *said(str(n)), cmd=str(n % 60)) for n in range(120)))
    events = await log.read(S, "main", limit=1_000)
    assert numbers(events) == [("main", n) for n in range(1, 62)]
    assert {event.cmd for event in events[1:]} == {str(n) for n in range(60)}


async def test_one_bad_command_takes_nobody_along(log):
    await begin(log)

    def bad(newer, now):
        return running(Draft("main", "turn", {"text": "half"}), Draft("nowhere", "turn", {}))

    def worse(newer, now):
        return running(Draft("main", "turn", {"text": object()}))

    sent = [send(log, *said(str(n))) for n in range(10)]
    wrong = [send(log, decide=bad), send(log, decide=worse)]
    done = await asyncio.gather(*sent[:5], *wrong, *sent[5:], return_exceptions=True)
    assert [isinstance(one, Exception) for one in done] == [False] * 5 + [True] * 2 + [False] * 5
    assert len(await log.read(S, "main")) == 11


async def test_the_end_happens_once_whoever_finds_it_due(log):
    await begin(log, due_at=2_000)

    def end(newer, now):
        if any(event.type == "ended" for event in newer):
            return Decision((), ENDED, None)
        return Decision((Draft("main", "ended", {}),), ENDED, None)

    assert await log.due(1_999) == []
    assert await log.due(2_000) == [S]
    await asyncio.gather(*(send(log, decide=end, known=(1, 0)) for _ in range(8)))
    assert [event.type for event in await log.read(S, "main")] == ["turn", "ended"]
    assert await log.due(9_000) == []
    assert (await log.head(S)).state == ENDED


async def test_whoever_knows_more_than_is_stored_must_read_again(log):
    await begin(log)
    with pytest.raises(Unavailable):
        await send(log, *said("a"), known=(2, 0))


async def test_a_session_that_is_not_there(log):
    for asked in (log.head(S), log.session(S), log.delete(S), send(log, *said("a"))):
        with pytest.raises(NotFound):
            await asked
    assert await log.read(S, "main") == await log.history(S) == []
    assert await log.heads([S]) == await log.heads([]) == {}


async def test_sessions_are_listed_the_latest_first(log):
    for n in range(5):
        await begin(log, f"s{n}", at=1_000 + n)
    assert [line.id for line in await log.sessions()] == ["s4", "s3", "s2", "s1", "s0"]
    assert [line.id for line in await log.sessions(limit=2, offset=1)] == ["s3", "s2"]
    assert await log.count_sessions() == 5
    await send(log, *said("a"), session="s1", decide=always(*said("a"), state=PAUSED), at=9_000)
    line = await log.session("s1")
    assert (line.about, line.created_at, line.state, line.last_at) == (ABOUT, 1_001, PAUSED, 9_000)


async def test_sessions_that_are_not_over_can_be_found(log):
    await begin(log, "runs")
    await begin(log, "pauses")
    await send(log, decide=always(*said("a"), state=PAUSED), session="pauses")
    await begin(log, "over")
    await send(log, decide=always(*said("a"), state=ENDED), session="over")
    await log.create(
        "waits", ABOUT, Decision(said("a"), DRAFT, None), actor="host", now=lambda: 1_000
    )
    assert await log.unfinished() == ["pauses", "runs"]


async def test_heads_of_many_at_once(log):
    await begin(log, "a")
    await begin(log, "b")
    await send(log, *said("n", stream="staff"), session="b")
    heads = await log.heads(["a", "b", "c"])
    assert {name: (head.main, head.staff) for name, head in heads.items()} == {
        "a": (1, 0),
        "b": (1, 1),
    }
    assert heads["b"].staff_eid == (await log.read("b", "staff"))[0].eid


async def test_deleting_a_session_leaves_nothing_of_it(log):
    await begin(log)
    await begin(log, "other")
    await send(log, *said("a"), *said("n", stream="staff"))
    await log.delete(S)
    assert await log.history(S) == []
    assert [line.id for line in await log.sessions()] == ["other"]
    assert len(await log.history("other")) == 1
    with pytest.raises(NotFound):
        await log.delete(S)


async def test_a_question_is_kept_once_for_each_hash(log):
    await log.keep_content(QUESTION)
    assert await log.find_content(QUESTION.sha256) == QUESTION
    assert await log.find_content("0" * 64) is None
    later = Content("1" * 64, "question", "parking", 2, "{}")
    await log.keep_content(later)
    assert await log.find_content(later.sha256) == later


async def test_a_session_without_its_question_is_not_begun(log):
    about = replace(ABOUT, question_sha256="f" * 64)
    with pytest.raises(Exception, match="(?i)foreign key"):
        await log.create(S, about, running(*said("a")), actor="host", now=lambda: 1)
    assert await log.sessions() == []


async def test_the_service_says_when_it_was_last_up(log):
    assert await log.last_beat() is None
    await log.beat(5_000)
    await log.beat(10_000)
    assert await log.last_beat() == 10_000


async def test_a_report_is_linked_and_the_link_goes_with_the_report(log, url):
    await begin(log)
    engine = open_database(url)
    with engine.begin() as db:
        db.execute(text("INSERT INTO rubric VALUES ('x', 'y', 1, '{}')"))
        db.execute(text("INSERT INTO transcript VALUES ('t', '2026-01-01', 'n', '{}')"))
        db.execute(
            text(
                "INSERT INTO report (id, created_at, transcript_id, rubric_sha256, name, scorable, "
                "content) VALUES ('r', '2026-01-01', 't', 'x', 'n', true, '{}')"
            )
        )
    with transaction(engine) as db:
        assert report_of_session(db, S) is None
        link_session(db, S, "r")
    assert (await log.session(S)).report_id == "r"
    with engine.begin() as db:
        db.execute(text("DELETE FROM report"))
    assert (await log.session(S)).report_id is None
    with pytest.raises(NotFound), transaction(engine) as db:
        report_of_session(db, "nobody")
    engine.dispose()


async def test_a_report_goes_with_its_session_and_none_comes_after(log, url):
    await begin(log)
    engine = open_database(url)
    words = "INSERT INTO transcript VALUES ('t', '2026-01-01', 'n', '{}')"
    made = (
        "INSERT INTO report (id, created_at, transcript_id, rubric_sha256, beside, name, "
        "scorable, content) VALUES (:id, '2026-01-01', 't', 'x', :beside, 'n', true, '{}')"
    )
    with transaction(engine) as db:
        db.execute(text("INSERT INTO rubric VALUES ('x', 'y', 1, '{}')"))
        db.execute(text(words))
        db.execute(text(made), {"id": "r", "beside": None})
        db.execute(text(made), {"id": "opinion", "beside": "r"})
        link_session(db, S, "r")
    await log.delete(S)
    with pytest.raises(NotFound), transaction(engine) as db:
        db.execute(text(words))
        db.execute(text(made), {"id": "late", "beside": None})
        link_session(db, S, "late")
    with engine.begin() as db:
        assert not db.execute(text("SELECT id FROM report")).all()
        assert not db.execute(text("SELECT id FROM transcript")).all()
    engine.dispose()


async def test_everything_is_there_after_a_restart(log, url):
    await begin(log, due_at=9_000)
    await send(log, *said("a"), cmd="1", digest=b"x")
    before = await log.history(S)
    await log.close()
    again = await open_log(url)
    assert await again.history(S) == before
    assert (await send(again, *said("b"), cmd="1", digest=b"x")).dup
    assert await again.due(9_000) == []
    await again.close()


async def test_closing_finishes_what_was_accepted(log, url):
    await begin(log)
    sending = [asyncio.ensure_future(send(log, *said(str(n)))) for n in range(50)]
    await asyncio.sleep(0)  # let each be handed over; nothing waits for time
    await log.close()
    done = await asyncio.gather(*sending, return_exceptions=True)
    kept = [one.events[0].eid for one in done if not isinstance(one, Unavailable)]
    with pytest.raises(Unavailable):
        await log.head(S)
    with pytest.raises(Unavailable):
        await send(log, *said("late"))
    again = await open_log(url)
    assert [event.eid for event in await again.read(S, "main", after=1)] == kept
    await again.close()
