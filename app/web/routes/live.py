"""Live rooms: the list, how one is made, who is let in."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.errors import InvalidInput, NotFound, SevenstepError
from app.interview.commands import MINUTES, Refused
from app.interview.persona import DEFAULT
from app.live.rooms import Rooms
from app.storage import tickets
from app.storage.db import transaction, writing
from app.storage.log import SessionLine
from app.storage.people import known_as
from app.storage.private import is_live, live_rooms
from app.storage.tickets import Guest, GuestState, Ticket
from app.web.deps import Deps, Home, Live, own, page
from app.web.limits import Limits, address_of
from app.web.live.doorkeeper import doorkeeper_of
from app.web.live.entrance import agree, consent_page, lobby_of, make_link
from app.web.live.guests import (
    CLOSED,
    COOKIE,
    Guest_,
    Inside,
    Staff,
    give_name,
    give_place,
    is_maker,
    reads_anyway,
)
from app.web.principal import Asker, Principal
from app.web.views.lobby import TITLES
from app.web.views.session_list import listed

router = APIRouter(prefix="/live", include_in_schema=False)
MOST_WAITING = 30
LONGEST_CODE = 500
BAD_CODE = "This link is not good, or not good any more. Ask for a new one."
NOT_LEADING = "Interviewers make live rooms; ask for an invitation as one."
TOO_OFTEN = "That was asked for too often. Wait a minute, then try again."


class NotLeading(SevenstepError):
    """Known here, but not as somebody who makes rooms."""

    status = 403


class TooOften(InvalidInput):
    """Somebody's address has used up what it may do at once."""

    status = 429


def see(address: str) -> Response:
    return RedirectResponse(address, 303)


def within(request: Request, what: str) -> None:
    """Raises TooOften. The buckets are this application's own."""
    limits = own(request, f"limits_{what}", lambda: Limits(burst=30, a_minute=30))
    if not limits.take(address_of(request)):
        raise TooOften(TOO_OFTEN)


# the list ------------------------------------------------------------------------------------------
@router.get("")
async def index(request: Request, home: Deps, rooms: Live, asker: Asker) -> Response:
    return await list_page(request, home, rooms, asker)


async def list_page(
    request: Request, home: Home, rooms: Rooms, asker: Principal, problem: str = ""
) -> Response:
    lines = await run_in_threadpool(_own, home, asker)
    questions = await run_in_threadpool(home.desk.questions)
    return page(
        request,
        "live/list.html",
        status=422 if problem else 200,
        lines=[listed(line, None) for line in lines],
        questions=[(slug, kept.question.title) for slug, kept in questions.items()],
        personas=await run_in_threadpool(home.standards.personas),
        persona=DEFAULT,
        asker=asker,
        is_open=asker.is_owner and not asker.sees_all,
        host=rooms.host,
        problem=problem,
    )


def _own(home: Home, asker: Principal) -> list[SessionLine]:
    with transaction(home.engine) as db:
        if asker.sees_all:
            return live_rooms(db, None)
        if not asker.maker:
            return []
        return live_rooms(db, tickets.sessions_of_person(db, asker.maker))


@router.post("")
async def create(
    request: Request,
    home: Deps,
    rooms: Live,
    asker: Asker,
    slug: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    minutes: Annotated[str, Form()] = "45",
    persona: Annotated[str, Form()] = DEFAULT,
    voice: Annotated[str, Form()] = "script",
) -> Response:
    """The maker is the room's interviewer, and agrees to the notice by making it."""
    if not asker.may_lead:
        raise NotLeading(NOT_LEADING)
    within(request, "rooms")
    questions = await run_in_threadpool(home.desk.questions)
    if slug not in questions:
        raise NotFound("There is no such question; it may have been retired.")
    called = known_as(name) or asker.name
    if not called:
        problem = "Say what the candidate should call you."
        return await list_page(request, home, rooms, asker, problem)
    personas = [persona.id for persona in await run_in_threadpool(home.standards.personas)]
    if persona not in personas or (minutes != "untimed" and minutes not in map(str, MINUTES)):
        raise InvalidInput("Choose an interviewer and a length from the page.")
    id = await rooms.create(
        questions[slug],
        persona=persona,
        mode="live",
        minutes=None if minutes == "untimed" else int(minutes),
        knowledge=await run_in_threadpool(home.standards.knowledge),
        # the choice names the host that the page showed: another may be set up since
        voice="model" if rooms.host is not None and voice == rooms.host else "script",
    )
    answer = see(f"/live/{id}")
    maker = asker.maker or give_name(request, answer)
    guest, secret = await run_in_threadpool(_take_place, home, id, called, None, maker)
    await agree(await rooms.get(id), guest)
    give_place(request, answer, id, secret)
    return answer


