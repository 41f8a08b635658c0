"""The interviewer's voice where a model lends one: the move's words come from the model where they may be said, else
from the script, in the same turn."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from app.bank.sheet import FactSheet
from app.endpoint import Prices
from app.errors import InvalidContent, NotFound
from app.interview.coverage import Coverage
from app.interview.events import Worded
from app.interview.move import ASKING, Move
from app.interview.persona import Persona
from app.interview.session import Session
from app.llm.allowed import Allowance, background_of
from app.llm.breaches import lacks, names_of
from app.llm.model import (
    Answer,
    Ask,
    Fault,
    Model,
    ModelFailed,
    Usage,
    failed_usage,
    seen_usage,
)
from app.llm.screen import Screen
from app.llm.telling import VOICED, Telling, telling_of
from app.rubric.load import Rubric

WITHIN = 20.0  # seconds for all tries together
# More, for what may keep a call waiting on our side. The model itself is told WITHIN, so that its lateness counts
# against it: who only leaves says nothing about the endpoint.
SPARE = 1.0
RETRY_BEFORE = 5.0  # seconds after which a second try would keep the candidate waiting
SHORT_WAIT = 2.0  # seconds that a busy server may ask for
LASTING = frozenset(
    {"denied", "not_found", "budget", "down", "ledger", "forbidden", "slow", "overlong", "redirect"}
)
BREACH = "breach"
UNPROMPTED = "prompt"
CUT_OFF = "length"  # as servers say that an answer was longer than it might be
LEAST_ASKED = 3  # words of a question that count as asked
TRIES = 2
__all__ = ["VOICED", "Speaker", "Spoken"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of a turn and how they came about. `reason` says why the script had to say it: a fault, "breach",
    or "prompt" where a prompt file is broken; empty where the model's words stand."""

    text: str
    worded: Worded
    reason: str = ""


@dataclass(slots=True)
class _Record:
    """What the tries of one turn took. `open` is what is asked just now, since `asked_at` (seconds of time.monotonic),
    and `characters` what came of it so far."""

    move: Move
    telling: Telling | None = None
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    first_ms: int = 0
    whole_ms: int = 0
    checks: tuple[str, ...] = ()
    open: Ask | None = None
    asked_at: float = 0.0
    characters: int = 0

    def ask(self, ask: Ask) -> None:
        self.open, self.asked_at, self.characters = ask, time.monotonic(), 0

    def hear(self, piece: str) -> None:
        if not self.characters:
            self.first_ms = self._since_asked()
        self.characters += len(piece)

    def _since_asked(self) -> int:
        return round((time.monotonic() - self.asked_at) * 1000)

    def add(self, answer: Answer) -> None:
        self.model = answer.model
        self.tokens_in += answer.usage.tokens_in
        self.tokens_out += answer.usage.tokens_out
        self.cost += answer.cost
        self.first_ms = answer.first_ms
        self.whole_ms = answer.whole_ms
        self.open = None

    def spend(self, usage: Usage, prices: Prices) -> None:
        """On the open try, of which no whole answer came."""
        self.whole_ms = self._since_asked()
        self.open = None
        self.tokens_in += usage.tokens_in
        self.tokens_out += usage.tokens_out
        self.cost += prices.of(usage.tokens_in, usage.tokens_out)


@dataclass(frozen=True, slots=True)
class _Try:
    """`reason` is empty where the text may be said."""

    text: str
    reason: str
    check: str
    breaches: tuple[str, ...] = ()
    retry_after: float | None = None


