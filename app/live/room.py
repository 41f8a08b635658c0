"""One session in this process: its fold, who is connected, and the interviewer who listens."""

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

from app.errors import Conflict, Unavailable
from app.interview.commands import Command, Expire, Reply, Say, Write, decide
from app.interview.events import Event, Spoke, Wrote, body_of, event_of
from app.interview.policy import HintWanted, Interviewer, Quiet, Said, Trigger
from app.interview.session import Session, apply
from app.live.hearing import Expectations, Hearing
from app.storage.log import MAIN, Decision, Draft, Known, Log, Logged, Receipt

CANDIDATE, INTERVIEWER, SYSTEM = "candidate", "interviewer", "system"
TYPING_LASTS = (
    12_000  # ms that a page's word for somebody typing holds; it repeats it every five seconds
)
KEPT_FRAMES = 32  # transient frames that a slow connection keeps; the oldest go


class Connection:
    """One page of the candidate. It holds a cursor and a wake flag, no queue of events."""

    def __init__(self) -> None:
        self.cursor = 0
        self.wake = asyncio.Event()
        self.shows: deque[str] = deque(maxlen=KEPT_FRAMES)
        self.typing_until = 0
        self.is_over = False

    def show(self, kind: str) -> None:
        """Something that is no event has changed: the page asks for it by kind."""
        if kind not in self.shows:
            self.shows.append(kind)
        self.wake.set()

    def close(self) -> None:
        self.is_over = True
        self.wake.set()


class Room:
    """Commands go one after another; what they made is folded, heard and shown before the next."""

    def __init__(
        self,
        id: str,
        log: Log,
        now: Callable[[], int],
        interviewer: Interviewer,
        expectations: Expectations,
    ) -> None:
        self.id = id
        self.log = log
        self.interviewer = interviewer
        self.session = Session()
        self.main: list[Logged] = []
        self.connections: set[Connection] = set()
        self.empty_since = now()
        self.publishing = asyncio.Lock()
        self._now = now
        self._staff = 0
        self._expectations = expectations
        self._hearing = Hearing(expectations)
        self._lock = asyncio.Lock()
        self._active_at = now()

    # what is known ----------------------------------------------------------------------------
    @property
    def known(self) -> Known:
        return len(self.main), self._staff

    @property
    def expectations(self) -> Expectations:
        return self._expectations

    @property
    def hearing(self) -> Hearing:
        return self._hearing

    async def load(self) -> None:
        self._take(await self.log.history(self.id, self.known))

    async def forget(self) -> None:
        """The store lost its latest events (a restore from an older copy): read all of it again."""
        self.session, self.main, self._staff = Session(), [], 0
        self._hearing = Hearing(self._expectations)
        for connection in self.connections:
            connection.close()
        await self.load()

    def _take(self, events: list[Logged] | tuple[Logged, ...]) -> None:
        for logged in events:
            if logged.stream == MAIN:
                self.main.append(logged)
            else:
                self._staff += 1
            event = event_of(logged.type, dict(logged.body))
            if event is not None:
                self._fold(event, logged.at)

    def _fold(self, event: Event, at: int) -> None:
        self.session = apply(self.session, event, at)
        match event:
            case Spoke():
                self._hearing.hear(len(self.session.turns) - 1, event)
            case Wrote():
                self._hearing.read(event.section, event.text, len(self.session.turns))

    # what is done -----------------------------------------------------------------------------
    async def do(
        self, command: Command, *, actor: str = CANDIDATE, cmd: str | None = None
    ) -> Receipt:
        """Raises Refused, Conflict or Unavailable; then nothing has happened.

        What was done before, by another process or by a call that was cut off, is read as well.
        """
        async with self._lock:
            before = self.known
            try:
                receipt = await self.log.append(
                    self.id,
                    actor=actor,
                    cmd=cmd,
                    digest=digest_of(command),
                    decide=lambda newer, at: self._decision(command, newer, at),
                    known=self.known,
                    now=self._now,
                )
                if receipt.dup:
                    await self.load()
                else:
                    self._take((*receipt.newer, *receipt.events))
            except Conflict:
                await self.load()
                raise
            except Unavailable:
                head = await self.log.head(self.id)
                if head.main < self.known[0] or head.staff < self.known[1]:
                    await self.forget()
                raise
            finally:
                if self.known != before:
                    self.wake()
        return receipt

    def _decision(self, command: Command, newer: tuple[Logged, ...], at: int) -> Decision:
        session = self.session
        for logged in newer:
            event = event_of(logged.type, dict(logged.body))
            if event is not None:
                session = apply(session, event, logged.at)
        made = decide(session, command, at)
        for event in made:
            session = apply(session, event, at)
        return Decision(tuple(map(draft, made)), session.state, session.clock.due_at)

    def wake(self) -> None:
        for connection in self.connections:
            connection.wake.set()

    def show(self, kind: str) -> None:
        for connection in self.connections:
            connection.show(kind)

    # the interviewer --------------------------------------------------------------------------
    async def after(self, command: Command) -> None:
        """What follows of a candidate's command: the interviewer's word, the new coverage."""
        match command:
            case Say():
                self._active_at = self._now()
                await self.answer_turn()
                self.show("stepper")
            case Write():
                self._active_at = self._now()
                self.show("stepper")

    async def answer_turn(self) -> None:
        """The candidate's latest turn gets its one move, also after a restart in between."""
        turn = self.session.unanswered
        if turn is not None and self.session.state == "running":
            await self._respond(Said(turn), f"reply:{turn}")

    async def give_hint(self) -> None:
        await self._respond(HintWanted(), f"hint:{self.session.hints}")
        self._active_at = self._now()

    async def listen(self) -> None:
        """Called each second: a silence may be the time to ask."""
        now = self._now()
        composing = any(connection.typing_until > now for connection in self.connections)
        if composing:
            self._active_at = now
        elif self.session.unanswered is not None:
            await self.answer_turn()
        else:
            await self._respond(Quiet((now - self._active_at) / 1000), None)

    async def _respond(self, trigger: Trigger, cmd: str | None) -> None:
        coverage = self._hearing.coverage()
        move = self.interviewer.next_move(self.session, coverage, trigger, self._now())
        if not move.text and move.answers is None:
            return
        chose = move.chose(len(self.session.turns))
        with suppress(Conflict):  # another answered first, in other words
            receipt = await self.do(Reply(chose, move.text), actor=INTERVIEWER, cmd=cmd)
            if receipt.events and move.text:
                self._active_at = self._now()

    async def expire(self) -> None:
        closing = self.interviewer.closing(self.session)
        with suppress(Conflict):  # another ended it first, in other words
            await self.do(Expire(closing), actor=SYSTEM, cmd="expire")

    def typing(self, connection: Connection, on: bool) -> None:
        now = self._now()
        connection.typing_until = now + TYPING_LASTS if on else 0
        self._active_at = now

    def join(self, connection: Connection) -> None:
        self.connections.add(connection)

    def leave(self, connection: Connection) -> None:
        self.connections.discard(connection)
        if not self.connections:
            self.empty_since = self._now()


def draft(event: Event) -> Draft:
    return Draft(event.stream, event.type, body_of(event))


def digest_of(command: Command) -> bytes:
    """Equal for the same command with the same content."""
    text = json.dumps([type(command).__name__, asdict(command)], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
