"""The page of a scorecard, which a new link to what is shared is shown on once."""

from collections.abc import Iterable
from datetime import timedelta

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.errors import NotFound
from app.interview.leading import LONGEST_ADVICE
from app.live.room import Room
from app.scoring.cards import Card
from app.storage.tickets import Guest
from app.web.deps import Home, page
from app.web.live.marks import Machine, card_of, final_of, has_marked, machine_of
from app.web.principal import principal_of
from app.web.views.card import card_view
from app.web.views.marks import own_notes
from app.web.views.shared import PART_TITLES

READS_FOR = timedelta(days=30)


async def get_card(
    home: Home, room: Room | None, rater: Guest, notes: Iterable[str]
) -> tuple[Card, Machine]:
    """Raises NotFound where there is none yet, or its reader has not marked by themselves."""
    if room is None or not has_marked(room, rater.id) or final_of(room) is None:
        raise NotFound("There is no scorecard yet: it comes with the final marks.")
    machine = await machine_of(home, room)
    card = card_of(room, machine, rater.id, notes)
    assert card is not None
    return card, machine


async def card_page(
    request: Request,
    home: Home,
    room: Room,
    rater: Guest,
    notes: Iterable[str] = (),
    link: str = "",
) -> Response:
    made, machine = await get_card(home, room, rater, notes)
    shared = room.session.led.shared
    questions = await run_in_threadpool(home.desk.questions)
    return page(
        request,
        "live/card.html",
        id=room.id,
        view=card_view(made, machine.rubric, machine.transcript),
        own_notes=[n for n in own_notes(room.session, (), rater.id) if n.text],
        chosen=set(notes),
        parts=PART_TITLES,
        shared=shared[-1] if shared else None,
        link=link,
        days=READS_FOR.days,
        longest=LONGEST_ADVICE,
        next=room.session.led.next,
        questions=sorted((slug, kept.question.title) for slug, kept in questions.items()),
        asked=room.session.spec.slug if room.session.spec else "",
        raters_see=principal_of(request).may_lead,
        address=report_at(request, rater, machine),
    )


def report_at(request: Request, rater: Guest, machine: Machine) -> str:
    """Where the whole report opens to them; others see it in the room alone, and so does a browser whose name is one
    of live rooms."""
    asker = principal_of(request)
    has_name = asker.person is not None and asker.maker == rater.person
    return machine.address if has_name or asker.sees_all else ""
