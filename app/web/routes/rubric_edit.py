"""Change the rubric as text: checked by line; what the check of all drafts finds, what would move, and publish."""

import io
import zipfile
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.requests import HTTPConnection

from app.content import MAX_BYTES, Told
from app.errors import Conflict, InvalidContent
from app.rubric.proof import Part, parts_of, proof, text_of_part, with_part
from app.storage.revisions import Stale, sha256_of
from app.web.curators import Curator, author_of
from app.web.deps import Deps, in_thread, page
from app.web.rescoring import Rescored, rescore
from app.web.routes.questions import ACTION_TITLES, Compared, Number
from app.web.rubric_desk import LONGEST_COMMENT, RubricDesk, Standing, plain
from app.web.views.diff import diff_of

router = APIRouter(prefix="/rubric/edit", include_in_schema=False)
CHANGED_MEANWHILE = (
    "{who} changed this while you were writing. Your text is below as you left it, and what differs from theirs is "
    "shown under it. Take over what you want to keep, then save again."
)
CHECK_AGAIN = "Something was changed since this was checked. Look at it again, then publish."
LARGEST_FIELD = 3 * MAX_BYTES  # as it is sent, a letter may be %XX
FILES = {
    "flags.yaml": "faults in content, and their signs",
    "lexicon.yaml": "word classes, aliases, markers",
    "rubric.yaml": "the version goes up by itself",
    "scale.yaml": "every number of the marks",
    "talk.yaml": "sentences that teach which step is talked about",
}
TITLES = {
    "flags.yaml": "Faults",
    "lexicon.yaml": "Words",
    "rubric.yaml": "Name and version",
    "scale.yaml": "Scale",
    "talk.yaml": "Talk",
}


def get_rubric_desk(connection: HTTPConnection) -> RubricDesk:
    desk: RubricDesk = connection.app.state.rubric_desk
    return desk


Desk = Annotated[RubricDesk, Depends(get_rubric_desk)]


def see(address: str) -> Response:
    return RedirectResponse(address, 303)


# the whole -----------------------------------------------------------------------------------------
@router.get("")
async def index(
    request: Request, desk: Desk, home: Deps, asker: Curator, published: int = 0
) -> Response:
    standings = await in_thread(desk.standings)
    rubric = await in_thread(home.standards.rubric)
    return page(
        request,
        "rubric/edit.html",
        rubric=rubric,
        files=[(standing, parts_of(standing.text)) for standing in standings.values()],
        about=FILES,
        titles=TITLES | {f"{n}-{s.id}.yaml": s.title for n, s in enumerate(rubric.steps, 1)},
        drafts=sum(standing.is_ahead for standing in standings.values()),
        published=published == rubric.about.version and published,
    )


@router.get("/check")
async def check(
    request: Request, desk: Desk, home: Deps, asker: Curator, scores: int = 0
) -> Response:
    """Of the drafts together; with `scores` also which past marks would move, which takes up to half a minute."""
    return await _check_page(request, desk, home, scores=bool(scores))


async def _check_page(
    request: Request,
    desk: RubricDesk,
    home: Deps,
    *,
    scores: bool = False,
    problem: str = "",
    comment: str = "",
) -> Response:
    checked = await in_thread(desk.check)
    rescored: Rescored | None = None
    if scores and checked.rubric is not None and checked.names:
        given = {"question": None, "rubric": checked.rubric, "slug": None}
        rescored = await in_thread(rescore, home, **given)
    return page(
        request,
        "rubric/edit_check.html",
        status=409 if problem else 200,
        check=checked,
        rescored=rescored,
        version=(await in_thread(home.standards.rubric)).about.version,
        problem=problem,
        comment=comment,
    )


@router.post("/publish")
async def publish(
    request: Request,
    desk: Desk,
    home: Deps,
    asker: Curator,
    base: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
) -> Response:
    comment = comment[:LONGEST_COMMENT]
    try:
        rubric = await in_thread(desk.publish, base=base, author=author_of(asker), comment=comment)
    except Stale:
        return await _check_page(request, desk, home, problem=CHECK_AGAIN, comment=comment)
    except Conflict as error:
        return await _check_page(request, desk, home, problem=str(error), comment=comment)
    return see(f"/rubric/edit?published={rubric.about.version}")


