"""Questions in and out of the bank in the browser: an import shows what it would do before it does anything."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from app.bank.card import card_of
from app.bank.parcel import (
    Entry,
    Plan,
    Planned,
    Present,
    plan,
    read_parcel,
    to_csv,
    to_json,
    to_zip,
)
from app.bank.search import Wanted
from app.concepts.words import Reader
from app.errors import InvalidContent, InvalidInput, SevenstepError
from app.storage.desk import Standing
from app.storage.revisions import Author
from app.web.curators import Curator, author_of
from app.web.deps import Deps, Home, in_thread, page
from app.web.principal import Principal
from app.web.proof import told_of
from app.web.routes.questions import catalogue_of, opened_by

router = APIRouter(prefix="/questions", include_in_schema=False)
NAMED = re.compile(r"(?m)^slug: *[\"']?([a-z0-9-]+)")
NOT_OPENED = "what differs is shown once its answers are opened on its page"
MOST_FILES = 200
MOST_TAKEN = 10_000
TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}


# in ------------------------------------------------------------------------------------------------
@router.get("/import")
async def choose(request: Request, asker: Curator) -> Response:
    return page(request, "questions/import.html", problem="")


@router.post("/import")
async def show_plan(request: Request, home: Deps, asker: Curator) -> Response:
    """What would become of each entry. Nothing is changed yet."""
    entries: list[Entry] = []
    try:
        async with request.form(max_files=MOST_FILES, max_fields=5) as form:
            for file in form.getlist("file"):
                if isinstance(file, UploadFile) and file.filename:
                    entries += await in_thread(read_parcel, file.filename, await file.read())
    except InvalidContent as error:
        return page(request, "questions/import.html", status=422, problem=str(error))
    if not entries:
        told = "Choose a .yaml, a .json or a .zip with questions in it."
        return page(request, "questions/import.html", status=422, problem=told)
    planned, bases = await in_thread(_planned, home, entries)
    opened = await in_thread(opened_by, home, asker)
    kinds = [
        (kind, title, [_shown(one, bases, opened) for one in planned.of_kind(kind)])
        for kind, title in (
            ("new", "New"),
            ("changed", "Changed"),
            ("duplicate", "Much like one that is here"),
            ("invalid", "Not usable"),
            ("same", "Here already, just so"),
        )
    ]
    return page(request, "questions/plan.html", kinds=kinds, bases=bases)


def _shown(
    one: Planned, bases: Mapping[str, tuple[str, str]], opened: frozenset[str] | None
) -> Planned:
    """What is here already, answers and all, shows through only where its answers were opened."""
    if opened is None:
        return one
    if bases.get(one.slug, ("", ""))[1] and one.slug not in opened:
        one = replace(one, changes=(NOT_OPENED,), diff=())
    if one.duplicate and not {one.duplicate.slug, one.duplicate.other} - {one.slug} <= opened:
        one = replace(one, duplicate=replace(one.duplicate, parts=()))
    return one


def _planned(home: Home, entries: list[Entry]) -> tuple[Plan, dict[str, tuple[str, str]]]:
    """And for each slug that can be written the hashes of its text and of the one that it replaces."""
    standings = home.desk.everything()
    named = {slug for entry in entries for slug in NAMED.findall(entry.text)}
    present = {
        slug: Present(standing.latest.question, home.desk.text(standing) if slug in named else "")
        for slug, standing in standings.items()
    }
    reader = Reader(home.standards.rubric().lexicon)
    planned = plan(entries, present, lambda text: told_of(home, text), reader)
    bases = {
        one.slug: (
            home.desk.keep(one.text),
            standings[one.slug].latest.sha256 if one.slug in standings else "",
        )
        for one in planned.entries
        if one.kind in ("new", "changed", "duplicate")
    }
    return planned, bases


@dataclass(frozen=True, slots=True)
class Written:
    """`problem` says why not."""

    slug: str
    status: str = ""
    problem: str = ""


@router.post("/import/write")
async def write(
    request: Request,
    home: Deps,
    asker: Curator,
) -> Response:
    """What was ticked in the plan. One that has been changed meanwhile is left as it is, and said."""
    # Read here: as arguments of the route more than a thousand are refused.
    async with request.form(max_files=0, max_fields=MOST_TAKEN + 5) as form:
        take = [str(one) for one in form.getlist("take")]
        as_draft = bool(form.get("as_drafts"))
    if not take:
        raise InvalidInput("Nothing was ticked, so nothing was imported.")
    done = await in_thread(_write, home, take[:MOST_TAKEN], author_of(asker), as_draft=as_draft)
    return page(request, "questions/imported.html", done=done)


def _write(home: Home, take: Iterable[str], author: Author, *, as_draft: bool) -> list[Written]:
    done: list[Written] = []
    for one in take:
        slug, _, hashes = one.partition(":")
        sha256, _, base = hashes.partition(":")
        try:
            done.append(_write_one(home, slug, sha256, base, author, as_draft))
        except SevenstepError as error:
            done.append(Written(slug[:60], problem=str(error)))
    return done


def _write_one(
    home: Home, slug: str, sha256: str, base: str, author: Author, as_draft: bool
) -> Written:
    text = home.desk.kept(sha256)
    if not as_draft and told_of(home, text):
        as_draft = True  # whatever its status says, it is not ready for candidates
    if base:
        standing = home.desk.save(
            slug, text, base=base, author=author, action="imported", as_draft=as_draft
        )
    else:
        standing = home.desk.create(slug, text, author=author, action="imported", as_draft=as_draft)
    return Written(slug, status=standing.latest.question.status)


# out -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Found:
    """`standings` have as their latest text the one that is given out; `waiting` of them have a draft on top of what
    is in use. `shut` are the slugs whose answers somebody alone on a machine has not opened."""

    standings: tuple[Standing, ...]
    waiting: int
    shut: frozenset[str]


@router.get("/export")
async def export(
    request: Request, home: Deps, asker: Curator, format: str = "", drafts: str = ""
) -> Response:
    """With a format the file; without one the page that offers them. The address narrows it as it does the list. Given
    out is what is in use, and what was never published; with `drafts`, also what waits on top of it."""
    wanted = Wanted.from_query(request.query_params.multi_items())
    found = await in_thread(_found, request, home, wanted, asker, drafts=bool(drafts))
    if format not in TYPES:
        return page(request, "questions/export.html", wanted=wanted, found=found, drafts=drafts)
    data = await in_thread(_packed, home, found, format)
    name = f'attachment; filename="questions.{format}"'
    return Response(data, media_type=TYPES[format], headers={"Content-Disposition": name})


def _found(
    request: Request, home: Home, wanted: Wanted, asker: Principal, *, drafts: bool
) -> Found:
    standings, opened = home.desk.everything(), opened_by(home, asker)
    cards = catalogue_of(request).everything(standings, home.standards.rubric(), opened)
    chosen = [standings[slug] for slug in sorted(cards.find(wanted).slugs)]
    return Found(
        tuple(chosen if drafts else map(in_use_first, chosen)),
        waiting=sum(standing.is_ahead for standing in chosen),
        shut=frozenset(() if opened is None else {one.slug for one in chosen} - opened),
    )


def _packed(home: Home, found: Found, format: str) -> bytes:
    if format == "csv":
        rubric = home.standards.rubric()
        cards = (card_of(s.latest.question, s.latest.sha256, rubric) for s in found.standings)
        return to_csv(cards).encode()
    chosen = [standing for standing in found.standings if standing.slug not in found.shut]
    if format == "json":
        return to_json(standing.latest.question for standing in chosen).encode()
    return to_zip({standing.slug: home.desk.text(standing) for standing in chosen})


def in_use_first(standing: Standing) -> Standing:
    """With what candidates are given in place of a draft on top of it."""
    return replace(standing, latest=standing.in_use or standing.latest)
