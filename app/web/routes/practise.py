"""Choose a question and how to be interviewed."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.bank.bank import Kept
from app.interview.persona import DEFAULT
from app.live.rooms import Rooms
from app.live.voice import mark_of
from app.storage.db import transaction
from app.storage.private import practised
from app.storage.revisions import answers_shown
from app.web.deps import Deps, Home, Live, page

router = APIRouter(include_in_schema=False)
REMEMBERED = 500  # sessions that are looked through for "seen before"
AGREED = "agreed"  # the cookie that remembers to which endpoint words may be sent


@dataclass(frozen=True, slots=True)
class Card:
    """What a candidate may know before the start."""

    slug: str
    title: str
    domain: str
    category: str
    modality: str
    seniority: tuple[str, ...]
    difficulty: int
    minutes: int
    tags: tuple[str, ...]
    seen: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the form stands on, as it names it."""

    persona: str = DEFAULT
    minutes: str = "45"
    mode: str = "practice"
    voice: str = "script"


def card(kept: Kept, seen: set[str]) -> Card:
    q = kept.question
    return Card(
        q.slug,
        q.title,
        q.domain,
        q.category,
        q.modality,
        q.seniority,
        q.difficulty,
        q.minutes,
        q.tags,
        q.slug in seen,
    )


def is_wanted(card: Card, q: str, domain: str, seniority: str) -> bool:
    text = " ".join((card.title, card.domain, card.category, card.modality, *card.tags)).lower()
    return (
        all(word in text for word in q.lower().split())
        and domain in ("", card.domain)
        and (not seniority or seniority in card.seniority)
    )


def _seen(home: Home) -> set[str]:
    with transaction(home.engine) as db:
        return {line.about.slug for line in practised(db, limit=REMEMBERED)} | answers_shown(db)


def has_agreed(request: Request, rooms: Rooms) -> bool:
    """To the endpoint that is set up now; another is asked about again."""
    return rooms.host is not None and request.cookies.get(AGREED) == mark_of(rooms.host)


@router.get("/practise")
async def choose(
    request: Request,
    home: Deps,
    rooms: Live,
    q: str = "",
    domain: str = "",
    seniority: str = "",
) -> Response:
    return await choose_page(request, home, rooms, q=q, domain=domain, seniority=seniority)


async def choose_page(
    request: Request,
    home: Deps,
    rooms: Live,
    *,
    q: str = "",
    domain: str = "",
    seniority: str = "",
    problem: str = "",
    chosen: Chosen | None = None,
) -> Response:
    agreed = has_agreed(request, rooms)
    questions = await run_in_threadpool(home.desk.questions)
    seen = await run_in_threadpool(_seen, home)
    cards = [card(kept, seen) for kept in questions.values()]
    return page(
        request,
        "practise/choose.html",
        status=422 if problem else 200,
        cards=[c for c in cards if is_wanted(c, q, domain, seniority)],
        domains=sorted({c.domain for c in cards}),
        personas=await run_in_threadpool(home.standards.personas),
        chosen=chosen or Chosen(voice="model" if agreed else "script"),
        filters={"q": q, "domain": domain, "seniority": seniority},
        host=rooms.host,
        agreed=agreed,
        problem=problem,
    )
