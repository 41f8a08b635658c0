"""The bus on a real Redis: what is told arrives elsewhere, and whatever befalls Redis or comes over it does no harm."""

import asyncio
import itertools
import logging
import os
from contextlib import asynccontextmanager

import pytest
import redis

from app.live.bus import Notice
from app.live.redis_bus import CHANNEL, RedisBus
from tests.servers import Redis, need_redis

pytestmark = [pytest.mark.anyio, pytest.mark.redis, pytest.mark.xdist_group("processes")]
NUMBERS = itertools.count()
LAST = "last"
WORDS = "what somebody said"


class Ear:
    def __init__(self):
        self.heard, self.looked, self.breaks = [], 0, False

    def holds(self, session):
        return session != "elsewhere"

    def hear(self, notice):
        if self.breaks:
            raise ValueError(WORDS)
        self.heard.append(notice)

    def look_again(self):
        self.looked += 1


@pytest.fixture(scope="module")
def server():
    need_redis()
    server = Redis(f"redis-bus-{os.getpid()}").start()
    yield server
    if server.process is not None:
        server.kill()


@pytest.fixture
def two(server):
    """Two buses that are up, each with an ear."""

    @asynccontextmanager
    async def opened():
        pairs = [(RedisBus(server.url, f"node{next(NUMBERS)}"), Ear()) for _ in range(2)]
        for bus, ear in pairs:
            bus.run(ear)
        await eventually(lambda: all(bus.is_up for bus, _ in pairs))
        try:
            yield [part for pair in pairs for part in pair]
        finally:
            for bus, _ in pairs:
                await bus.close()

    return opened


async def eventually(is_so):
    async with asyncio.timeout(30):
        while not is_so():
            await asyncio.sleep(0.01)


def ended(ear):
    return bool(ear.heard) and ear.heard[-1].session == LAST


async def test_others_hear_it_and_who_told_it_does_not(two):
    async with two() as (one, near, other, far):
        one.tell("s", "draft", {"turn": 3, "text": "Für 500 ms\n und mehr"})
        one.tell("elsewhere", "wake")
        one.tell(LAST, "wake", {"main": 1, "staff": 2})
        await eventually(lambda: ended(far))
        assert far.heard == [
            Notice(one.node, "s", "draft", {"turn": 3, "text": "Für 500 ms\n und mehr"}),
            Notice(one.node, LAST, "wake", {"main": 1, "staff": 2}),
        ]
        other.tell(LAST, "gone")
        await eventually(lambda: ended(near))
        assert [notice.kind for notice in near.heard] == ["gone"]


async def test_of_what_waits_only_the_latest_goes_out(two):
    async with two() as (one, _, _, far):
        for turn in range(100):
            one.tell("s", "draft", {"turn": turn, "text": ""})
        one.tell(LAST, "wake")
        await eventually(lambda: ended(far))
        assert [notice.body.get("turn") for notice in far.heard] == [99, None]


async def test_what_is_told_before_the_end_still_goes_out(two):
    async with two() as (one, _, _, far):
        one.tell(LAST, "wake")
        await one.close()
        await eventually(lambda: ended(far))


async def test_strange_words_on_the_channel_do_no_harm(two, server, caplog):
    async with two() as (one, _, _, far):
        strange = [
            "",
            "x",
            "a b",
            "n s wake",
            "n s wake [1]",
            "n s wake {",
            "n s howl {}",
            "\udcff",
        ]
        client = redis.Redis.from_url(server.url)
        for text in strange:
            client.publish(CHANNEL, text.encode("utf-8", "surrogateescape"))
        client.close()
        one.tell(LAST, "wake")
        await eventually(lambda: ended(far))
        assert len(far.heard) == 1


async def test_a_hearer_that_breaks_hears_the_next(two, caplog):
    async with two() as (one, _, other, far):
        far.breaks = True
        with caplog.at_level(logging.WARNING):
            one.tell("s", "wake")
            await eventually(lambda: "ValueError" in caplog.text)
        assert WORDS not in caplog.text
        far.breaks = False
        await eventually(lambda: other.is_up)
        one.tell(LAST, "wake")
        await eventually(lambda: ended(far))


async def test_after_a_crash_of_redis_all_look_again_and_hear_again(two, server, caplog):
    async with two() as (one, near, other, far):
        looked = near.looked, far.looked
        server.kill()
        await eventually(lambda: not one.is_up and not other.is_up)
        one.tell("s", "wake")  # is lost, and that is all
        server.start()
        await eventually(lambda: one.is_up and other.is_up)
        assert near.looked > looked[0] and far.looked > looked[1]
        one.tell(LAST, "wake")
        await eventually(lambda: ended(far))
        assert [notice.session for notice in far.heard] == [LAST]
