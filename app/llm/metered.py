"""A model that is paid for and may be down: no call without a claim on the budget, none while it is left alone."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from app.endpoint import Prices
from app.errors import SevenstepError
from app.llm.breaker import Breaker
from app.llm.ledger import Ledger
from app.llm.model import Answer, Ask, Model, ModelFailed, Usage, failed_usage, seen_usage

log = logging.getLogger("sevenstep.llm")

NOTHING = Usage(0, 0)


@dataclass(slots=True)
class Call:
    """What came of a call so far."""

    characters: int = 0
    answer: Answer | None = None


class Metered:
    """`account` as the ledger has it; `now` gives milliseconds for the breaker. A call that was cut off is paid by
    what was seen of it; a claim is settled also where whoever asked is gone."""

    def __init__(
        self,
        model: Model,
        breaker: Breaker,
        ledger: Ledger,
        prices: Prices,
        account: str,
        now: Callable[[], int],
    ) -> None:
        self._model = model
        self._breaker = breaker
        self._ledger = ledger
        self._prices = prices
        self._account = account
        self._now = now
        self._settling: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def prices(self) -> Prices:
        return self._prices

    async def reply(self, ask: Ask) -> Answer:
        async with self._call(ask) as call:
            call.answer = await self._model.reply(ask)
        return self._with_cost(call.answer)

    async def stream(self, ask: Ask) -> AsyncIterator[str | Answer]:
        async with self._call(ask) as call:
            async with aclosing(self._model.stream(ask)) as pieces:  # type: ignore[type-var]
                async for piece in pieces:
                    if isinstance(piece, Answer):
                        call.answer = piece
                    else:
                        call.characters += len(piece)
                        yield piece
        if call.answer:
            yield self._with_cost(call.answer)

    def _with_cost(self, answer: Answer) -> Answer:
        usage = answer.usage
        return replace(answer, cost=self._prices.of(usage.tokens_in, usage.tokens_out))

    @asynccontextmanager
    async def _call(self, ask: Ask) -> AsyncIterator[Call]:
        if not self._breaker.admit(self._now()):
            raise ModelFailed("down")
        call = Call()
        try:
            claim = await self._claim(ask)
        except BaseException:
            self._breaker.left()
            raise
        try:
            yield call
        except ModelFailed as failure:
            self._breaker.failed(failure.fault, self._now())
            await self._settle(claim, failed_usage(failure, ask, call.characters))
            raise
        except BaseException:
            self._breaker.left()
            await self._settle(claim, seen_usage(ask, call.characters))
            raise
        self._breaker.succeeded()
        usage = call.answer.usage if call.answer else seen_usage(ask, call.characters)
        await self._settle(claim, usage)

    async def _claim(self, ask: Ask) -> str:
        """The most that the answer may take, as far as it can be known before."""
        most = seen_usage(ask, 0).tokens_in, ask.max_tokens
        claiming = asyncio.ensure_future(
            asyncio.to_thread(
                self._ledger.claim, self._account, tokens=sum(most), money=self._prices.of(*most)
            )
        )
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            self._see_to(self._give_back(claiming))
            raise
        except ModelFailed:
            raise
        except SevenstepError as error:
            log.warning("no model is asked while the budget cannot be read: %s", error)
        raise ModelFailed("ledger")

    async def _give_back(self, claiming: "asyncio.Future[str]") -> None:
        try:
            claim = await claiming
        except SevenstepError:
            return  # nothing was claimed
        await self._write(claim, NOTHING)

    async def _settle(self, claim: str, used: Usage) -> None:
        await asyncio.shield(self._see_to(self._write(claim, used)))

    async def _write(self, claim: str, used: Usage) -> None:
        try:
            await asyncio.to_thread(
                self._ledger.settle,
                claim,
                model=self.name,
                tokens_in=used.tokens_in,
                tokens_out=used.tokens_out,
                money=self._prices.of(used.tokens_in, used.tokens_out),
            )
        except (
            SevenstepError
        ) as error:  # the claim stays as it is: too much counted, never too little
            log.warning("a claim on the budget stays open: %s", error)

    def _see_to(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(work)
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        return task
