"""One session in this process: its fold, who is connected, and the interviewer who listens."""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Any

from app.errors import Conflict, SevenstepError, Unavailable
from app.interview.commands import (
    Command,
    Expire,
    Finish,
    Pause,
    Refused,
    Reply,
    Say,
    Write,
    decide,
)
from app.interview.coverage import Coverage
from app.interview.events import (
    AskedHint,
    Chose,
    Event,
    Spoke,
    VoiceChanged,
    Wrote,
    body_of,
    event_of,
)
from app.interview.leading import Ask, Caption, Drive
from app.interview.move import Move
from app.interview.policy import HintWanted, Interviewer, Quiet, Said, Trigger
from app.interview.session import Session, apply
from app.live.bus import Kind, Notice
from app.live.connection import CANDIDATE, Connection
from app.live.elsewhere import TYPING_LASTS, Elsewhere
from app.live.hearing import Expectations, Hearing
from app.live.meters import Meters, Outcome, Unmetered
from app.live.voice import Word, by_script
from app.llm.speaker import VOICED, Speaker
from app.storage.log import MAIN, Decision, Draft, Head, Known, Log, Logged, Receipt

INTERVIEWER, SYSTEM = "interviewer", "system"
DRAW_EVERY = 0.05  # seconds between two states of a draft that pages are told: more is not read
DRAFT_HOLDS = 3.0  # seconds after which other processes are told again that a word is being found
WORDED_WITHIN = 25.0  # seconds; a turn is answered within 30, whatever the speaker does
HINT = "hint:"

logger = logging.getLogger("sevenstep.live")


