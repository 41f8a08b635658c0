"""One socket of a session: a reader that takes commands, and a pump that follows the room's log.

docs/protocol.md describes the frames. What a page sees and may do is its seat's: `Seat` for a candidate who practises,
app/web/live/seats.py for the people of a live room.
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.websockets import WebSocketState

from app.errors import Conflict, SevenstepError
from app.interview.commands import AskHint, Command, Refused, Say
from app.live.connection import Connection
from app.live.room import Room
from app.storage.log import Logged, Receipt

BEAT = 15.0
SEND_WITHIN = 10.0
CLOSE_WITHIN = 1.0
FAREWELL_WITHIN = (
    15.0  # for a page that was too slow, once it holds up nobody: it may read again, and learn why
)
PANELS_EVERY = 0.5  # seconds between two drawings of an interviewer's panels: more is not read
BURST, PER_SECOND = 60, 6.0  # frames that a page may send at once, and steadily
BAD_FRAME, NOT_YOURS, GONE, SLOW, REPLACED, TOO_MANY = 4400, 4403, 4404, 4008, 4009, 4029
FAULT, RESTART, LATER = 1011, 1012, 1013
RESTART_WITHIN = 1_500
CmdId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
Fragment = dict[str, str]


class Frame(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Cursor(Frame):
    seq: Annotated[int, Field(ge=0)]
    eid: Annotated[str, Field(max_length=64)] = ""


class Cursors(Frame):
    main: Cursor
    staff: Cursor | None = None


class Hello(Frame):
    t: Literal["hello"]
    proto: Literal[1]
    cursors: Cursors


class Again(Frame):
    t: Literal["resume"]
    cursors: Cursors


class Do(Frame):
    """`type` is a word of the seat's commands."""

    t: Literal["cmd"]
    cmd: CmdId
    type: Annotated[str, Field(max_length=20)]
    body: dict[str, Any]


class Typing(Frame):
    t: Literal["typing"]
    on: bool


class Ping(Frame):
    t: Literal["ping"]
    t0: float


FRAME: TypeAdapter[Hello | Again | Do | Typing | Ping] = TypeAdapter(
    Annotated[Hello | Again | Do | Typing | Ping, Field(discriminator="t")]
)


class Seat(Protocol):
    """Somebody's place in a room: who they are, what they may do, and how things are shown to them."""

    role: str
    actor: str  # what they do is stored under this name
    sees_staff: bool

    def command(self, room: Room, type: str, body: dict[str, Any]) -> Command:
        """Raises Refused for what they may not do, or a body that is not right."""

    def may_stay(self, room: Room) -> bool:
        """False once their place was taken away."""

    def doing(self, room: Room) -> Fragment: ...

    def event(self, room: Room, event: Logged) -> list[Fragment]:
        """What an event of `main` puts on the page."""

    def body(self, event: Logged) -> dict[str, Any]:
        """What of an event of `main` they may read."""

    def shows(self, room: Room) -> list[Fragment]:
        """What changes without an event: the stepper."""

    def panels(self, room: Room, now: int) -> list[Fragment]:
        """What is drawn anew after anything has changed, at most twice a second; sent where it differs."""


@dataclass(slots=True)
class Credit:
    """Frames that a page may still send."""

    left: float
    at: int

    def take(self, now: int) -> bool:
        self.left = min(BURST, self.left + (now - self.at) / 1000 * PER_SECOND)
        self.at = now
        self.left -= 1
        return self.left >= 0


