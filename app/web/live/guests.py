"""Who is in a live room: the place that a browser's cookie stands for, and what is closed without one.

A route below /live/{id} takes a `Guest_` (in whatever state), an `Inside` (admitted) or a `Staff` (an admitted
interviewer). Who has no such place is told the same as for a room that is not there.
"""

import secrets
from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response

from app.errors import NotFound
from app.live.room import Room
from app.storage.db import transaction
from app.storage.people import hash_of
from app.storage.private import is_live
from app.storage.tickets import Guest, Ticket, guest_of, guest_of_person, use_ticket
from app.web.access import A_MONTH, MAKER
from app.web.deps import Home, Live, get_home
from app.web.principal import Principal, principal_of

COOKIE = "sevenstep-room"
CLOSED = "This room is not open to you. Use the link that you were given, or ask for a new one."


async def guest(connection: HTTPConnection, id: str) -> Guest:
    """By the room's cookie, or as who they are to the house. Raises NotFound. Who may see all rooms and has no place
    in this one is led to where they can take one."""
    home, asker = get_home(connection), principal_of(connection)
    secret = connection.cookies.get(COOKIE, "")
    found = await run_in_threadpool(_guest, home, id, secret, asker)
    if found is not None:
        return found
    is_page = connection.scope.get("method") == "GET"
    if is_page and asker.sees_all and await run_in_threadpool(_is_live, home, id):
        raise HTTPException(303, headers={"Location": f"/live/{id}/join"})
    raise NotFound(CLOSED)


def _guest(home: Home, id: str, secret: str, asker: Principal) -> Guest | None:
    if not secret and not asker.maker:
        return None
    with transaction(home.engine) as db:
        found = guest_of(db, id, secret, home.now()) if secret else None
        if found is None and asker.maker:
            found = guest_of_person(db, id, asker.maker)
        return found


def _is_live(home: Home, id: str) -> bool:
    with transaction(home.engine) as db:
        return is_live(db, id)


Guest_ = Annotated[Guest, Depends(guest)]


def inside(known: Guest_) -> Guest:
    """Somebody who was let in. Raises NotFound."""
    if known.state != "admitted":
        raise NotFound(CLOSED)
    return known


Inside = Annotated[Guest, Depends(inside)]


async def staff(connection: HTTPConnection, known: Inside, rooms: Live) -> Guest:
    """An interviewer of this room, who has agreed to its notice; who has yet to is led to it. Raises NotFound."""
    if known.role != "interviewer":
        raise NotFound(CLOSED)
    if not has_agreed(await rooms.get(known.session), known):
        if connection.scope.get("method") == "GET":
            raise HTTPException(303, headers={"Location": f"/live/{known.session}"})
        raise NotFound(CLOSED)
    return known


Staff = Annotated[Guest, Depends(staff)]


def is_maker(place: Guest, asker: Principal) -> bool:
    """Whose room it is, or an interviewer of it who may open every room: not who came by a link."""
    return place.role == "interviewer" and (place.ticket is None or asker.sees_all)


def has_agreed(room: Room, guest: Guest) -> bool:
    """Let in, and agreed to the notice: nobody sees or does anything in a room before. Ask at its socket too."""
    if guest.state != "admitted":
        return False
    here = room.session.led.people.get(guest.id)
    return here is not None and here.role == guest.role and here.consented is not None


def reads_anyway(room: Room, guest: Guest) -> bool:
    """What is shared, without a link for it: its interviewers, and the candidate for whom it is."""
    return guest.role in ("candidate", "interviewer") and has_agreed(room, guest)


def give_name(connection: HTTPConnection, response: Response) -> str:
    """A name for a browser by which its rooms are known where no token is set, kept in a cookie."""
    browser = secrets.token_urlsafe(32)
    response.set_cookie(
        MAKER,
        browser,
        max_age=A_MONTH,
        path="/live",
        httponly=True,
        samesite="strict",
        secure=connection.url.scheme in ("https", "wss"),
    )
    return hash_of(browser)[:32]


def give_place(connection: HTTPConnection, response: Response, id: str, secret: str) -> None:
    """The cookie of a place in the room; each exchange gives another value."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=A_MONTH,
        path=f"/live/{id}",
        httponly=True,
        samesite="lax",
        secure=connection.url.scheme in ("https", "wss"),
    )


async def captions_ticket(connection: HTTPConnection, id: str) -> Ticket:
    """The link for a meeting's captions, sent as a bearer. Raises NotFound."""
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret.strip():
        ticket = await run_in_threadpool(_ticket, get_home(connection), id, secret.strip())
        if ticket is not None and ticket.role == "captions":
            return ticket
    raise NotFound(CLOSED)


def _ticket(home: Home, id: str, secret: str) -> Ticket | None:
    with transaction(home.engine) as db:
        return use_ticket(db, secret, id, home.now())


Captions = Annotated[Ticket, Depends(captions_ticket)]
