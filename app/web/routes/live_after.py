"""Live rooms once the marks are settled: what the candidate may read, feedback both ways, and changing sides."""

import hashlib
import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.errors import Conflict, InvalidInput, NotFound
from app.interview.events import Advised, Answered
from app.interview.leading import LONGEST_ADVICE, PARTS, Advise, Answer, Share
from app.interview.refused import Refused
from app.live.room import Room
from app.storage.db import writing
from app.storage.tickets import (
    Guest,
    GuestRole,
    add_guest,
    leading_place,
    list_guests,
    list_tickets,
    make_ticket,
    renew_guest,
)
from app.web.deps import Deps, Home, Live, page
from app.web.live.card_page import READS_FOR, card_page
from app.web.live.guests import CLOSED, Guest_, Inside, Staff, give_place, has_agreed, reads_anyway
from app.web.live.marks import final_of, has_marked, machine_of, over, see
from app.web.views.shared import shared_view
from app.web.views.words import LEVEL_MEANING, LEVELS

router = APIRouter(include_in_schema=False)

SAME = "same"


# what the candidate may read ------------------------------------------------------------------
@router.post("/share")
async def share(
    request: Request,
    id: str,
    home: Deps,
    rooms: Live,
    rater: Staff,
    parts: Annotated[list[str] | None, Form()] = None,
    message: Annotated[str, Form()] = "",
    link: Annotated[str, Form()] = "",
) -> Response:
    """What the candidate may read from now on, and on demand a link for it, which is shown this once."""
    room = await over(rooms, id)
    if room is None or not has_marked(room, rater.id) or final_of(room) is None:
        return see(f"/live/{id}/marks")
    text = message.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_ADVICE:
        raise InvalidInput(f"A message holds {LONGEST_ADVICE:,} characters.")
    wanted = tuple(part for part in PARTS if part in (parts or ()))
    latest = room.session.led.shared[-1] if room.session.led.shared else None
    if latest is None or (latest.parts, latest.message) != (wanted, text):
        await room.do(Share(wanted, text, rater.id), actor=rater.id)
    if not link:
        return see(f"/live/{id}/card#share")
    secret = await run_in_threadpool(_reader, home, id, rater)
    address = f"{request.base_url}live/{id}/join#{secret}"
    return await card_page(request, home, room, rater, link=address)


def _reader(home: Home, id: str, rater: Guest) -> str:
    now = home.now()
    with writing(home.engine) as db:
        return make_ticket(db, id, "reader", rater.id, now, now + READS_FOR)[1]


@router.get("/shared")
async def shared(request: Request, id: str, home: Deps, rooms: Live, reader: Inside) -> Response:
    """By who came with a reader's link, the candidate, and interviewers who want to see what those see."""
    room = await rooms.get(id)
    if reader.role != "reader" and not reads_anyway(room, reader):
        raise NotFound(CLOSED)
    if room.session.state != "ended":
        return see(f"/live/{id}")
    given = room.session.led.shared
    view = None
    final = final_of(room)
    if given and final is not None:
        machine = await machine_of(home, room)
        view = shared_view(given[-1], room.session, final[0].levels, machine.report, machine.rubric)
    return page(
        request,
        "live/shared.html",
        id=id,
        title=room.expectations.sheet.question.title,
        view=view,
        levels=list(zip(LEVELS, LEVEL_MEANING, strict=True)),
        role=reader.role,
    )


# feedback -------------------------------------------------------------------------------------
@router.get("/feedback")
async def feedback(request: Request, id: str, rooms: Live, known: Inside) -> Response:
    room = await _talking(rooms, id, known)
    return see(f"/live/{id}") if room is None else _feedback(request, room, known)


async def _talking(rooms: Live, id: str, known: Guest) -> Room | None:
    """None while the interview goes on. Raises NotFound for those who neither asked nor answered."""
    room = await rooms.get(id)
    if known.role not in ("candidate", "interviewer") or not has_agreed(room, known):
        raise NotFound(CLOSED)
    return room if room.session.state == "ended" else None


