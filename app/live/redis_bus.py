"""The bus between processes on Redis: pub/sub, for as long as somebody is there to hear it."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.errors import CannotStart
from app.live.bus import Hearer, Kind, Notice, read_notice
from app.live.noted import Noted

CHANNEL = "sevenstep:1"  # of this form of notices
PAUSES = (0.1, 0.2, 0.5, 1.0)  # seconds between tries, the last one again and again
CONNECT_WITHIN = 2.0
SEND_WITHIN = 2.0
CLOSE_WITHIN = 0.5
QUIET = 5.0  # seconds without a word, after which the server is asked whether it is there
BATCH = 500  # notices in one round trip
TROUBLE = (RedisError, OSError, TimeoutError, asyncio.IncompleteReadError)

logger = logging.getLogger("sevenstep.bus")


class RedisBus:
    """Tries again for ever. What is told while Redis is away is dropped: the rooms find it in the log."""

    def __init__(self, url: str, node: str) -> None:
        self.node = node
        self.is_up = False
        try:
            self._client = Redis.from_url(
                url,
                socket_connect_timeout=CONNECT_WITHIN,
                socket_timeout=None,
                retry=Retry(NoBackoff(), 0),  # a connection that was lost has lost notices
                decode_responses=True,
                encoding_errors="replace",  # of strangers on the channel
            )
        except (ValueError, RedisError) as error:
            raise CannotStart(
                "The address of Redis makes no sense; redis://HOST:6379 is one."
            ) from error
        self._waiting: dict[tuple[str, Kind], Notice] = {}
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._was_told = False
        self._note = Noted(logger)

    def tell(self, session: str, kind: Kind, body: Mapping[str, Any] | None = None) -> None:
        if self.is_up:
            self._waiting[session, kind] = Notice(self.node, session, kind, body or {})
            self._woken.set()

    def run(self, hearer: Hearer) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._for_ever(lambda: self._follow(hearer))),
            loop.create_task(self._for_ever(self._send)),
        ]

    async def close(self) -> None:
        with suppress(*TROUBLE):
            async with asyncio.timeout(CLOSE_WITHIN):
                await self._send_waiting()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(*TROUBLE):
            await self._client.aclose()

    async def _for_ever(self, work: Any) -> None:
        tries = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await work()
            except TROUBLE as error:
                self._say_down(error)
            except Exception as error:
                self._note("bus", error)
            if asyncio.get_running_loop().time() - began > PAUSES[-1]:
                tries = 0
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    def _say_down(self, error: BaseException) -> None:
        if self.is_up or not self._was_told:
            logger.warning(
                "Redis cannot be reached (%s): other processes hear of news up to a second later.",
                type(error).__name__,
            )
        self._was_told = True

    # hearing ------------------------------------------------------------------------------------
    async def _follow(self, hearer: Hearer) -> None:
        pubsub = self._client.pubsub()
        try:
            await pubsub.subscribe(CHANNEL)
            await self._hear_all(pubsub, hearer)
        finally:
            self.is_up = False
            self._waiting.clear()
            with suppress(*TROUBLE):
                await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _hear_all(self, pubsub: PubSub, hearer: Hearer) -> None:
        asked = False
        while True:
            message = await pubsub.get_message(timeout=QUIET)
            if message is None:
                if asked:
                    raise TimeoutError
                asked = True
                await pubsub.ping()
                continue
            asked = False
            if message["type"] == "subscribe":
                self._say_up()
                hearer.look_again()
            elif message["type"] == "message":
                self._hear(str(message["data"]), hearer)

    def _say_up(self) -> None:
        self.is_up = True
        if self._was_told:
            logger.warning("Redis is there again.")
        self._was_told = False

    def _hear(self, text: str, hearer: Hearer) -> None:
        notice = read_notice(text, lambda node, id: node != self.node and hearer.holds(id))
        if notice is not None:
            hearer.hear(notice)

    # telling ------------------------------------------------------------------------------------
    async def _send(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            await self._send_waiting()

    async def _send_waiting(self) -> None:
        while self._waiting:
            keys = list(self._waiting)[:BATCH]
            notices = [self._waiting.pop(key) for key in keys]
            async with asyncio.timeout(SEND_WITHIN):
                pipe = self._client.pipeline(transaction=False)
                for notice in notices:
                    pipe.publish(CHANNEL, notice.written())
                await pipe.execute()


async def answers(url: str) -> bool:
    """Whether a Redis is there. Raises CannotStart for an address that makes no sense."""
    bus = RedisBus(url, "doctor")
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            await bus._client.ping()
    except TROUBLE:
        return False
    finally:
        await bus.close()
    return True