@router.get("/files.zip")
async def files(desk: Desk, asker: Curator) -> Response:
    """The rubric as files, as it stands: where a database holds it, for a repository."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, standing in (await in_thread(desk.standings)).items():
            archive.writestr(name, standing.in_use)
    headers = {"Content-Disposition": 'attachment; filename="rubric.zip"'}
    return Response(packed.getvalue(), media_type="application/zip", headers=headers)


# a file --------------------------------------------------------------------------------------------
@router.get("/{name}")
async def edit(
    request: Request, desk: Desk, asker: Curator, name: str, part: str = "", saved: int = 0
) -> Response:
    standing = await in_thread(desk.standing, name)
    found = _part(standing.text, part)
    text = standing.text if found is None else text_of_part(standing.text, found)
    return _editor(request, standing, text, part=found, saved=bool(saved))


def _part(text: str, id: str) -> Part | None:
    return next((part for part in parts_of(text) if part.id == id), None) if id else None


def _editor(
    request: Request,
    standing: Standing,
    text: str,
    *,
    part: Part | None,
    told: list[Told] | None = None,
    comment: str = "",
    status: int = 200,
    base: str = "",
    problem: str = "",
    theirs: str | None = None,
    saved: bool = False,
) -> Response:
    """`told` is None where the text was not looked at; `theirs` is there where somebody else came first."""
    return page(
        request,
        "rubric/edit_file.html",
        status=status,
        standing=standing,
        text=text,
        part=part,
        parts=parts_of(standing.text),
        told=None if told is None else [_within(one, part) for one in told],
        comment=comment,
        base=base or standing.sha256,
        problem=problem,
        diff=None if theirs is None else diff_of(theirs, text),
        saved=saved,
    )


def _within(told: Told, part: Part | None) -> tuple[int, str]:
    """Lines as they are counted in what is edited."""
    if part is None or told.line < part.line:
        return (told.line if part is None else 0), told.sentence
    return told.line - part.line + 1, told.sentence


@router.post("/{name}")
async def save(
    request: Request,
    desk: Desk,
    asker: Curator,
    name: str,
) -> Response:
    """As a draft, or only looked at. Of a criterion that is edited by itself the rest is as it stands now, whoever
    changed that meanwhile."""
    # Read here: as arguments of the route a text of more than 1 MB is refused.
    async with request.form(max_files=0, max_fields=10, max_part_size=LARGEST_FIELD) as form:
        sent = {field: str(value) for field, value in form.items()}
    text, base, part = plain(sent.get("text", "")), sent.get("base", ""), sent.get("part", "")
    comment, do = sent.get("comment", ""), sent.get("do", "save")
    standing = await in_thread(desk.standing, name)
    whole, found = text, None
    if part:
        began = await in_thread(desk.began_with, name, base)
        began_part = None if began is None else _part(began, part)
        found = _part(standing.text, part)
        if found is None or began is None or began_part is None:
            return _conflict(request, standing, text, part=None, comment=comment)
        if text_of_part(began, began_part) == text_of_part(standing.text, found):
            base = standing.sha256
        whole = with_part(standing.text, found, text)
    told = await in_thread(proof, name, whole)
    if told or do == "check":
        status = 422 if told and do != "check" else 200
        given = {"part": found, "told": told, "comment": comment}
        return _editor(request, standing, text, status=status, base=base, **given)
    try:
        if sha256_of(standing.text) != base:
            raise Stale(standing.head)
        author = author_of(asker)
        await in_thread(desk.save, name, whole, base=base, author=author, comment=comment)
    except Stale:
        standing = await in_thread(desk.standing, name)
        found = _part(standing.text, part)
        return _conflict(request, standing, text, part=found, comment=comment)
    except InvalidContent as error:
        lines = [Told(0, sentence) for sentence in error.problems]
        return _editor(request, standing, text, part=found, told=lines, status=422)
    return see(f"/rubric/edit/{name}?saved=1" + (f"&part={part}" if found else ""))


def _conflict(
    request: Request, standing: Standing, text: str, *, part: Part | None, comment: str
) -> Response:
    """Their text is what is saved on top of from here on; nothing of either is lost."""
    who = standing.head.author.name if standing.head else "Somebody"
    theirs = standing.text if part is None else text_of_part(standing.text, part)
    return _editor(
        request,
        standing,
        text,
        part=part,
        comment=comment,
        status=409,
        problem=CHANGED_MEANWHILE.format(who=who[:1].upper() + who[1:]),
        theirs=theirs,
    )


@router.post("/{name}/discard")
async def discard(
    desk: Desk, asker: Curator, name: str, base: Annotated[str, Form()] = ""
) -> Response:
    await in_thread(desk.discard, name, base=base, author=author_of(asker))
    return see(f"/rubric/edit/{name}")


@router.get("/{name}/history")
async def history(request: Request, desk: Desk, asker: Curator, name: str) -> Response:
    return page(
        request,
        "rubric/edit_history.html",
        standing=await in_thread(desk.standing, name),
        entries=await in_thread(desk.history, name),
        titles=ACTION_TITLES,
    )


@router.get("/{name}/history/{number}")
async def version(desk: Desk, asker: Curator, name: str, number: Number) -> Response:
    """The text of an entry as it was written."""
    _, text = await in_thread(desk.version, name, number)
    return PlainTextResponse(text)


@router.get("/{name}/diff")
async def diff(
    request: Request,
    desk: Desk,
    asker: Curator,
    name: str,
    before: Compared = 0,
    after: Compared = 0,
) -> Response:
    """Of two entries of the history; without numbers, of what is in use and the draft."""
    standing = await in_thread(desk.standing, name)
    old, new, names = standing.in_use, standing.text, ("what is in use", "the draft")
    if before and after:
        first, old = await in_thread(desk.version, name, min(before, after))
        second, new = await in_thread(desk.version, name, max(before, after))
        names = (f"entry {first.number}", f"entry {second.number}")
    return page(
        request,
        "rubric/edit_diff.html",
        standing=standing,
        diff=await in_thread(diff_of, old, new),
        names=names,
    )