def _feedback(
    request: Request, room: Room, known: Guest, text: str = "", problem: str = ""
) -> Response:
    led = room.session.led
    theirs: tuple[Advised | Answered, ...] = led.answers
    own: tuple[Advised | Answered, ...] = led.advice
    if known.role == "candidate":
        theirs, own = own, theirs
    return page(
        request,
        "live/feedback.html",
        status=422 if problem else 200,
        id=room.id,
        title=room.expectations.sheet.question.title,
        role=known.role,
        theirs=theirs,
        own=[said for said in own if said.name == known.name],
        text=text,
        problem=problem,
        cmd=secrets.token_hex(8),
        longest=LONGEST_ADVICE,
        shared=bool(led.shared),
        next=led.next,
    )


@router.post("/feedback")
async def fed_back(
    request: Request,
    id: str,
    rooms: Live,
    known: Inside,
    text: Annotated[str, Form()] = "",
    cmd: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    room = await _talking(rooms, id, known)
    if room is None:
        return see(f"/live/{id}")
    said = text.replace("\r\n", "\n").strip()
    command = (Answer if known.role == "candidate" else Advise)(known.name, said)
    # the same words sent twice by one page are one; other words from it are another
    once = f"feedback:{cmd}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"
    try:
        await room.do(command, actor=known.id, cmd=once)
    except Refused as error:
        return _feedback(request, room, known, text, str(error))
    return see(f"/live/{id}/feedback")


# the other way round --------------------------------------------------------------------------
@router.post("/swap")
async def swap(
    id: str, home: Deps, rooms: Live, rater: Staff, slug: Annotated[str, Form()] = SAME
) -> Response:
    room = await over(rooms, id)
    spec = room.session.spec if room else None
    if room is None or spec is None:
        raise Conflict("Finish this interview first; then you can change sides.")
    questions = await run_in_threadpool(home.desk.questions)
    wanted = spec.slug if slug == SAME else slug
    if wanted not in questions:
        raise NotFound("This question is no longer asked.")
    knowledge = await run_in_threadpool(home.standards.knowledge)
    await rooms.swap(room, questions[wanted], knowledge, rater.id)
    return see(f"/live/{id}/next")


@router.get("/next")
async def follow(request: Request, id: str, home: Deps, rooms: Live, known: Guest_) -> Response:
    """To one's place in the room in which sides have changed; it can be taken again by the same browser. There they
    read the notice and agree again."""
    room = await rooms.get(id)
    new = room.session.led.next
    swapper = next((one.actor for one in room.main if one.type == "roles.swapped"), "")
    if new is None or known.state != "admitted" or known.role == "reader":
        return see(f"/live/{id}")
    response = see(f"/live/{new}")
    role = _swapped(room, known, swapper)
    async with room.publishing:  # two tabs of one person must not make two of them
        if known.role == "candidate" and role == "interviewer":
            secret = await run_in_threadpool(_seat_maker, home, new, known)
        else:
            secret = await run_in_threadpool(_seat, home, new, known, role)
    give_place(request, response, new, secret)
    return response


def _seat_maker(home: Home, new: str, known: Guest) -> str:
    """Who answered asks now, and the new room is theirs as one that they had made themselves."""
    person = known.person or known.id
    with writing(home.engine) as db:
        place = leading_place(db, new, person)
        if place is not None and place.ticket is None:
            return renew_guest(db, new, place.id)
        now = home.now()
        return add_guest(db, new, "interviewer", known.name, None, person, now, "admitted")[1]


def _seat(home: Home, new: str, known: Guest, role: GuestRole) -> str:
    """The ticket of a place in the new room names who it is made for in the old one."""
    now = home.now()
    with writing(home.engine) as db:
        tickets = {one.made_by: one.id for one in list_tickets(db, new)}
        for guest in list_guests(db, new):
            if guest.ticket is not None and guest.ticket == tickets.get(known.id):
                return renew_guest(db, new, guest.id)
        ticket, _ = make_ticket(db, new, role, known.id, now, now + READS_FOR)
        return add_guest(db, new, role, known.name, ticket.id, known.person, now, "admitted")[1]


def _swapped(room: Room, known: Guest, swapper: str) -> GuestRole:
    """Who asked to change and who answered change; others stay what they are."""
    if known.id == swapper:
        return "candidate"
    return "interviewer" if known.role == "candidate" else known.role