def _take_place(
    home: Home, id: str, name: str, ticket: Ticket | None, person: str | None
) -> tuple[Guest, str]:
    """Without a ticket, as an interviewer. Raises TooOften where too many wait already."""
    with writing(home.engine) as db:
        if ticket is None:
            return tickets.add_guest(
                db, id, "interviewer", name, None, person, home.now(), "admitted"
            )
        if ticket.role == "captions":
            raise InvalidInput("This is for a meeting's captions: no person comes in by it.")
        state: GuestState = "admitted" if ticket.role == "reader" else "waiting"
        here = tickets.list_guests(db, id)
        if sum(guest.state == "waiting" for guest in here) >= MOST_WAITING:
            raise TooOften("Too many wait at this door already. Try again in a while.")
        return tickets.add_guest(db, id, ticket.role, name, ticket.id, person, home.now(), state)


# in ------------------------------------------------------------------------------------------------
@router.get("/{id}/join")
async def door(request: Request, id: str, home: Deps, asker: Asker) -> Response:
    """The same for every room, there or not: only the code tells."""
    own = asker.sees_all and await run_in_threadpool(_is_live, home, id)
    return join_page(request, id, asker, own=own)


def _is_live(home: Home, id: str) -> bool:
    with transaction(home.engine) as db:
        return is_live(db, id)


def join_page(
    request: Request,
    id: str,
    asker: Principal,
    *,
    own: bool = False,
    status: int = 200,
    problem: str = "",
    code: str = "",
    role: str = "",
    title: str = "",
) -> Response:
    return page(
        request,
        "live/join.html",
        status=status,
        id=id,
        name=asker.name,
        own=own,
        problem=problem,
        code=code,
        role=role,
        title=title,
    )


@router.post("/{id}/join")
async def join(
    request: Request,
    id: str,
    home: Deps,
    rooms: Live,
    asker: Asker,
    code: Annotated[str, Form(max_length=LONGEST_CODE)] = "",
    name: Annotated[str | None, Form()] = None,
) -> Response:
    """By the code of a link, or the whole link as it was pasted. First without a name, then with it."""
    within(request, "joins")
    secret = code.strip().rpartition("#")[2]
    called = known_as(name or "")
    if not secret and asker.sees_all and await run_in_threadpool(_is_live, home, id):
        own = await run_in_threadpool(
            _own_place, home, id, called or asker.name or "Owner", asker, request.cookies
        )
        answer = see(f"/live/{id}")
        give_place(request, answer, id, own)
        return answer
    ticket = await run_in_threadpool(_ticket, home, id, secret)
    if ticket is None:
        return join_page(request, id, asker, status=404, problem=BAD_CODE)
    known = await run_in_threadpool(_known, home, id, request.cookies.get(COOKIE, ""))
    to = see(f"/live/{id}/shared" if ticket.role == "reader" else f"/live/{id}")
    room = await rooms.get(id)
    reads = ticket.role == "reader"
    if known is not None and (ticket.id == known.ticket or (reads and reads_anyway(room, known))):
        give_place(request, to, id, await run_in_threadpool(_renew, home, known))
        return to
    if known is not None and not reads:
        title = TITLES.get(ticket.role, "a reader")
        return page(request, "live/already.html", guest=known, title=title, status=409)
    if ticket.role not in ("reader", "captions") and not called:
        problem = "" if name is None else "Say what you want to be called."
        return join_page(
            request,
            id,
            asker,
            status=422 if problem else 200,
            problem=problem,
            code=secret,
            role=TITLES[ticket.role].replace("a co-", "an "),
            title=room.session.spec.title if room.session.spec else "",
        )
    # also who may open every room is known by each side of it that they have been on
    person = asker.maker or (give_name(request, to) if asker.is_owner and not reads else None)
    _, own = await run_in_threadpool(_take_place, home, id, called or "Reader", ticket, person)
    give_place(request, to, id, own)
    return to


def _ticket(home: Home, id: str, secret: str) -> Ticket | None:
    with transaction(home.engine) as db:
        return tickets.use_ticket(db, secret, id, home.now())


def _known(home: Home, id: str, secret: str) -> Guest | None:
    with transaction(home.engine) as db:
        return tickets.guest_of(db, id, secret, home.now())


def _own_place(home: Home, id: str, name: str, asker: Principal, cookies: Mapping[str, str]) -> str:
    """The secret of the place in which somebody who may open every room is in this one: of the one that they have, or
    of a new one as an interviewer. Raises NotFound for who was on another side of it and has left."""
    known = _known(home, id, cookies.get(COOKIE, ""))
    with writing(home.engine) as db:
        known = known or tickets.guest_of_person(db, id, asker.maker)
        if known is not None:
            return tickets.renew_guest(db, id, known.id)
        if tickets.has_other_side(db, id, asker.maker):
            raise NotFound(CLOSED)
        given = (name, None, asker.maker, home.now())
        return tickets.add_guest(db, id, "interviewer", *given, "admitted")[1]


def _renew(home: Home, guest: Guest) -> str:
    with writing(home.engine) as db:
        return tickets.renew_guest(db, guest.session, guest.id)


