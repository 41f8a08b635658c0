"""What is claimed, what is paid, and who is turned away: with a model over real HTTP and a ledger of a few lines."""

import asyncio
import itertools
import json
import logging
import threading
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

import pytest

from app.endpoint import Prices, Timeouts
from app.errors import Unavailable
from app.llm.breaker import FAILURES, OPEN_FOR, Breaker
from app.llm.ledger import Spent
from app.llm.metered import Metered
from app.llm.model import Answer, ModelFailed, seen_usage
from app.llm.openai_model import OpenAIModel
from tests.llm.conftest import (
    ASK,
    KEY,
    PATIENCE,
    SECRET,
    SHAPED,
    completion,
    endpoint_at,
    events,
    http,
    raw_server,
    read,
    run,
    said,
    until,
)

PRICES = Prices(tokens_in=2.0, tokens_out=8.0)


class Book:
    """A ledger of a list; `most` bounds the tokens, `busy` says that the database does not answer."""

    def __init__(self, most: int = 10**9) -> None:
        self.most = most
        self.busy = False
        self.claims: dict[str, tuple[str, int, float]] = {}
        self.settled: dict[str, tuple[str, int, int, float]] = {}
        self.is_asked, self.may_claim = threading.Event(), threading.Event()
        self.may_claim.set()
        self._ids = itertools.count()

    def claim(self, account, *, tokens, money):
        assert threading.current_thread() is not threading.main_thread()
        self.is_asked.set()
        assert self.may_claim.wait(PATIENCE)
        if self.busy:
            raise Unavailable("The database is busy.")
        if sum(tokens for _, tokens, _ in self.claims.values()) + tokens > self.most:
            raise ModelFailed("budget")
        id = str(next(self._ids))
        self.claims[id] = (account, tokens, money)
        return id

    def settle(self, claim, *, model, tokens_in, tokens_out, money):
        assert threading.current_thread() is not threading.main_thread()
        if self.busy:
            raise Unavailable("The database is busy.")
        assert claim in self.claims and claim not in self.settled
        self.settled[claim] = (model, tokens_in, tokens_out, money)

    def spent(self, account=None):
        return Spent(len(self.settled))

    @property
    def last(self) -> tuple[int, int]:
        """Tokens in and out of the call that was settled last."""
        _, tokens_in, tokens_out, _ = list(self.settled.values())[-1]
        return tokens_in, tokens_out


@asynccontextmanager
async def metered(base_url: str, book: Book, breaker: Breaker | None = None, now=lambda: 0, **more):
    model = OpenAIModel(endpoint_at(base_url, **more), "voice")
    try:
        yield Metered(model, breaker or Breaker(), book, PRICES, "session:1", now)
    finally:
        await model.close()


async def asked(base_url: str, book: Book, how: str = "reply", **more) -> Answer:
    async with metered(base_url, book, **more) as model:
        return await model.reply(ASK) if how == "reply" else (await read(model.stream(ASK)))[1]


async def fault(model: Metered) -> str:
    with pytest.raises(ModelFailed) as failed:
        await model.reply(ASK)
    return failed.value.fault


@pytest.mark.parametrize("how", ["reply", "stream"])
def test_an_answer_is_claimed_at_its_most_and_paid_as_counted(how, fake):
    book = Book()
    answer = run(asked(fake.base_url, book, how))
    most_in = seen_usage(ASK, 0).tokens_in
    usage = answer.usage
    assert book.claims == {"0": ("session:1", most_in + 300, PRICES.of(most_in, 300))}
    assert answer.cost == PRICES.of(usage.tokens_in, usage.tokens_out) > 0
    assert book.settled == {"0": ("voice", usage.tokens_in, usage.tokens_out, answer.cost)}


def test_the_schema_is_part_of_what_is_sent():
    assert seen_usage(SHAPED, 0).tokens_in > seen_usage(ASK, 0).tokens_in - ASK.characters // 4
    assert seen_usage(SHAPED, 0).tokens_in * 4 > SHAPED.characters + 40


@pytest.mark.parametrize("kind", ["401", "404", "429", "500", "redirect"])
def test_what_did_no_work_costs_nothing(kind, fake):
    fake.fault(kind)
    book = Book()
    with pytest.raises(ModelFailed):
        run(asked(fake.base_url, book))
    assert book.last == (0, 0)


@pytest.mark.parametrize("kind", ["hang_between", "close", "bad_chunk"])
def test_what_was_cut_off_is_paid_by_what_was_seen(kind, fake):
    fake.fault(kind)
    book = Book()
    quick = Timeouts(connect=10, first=20, gap=0.3, whole=60)
    with pytest.raises(ModelFailed):
        run(asked(fake.base_url, book, "stream", timeouts=quick))
    tokens_in, tokens_out = book.last
    assert tokens_in == seen_usage(ASK, 0).tokens_in and tokens_out > 0


USED = {"prompt_tokens": 70, "completion_tokens": 1_000}
BROKEN_OFF = {
    "words, then an error": (events(said("a" * 400), {"error": {"code": 500}}), (None, 100)),
    "words, then a quota": (events(said("a" * 400), {"error": {"code": 429}}), (None, 100)),
    "words without an end": (events(said("a" * 400), done=False), (None, 100)),
    "far too many words": (events(said("a" * 20_004, "stop")), (None, 5_001)),
    "nothing but thinking": (
        events(said(None, reasoning_content="a" * 400), said(None, "length")),
        (None, 100),
    ),
    "thinking that was counted": (
        events(said(None, "length"), {"choices": [], "usage": USED}),
        (70, 1_000),
    ),
    "withheld in one piece": (
        http(json.dumps(completion("Yes", "content_filter", usage=USED)).encode()),
        (70, 1_000),
    ),
    "an error and no word": (events({"error": {"code": 500}}), (0, 0)),
}