class Line:
    def __init__(self, socket: WebSocket, room: Room, seat: Seat, now: Any) -> None:
        self._socket = socket
        self._room = room
        self._seat = seat
        self._now = now
        self._connection = Connection(seat.actor, sees_staff=seat.sees_staff)
        self._sending = asyncio.Lock()
        self._credit = Credit(float(BURST), now())
        self._drawn: dict[str, str] = {}
        self._drawn_at = float("-inf")
        self._is_doing = False
        self._is_lost = False  # nothing can be sent any more
        self._is_slow = False

    async def run(self, hello: Hello) -> None:
        room, loop = self._room, asyncio.get_running_loop()
        # joined before the first read, so that no event falls between the two
        room.join(self._connection)
        reading = loop.create_task(
            self._converse(hello)
        )  # first, so that the welcome goes out first
        pump = loop.create_task(self._pump())
        pump.add_done_callback(lambda done: self._let_go(done, reading))
        try:
            await reading
        except asyncio.CancelledError:
            if not self._is_lost:
                raise
        finally:
            room.leave(self._connection)
            pump.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await pump
            if self._is_slow:
                await self._close(SLOW, FAREWELL_WITHIN)

    def _let_go(self, pump: "asyncio.Task[None]", reading: "asyncio.Task[None]") -> None:
        """A page that cannot be told anything has no seat, though its line may stay up for hours. What it has sent
        is still done."""
        if not pump.cancelled() and pump.exception() is not None:
            self._is_lost = True
            if not self._is_doing:
                reading.cancel()

    async def _converse(self, hello: Hello) -> None:
        await self._welcome(hello.cursors)
        await self._read()

    # out --------------------------------------------------------------------------------------
    async def _send(self, frame: dict[str, Any]) -> None:
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        async with self._sending:
            try:
                async with asyncio.timeout(SEND_WITHIN):
                    await self._socket.send_text(text)
            except TimeoutError:
                self._is_slow = True
                raise WebSocketDisconnect(SLOW) from None

    async def _close(self, code: int, within: float = CLOSE_WITHIN) -> None:
        """A page that does not read does not take a farewell either, so this does not wait for long."""
        with suppress(RuntimeError, TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(within):
                await self._socket.close(code)

    def _clock(self) -> dict[str, Any]:
        session, now = self._room.session, self._now()
        return {
            "now": now,
            "state": session.state,
            "due_at": session.clock.due_at,
            "left": session.clock.left(now),
            "spent": session.clock.elapsed(now),
        }

    def _heads(self) -> dict[str, int]:
        heads = {"main": len(self._room.main)}
        if self._seat.sees_staff:
            heads["staff"] = len(self._room.staff)
        return heads

    async def _welcome(self, cursors: Cursors) -> None:
        room, connection = self._room, self._connection
        reason = reset_reason(room.main, cursors.main)
        if self._seat.sees_staff:
            reason = reason or reset_reason(room.staff, cursors.staff or Cursor(seq=0))
        connection.cursor = 0 if reason else cursors.main.seq
        if connection.staff is not None:
            connection.staff = 0 if reason or cursors.staff is None else cursors.staff.seq
        connection.draft = draft = room.draft
        self._drawn.clear()
        self._drawn_at = float("-inf")
        await self._send(
            {
                "t": "welcome",
                "role": self._seat.role,
                "resumed": reason is None,
                "reset_reason": reason,
                "heads": self._heads(),
                **self._clock(),
                "draft": draft and {"turn": draft[0], "text": draft[1]},
                "html": [self._seat.doing(room), *self._seat.shows(room)],
            }
        )
        connection.wake.set()

    async def _pump(self) -> None:
        try:
            await self._follow_log()
        except Exception:
            if not self._is_slow:
                await self._close(FAULT)  # a page that hears nothing more must come anew
            raise

    async def _follow_log(self) -> None:
        connection, room = self._connection, self._room
        wait = BEAT
        while not connection.is_over:
            try:
                # not wait_for: up to Python 3.11 it loses a cancellation that comes together with the wake
                async with asyncio.timeout(wait):
                    await connection.wake.wait()
            except TimeoutError:
                if wait == BEAT:
                    await self._send({"t": "hb", "heads": self._heads(), **self._clock()})
            connection.wake.clear()
            if not self._seat.may_stay(room):
                await self._close(NOT_YOURS)
                return
            await self._send_events()
            if connection.shows:
                connection.shows.clear()
                if html := self._seat.shows(room):
                    await self._send({"t": "show", "html": html})
            if (draft := room.draft) != connection.draft:
                turn, text = draft or ((connection.draft or (0, ""))[0], "")
                connection.draft = draft
                doing = self._seat.doing(room)
                await self._send({"t": "draft", "turn": turn, "text": text, "html": [doing]})
            wait = await self._draw_panels()
        await self._send({"t": "bye", "code": RESTART, "retry_after_ms": RESTART_WITHIN})
        await self._close(RESTART)

    async def _send_events(self) -> None:
        """Of the two streams, in the order in which they happened as far as times tell."""
        connection, room = self._connection, self._room
        while True:
            main = room.main[connection.cursor : connection.cursor + 1]
            staff: list[Logged] = []
            if connection.staff is not None:
                staff = room.staff[connection.staff : connection.staff + 1]
            if not main and not staff:
                return
            if main and (not staff or main[0].at <= staff[0].at):
                connection.cursor = main[0].seq
                html = self._seat.event(room, main[0])
                await self._send(self._event(main[0], html, self._seat.body(main[0])))
            else:
                connection.staff = staff[0].seq
                # its panels show what of it this seat may see: other raters' marks are not among it
                await self._send(self._event(staff[0], [], {}))

    def _event(self, event: Logged, html: list[Fragment], body: dict[str, Any]) -> dict[str, Any]:
        return {
            "t": "ev",
            "st": event.stream,
            "seq": event.seq,
            "eid": event.eid,
            "at": event.at,
            "type": event.type,
            "actor": event.actor,
            "cmd": event.cmd,
            "body": body,
            "html": html,
            **self._clock(),
        }

    async def _draw_panels(self) -> float:
        """How long to wait before the next look."""
        clock = asyncio.get_running_loop().time
        since = clock() - self._drawn_at
        if since < PANELS_EVERY:
            return PANELS_EVERY - since
        panels = self._seat.panels(self._room, self._now())
        if not panels:
            return BEAT
        self._drawn_at = clock()
        changed = [panel for panel in panels if self._drawn.get(panel["target"]) != panel["html"]]
        self._drawn.update((panel["target"], panel["html"]) for panel in changed)
        if changed:
            await self._send({"t": "show", "html": changed})
        return BEAT

    # in ---------------------------------------------------------------------------------------
    async def _read(self) -> None:
        while not self._is_lost:
            frame = parsed(await text_of(self._socket))
            if frame is None or isinstance(frame, Hello):
                await self._close(BAD_FRAME)
                return
            if not self._credit.take(self._now()):
                await self._close(TOO_MANY)
                return
            match frame:
                case Ping():
                    await self._send({"t": "pong", "t0": frame.t0, "now": self._now()})
                case Typing():
                    self._room.typing(self._connection, frame.on)
                case Again():
                    await self._welcome(frame.cursors)
                case Do():
                    self._is_doing = True
                    await self._do(frame)
                    self._is_doing = False

    async def _do(self, frame: Do) -> None:
        try:
            command = self._seat.command(self._room, frame.type, frame.body)
            receipt = await self._room.do(command, actor=self._seat.actor, cmd=frame.cmd)
        except Refused as error:
            await self._refuse(frame, error.code, str(error), retry=error.retry)
            return
        except Conflict as error:
            await self._refuse(frame, "conflict", str(error), retry=False)
            return
        except SevenstepError as error:
            await self._refuse(frame, "unavailable", str(error), retry=True)
            return
        await self._send({"t": "ack", "cmd": frame.cmd, **anchor(receipt), "dup": receipt.dup})
        with suppress(SevenstepError, Refused):
            await self._follow(command)

    async def _follow(self, command: Command) -> None:
        if isinstance(command, Say):
            self._room.typing(self._connection, False)
        if isinstance(command, AskHint):
            await self._room.give_hint()
        await self._room.after(command)

    async def _refuse(self, frame: Do, code: str, message: str, *, retry: bool) -> None:
        await self._send(
            {"t": "nack", "cmd": frame.cmd, "code": code, "retry": retry, "message": message}
        )


def anchor(receipt: Receipt) -> dict[str, Any]:
    """Of the last event on the stream that everybody reads."""
    own = [event for event in receipt.events if event.stream == "main"]
    last = own[-1] if own else None
    return {"seq": last.seq if last else None, "eid": last.eid if last else None}


def reset_reason(events: list[Logged], cursor: Cursor) -> str | None:
    """A number alone does not tell two histories apart: the event's own id does."""
    if cursor.seq > len(events):
        return "ahead"
    if cursor.seq and events[cursor.seq - 1].eid != cursor.eid:
        return "anchor"
    return None


async def text_of(socket: WebSocket) -> str:
    """Empty for a frame of bytes, which makes no sense here."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    return message.get("text") or ""


def parsed(text: str) -> Hello | Again | Do | Typing | Ping | None:
    try:
        return FRAME.validate_json(text)
    except ValidationError:
        return None


def is_gone(socket: WebSocket) -> bool:
    return WebSocketState.DISCONNECTED in (socket.client_state, socket.application_state)
