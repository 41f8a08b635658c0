"""All sessions that are alive in this process, and the clockwork: deadlines, silences, absence, outages."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Iterable, Mapping
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
from app.interview.leading import Swap
from app.interview.persona import DEFAULT
from app.interview.session import Session, apply
from app.live.branching import branch_of
from app.live.bundle import Bundle
from app.live.bus import Bus, Kind, MemoryBus, Notice
from app.live.cast import Cast
from app.live.meters import Meters, Unmetered
from app.live.noted import Noted
from app.live.presence import EVERY as PRESENCE_EVERY, Presence
from app.live.room import SYSTEM, Room, draft
from app.live.voice import Models, mark_of
from app.scoring.knowledge import Knowledge
from app.storage.log import MAIN, RUNNING, About, Content, Decision, Draft, Head, Log

EXPIRE_EVERY = 0.5  # seconds
LISTEN_EVERY = 1.0
BEAT_EVERY = 5.0
POLL_EVERY = 1.0  # the latest that another process's news is heard, whatever befalls the bus
ABSENT = 60_000  # ms without anybody connected, after which a practice session pauses
OUTAGE = 10_000  # ms without a beat that count as the service having been down
KEEP_EMPTY = 300_000  # ms that a room nobody is in stays in memory
ELSEWHERE = 10_000  # ms after which a turn that another process took is answered here
LEFT_TO_OTHERS = 500  # ms that a session which is over is left to those who hold it
FAREWELL = 1.0  # seconds for pages to be told that the service stops
HEADS = 1_000  # sessions that are asked for at once

logger = logging.getLogger("sevenstep.live")


class Rooms:
    """`cast` builds the interviewers; it is called in a thread, since the first call takes a second. `models` may
    word their moves, where an endpoint is set up. `presence` is there where several processes share the log, and
    `bus` where they can tell one another. `cast_of` has the interviewers of a rubric as it was, by its hash, for a
    session that began with it; None where that is not kept."""

    def __init__(
        self,
        log: Log,
        now: Callable[[], int],
        cast: Callable[[], Cast],
        models: Models | None = None,
        *,
        bus: Bus | None = None,
        presence: Presence | None = None,
        meters: Meters | None = None,
        cast_of: Callable[[str], Cast | None] | None = None,
    ) -> None:
        self.log = log
        self.now = now
        self.models = models
        self.bus = bus or MemoryBus("alone")
        self._presence = presence
        self._meters = meters or Unmetered()
        # rooms that are being brought up to date, and whether once more
        self._behind: dict[str, bool] = {}
        self._came: set[str] = set()  # sessions that somebody has come to since others were told
        self._said_at = 0
        self._beaten_at = now()
        self._cast = cast
        self._cast_of = cast_of
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

    @property
    def is_shared(self) -> bool:
        """Other processes may serve the same sessions."""
        return self._presence is not None

    def __len__(self) -> int:
        return len(self._rooms)

    @property
    def connections(self) -> int:
        return sum(len(room.connections) for room in self._rooms.values())

    async def get(self, id: str) -> Room:
        """As the log has it now. Raises NotFound."""
        room = self._rooms.get(id)
        if room is None or not self.is_shared:
            return await self._held(id)
        try:
            await room.catch_up()
        except NotFound:
            self._drop(id)
            raise
        return room

    async def _held(self, id: str) -> Room:
        """As this process knows it. Raises NotFound."""
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
        first = await self.log.read(id, MAIN, limit=1)
        rubric = str(first[0].body.get("rubric_sha256", "")) if first else ""
        cast = await asyncio.to_thread(self._cast_with, rubric)

        def build() -> Room:
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
        room.meters = self._meters
        if self.is_shared:
            room.told = partial(self._tell, room)
            room.patience = ELSEWHERE
        await room.load()
        if (models := self._models_for(room)) is not None:
            self.spawn(models.warm())
            model = models.interviewer(f"session:{id}")
            persona = room.interviewer.persona.id
            voiced = partial(cast.speaker, question, about.question_sha256, persona, model)
            room.speaker, room.host = await asyncio.to_thread(voiced), self.host
        return room

    def _cast_with(self, rubric: str) -> Cast:
        """A session that has begun goes on with the rubric that it began with."""
        kept = self._cast_of(rubric) if self._cast_of is not None else None
        return kept or self._cast()

    def _models_for(self, room: Room) -> Models | None:
        """Only the endpoint that its candidate agreed to hears what is said."""
        spec = room.session.spec
        if self.models is None or spec is None or spec.voice != "model":
            return None
        return self.models if spec.host_mark == mark_of(self.models.endpoint.host) else None

    async def start(self, room: Room, cmd: str | None = None) -> None:
        await room.do(Start(room.interviewer.pose()), cmd=cmd)

    async def delete(self, id: str) -> None:
        async with self._lock_of(id):
            await self.log.delete(id)
            self._drop(id)
        self.bus.tell(id, "gone")

    def _drop(self, id: str) -> None:
        room = self._rooms.pop(id, None)
        if room is not None:
            room.fall_silent()
            for connection in room.connections:
                connection.close()

    # other processes --------------------------------------------------------------------------
    def _tell(self, room: Room, kind: Kind, body: Mapping[str, Any]) -> None:
        if kind == "presence" and room.connections:
            self._came.add(room.id)
        if kind == "wake":
            self._meters.wake("sent")
        self.bus.tell(room.id, kind, body)

    def holds(self, session: str) -> bool:
        return session in self._rooms

    def hear(self, notice: Notice) -> None:
        room = self._rooms.get(notice.session)
        if room is None:
            return
        match notice.kind:
            case "wake":
                self._meters.wake("received")
                if not room.has_heard(notice.body.get("main"), notice.body.get("staff")):
                    self._fall_behind(room.id)
            case "gone":
                self._drop(room.id)
            case "presence" if not room.elsewhere.knows(notice.node):
                room.hear(notice)
                room.say_who_is_here()
            case _:
                room.hear(notice)

    def look_again(self) -> None:
        for room in self._rooms.values():
            if room.connections:
                self._fall_behind(room.id)

    def _fall_behind(self, id: str) -> None:
        """One task for each room, however many wakes come while it is at it."""
        if id not in self._behind:
            self.spawn(self._catch_up(id))
        self._behind[id] = True

    async def _catch_up(self, id: str) -> None:
        try:
            while self._behind[id] and (room := self._rooms.get(id)) is not None:
                self._behind[id] = False
                await room.catch_up()
        except NotFound:
            self._drop(id)
        finally:
            del self._behind[id]

    async def _poll(self) -> None:
        """What no wake has told."""
        ids = [room.id for room in self._rooms.values() if room.connections]
        for begin in range(0, len(ids), HEADS):
            some = ids[begin : begin + HEADS]
            heads = await self.log.heads(some)
            for id in some:
                self._compare(id, heads.get(id))

    def _compare(self, id: str, head: Head | None) -> None:
        room = self._rooms.get(id)
        if room is None:
            return
        if head is None:
            self._drop(id)
        elif not room.is_at(head) and id not in self._behind and not room.is_busy:
            if not room.has_heard(head.main, head.staff):
                self._meters.wake("missed")
            self._fall_behind(id)

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
        steps = [
            (self._expire, EXPIRE_EVERY),
            (self._listen, LISTEN_EVERY),
            (self._beat, BEAT_EVERY),
        ]
        if self._presence is not None:
            steps += [
                (self._poll, POLL_EVERY),
                (partial(self._say_who_came, self._presence), POLL_EVERY),
                (partial(self._attend_all, self._presence), PRESENCE_EVERY),
            ]
        self.bus.run(self)
        for step, every in steps:
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

    async def say_goodbye(self) -> None:
        """Each page is told that the service stops, while sockets are still open."""
        for room in self._rooms.values():
            for connection in room.connections:
                connection.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                while self.connections:
                    await asyncio.sleep(0.02)

    async def close(self) -> None:
        for room in self._rooms.values():
            for connection in room.connections:
                connection.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.bus.close()

    async def _repeat(self, step: Callable[[], Coroutine[Any, Any, None]], every: float) -> None:
        while True:
            try:
                await step()
            except Exception as error:
                self._note(name_of(step), error)
            await asyncio.sleep(every)

    async def recover(self) -> None:
        """After a start: the time in which the service was down is given back, open turns are answered. Where others
        were up meanwhile there is nothing to give back, and they answer."""
        now, seen = self.now(), await self.log.last_beat()
        if self.is_shared and seen is not None and now - seen <= OUTAGE:
            await self._beat_now()
            return

        async def resume(room: Room) -> None:
            if seen is not None and now - seen > OUTAGE:
                await self._give_back(room, seen, now)
            await room.answer_turn()
            await room.give_hint()

        unfinished = await self.log.unfinished()
        for begin in range(0, len(unfinished), HEADS):
            heads = await self.log.heads(unfinished[begin : begin + HEADS])
            await self._each([id for id, head in heads.items() if head.state == RUNNING], resume)
        await self._beat_now()  # not before: what was cut off here is done again

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
                await step(await self._held(id))
            except Unavailable:
                raise
            except Exception as error:
                self._note(f"session {id:.8}", error)
                if isinstance(error, NotFound):
                    self._drop(id)

    async def _beat(self) -> None:
        """Where no process could say for long that it was up, the database was away: that is an outage, too."""
        if self.is_shared and self.now() - self._beaten_at > OUTAGE:
            await self.recover()
        else:
            await self._beat_now()

    async def _beat_now(self) -> None:
        await self.log.beat(self.now())
        self._beaten_at = self.now()

    async def _expire(self) -> None:
        if self.is_shared and self.now() - self._beaten_at > OUTAGE:
            await self._beat()  # first what is given back, then what is due
        due = await self.log.due(self.now())
        if self.is_shared:
            # what others hold is theirs for a moment, so that not every process loads it
            left = await self.log.due(self.now() - LEFT_TO_OTHERS)
            due = [id for id in due if id in self._rooms or id in left]
        await self._each(due, Room.expire)

    async def _listen(self) -> None:
        await self._each(list(self._rooms), self._attend)

    async def _attend(self, room: Room) -> None:
        session = room.session
        if room.connections:
            if session.state == "running":
                await room.listen()
            return
        empty_for = self.now() - room.empty_since
        goes_on = session.spec is not None and session.spec.mode != "practice"
        if session.state == "running" and not goes_on and not self.is_shared:
            if empty_for >= ABSENT:
                await self._pause(room)
        elif empty_for >= KEEP_EMPTY and not room.publishing.locked() and room.draft is None:
            self._rooms.pop(room.id, None)

    @staticmethod
    async def _pause(room: Room) -> None:
        with suppress(Refused):
            await room.do(Pause("absence"), actor=SYSTEM)

    async def _say_who_came(self, presence: Presence) -> None:
        came, self._came = self._came, set()
        if came:
            await presence.say_some(came, self.now())

    async def _attend_all(self, presence: Presence) -> None:
        """Says who is here, and looks after sessions that nobody is in, or that their process has left behind."""
        now, since = self.now(), self._said_at
        here = [r.id for r in self._rooms.values() if r.connections or r.empty_since >= since]
        await presence.say(here, now)
        self._said_at = now
        for room in self._rooms.values():
            if room.connections:
                room.say_who_is_here()
        await self._each(await presence.unattended(now, ABSENT), self._pause)
        await self._each(await presence.left_open(now, ELSEWHERE), Room.answer_turn)

    async def swap(self, room: Room, kept: Kept, knowledge: Knowledge, actor: str) -> str:
        """The live session in which two who practise on one another go on with sides changed. One for each session:
        whoever comes second is told of the first."""
        spec = room.session.spec
        if spec is None:
            raise NotFound("This session has no beginning.")
        async with self._lock_of(f"swap:{room.id}"):
            if room.session.led.next is not None:
                return room.session.led.next
            new = await self.create(
                kept,
                persona=spec.persona,
                mode="live",
                minutes=spec.minutes,
                knowledge=knowledge,
                voice=spec.voice,
            )
            try:
                await room.do(Swap(new), actor=actor)
            except Refused:
                await self.delete(new)
                raise
            linked = room.session.led.next or new
            if linked != new:  # another process was quicker
                await self.delete(new)
            return linked

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


def name_of(step: Callable[[], Coroutine[Any, Any, None]]) -> str:
    called = step.func if isinstance(step, partial) else step
    return called.__name__.strip("_")