@router.get("/{id}/waiting")
async def waiting(guest: Guest_) -> Response:
    """What the waiting page asks every few seconds."""
    return JSONResponse({"state": guest.state})


@router.post("/{id}/consent")
async def consent(
    request: Request,
    id: str,
    rooms: Live,
    guest: Inside,
    agreed: Annotated[str, Form()] = "",
) -> Response:
    if guest.role == "reader":
        raise NotFound(CLOSED)
    room = await rooms.get(id)
    if agreed != "yes":
        return await consent_page(request, guest, room, "Tick that you agree, or leave.")
    try:
        await agree(room, guest)
    except Refused as error:
        raise InvalidInput(str(error)) from error
    return see(f"/live/{id}")


@router.post("/{id}/leave")
async def leave(request: Request, id: str, home: Deps, guest: Guest_) -> Response:
    """Who came by a link goes, and their cookie is void."""
    if guest.ticket is None:
        raise InvalidInput("This is your room: finish the interview instead.")
    await run_in_threadpool(_set_state, home, guest.session, guest.id, "out")
    await doorkeeper_of(request).look()
    answer = page(request, "live/left.html")
    answer.delete_cookie(COOKIE, path=f"/live/{id}")
    return answer


def _set_state(home: Home, session: str, id: str, state: GuestState) -> None:
    with writing(home.engine) as db:
        tickets.set_guest_state(db, session, id, state)


# away ----------------------------------------------------------------------------------------------
def maker(known: Inside, asker: Asker) -> Guest:
    """Also before they have agreed to the notice: who does not want to may take it all away. Raises NotFound."""
    if not is_maker(known, asker):
        raise NotFound(CLOSED)
    return known


Maker = Annotated[Guest, Depends(maker)]


@router.get("/{id}/delete")
async def confirm(request: Request, id: str, rooms: Live, guest: Maker) -> Response:
    title = (await rooms.log.session(id)).about.title
    return page(request, "live/delete.html", id=id, title=title)


@router.post("/{id}/delete")
async def delete(id: str, rooms: Live, guest: Maker) -> Response:
    """With the report that was made of it, its links and its people."""
    await rooms.delete(id)
    return see("/live")


# the interviewers' side ------------------------------------------------------------------------------
@router.get("/{id}/lobby")
async def lobby(
    request: Request, id: str, rooms: Live, guest: Staff, part: bool = False
) -> Response:
    """A page of its own, and, as a part, what its script puts into the room's."""
    view = await lobby_of(request, await rooms.get(id), guest)
    return page(request, "live/_lobby_people.html" if part else "live/lobby.html", lobby=view)


@router.post("/{id}/admit")
async def admit(
    request: Request, id: str, home: Deps, rooms: Live, staff: Staff, guest: Annotated[str, Form()]
) -> Response:
    """They are asked to agree next; then they are in."""
    await run_in_threadpool(_admit, home, id, guest)
    (await rooms.get(id)).wake()
    return see(f"/live/{id}/lobby")


def _admit(home: Home, id: str, guest: str) -> None:
    with writing(home.engine) as db:
        tickets.admit_guest(db, id, guest)


@router.post("/{id}/decline")
async def decline(
    request: Request, id: str, home: Deps, staff: Staff, guest: Annotated[str, Form()]
) -> Response:
    """Also for somebody who is in already: they are shown out, and the links that they made are void."""
    await run_in_threadpool(_show_out, home, id, guest)
    await doorkeeper_of(request).look()
    return see(f"/live/{id}/lobby")


def _show_out(home: Home, id: str, guest: str) -> None:
    with writing(home.engine) as db:
        if tickets.find_guest(db, id, guest).ticket is None:
            raise InvalidInput("Whoever made the room, or may open every room, stays.")
        tickets.show_out(db, id, guest, home.now())


@router.post("/{id}/tickets")
async def make_ticket(
    request: Request, id: str, rooms: Live, staff: Staff, role: Annotated[str, Form()]
) -> Response:
    """The link is shown this once; what is kept cannot be turned into it again."""
    if role not in tickets.ROLES:
        raise InvalidInput("Choose for whom the link is.")
    within(request, "tickets")
    room = await rooms.get(id)
    wanted = next(known for known in tickets.ROLES if known == role)
    link = await make_link(request, room, wanted, staff)
    return page(request, "live/link.html", id=id, link=link)


@router.post("/{id}/tickets/{ticket}/revoke")
async def revoke_ticket(
    request: Request, id: str, ticket: str, home: Deps, staff: Staff
) -> Response:
    """Whoever came by it is out as well, on every process within seconds."""
    await run_in_threadpool(_revoke, home, id, ticket)
    await doorkeeper_of(request).look()
    return see(f"/live/{id}/lobby")


def _revoke(home: Home, id: str, ticket: str) -> None:
    with writing(home.engine) as db:
        tickets.revoke_ticket(db, id, ticket, home.now())
