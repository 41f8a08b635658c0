"""The room's socket: who is let in, and why not. What goes over it: app/web/line.py."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from app.errors import NotFound, SevenstepError
from app.live.room import Room
from app.live.rooms import Rooms
from app.web.deps import Live
from app.web.line import (
    BAD_FRAME,
    GONE,
    LATER,
    NOT_YOURS,
    REPLACED,
    SLOW,
    Hello,
    Line,
    Seat,
    is_gone,
    parsed,
    text_of,
)
from app.web.seats import PractiseSeat

router = APIRouter(include_in_schema=False)
HELLO_WITHIN = 5.0
MOST_TABS = 8
Seating = Callable[[Room], Awaitable[Seat | None]]


@router.websocket("/sessions/{id}/socket")
async def socket(socket: WebSocket, id: str, rooms: Live) -> None:
    async def seat_of(room: Room) -> Seat | None:
        return None if room.session.is_live else PractiseSeat()

    await serve_socket(socket, id, rooms, seat_of)


async def serve_socket(socket: WebSocket, id: str, rooms: Rooms, seat_of: Seating) -> None:
    """Until the page goes, or is sent away. `seat_of` gives None to whom the room is not open."""
    await socket.accept()
    try:
        hello = parsed(await asyncio.wait_for(text_of(socket), HELLO_WITHIN))
        if not isinstance(hello, Hello):
            await socket.close(BAD_FRAME)
            return
        room = await rooms.get(id)
        seat = await seat_of(room)
        if seat is None:
            await socket.close(NOT_YOURS)
            return
        if sum(open.participant == seat.actor for open in room.connections) >= MOST_TABS:
            await socket.close(REPLACED)
            return
        await Line(socket, room, seat, rooms.now).run(hello)
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