@pytest.mark.parametrize("how", ["reply", "stream"])
@pytest.mark.parametrize("what", BROKEN_OFF)
def test_a_part_of_an_answer_is_paid_whoever_read_it_and_whatever_ended_it(what, how):
    """The judge's too, which nobody reads along."""
    sent, (tokens_in, tokens_out) = BROKEN_OFF[what]
    book = Book()

    async def work():
        async with raw_server(sent) as raw:
            with pytest.raises(ModelFailed):
                await asked(raw.base_url, book, how)

    run(work())
    assert book.last == (
        seen_usage(ASK, 0).tokens_in if tokens_in is None else tokens_in,
        tokens_out,
    )


@pytest.mark.parametrize("how", ["closed", "cancelled"])
def test_who_leaves_pays_what_was_seen(how, fake):
    fake.fault("hang_between")
    book = Book()

    async def listen(model, heard):
        async with aclosing(model.stream(ASK)) as pieces:
            async for _ in pieces:
                heard.set()
                if how == "closed":
                    break

    async def work():
        async with metered(fake.base_url, book) as model:
            heard = asyncio.Event()
            listening = asyncio.create_task(listen(model, heard))
            await heard.wait()
            if how == "cancelled":
                listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await until(lambda: bool(book.settled))

    run(work())
    tokens_in, tokens_out = book.last
    assert tokens_in > 0 and tokens_out > 0


def test_who_leaves_while_the_claim_is_written_leaves_none_open(fake):
    book = Book()
    book.may_claim.clear()

    async def work():
        async with metered(fake.base_url, book) as model:
            asking = asyncio.create_task(model.reply(ASK))
            await until(book.is_asked.is_set)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            book.may_claim.set()
            await until(lambda: len(book.settled) == 1)
            return asking.cancelled()

    assert run(work())
    assert book.last == (0, 0)
    assert fake.requests == []


def test_without_a_budget_nothing_is_sent(fake):
    book = Book(most=10)
    with pytest.raises(ModelFailed) as failed:
        run(asked(fake.base_url, book))
    assert failed.value.fault == "budget"
    assert fake.requests == [] and book.settled == {}


def test_a_spent_budget_does_not_open_the_breaker(fake):
    book = Book(most=10)

    async def work():
        async with metered(fake.base_url, book) as model:
            faults = {await fault(model) for _ in range(FAILURES + 1)}
            book.most = 10**9
            return faults, (await model.reply(ASK)).text

    faults, text = run(work())
    assert faults == {"budget"} and text


def test_where_the_ledger_does_not_answer_nothing_is_sent(fake):
    book = Book()
    book.busy = True
    with pytest.raises(ModelFailed) as failed:
        run(asked(fake.base_url, book))
    assert failed.value.fault == "ledger"  # which is no word about the endpoint
    assert fake.requests == []


def test_an_answer_is_not_lost_where_its_claim_cannot_be_settled(fake, caplog):
    book = Book()

    async def work():
        async with metered(fake.base_url, book) as model:
            pieces = model.stream(ASK)
            first = await anext(pieces)
            book.busy = True
            texts, answer = await read(pieces)
            return first + "".join(texts), answer

    caplog.set_level(logging.DEBUG)
    text, answer = run(work())
    assert text == answer.text
    assert len(book.claims) == 1 and book.settled == {}
    told = " ".join(record.getMessage() for record in caplog.records)
    assert "claim" in told and KEY not in told and SECRET not in told


def test_after_three_failures_it_is_refused_at_once_and_asked_again_a_minute_later(fake):
    book, breaker, clock = Book(), Breaker(), [0]
    fake.fault("500", times=FAILURES)

    async def work():
        async with metered(fake.base_url, book, breaker, lambda: clock[0]) as model:
            faults = []
            for at in (0, 1, 2, 3, OPEN_FOR + 1):
                clock[0] = at
                faults.append((await fault(model), len(fake.requests)))
            clock[0] = OPEN_FOR + 2
            return faults, (await model.reply(ASK)).text

    faults, text = run(work())
    assert faults == [("server", 1), ("server", 2), ("server", 3), ("down", 3), ("down", 3)]
    assert text and len(fake.requests) == 4
    assert len(book.claims) == 4  # none for what was not sent


def test_sessions_share_the_breaker_and_one_of_them_tries(fake):
    book, breaker, clock = Book(), Breaker(), [0]
    fake.fault("500", times=FAILURES)

    async def work():
        async with AsyncExitStack() as sessions:
            models = [
                await sessions.enter_async_context(
                    metered(fake.base_url, book, breaker, lambda: clock[0])
                )
                for _ in range(5)
            ]
            for model in models[:FAILURES]:
                await fault(model)
            clock[0] = OPEN_FOR
            fake.clear()
            return await asyncio.gather(*(m.reply(ASK) for m in models), return_exceptions=True)

    answers = run(work())
    refused = [answer.fault for answer in answers if isinstance(answer, ModelFailed)]
    assert refused == ["down"] * 4
    assert len(fake.requests) == 1


def test_a_trier_who_leaves_lets_the_next_one_try(fake):
    book, breaker, clock = Book(), Breaker(), [0]
    fake.fault("500", times=FAILURES)
    fake.fault("hang_before")

    async def work():
        async with metered(fake.base_url, book, breaker, lambda: clock[0]) as model:
            for _ in range(FAILURES):
                await fault(model)
            clock[0] = OPEN_FOR
            trying = asyncio.create_task(model.reply(ASK))
            await until(lambda: len(fake.requests) == FAILURES + 1)
            trying.cancel()
            await asyncio.gather(trying, return_exceptions=True)
            return await model.reply(ASK)

    assert run(work()).text
