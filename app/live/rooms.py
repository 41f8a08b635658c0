"""All sessions that are alive in this process, and the clockwork: deadlines, silences, absence, outages."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from app.bank.bank import Kept
from app.bank.question import Question
from app.errors import Conflict, InvalidInput, NotFound, Unavailable
from app.interview.commands import Credit, Pause, Refused, Start
from app.interview.events import Created, Ended, Mode, Paused, Published, Voice
from app.interview.persona import DEFAULT
from app.interview.session import Session, apply
from app.live.branching import branch_of
from app.live.bundle import Bundle
from app.live.cast import Cast
from app.live.noted import Noted
from app.live.room import SYSTEM, Room, draft
from app.live.voice import Models, mark_of
from app.llm.model import Model
from app.llm.speaker import Speaker
from app.scoring.knowledge import Knowledge
from app.storage.log import RUNNING, About, Content, Decision, Draft, Log

EXPIRE_EVERY = 0.5  # seconds
LISTEN_EVERY = 1.0
BEAT_EVERY = 5.0
ABSENT = 60_000  # ms without anybody connected, after which a practice session pauses
OUTAGE = 10_000  # ms without a beat that count as the service having been down
KEEP_EMPTY = 300_000  # ms that a room nobody is in stays in memory

logger = logging.getLogger("sevenstep.live")


class Rooms:
    """`cast` builds the interviewers; it is called in a thread, since the first call takes a second. `models` may
    word their moves, where an endpoint is set up."""

    def __init__(
        self,
        log: Log,
        now: Callable[[], int],
        cast: Callable[[], Cast],
        models: Models | None = None,
    ) -> None:
        self.log = log
        self.now = now
        self.models = models
        self._cast = cast
        self._rooms: dict[str, Room] = {}
        self._loading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._note = Noted(logger)
        self.ready = asyncio.Event()

    @property
    def host(self) -> str | None:
        """Where a model's sessions send their words."""
        return None if self.models is None else self.models.endpoint.host

    # sessions ---------------------------------------------------------------------------------
    async def create(
        self,
        kept: Kept,
        *,
        persona: str,
        mode: Mode,
        minutes: int | None,
        knowledge: Knowledge,
        voice: Voice = "script",
    ) -> str:
        """The new session's id. `voice` is "model" where the candidate agreed to `host`; without one it is scripted."""
        question, rubric = kept.question, knowledge.rubric
        host = self.host if voice == "model" else None
        created = Created(
            slug=question.slug,
            title=question.title,
            question_sha256=kept.sha256,
            rubric=rubric.about.id,
            rubric_sha256=rubric.sha256,
            persona=persona,
            mode=mode,
            minutes=minutes,
            voice="script" if host is None else "model",
            host_mark="" if host is None else mark_of(host),
        )
        await self.keep_question(kept)
        return await self.begin(created, Decision((draft(created),), "draft", None))

    async def keep_question(self, kept: Kept) -> None:
        question = kept.question
        content = question.model_dump_json(by_alias=True)
        await self.log.keep_content(
            Content(kept.sha256, "question", question.slug, question.version, content)
        )

    async def begin(self, created: Created, first: Decision) -> str:
        id = secrets.token_hex(16)
        about = About(
            slug=created.slug,
            title=created.title,
            mode=created.mode,
            persona=created.persona,
            minutes=created.minutes or 0,
            question_sha256=created.question_sha256,
        )
        await self.log.create(id, about, first, actor=SYSTEM, now=self.now)
        return id

    async def get(self, id: str) -> Room:
        """Raises NotFound."""
        room = self._rooms.get(id)
        if room is not None:
            return room
        async with self._lock_of(id):
            room = self._rooms.get(id)
            if room is None:
                room = self._rooms[id] = await self._load(id)
            return room

    def _lock_of(self, id: str) -> asyncio.Lock:
        """The same for all who load or delete this session at once; it goes when nobody holds it."""
        return self._loading.setdefault(id, asyncio.Lock())

    async def _load(self, id: str) -> Room:
        about = (await self.log.session(id)).about
        content = await self.log.find_content(about.question_sha256)
        if content is None:
            raise NotFound("The question of this session is not kept here.")
        question = Question.model_validate_json(content.content)

        def build() -> Room:
            cast = self._cast()
            # an interviewer who was taken out of the content is stood in for
            persona = about.persona if cast.knows(about.persona) else DEFAULT
            return Room(
                id,
                self.log,
                self.now,
                cast.interviewer(question, about.question_sha256, persona),
                cast.expectations(question, about.question_sha256),
                self.spawn,
            )

        room = await asyncio.to_thread(build)
        await room.load()
        if (models := self._models_for(room)) is not None:
            self.spawn(models.warm())
            model = models.interviewer(f"session:{id}")
            persona = room.interviewer.persona.id
            voiced = partial(self._speaker, question, about.question_sha256, persona, model)
            room.speaker, room.host = await asyncio.to_thread(voiced), self.host
        return room

    def _models_for(self, room: Room) -> Models | None:
        """Only the endpoint that its candidate agreed to hears what is said."""
        spec = room.session.spec
        if self.models is None or spec is None or spec.voice != "model":
            return None
        return self.models if spec.host_mark == mark_of(self.models.endpoint.host) else None

    def _speaker(self, question: Question, sha256: str, persona: str, model: Model) -> Speaker:
        return self._cast().speaker(question, sha256, persona, model)

    async def start(self, room: Room, cmd: str | None = None) -> None:
        await room.do(Start(room.interviewer.pose()), cmd=cmd)

    async def delete(self, id: str) -> None:
        async with self._lock_of(id):
            await self.log.delete(id)
            self._drop(id)

    def _drop(self, id: str) -> None:
        room = self._rooms.pop(id, None)
        if room is not None:
            room.fall_silent()
            for connection in room.connections:
                connection.close()

    async def bring(self, bundle: Bundle) -> str:
        """A session from elsewhere under a new id; one that had not ended is paused here, and goes on by the script:
        its file cannot agree to anything on behalf of who goes on."""
        kept = Kept(bundle.question, bundle.question_sha256)
        await self.keep_question(kept)
        session = Session()
        drafts: list[Draft] = []
        events = [pair for pair in bundle.known_events() if not isinstance(pair[0], Published)]
        is_over = any(isinstance(event, Ended) for event, _ in events)
        for event, at in events:
            if isinstance(event, Created) and not is_over:
                event = replace(event, voice="script", host_mark="")
            session = apply(session, event, at)
            drafts.append(replace(draft(event), at=session.last_at))
        if session.state == "running":
            paused = Paused("absence")
            drafts.append(replace(draft(paused), at=session.last_at))
            session = apply(session, paused, session.last_at)
        if session.spec is None:
            raise InvalidInput("This session has no beginning.")
        first = Decision(tuple(drafts), session.state, session.clock.due_at)
        return await self.begin(session.spec, first)

    # the clockwork ----------------------------------------------------------------------------
    def run(self) -> None:
        """Until `close`. Nothing is due, and nobody is let in, before an outage has been given back."""
        self.spawn(self._begin())

    async def _begin(self) -> None:
        while not self.ready.is_set():
            try:
                await self.recover()
                self.ready.set()
            except Exception as error:
                self._note("recover", error)
                await asyncio.sleep(EXPIRE_EVERY)
        for step, every in (
            (self._expire, EXPIRE_EVERY),
            (self._listen, LISTEN_EVERY),
            (self._beat, BEAT_EVERY),
        ):
            self.spawn(self._repeat(step, every))

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._note("task", error)

    async def close(self) -> None:
        for room in self._rooms.values():
            for connection in room.connections:
                connection.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _repeat(self, step: Callable[[], Coroutine[Any, Any, None]], every: float) -> None:
        while True:
            try:
                await step()
            except Exception as error:
                self._note(step.__name__.strip("_"), error)
            await asyncio.sleep(every)

    async def recover(self) -> None:
        """After a start: the time in which the service was down is given back, open turns are answered."""
        now, seen = self.now(), await self.log.last_beat()

        async def resume(room: Room) -> None:
            if seen is not None and now - seen > OUTAGE:
                await self._give_back(room, seen, now)
            await room.answer_turn()
            await room.give_hint()

        heads = await self.log.heads(await self.log.unfinished())
        await self._each([id for id, head in heads.items() if head.state == RUNNING], resume)
        await self.log.beat(self.now())  # not before: what was cut off here is done again

    @staticmethod
    async def _give_back(room: Room, seen: int, now: int) -> None:
        """The service was up at the session's latest event, which may be later than its latest beat."""
        since = max(seen, room.session.last_at)
        if room.session.state == "running" and now > since:
            with suppress(Conflict):  # another process gave it back
                await room.do(Credit(now - since), actor=SYSTEM, cmd=f"outage:{since}")

    async def _each(
        self, ids: Iterable[str], step: Callable[[Room], Coroutine[Any, Any, None]]
    ) -> None:
        """A session that was deleted, or cannot be had any more, does not keep the others waiting."""
        for id in ids:
            try:
                await step(await self.get(id))
            except Unavailable:
                raise
            except Exception as error:
                self._note(f"session {id:.8}", error)
                if isinstance(error, NotFound):
                    self._drop(id)

    async def _beat(self) -> None:
        await self.log.beat(self.now())

    async def _expire(self) -> None:
        await self._each(await self.log.due(self.now()), Room.expire)

    async def _listen(self) -> None:
        await self._each(list(self._rooms), self._attend)

    async def _attend(self, room: Room) -> None:
        session = room.session
        if room.connections:
            if session.state == "running":
                await room.listen()
            return
        empty_for = self.now() - room.empty_since
        goes_on = session.spec is not None and session.spec.mode == "exam"
        if session.state == "running" and not goes_on:
            if empty_for >= ABSENT:
                with suppress(Refused):
                    await room.do(Pause("absence"), actor=SYSTEM)
        elif empty_for >= KEEP_EMPTY and not room.publishing.locked() and room.draft is None:
            self._rooms.pop(room.id, None)

    # another try ------------------------------------------------------------------------------
    async def branch(self, room: Room, minute: int) -> str:
        """A new session that stands where this one stood at that minute, paused."""
        limit = minute * 60_000
        spec = room.session.spec
        if spec is None:
            raise NotFound("This session has no beginning.")
        spent = min(limit, room.session.clock.elapsed(room.session.last_at))
        created = replace(spec, branched_from=room.id, spent_ms=spent)
        events = branch_of(created, await self.log.history(room.id), limit)
        session, at = Session(), self.now()
        for event in events:
            session = apply(session, event, at)
        first = Decision(tuple(map(draft, events)), session.state, session.clock.due_at)
        return await self.begin(created, first)
