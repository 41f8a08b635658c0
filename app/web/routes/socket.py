"""The room's socket: commands come in, events and what is shown with them go out."""

import asyncio
import json
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.websockets import WebSocketState

from app.errors import Conflict, NotFound, SevenstepError
from app.interview.commands import (
    AskHint,
    Command,
    Extend,
    Finish,
    Pause,
    Refused,
    Resume,
    Say,
    Start,
    Write,
)
from app.live.room import Connection, Room
from app.storage.log import Logged
from app.web.deps import Live
from app.web.sessions import doing_of, room_turn, stepper_of, voice_of
from app.web.views.room import (
    doing_fragment,
    notice_fragment,
    stepper_fragment,
    turn_fragment,
    voice_fragments,
)

router = APIRouter(include_in_schema=False)
HELLO_WITHIN = 5.0
BEAT = 15.0
SEND_WITHIN = 10.0
CLOSE_WITHIN = 1.0
MOST_TABS = 8
BURST, PER_SECOND = 60, 6.0  # frames that a page may send at once, and steadily
BAD_FRAME, GONE, SLOW, REPLACED, TOO_MANY = 4400, 4404, 4008, 4009, 4029
FAULT, RESTART, LATER = 1011, 1012, 1013
RESTART_WITHIN = 1_500
NOTICES = {
    "clock.paused": "The clock is paused.",
    "clock.resumed": "The clock runs again.",
    "clock.extended": "Time was added.",
    "session.ended": "The interview is over.",
}
CmdId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]