class Speaker:
    """One question, rubric and persona, and the model that speaks. The first for a question and rubric takes a tenth of
    a second to build, the others nothing."""

    def __init__(
        self,
        sheet: FactSheet,
        rubric: Rubric,
        persona: Persona,
        extra: Path | None,
        model: Model,
        within: float = WITHIN,
    ) -> None:
        self._question = sheet.question
        self._persona = persona
        self._extra = extra
        self._model = model
        self._within = within
        self._background = background_of(sheet, rubric, extra)
        self._running: _Record | None = None

    async def speak(
        self,
        session: Session,
        coverage: Coverage,
        move: Move,
        now_ms: int,
        show: Callable[[str], None],
    ) -> Spoken:
        """`show` gets all that may be shown so far, each time there is more, and "" where a draft is taken back.
        Never raises, save CancelledError."""
        record = self._running = _Record(move, model=self._model.name)
        try:
            return await self._spoken(session, coverage, move, now_ms, show, record)
        finally:
            if self._running is record:
                self._running = None

    async def _spoken(
        self,
        session: Session,
        coverage: Coverage,
        move: Move,
        now_ms: int,
        show: Callable[[str], None],
        record: _Record,
    ) -> Spoken:
        began = time.monotonic()
        again = ""
        for number in range(TRIES):
            try:
                telling = telling_of(
                    session,
                    coverage,
                    move,
                    self._question,
                    self._persona,
                    now_ms,
                    extra=self._extra,
                    again=again,
                )
            except (InvalidContent, NotFound):
                return self._scripted(move, record, UNPROMPTED)
            record.telling = telling
            tried = await self._try(session, move, telling.ask, show, record, began)
            if not tried.reason:
                return Spoken(tried.text, self._worded(record, "model"))
            elapsed = time.monotonic() - began
            if number + 1 == TRIES or not self._is_worth_it(tried, elapsed):
                break
            again = names_of(tried.breaches)
            if tried.retry_after:
                await asyncio.sleep(tried.retry_after)
        return self._scripted(move, record, tried.reason)

    @staticmethod
    def _is_worth_it(tried: _Try, elapsed: float) -> bool:
        if tried.reason in LASTING or elapsed >= RETRY_BEFORE:
            return False
        if tried.reason == "busy":
            return tried.retry_after is not None and tried.retry_after <= SHORT_WAIT
        return True

    async def _try(
        self,
        session: Session,
        move: Move,
        ask: Ask,
        show: Callable[[str], None],
        record: _Record,
        began: float,
    ) -> _Try:
        screen = Screen(self._background, session, move)
        left = max(0.0, self._within - (time.monotonic() - began))
        until = asyncio.get_running_loop().time() + left
        ask = replace(ask, until=until)
        record.ask(ask)
        answer: Answer | None = None
        failed: _Try | None = None
        took: Usage | None = None
        try:
            async with asyncio.timeout_at(until + SPARE):
                async with aclosing(_stream(self._model, ask)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, Answer):
                            answer = piece
                            break
                        record.hear(piece)
                        if screen.feed(piece):
                            show(screen.shown)
                        if screen.breaches:
                            break
        except TimeoutError:
            fault: Fault = "overlong" if record.characters else "slow"
            failed = _Try("", fault, fault)
        except ModelFailed as error:
            failed = _Try("", error.fault, error.fault, retry_after=error.retry_after)
            took = failed_usage(error, ask, record.characters)
        tried = failed or self._judged(screen, answer)
        record.checks += (tried.check,)
        if answer is not None:
            record.add(answer)
        else:
            record.spend(took or seen_usage(ask, record.characters), self._model.prices)
        if tried.reason and screen.shown:
            show("")
        return tried

    @staticmethod
    def _judged(screen: Screen, answer: Answer | None) -> _Try:
        """What ran into the limit of its tokens ends in half a sentence, however much it has told."""
        verdict = screen.finish()
        breaches = verdict.breaches
        if not breaches and answer is not None and answer.finish == CUT_OFF:
            breaches = ("long",)
        if not breaches:
            return _Try(verdict.text, "", "ok")
        return _Try("", BREACH, " ".join(breaches), breaches)

    def part(self, session: Session, move: Move, shown: str) -> Spoken | None:
        """What stands when the candidate speaks on while `shown` was on the screen of the move that is just being
        worded. What has to be told is told: the words so far where they hold it, else the script. A question counts
        from a few words on; before, it was never asked: None."""
        record = self._so_far(move)
        words = len(shown.split())
        if move.kind in ASKING and move.kind != "twist":
            return (
                Spoken(shown, self._worded(record, "model", cut=True))
                if words >= LEAST_ASKED
                else None
            )
        allowed = Allowance(self._background, session, move)
        if words and not lacks(self._background.part(shown), allowed):
            return Spoken(shown, self._worded(record, "model", cut=True))
        return Spoken(move.text, self._worded(record, "script", cut=True))

    def _so_far(self, move: Move) -> _Record:
        """What finding the words of a move has taken until now, if it is being worded."""
        if self._running is None or self._running.move is not move:
            return _Record(move, model=self._model.name)
        record = replace(self._running)
        if record.open is not None:
            record.spend(seen_usage(record.open, record.characters), self._model.prices)
        return record

    def _scripted(self, move: Move, record: _Record, reason: str) -> Spoken:
        return Spoken(move.text, self._worded(record, "script"), reason)

    def _worded(self, record: _Record, by: str, *, cut: bool = False) -> Worded:
        telling = record.telling
        return Worded(
            turn=0,
            by="model" if by == "model" else "script",
            prompt=telling.prompt if telling else "",
            prompt_version=telling.version if telling else 0,
            prompt_sha256=telling.sha256 if telling else "",
            model=record.model,
            tokens_in=record.tokens_in,
            tokens_out=record.tokens_out,
            cost=record.cost,
            first_ms=record.first_ms,
            whole_ms=record.whole_ms,
            checks=record.checks,
            cut=cut,
        )


def _stream(model: Model, ask: Ask) -> AsyncGenerator[str | Answer, None]:
    """Every model's stream is a generator, which is closed where its rest is not wanted."""
    return cast(AsyncGenerator[str | Answer, None], model.stream(ask))
