"""The way into a live room: wait, read the notice, agree. What stands before the room's own pages."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.interview.events import LiveRole
from app.interview.leading import Consent, Join
from app.live.room import Room
from app.settings import LOOPBACK
from app.storage import tickets
from app.storage.db import transaction, writing
from app.storage.seen import seen_before
from app.storage.tickets import LASTS, Guest
from app.web.deps import Home, get_home, page
from app.web.guard import host_name
from app.web.live.guests import has_agreed
from app.web.views.lobby import TITLES, LobbyView, MadeLink, lobby_view

UNTIMED = timedelta(hours=3)  # what an interview without a clock is taken for


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is told before they agree. `host` is where words may go; empty where they stay on this service."""

    role: str
    name: str
    title: str
    leads: str
    minutes: int | None
    host: str


async def before_the_room(request: Request, guest: Guest, room: Room) -> Response | None:
    """The page that stands between a guest and the room: they wait, or have yet to agree. None: the way is free."""
    if guest.state == "waiting":
        return page(request, "live/waiting.html", guest=guest)
    if not has_agreed(room, guest):
        return await consent_page(request, guest, room)
    return None


async def consent_page(request: Request, guest: Guest, room: Room, problem: str = "") -> Response:
    notice = await run_in_threadpool(_notice, get_home(request), guest, room)
    status = 422 if problem else 200
    return page(
        request,
        "live/consent.html",
        status=status,
        id=room.id,
        notice=notice,
        problem=problem,
        leaves=guest.ticket is not None,
    )


def _notice(home: Home, guest: Guest, room: Room) -> Notice:
    spec = room.session.spec
    with transaction(home.engine) as db:
        leading = [g.name for g in tickets.list_guests(db, room.id) if g.role == "interviewer"]
    return Notice(
        role=guest.role,
        name=guest.name,
        title=spec.title if spec else "",
        leads=leading[0] if leading else "",
        minutes=spec.minutes if spec else None,
        host=room.host or "",
    )


async def agree(room: Room, guest: Guest) -> None:
    """They have read the notice. Joined only now: whoever leaves instead was never part of the session, and does not
    keep it from starting. Raises Refused."""
    role: LiveRole = "observer"
    if guest.role in ("candidate", "interviewer"):
        role = "candidate" if guest.role == "candidate" else "interviewer"
    joined = Join(guest.id, role, guest.name)
    await room.do(joined, actor=guest.id, cmd=f"join:{guest.id}")
    await room.do(Consent(guest.id), actor=guest.id)


async def lobby_of(request: Request, room: Room, guest: Guest) -> LobbyView:
    """For an interviewer alone."""
    home = get_home(request)

    def look() -> LobbyView:
        with transaction(home.engine) as db:
            guests = tickets.list_guests(db, room.id)
            links = tickets.list_tickets(db, room.id)
            seen = seen_before(db, room.id)
        people = dict(room.session.led.people)
        here = room.present
        return lobby_view(room.id, guests, links, people, here, guest.id, home.now(), seen)

    return await run_in_threadpool(look)


async def make_link(request: Request, room: Room, role: tickets.TicketRole, by: Guest) -> MadeLink:
    """A new link into the room. It lasts a day longer than the interview is planned to."""
    home = get_home(request)
    spec = room.session.spec
    planned = timedelta(minutes=spec.minutes) if spec and spec.minutes else UNTIMED
    ends = home.now() + planned + LASTS

    def make() -> tuple[tickets.Ticket, str]:
        with writing(home.engine) as db:
            return tickets.make_ticket(db, room.id, role, by.id, home.now(), ends)

    ticket, secret = await run_in_threadpool(make)
    host = request.headers["host"]
    base = f"{request.url.scheme}://{host}"
    way = f"/live/{room.id}/join#{secret}"
    if role == "captions":
        way = f"/api/v1/sessions/{room.id}/turns"
    title = TITLES.get(role, "a reader")
    only_here = host_name(host) in LOOPBACK
    return MadeLink(ticket.id, role, title, secret, base + way, only_here)