class Frame(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Cursor(Frame):
    seq: Annotated[int, Field(ge=0)]
    eid: Annotated[str, Field(max_length=64)] = ""


class Cursors(Frame):
    main: Cursor


class Hello(Frame):
    t: Literal["hello"]
    proto: Literal[1]
    cursors: Cursors


class Again(Frame):
    t: Literal["resume"]
    cursors: Cursors


class Do(Frame):
    t: Literal["cmd"]
    cmd: CmdId
    type: Literal["say", "document", "hint", "start", "pause", "resume", "extend", "finish"]
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


def command_of(frame: Do, room: Room) -> Command:
    """Raises Refused for a body without what the command needs."""
    body = frame.body
    match frame.type:
        case "say":
            return Say(_text(body, "text"))
        case "document":
            return Write(_text(body, "section"), _text(body, "text"))
        case "hint":
            return AskHint()
        case "start":
            return Start(room.interviewer.pose())
        case "pause":
            return Pause()
        case "resume":
            return Resume()
        case "extend":
            return Extend()
        case "finish":
            return Finish("finished", room.interviewer.closing(room.session))


def _text(body: dict[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str):
        raise Refused("bad_frame", "This page is too old for the server; reload it.")
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


class Line:
    """One socket: a reader that takes commands and a pump that follows the room's log."""

    def __init__(self, socket: WebSocket, room: Room, now: Any) -> None:
        self._socket = socket
        self._room = room
        self._now = now
        self._connection = Connection()
        self._sending = asyncio.Lock()
        self._credit = float(BURST)
        self._credited = now()

    async def run(self, hello: Hello) -> None:
        room = self._room
        # joined before the first read, so that no event falls between the two
        room.join(self._connection)
        pump = asyncio.get_running_loop().create_task(self._pump())
        try:
            await self._welcome(hello.cursors.main)
            await self._read()
        finally:
            room.leave(self._connection)
            pump.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await pump

    # out --------------------------------------------------------------------------------------
    async def _send(self, frame: dict[str, Any]) -> None:
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        async with self._sending:
            try:
                async with asyncio.timeout(SEND_WITHIN):
                    await self._socket.send_text(text)
            except TimeoutError:
                await self._close(SLOW)
                raise WebSocketDisconnect(SLOW) from None

    async def _close(self, code: int) -> None:
        """A page that does not read does not take a farewell either, so this does not wait for long."""
        with suppress(RuntimeError, TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_WITHIN):
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

    async def _welcome(self, cursor: Cursor) -> None:
        reason = self._reset_reason(cursor)
        self._connection.cursor = 0 if reason else cursor.seq
        room = self._room
        self._connection.draft = draft = room.draft
        await self._send(
            {
                "t": "welcome",
                "role": "candidate",
                "resumed": reason is None,
                "reset_reason": reason,
                "heads": {"main": len(room.main)},
                **self._clock(),
                "draft": draft and {"turn": draft[0], "text": draft[1]},
                "html": [self._doing(), *self._stepper()],
            }
        )
        self._connection.wake.set()

    def _reset_reason(self, cursor: Cursor) -> str | None:
        """A number alone does not tell two histories apart: the event's own id does."""
        main = self._room.main
        if cursor.seq > len(main):
            return "ahead"
        if cursor.seq and main[cursor.seq - 1].eid != cursor.eid:
            return "anchor"
        return None

    def _doing(self) -> dict[str, str]:
        return doing_fragment(doing_of(self._room))

    def _stepper(self) -> list[dict[str, str]]:
        spec = self._room.session.spec
        if spec is None or spec.mode == "exam":
            return []
        return [stepper_fragment(stepper_of(self._room), spec.mode)]

    async def _pump(self) -> None:
        try:
            await self._follow_log()
        except Exception:
            await self._close(FAULT)  # a page that hears nothing more must come anew
            raise

    async def _follow_log(self) -> None:
        connection, room = self._connection, self._room
        while not connection.is_over:
            try:
                # not wait_for: up to Python 3.11 it loses a cancellation that comes together with the wake
                async with asyncio.timeout(BEAT):
                    await connection.wake.wait()
            except TimeoutError:
                heads = {"main": len(room.main)}
                await self._send({"t": "hb", "heads": heads, **self._clock()})
                continue
            connection.wake.clear()
            while connection.cursor < len(room.main):
                event = room.main[connection.cursor]
                connection.cursor = event.seq
                await self._send(self._event(event))
            if connection.shows:
                connection.shows.clear()
                if html := self._stepper():
                    await self._send({"t": "show", "html": html})
            if (draft := room.draft) != connection.draft:
                turn, text = draft or ((connection.draft or (0, ""))[0], "")
                connection.draft = draft
                await self._send(
                    {"t": "draft", "turn": turn, "text": text, "html": [self._doing()]}
                )
        await self._send({"t": "bye", "code": RESTART, "retry_after_ms": RESTART_WITHIN})
        await self._close(RESTART)

    def _event(self, event: Logged) -> dict[str, Any]:
        return {
            "t": "ev",
            "st": event.stream,
            "seq": event.seq,
            "eid": event.eid,
            "at": event.at,
            "type": event.type,
            "actor": event.actor,
            "cmd": event.cmd,
            "body": dict(event.body),
            "html": self._shown(event),
            **self._clock(),
        }

    def _shown(self, event: Logged) -> list[dict[str, str]]:
        if event.type == "turn.committed":
            number = sum(e.type == event.type for e in self._room.main[: event.seq]) - 1
            turn = self._room.session.turns[number]
            return [turn_fragment(room_turn(number, turn))]
        if event.type == "interviewer.voice":
            return voice_fragments(voice_of(self._room, event.body["voice"], event.body["reason"]))
        if event.type in NOTICES:
            return [notice_fragment(NOTICES[event.type]), self._doing()]
        if event.type == "clock.started":
            return [self._doing()]
        return []

    # in ---------------------------------------------------------------------------------------
    async def _read(self) -> None:
        while True:
            frame = parsed(await text_of(self._socket))
            if frame is None or isinstance(frame, Hello):
                await self._close(BAD_FRAME)
                return
            if not self._may_send():
                await self._close(TOO_MANY)
                return
            match frame:
                case Ping():
                    await self._send({"t": "pong", "t0": frame.t0, "now": self._now()})
                case Typing():
                    self._room.typing(self._connection, frame.on)
                case Again():
                    await self._welcome(frame.cursors.main)
                case Do():
                    await self._do(frame)

    def _may_send(self) -> bool:
        now = self._now()
        self._credit = min(BURST, self._credit + (now - self._credited) / 1000 * PER_SECOND)
        self._credited = now
        self._credit -= 1
        return self._credit >= 0

    async def _do(self, frame: Do) -> None:
        try:
            command = command_of(frame, self._room)
            receipt = await self._room.do(command, cmd=frame.cmd)
        except Refused as error:
            await self._refuse(frame, error.code, str(error), retry=error.retry)
            return
        except Conflict as error:
            await self._refuse(frame, "conflict", str(error), retry=False)
            return
        except SevenstepError as error:
            await self._refuse(frame, "unavailable", str(error), retry=True)
            return
        own = [event for event in receipt.events if event.stream == "main"]
        last = own[-1] if own else None
        await self._send(
            {
                "t": "ack",
                "cmd": frame.cmd,
                "seq": last.seq if last else None,
                "eid": last.eid if last else None,
                "dup": receipt.dup,
            }
        )
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


@router.websocket("/sessions/{id}/socket")
async def socket(socket: WebSocket, id: str, rooms: Live) -> None:
    await socket.accept()
    try:
        hello = parsed(await asyncio.wait_for(text_of(socket), HELLO_WITHIN))
        if not isinstance(hello, Hello):
            await socket.close(BAD_FRAME)
            return
        room = await rooms.get(id)
        if len(room.connections) >= MOST_TABS:
            await socket.close(REPLACED)
            return
        await Line(socket, room, rooms.now).run(hello)
    except NotFound:
        await socket.close(GONE)
    except SevenstepError:
        await socket.close(LATER)
    except TimeoutError:
        await socket.close(SLOW)
    except (WebSocketDisconnect, RuntimeError) as error:
        # Starlette says so with a RuntimeError where a send has found the page gone before the read did
        if not isinstance(error, WebSocketDisconnect) and not is_gone(socket):
            raise