class Room:
    """Commands go one after another; what they made is folded, heard and shown before the next.

    With a speaker a move may take its time to be worded. Nobody waits for it: it is one open word beside the
    commands, it is stored as one turn once it is complete, and it gives way to whoever takes the floor.
    """

    def __init__(
        self,
        id: str,
        log: Log,
        now: Callable[[], int],
        interviewer: Interviewer,
        expectations: Expectations,
        spawn: Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"],
    ) -> None:
        self.id = id
        self.log = log
        self.interviewer = interviewer
        self.session = Session()
        self.main: list[Logged] = []
        self.staff: list[Logged] = []
        self.connections: set[Connection] = set()
        self.empty_since = now()
        self.publishing = asyncio.Lock()
        self.speaker: Speaker | None = None
        self.host: str | None = None  # where the speaker's model is
        self.voice_reason = ""  # why the script has the word where a model was asked for
        self._word: Word | None = None
        self._spawn = spawn
        self._hinted = 0  # of the hints that were asked for, how many had an answer
        self._now = now
        self._expectations = expectations
        self._hearing: Hearing | None = None
        self._unheard: list[tuple[int, Spoke | Wrote]] = []  # with the number of turns before it
        self._lock = asyncio.Lock()
        self._active_at = now()
        self.meters: Meters = Unmetered()
        # Where other processes serve the session as well: how it is told to them, what they told, and for how long
        # (ms) what they took is left to them.
        self.told: Callable[[Kind, Mapping[str, Any]], None] = nobody
        self.elsewhere = Elsewhere()
        self.patience = 0
        self._took = True  # this process took what the candidate wanted last
        self._wanted_at = 0

    # what is known ----------------------------------------------------------------------------
    @property
    def known(self) -> Known:
        return len(self.main), len(self.staff)

    @property
    def expectations(self) -> Expectations:
        return self._expectations

    @property
    def hearing(self) -> Hearing:
        """What has not been heard yet is heard now: where nobody asks for the coverage, as in a process that serves
        only the candidate, no time is spent on it."""
        hearing = self._hearing = self._hearing or Hearing(self._expectations)
        unheard, self._unheard = self._unheard, []
        for turns, event in unheard:
            if isinstance(event, Spoke):
                hearing.hear(turns, event)
            else:
                hearing.read(event.section, event.text, turns)
        return hearing

    @property
    def draft(self) -> tuple[int, str] | None:
        """The turn that is just being worded and what may be seen of it; no words yet are an empty text."""
        if self._word is not None:
            return self._word.turn, self._word.drawn
        return self.elsewhere.draft(len(self.session.turns), self._now())

    async def load(self) -> None:
        self._take(await self.log.history(self.id, self.known))

    def has_heard(self, main: object, staff: object) -> bool:
        """Of events up to these numbers, which another process told."""
        known = self.known
        return (
            isinstance(main, int)
            and isinstance(staff, int)
            and main <= known[0]
            and staff <= known[1]
        )

    def is_at(self, head: Head) -> bool:
        """The number alone does not tell two histories apart."""
        last = self.main[-1].eid if self.main else None
        return self.known == (head.main, head.staff) and last == head.main_eid

    @property
    def is_busy(self) -> bool:
        """With a command, after which it may know more."""
        return self._lock.locked()

    async def catch_up(self) -> None:
        """What other processes stored. Raises NotFound where the session was deleted."""
        async with self._lock:
            head = await self.log.head(self.id)
            if self.is_at(head):
                return
            known = self.known
            if (
                head.main < known[0]
                or head.staff < known[1]
                or (head.main == known[0] and self.main and head.main_eid != self.main[-1].eid)
            ):
                await self.forget()
                return
            turns = len(self.session.turns)
            await self.load()
            self._active_at = self._now()
            if len(self.session.turns) != turns or self.session.state != "running":
                self.fall_silent()  # others have taken the floor
            self.wake()
            self.show("stepper")

    def hear(self, notice: Notice) -> None:
        """What another process told that is stored nowhere."""
        if self.elsewhere.hear(notice, self._now()):
            self.wake()

    def say_who_is_here(self) -> None:
        self.told("presence", {"who": sorted(self.present_here)})

    async def forget(self) -> None:
        """The store lost its latest events (a restore from an older copy): read all of it again."""
        self.fall_silent()
        self.session, self.main, self.staff = Session(), [], []
        self.voice_reason, self._hinted = "", 0
        self._hearing = None
        self._unheard.clear()
        for connection in self.connections:
            connection.close()
        await self.load()

    def _take(self, events: list[Logged] | tuple[Logged, ...], *, ours: bool = False) -> None:
        for logged in events:
            (self.main if logged.stream == MAIN else self.staff).append(logged)
            event = event_of(logged.type, dict(logged.body))
            if event is not None:
                self._fold(event, logged.at)
            if isinstance(event, AskedHint) or (
                isinstance(event, Spoke) and event.speaker == "candidate"
            ):
                self._took, self._wanted_at = ours, logged.at

    def _fold(self, event: Event, at: int) -> None:
        self.session = apply(self.session, event, at)
        match event:
            case Spoke():
                self._unheard.append((len(self.session.turns) - 1, event))
            case Wrote():
                self._unheard.append((len(self.session.turns), event))
            case VoiceChanged():
                self.voice_reason = event.reason
            case Chose(trigger="hint"):
                self._hinted = self.session.hints

    # what is done -----------------------------------------------------------------------------
    async def do(
        self, command: Command, *, actor: str = CANDIDATE, cmd: str | None = None
    ) -> Receipt:
        """Raises Refused, Conflict or Unavailable; then nothing has happened.

        What was done before, by another process or by a call that was cut off, is read as well.
        """
        async with self._lock:
            if self._word is not None and self._takes_the_floor(command, actor, cmd):
                await self._break_off(self._word, command)
            return await self._append(command, actor, cmd)

    async def _append(self, command: Command, actor: str, cmd: str | None) -> Receipt:
        before, began = self.known, time.monotonic()
        outcome: Outcome = "refused"
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
            outcome = "again" if receipt.dup else "stored" if receipt.events else "nothing"
            if receipt.dup:
                await self.load()
            else:
                self._take(receipt.newer)
                self._take(receipt.events, ours=True)
        except Conflict:
            outcome = "conflict"
            await self.load()
            raise
        except Unavailable:
            outcome = "unavailable"
            head = await self.log.head(self.id)
            if head.main < self.known[0] or head.staff < self.known[1]:
                await self.forget()
            raise
        finally:
            self.meters.appended(outcome, time.monotonic() - began)
            if outcome == "stored":
                self.told("wake", dict(zip(("main", "staff"), self.known, strict=True)))
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
            case Say() | Caption():
                self._active_at = self._now()
                await self.answer_turn()
                self.show("stepper")
            case Write():
                self._active_at = self._now()
                self.show("stepper")
            case Drive():
                await self.answer_turn()

    @property
    def is_driven(self) -> bool:
        """By the script or a model; where a person leads, nothing is said for them."""
        return self.session.led.driver != "human"

    async def answer_turn(self) -> None:
        """The candidate's latest turn gets its one move, also after a restart in between."""
        turn = self.session.unanswered
        if turn is not None and self.session.state == "running":
            await self._respond(Said(turn), f"reply:{turn}")

    async def give_hint(self) -> None:
        """The hint that was asked for, also after a restart in between."""
        if self.session.hints > self._hinted and self.session.state == "running":
            await self._respond(HintWanted(), f"{HINT}{self.session.hints}")

    async def listen(self) -> None:
        """Called each second: a silence may be the time to ask."""
        now = self._now()
        composing = any(connection.typing_until > now for connection in self.connections)
        composing = composing or self.elsewhere.is_composing(now)
        if composing:
            self._active_at = now
        patience = 0 if self._took else self.patience
        if self._word is not None:
            if self._word.reply is not None:  # the store could not take it
                await self._store(self._word)
        elif self.draft is not None or now - self._wanted_at < patience:
            return  # who took the turn answers it
        elif self.session.unanswered is not None:
            await self.answer_turn()
        elif self.session.hints > self._hinted:
            await self.give_hint()
        elif not composing:
            silence = max(0, now - self._active_at - patience)
            await self._respond(Quiet(silence / 1000), None)

    async def _respond(self, trigger: Trigger, cmd: str | None) -> None:
        if not self.is_driven:
            return
        turns = len(self.session.turns)
        async with self._lock:
            if self._word is not None:
                return
            if isinstance(trigger, Quiet) and len(self.session.turns) != turns:
                return  # the silence is over
            coverage = self.hearing.coverage()
            move = self.interviewer.next_move(self.session, coverage, trigger, self._now())
            if not move.text and move.answers is None:
                return
            if self._is_voiced(move) and self.speaker is not None:
                self._begin(move, cmd, coverage, self.speaker)
            else:
                with suppress(Conflict):  # another answered first, in other words
                    receipt = await self._append(self._scripted(move), INTERVIEWER, cmd)
                    if receipt.events and move.text:
                        self._active_at = self._now()

    def _is_voiced(self, move: Move) -> bool:
        spec = self.session.spec
        is_asked = spec is not None and spec.voice == "model"
        if self.session.is_live and self.session.led.driver != "model":
            is_asked = False
        return is_asked and move.kind in VOICED and bool(move.text) and not move.offered

    def _scripted(self, move: Move) -> Reply:
        chose = move.chose(len(self.session.turns))
        if self._is_voiced(move) and self.session.voice == "model":
            return by_script(chose, move.text, "unset")
        return Reply(chose, move.text)

    # a word that a model finds ----------------------------------------------------------------
    def _begin(self, move: Move, cmd: str | None, coverage: Coverage, speaker: Speaker) -> None:
        session = self.session
        if session.state != "running" or move.answers not in (None, session.unanswered):
            return
        self._word = word = Word(move, len(session.turns), cmd)
        word.task = self._spawn(self._find(word, session, coverage, speaker))
        self._tell_draft(word)
        self.wake()

    def _tell_draft(self, word: Word) -> None:
        """Also while nothing new is drawn: others leave the turn to whoever finds words for it."""
        if self._word is word:
            self.told("draft", {"turn": word.turn, "text": word.drawn})
            if word.holding is not None:
                word.holding.cancel()
            loop = asyncio.get_running_loop()
            word.holding = loop.call_later(DRAFT_HOLDS, self._tell_draft, word)

    async def _find(
        self, word: Word, session: Session, coverage: Coverage, speaker: Speaker
    ) -> None:
        reply = await self._worded(word, session, coverage, speaker)
        if self._word is word and word.reply is None:
            word.reply = reply
            with suppress(SevenstepError):  # it is kept, and tried again at the next look
                await self._store(word)

    async def _worded(
        self, word: Word, session: Session, coverage: Coverage, speaker: Speaker
    ) -> Reply:
        show = partial(self._show, word)
        try:
            async with asyncio.timeout(WORDED_WITHIN):
                spoken = await speaker.speak(session, coverage, word.move, self._now(), show)
        except TimeoutError:
            return by_script(word.chose, word.move.text, "overlong")
        except Exception as error:  # of ours: whatever it is, the candidate gets an answer
            logger.warning("speaker: %s", type(error).__name__)
            return by_script(word.chose, word.move.text, "broken")
        return Reply(word.chose, spoken.text, spoken.worded, spoken.reason)

    def _show(self, word: Word, text: str) -> None:
        word.shown = text
        loop = asyncio.get_running_loop()
        wait = word.drawn_at + DRAW_EVERY - loop.time()
        if wait <= 0:
            self._draw(word)
        elif word.drawing is None:
            word.drawing = loop.call_later(wait, self._draw, word)

    def _draw(self, word: Word) -> None:
        word.drawing = None
        if self._word is word and word.reply is None:
            word.drawn, word.drawn_at = word.shown, asyncio.get_running_loop().time()
            self._tell_draft(word)
            self.wake()

    async def _store(self, word: Word) -> None:
        async with self._lock:
            if self._word is word and word.reply is not None:
                with suppress(Conflict):  # another answered first, in other words
                    await self._append(word.reply, INTERVIEWER, word.cmd)
                self._over()

    def _over(self) -> None:
        self.fall_silent()
        self._active_at = self._now()
        self.wake()

    def _takes_the_floor(self, command: Command, actor: str, cmd: str | None) -> bool:
        """Not what is refused, comes to nothing, or was done before and is sent again."""
        if not isinstance(command, Say | Caption | Ask | Drive | Pause | Finish | Expire):
            return False
        if cmd is not None and any((e.actor, e.cmd) == (actor, cmd) for e in self.main):
            return False
        with suppress(Refused):
            return bool(decide(self.session, command, self._now()))
        return False

    async def _break_off(self, word: Word, command: Command) -> None:
        """What was said stands as said. Nobody waits for the model here: it is left to end by itself."""
        word.stop()
        if word.reply is None:
            word.reply = self._part(word) or self._unsaid(word, command)
        if word.reply is not None:
            with suppress(Conflict):
                await self._append(word.reply, INTERVIEWER, word.cmd)
        self._over()

    def _part(self, word: Word) -> Reply | None:
        assert self.speaker is not None
        part = self.speaker.part(self.session, word.move, word.drawn)
        if part is None or not part.text:
            return None
        return Reply(word.chose, part.text, part.worded, part.reason)

    @staticmethod
    def _unsaid(word: Word, command: Command) -> Reply | None:
        """Who speaks on does not want it any more; after a pause it is taken up again."""
        if word.is_own_accord or not isinstance(command, Say | Caption):
            return None
        kept = Move("listen", word.move.trigger, answers=word.move.answers)
        return Reply(kept.chose(word.turn), "")

    def fall_silent(self) -> None:
        """Whatever is being worded is dropped."""
        if self._word is not None:
            self._word.stop()
            self._word = None
            self.told("draft", {})

    def closing(self) -> str:
        """The last words; a person who leads has their own."""
        return self.interviewer.closing(self.session) if self.is_driven else ""

    async def expire(self) -> None:
        closing = self.closing()
        with suppress(Conflict):  # another ended it first, in other words
            receipt = await self.do(Expire(closing), actor=SYSTEM, cmd="expire")
            if receipt.events and not receipt.dup:
                self.meters.deadline()

    def typing(self, connection: Connection, on: bool) -> None:
        now = self._now()
        connection.typing_until = now + TYPING_LASTS if on else 0
        self.told("typing", {"who": connection.participant, "on": on})
        self._active_at = now
        word = self._word
        if on and word is not None and word.is_own_accord and not word.drawn and not word.reply:
            self.fall_silent()  # it had not begun to speak, and nobody waits for it
            self.wake()

    @property
    def present(self) -> frozenset[str]:
        """Participants with a page open, as far as is known."""
        return self.present_here | self.elsewhere.present(self._now())

    @property
    def present_here(self) -> frozenset[str]:
        """Participants with a page open in this process."""
        return frozenset(connection.participant for connection in self.connections)

    def join(self, connection: Connection) -> None:
        self.connections.add(connection)
        self.say_who_is_here()
        self.wake()

    def leave(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self.say_who_is_here()
        self.wake()
        if not self.connections:
            self.empty_since = self._now()


def nobody(_kind: Kind, _body: Mapping[str, Any]) -> None:
    """Hears it where one process has the log to itself."""


def draft(event: Event) -> Draft:
    return Draft(event.stream, event.type, body_of(event))


def digest_of(command: Command) -> bytes:
    """Equal for the same command with the same content."""
    text = json.dumps([type(command).__name__, asdict(command)], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
