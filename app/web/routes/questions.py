"""The question bank to look through: the list, a question's page and guide, its history."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from app.bank.card import Card
from app.bank.search import FACETS, ORDERS, Shown, Wanted
from app.errors import InvalidContent, NotFound
from app.storage.db import transaction
from app.storage.desk import Standing, StillReading
from app.storage.revisions import answers_shown
from app.web.asgi import problem
from app.web.catalogue import Catalogue
from app.web.curators import Editing, Guide, Reading, author_of, may_see_answers
from app.web.deps import Deps, Home, in_thread, own, page
from app.web.principal import Asker, Principal
from app.web.question_page import question_page
from app.web.views.diff import diff_of
from app.web.views.guide import guide_view

router = APIRouter(prefix="/questions", include_in_schema=False)
PATIENCE = 2.0  # seconds that the list waits for questions to be read; a bank like the one in the box needs fewer
LOOKS = 5  # seconds after which a list that is not there yet is asked for again
AGAIN = "The list is here as soon as they are; this page looks again by itself."
NONE_SUCH = "There is no such question; it may have been retired."
FACET_TITLES = {
    "domain": "Domain",
    "category": "Kind of problem",
    "seniority": "Level",
    "status": "Status",
    "tag": "Tag",
    "step": "Little on",
}
ORDER_TITLES = {
    "": "relevance",
    "title": "title",
    "version": "newest version",
    "difficulty": "difficulty",
    "step": "least covered step",
    "domain": "domain",
}
MOST_NUMBER = 1_000_000  # of entries of a history; SQLite refuses a number of twenty digits
Number = Annotated[int, Path(ge=0, le=MOST_NUMBER)]
Compared = Annotated[int, Query(ge=0, le=MOST_NUMBER)]
ACTION_TITLES = {
    "found": "found as a file",
    "created": "created",
    "edited": "edited",
    "imported": "imported",
    "commented": "commented",
    "submitted": "sent to review",
    "returned": "sent back",
    "published": "published",
    "retired": "retired",
    "reopened": "reopened",
    "restored": "restored",
}


def see(address: str) -> Response:
    return RedirectResponse(address, 303)


def opened_by(home: Home, asker: Principal) -> frozenset[str] | None:
    """Slugs of questions whose answers this one may see; None for all of them."""
    if not asker.is_alone:
        return None
    with transaction(home.engine) as db:
        return answers_shown(db)


def catalogue_of(request: Request) -> Catalogue:
    return own(request, "catalogue", Catalogue)


# the list ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Listed:
    """A card, and whether something waits on top of what candidates are given."""

    card: Card
    is_ahead: bool


def _find(
    home: Home, catalogue: Catalogue, wanted: Wanted, asker: Principal
) -> tuple[Shown, list[Listed]]:
    """Raises StillReading."""
    rubric = home.standards.rubric()
    if not asker.may_curate:
        questions = home.desk.questions(patience=PATIENCE)
        shown = catalogue.published(questions, rubric).find(wanted)
        return shown, [Listed(card, False) for card in shown.cards]
    standings = home.desk.everything(patience=PATIENCE)
    shown = catalogue.everything(standings, rubric, opened_by(home, asker)).find(wanted)
    return shown, [Listed(card, standings[card.slug].is_ahead) for card in shown.cards]


@router.get("")
async def index(request: Request, home: Deps, asker: Asker) -> Response:
    wanted = Wanted.from_query(request.query_params.multi_items())
    curates = asker.may_curate
    try:
        shown, lines = await in_thread(_find, home, catalogue_of(request), wanted, asker)
    except StillReading as still:
        answer = problem(request.scope, still.status, "One moment", f"{still} {AGAIN}")
        answer.headers.update({"Refresh": str(LOOKS), "Retry-After": str(LOOKS)})
        return answer
    facets = [
        (name, FACET_TITLES[name], shown.facets[name])
        for name in FACETS
        if len(shown.facets[name]) > 1 or any(choice.chosen for choice in shown.facets[name])
    ]
    return page(
        request,
        "questions/list.html",
        wanted=wanted,
        shown=shown,
        lines=lines,
        facets=facets,
        orders=[(name, ORDER_TITLES[name]) for name in ("", *ORDERS)],
        curates=curates,
        leads=asker.may_lead,
        problems=home.desk.problems if curates else [],
    )


# one of them ---------------------------------------------------------------------------------------
def standing_of(home: Home, asker: Principal, slug: str) -> Standing:
    """Whoever does not curate sees what is published, and nothing else is there for them. Raises NotFound."""
    if asker.may_curate:
        return home.desk.standing(slug)
    with suppress(NotFound, InvalidContent):
        kept = home.desk.standing(slug).in_use
        if kept is not None and kept.question.status == "published":
            return Standing(slug, kept, kept, None)
    raise NotFound(NONE_SUCH)


@router.get("/{slug}")
async def show(request: Request, home: Deps, asker: Asker, slug: str) -> Response:
    standing = await in_thread(standing_of, home, asker, slug)
    reads = asker.may_curate or asker.may_lead
    is_open = reads and await in_thread(may_see_answers, home, asker, slug)
    guide = None
    if is_open:
        rubric = await in_thread(home.standards.rubric)
        guide = await in_thread(guide_view, standing.latest.question, rubric)
    return question_page(
        request, "show.html", standing, "guide", curates=asker.may_curate, guide=guide, reads=reads
    )


@router.post("/{slug}/answers")
async def open_answers(home: Deps, asker: Guide, slug: str) -> Response:
    """Opens them, and from then on the question counts as seen before."""
    await in_thread(standing_of, home, asker, slug)
    if asker.is_alone:
        await in_thread(home.desk.show_answers, slug)
    return see(f"/questions/{slug}")


# its history ---------------------------------------------------------------------------------------
@router.get("/{slug}/history")
async def history(request: Request, home: Deps, asker: Editing, slug: str) -> Response:
    entries = await in_thread(home.desk.history, slug)  # which may find the file changed
    standing = await in_thread(home.desk.standing, slug)
    return question_page(
        request, "history.html", standing, "history", entries=entries, titles=ACTION_TITLES
    )


@router.get("/{slug}/diff")
async def diff(
    request: Request,
    home: Deps,
    asker: Editing,
    slug: str,
    before: Compared = 0,
    after: Compared = 0,
) -> Response:
    """Of two entries of the history; without numbers, of what is in use and what waits."""
    standing = await in_thread(home.desk.standing, slug)
    if before and after:
        first, old = await in_thread(home.desk.version, slug, min(before, after))
        second, new = await in_thread(home.desk.version, slug, max(before, after))
        names = (f"entry {first.number}", f"entry {second.number}")
    else:
        old = await in_thread(home.desk.in_use_text, slug) or ""
        new = await in_thread(home.desk.text, standing)
        names = ("what candidates are given", "the draft")
    changes = await in_thread(diff_of, old, new)
    return question_page(request, "diff.html", standing, "history", diff=changes, names=names)


@router.get("/{slug}/history/{number}")
async def version(home: Deps, asker: Editing, slug: str, number: Number) -> Response:
    """The text of an entry as it was written."""
    _, text = await in_thread(home.desk.version, slug, number)
    return PlainTextResponse(text)


@router.post("/{slug}/comment")
async def comment(
    home: Deps, asker: Editing, slug: str, comment: Annotated[str, Form()] = ""
) -> Response:
    await in_thread(home.desk.comment, slug, comment, author=author_of(asker))
    return see(f"/questions/{slug}/history")


@router.get("/{slug}/source")
async def source(home: Deps, asker: Reading, slug: str) -> Response:
    """The YAML, to read or to keep."""
    standing = await in_thread(standing_of, home, asker, slug)
    text = await in_thread(home.desk.text, standing)
    return PlainTextResponse(text)
