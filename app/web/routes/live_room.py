"""Live rooms: the pages and the socket of those who are in, and the captions of a meeting."""

import secrets
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Header, Request, WebSocket
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from app.errors import Conflict, NotFound, SevenstepError
from app.interview.events import Speaking
from app.interview.leading import LONGEST_TURN, Caption
from app.interview.refused import Refused
from app.interview.roles import may
from app.live.room import Room
from app.storage.log import Receipt
from app.storage.people import LONGEST_NAME, known_as
from app.storage.tickets import Guest
from app.web.deps import Live, own, page
from app.web.limits import Limits, address_of
from app.web.line import Seat, anchor
from app.web.live.captions import captions_of
from app.web.live.doorkeeper import Doorkeeper, doorkeeper_of
from app.web.live.entrance import before_the_room, lobby_of
from app.web.live.guests import Captions, Guest_, Staff, guest, has_agreed
from app.web.live.room_views import live_page
from app.web.live.seats import LiveSeat
from app.web.routes.api import json_only, refusals
from app.web.routes.live import TOO_OFTEN, TooOften
from app.web.routes.socket import serve_socket
from app.web.seats import clean

AT_ONCE, A_MINUTE = (
    300,
    240,
)  # turns that one address may push: what a meeting kept back, and six who talk


def within(request: Request) -> None:
    """Raises TooOften, before a link is even looked up."""
    captions = own(request, "captions", lambda: Limits(burst=AT_ONCE, a_minute=A_MINUTE))
    if not captions.take(address_of(request)):
        raise TooOften(TOO_OFTEN)


pages = APIRouter(prefix="/live", include_in_schema=False)
api = APIRouter(
    prefix="/api/v1", tags=["live rooms"], dependencies=[Depends(within), Depends(json_only)]
)
Once = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]


@pages.get("/{id}")
async def show(request: Request, id: str, known: Guest_, rooms: Live) -> Response:
    """The page of whoever asks, by their role and by where the session stands."""
    room = await rooms.get(id)
    if known.role == "reader":
        return RedirectResponse(f"/live/{id}/shared", 303)
    if (before := await before_the_room(request, known, room)) is not None:
        return before
    if room.session.state == "ended" and known.role == "interviewer":
        return RedirectResponse(f"/live/{id}/marks", 303)
    return await room_page(request, room, known, rooms.now())


async def room_page(request: Request, room: Room, known: Guest, now: int) -> Response:
    seat = LiveSeat(known, room, doorkeeper_of(request).may_stay)
    view = live_page(
        room,
        now,
        me=known.id,
        name=known.name,
        role=known.role,
        panels=seat.panels(room, now),
        sees_staff=seat.sees_staff,
    )
    template = {"candidate": "room", "interviewer": "interviewer", "observer": "observer"}
    name = "interviewer" if seat.sees_staff else template[seat.role]
    lobby = await lobby_of(request, room, known) if known.role == "interviewer" else None
    return page(request, f"live/{name}.html", live=view, room=view.room, lobby=lobby)


@pages.websocket("/{id}/socket")
async def socket(socket: WebSocket, id: str, rooms: Live) -> None:
    keeper = doorkeeper_of(socket)

    async def seat_of(room: Room) -> Seat | None:
        try:
            known = await guest(socket, id)
        except NotFound:
            return None
        return seat_in(room, known, keeper)

    await serve_socket(socket, id, rooms, seat_of)


def seat_in(room: Room, known: Guest, keeper: Doorkeeper) -> LiveSeat | None:
    if known.role == "reader" or not has_agreed(room, known):
        return None
    keeper.watch(room)
    return LiveSeat(known, room, keeper.may_stay)


# captions ---------------------------------------------------------------------------------------
class CaptionTurn(BaseModel):
    """What somebody said in the meeting. `name` is how the meeting calls them."""

    model_config = ConfigDict(extra="forbid")

    speaker: Speaking
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TURN)]
    name: Annotated[str, Field(max_length=LONGEST_NAME)] = ""


class Taken(BaseModel):
    """The turn's number and id on the stream that everybody reads; `dup` where the same was sent before."""

    seq: int | None
    eid: str | None
    dup: bool


@api.post(
    "/sessions/{id}/turns",
    status_code=201,
    responses=refusals(400, 401, 403, 404, 409, 413, 415, 422, 429),
)
async def push_turn(
    id: str,
    turn: CaptionTurn,
    ticket: Captions,
    rooms: Live,
    idempotency_key: Annotated[Once | None, Header()] = None,
) -> Taken:
    """A turn of a live session, from a meeting's captions. With an `Idempotency-Key` it is taken once, however often
    it is sent."""
    room = await rooms.get(id)
    caption = Caption(turn.speaker, clean(turn.text), known_as(turn.name))
    receipt = await take_caption(room, caption, actor=ticket.id, cmd=idempotency_key)
    return Taken(**anchor(receipt), dup=receipt.dup)


async def take_caption(room: Room, caption: Caption, *, actor: str, cmd: str | None) -> Receipt:
    """Raises Conflict where the session does not take words now."""
    assert may("captions", caption)
    try:
        receipt = await room.do(caption, actor=actor, cmd=cmd)
    except Refused as error:
        raise Conflict(str(error)) from error
    with suppress(SevenstepError, Refused):
        await room.after(caption)
    return receipt


@pages.post("/{id}/captions")
async def paste(
    id: str,
    known: Staff,
    rooms: Live,
    text: Annotated[str, Form(max_length=200_000)] = "",
    once: Annotated[Once | None, Form()] = None,
) -> Response:
    """Lines that an interviewer copied from a meeting; `once` is the paste's own id, which makes it safe to repeat."""
    room = await rooms.get(id)
    paste = (once or secrets.token_hex(16))[:56]
    try:
        captions = captions_of(room.session, clean(text))
        for number, caption in enumerate(captions):
            await take_caption(room, caption, actor=known.id, cmd=f"{paste}-{number}")
    except SevenstepError as error:
        return JSONResponse({"problem": str(error)}, error.status)
    return JSONResponse({"taken": len(captions)})


router = APIRouter()
router.include_router(pages)
router.include_router(api)
