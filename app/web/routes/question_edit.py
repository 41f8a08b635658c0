"""Change a question: its fields or its whole text, checked while it is written; previewed, tried, reviewed."""

from collections.abc import Mapping
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import PlainTextResponse, Response

from app.bank.bank import read_question
from app.bank.question import Domain, Seniority
from app.bank.rewrite import set_fields
from app.bank.similar import Alike
from app.bank.template import PARTS as ENTRIES, blank, from_existing, with_part
from app.concepts.words import Reader
from app.content import MAX_BYTES, Told, content_folders
from app.errors import Conflict, InvalidContent, InvalidInput, NotFound
from app.interview.persona import DEFAULT
from app.live.tryout import TRIED, Tried, try_out
from app.storage.desk import LONGEST_COMMENT, NEXT, BrokenFile, Standing
from app.storage.revisions import Stale
from app.web.curators import Curator, Editing, author_of, seeing_answers
from app.web.deps import Deps, Home, Live, in_thread, page
from app.web.proof import Proof, proof_of
from app.web.question_page import question_page
from app.web.rescoring import rescore
from app.web.routes.questions import see
from app.web.views.diff import diff_of
from app.web.views.fields import PARTS, changes, fields_of
from app.web.views.guide import guide_view

router = APIRouter(prefix="/questions", include_in_schema=False)
MOST_FIELDS = 600
DRY_RUN = 2  # minutes
DISCARD = "discard"
ADDED = "An empty entry was added at the end of {part}. It is not saved yet."
SAVED = "Saved as a draft. Candidates are given it once it is published."
LARGEST = (
    3 * MAX_BYTES
)  # of a field as it is sent: what is over its own limit is said by the reader of YAML
READS_ALIKE = "It is not published: it reads like “{title}”. Two questions that are one tell a candidate both."
STEPPED_MEANWHILE = (
    "Somebody else has changed this meanwhile, so nothing was done. It is shown as it stands now; your comment "
    "is still in its field."
)
CHANGED_MEANWHILE = (
    "{who} changed this while you were writing. Your text is below as you left it, and what differs from theirs is "
    "shown under it. Take over what you want to keep, then save again."
)


# a new one -----------------------------------------------------------------------------------------
@router.get("/new")
async def new(request: Request, home: Deps, asker: Curator, based_on: str = "") -> Response:
    return await _new_page(request, home, based_on=based_on)


async def _new_page(
    request: Request,
    home: Home,
    *,
    slug: str = "",
    title: str = "",
    based_on: str = "",
    problem: str = "",
) -> Response:
    standings = await in_thread(home.desk.everything)
    return page(
        request,
        "questions/new.html",
        status=422 if problem else 200,
        slug=slug,
        title=title,
        based_on=based_on,
        others=sorted(
            ((s, standing.latest.question.title) for s, standing in standings.items()),
            key=lambda other: other[1].casefold(),
        ),
        problem=problem,
    )


@router.post("/new")
async def create(
    request: Request,
    home: Deps,
    asker: Curator,
    slug: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    based_on: Annotated[str, Form()] = "",
) -> Response:
    slug, title = slug.strip(), title.strip()
    try:
        if based_on:
            await in_thread(seeing_answers, home, asker, based_on)
            standing = await in_thread(home.desk.standing, based_on)
            text = from_existing(await in_thread(home.desk.text, standing), slug, title)
        else:
            text = blank(slug, title, home.standards.content)
        await in_thread(home.desk.create, slug, text, author=author_of(asker))
    except (InvalidContent, Conflict, InvalidInput) as error:
        told = "; ".join(error.problems) if isinstance(error, InvalidContent) else str(error)
        return await _new_page(
            request, home, slug=slug, title=title, based_on=based_on, problem=told
        )
    return see(f"/questions/{slug}/edit")


@router.get("/help")
async def help(asker: Curator) -> Response:
    """How a question is written, as its authors' file says it."""
    folder = content_folders("question_bank", None)[0]
    return PlainTextResponse(await in_thread((folder / "README.md").read_text, "utf-8"))


# the form ------------------------------------------------------------------------------------------
@router.get("/{slug}/edit")
async def edit(
    request: Request, home: Deps, asker: Editing, slug: str, saved: bool = False
) -> Response:
    standing = await in_thread(home.desk.standing, slug)
    proof = await in_thread(_proof_of_latest, home, standing)
    return _form_page(request, standing, proof=proof, saved=saved)


def _proof_of_latest(home: Home, standing: Standing) -> Proof:
    return proof_of(home, standing.slug, home.desk.text(standing))


def _form_page(
    request: Request,
    standing: Standing,
    *,
    proof: Proof | None = None,
    sent: Mapping[str, list[str]] | None = None,
    status: int = 200,
    problem: str = "",
    base: str = "",
    comment: str = "",
    step_comment: str = "",
    saved: bool = False,
    alike: str = "",
) -> Response:
    """`base` is the text that somebody began from, where it is not the latest any more."""
    fields = fields_of(standing.latest.question)
    return question_page(
        request,
        "edit.html",
        standing,
        "edit",
        status=status,
        parts=[(part, [field for field in fields if field.part == part]) for part in PARTS],
        sent=sent or {},
        base=base or standing.latest.sha256,
        comment=comment,
        saved=SAVED if saved else "",
        step_comment=step_comment,
        alike=alike,
        domains=get_args(Domain),
        levels=get_args(Seniority),
        proof=proof,
        problem=problem,
    )


@router.post("/{slug}/edit")
async def save_fields(request: Request, home: Deps, asker: Editing, slug: str) -> Response:
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    sent: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        sent.setdefault(name, []).append(str(value))
    base, comment = sent.pop("base", [""])[0], sent.pop("comment", [""])[0]
    standing = await in_thread(home.desk.standing, slug)
    try:
        began = await in_thread(home.desk.text_by_hash, slug, base)
        before = standing.latest.question
        if began is not None:
            before = read_question(began, slug, slug).question
        wanted = changes(before, sent)
        if not wanted:
            return see(f"/questions/{slug}/edit")
        text = set_fields(await in_thread(home.desk.text, standing), wanted)
        if base != standing.latest.sha256:
            return await _conflict(request, home, standing, text, comment)
        await in_thread(
            home.desk.save, slug, text, base=base, author=author_of(asker), comment=comment
        )
    except Stale:
        return await _conflict(
            request, home, await in_thread(home.desk.standing, slug), text, comment
        )
    except (InvalidContent, InvalidInput) as error:
        told = "; ".join(error.problems) if isinstance(error, InvalidContent) else str(error)
        return _form_page(
            request, standing, sent=sent, status=422, problem=told, base=base, comment=comment
        )
    return see(f"/questions/{slug}/edit?saved=1")


# the whole text ------------------------------------------------------------------------------------
@router.get("/{slug}/yaml")
async def yaml(
    request: Request, home: Deps, asker: Editing, slug: str, saved: bool = False
) -> Response:
    standing = await in_thread(home.desk.standing, slug)
    text = await in_thread(home.desk.text, standing)
    proof = await in_thread(proof_of, home, slug, text)
    criteria = await in_thread(_criteria, home)
    return _yaml_page(request, standing, text, proof, saved=saved, criteria=criteria)


def _yaml_page(
    request: Request,
    standing: Standing,
    text: str,
    proof: Proof,
    *,
    status: int = 200,
    problem: str = "",
    theirs: str | None = None,
    comment: str = "",
    added: str = "",
    base: str = "",
    saved: bool = False,
    criteria: list[tuple[str, list[tuple[str, str]]]] | None = None,
) -> Response:
    return question_page(
        request,
        "yaml.html",
        standing,
        "yaml",
        status=status,
        text=text,
        base=base or standing.latest.sha256,
        added=added,
        saved=SAVED if saved else "",
        criteria=criteria or [],
        proof=proof,
        problem=problem,
        diff=None if theirs is None else diff_of(theirs, text),
        comment=comment,
    )


async def written(request: Request) -> dict[str, str]:
    """The fields of a form that may hold a whole question."""
    async with request.form(max_files=0, max_fields=20, max_part_size=LARGEST) as form:
        fields = {name: str(value) for name, value in form.items()}
    return {**fields, "text": fields.get("text", "").replace("\r\n", "\n")}


Written = Annotated[dict[str, str], Depends(written)]


@router.post("/{slug}/yaml")
async def save_text(
    request: Request, home: Deps, asker: Editing, slug: str, sent: Written
) -> Response:
    text, base, comment = sent["text"], sent.get("base", ""), sent.get("comment", "")
    try:
        await in_thread(
            home.desk.save, slug, text, base=base, author=author_of(asker), comment=comment
        )
    except Stale:
        standing = await in_thread(home.desk.standing, slug)
        return await _conflict(request, home, standing, text, comment)
    except BrokenFile:
        raise  # says so itself: it is not this text that is wrong
    except InvalidContent as error:
        standing = await in_thread(home.desk.standing, slug)
        proof = await in_thread(proof_of, home, slug, text)
        told = (
            "It is not saved yet: this is no whole question. What is wrong stands beside the text."
        )
        if not proof.problems:
            proof = Proof(None, tuple(Told(1, said) for said in error.problems))
        return _yaml_page(request, standing, text, proof, status=422, problem=told, comment=comment)
    return see(f"/questions/{slug}/yaml?saved=1")


async def _conflict(
    request: Request, home: Home, standing: Standing, text: str, comment: str
) -> Response:
    """The later of two is shown the other's text beside their own; saved again, it is on purpose."""
    theirs = await in_thread(home.desk.text, standing)
    entries = await in_thread(home.desk.history, standing.slug)
    who = entries[0].author.name if entries else "Somebody else"
    return _yaml_page(
        request,
        standing,
        text,
        await in_thread(proof_of, home, standing.slug, text),
        status=409,
        problem=CHANGED_MEANWHILE.format(who=who[:1].upper() + who[1:]),
        theirs=theirs,
        comment=comment,
    )


@router.post("/{slug}/add")
async def add(request: Request, home: Deps, asker: Editing, slug: str, sent: Written) -> Response:
    """The text with an empty entry more: shown to be filled in, not saved."""
    part = sent.get("part", "")
    if part not in ENTRIES:
        raise InvalidInput("Choose what to add from the page.")
    standing = await in_thread(home.desk.standing, slug)
    text = with_part(sent["text"] or await in_thread(home.desk.text, standing), part)
    proof = await in_thread(proof_of, home, slug, text)
    return _yaml_page(
        request,
        standing,
        text,
        proof,
        added=ADDED.format(part=part.replace("_", "-")),
        base=sent.get("base", ""),
        comment=sent.get("comment", ""),
        criteria=await in_thread(_criteria, home),
    )


def _criteria(home: Home) -> list[tuple[str, list[tuple[str, str]]]]:
    """By step: id and title, for whoever writes a follow-up or an expectation."""
    return [
        (step.title, [(criterion.id, criterion.title) for criterion in step.criteria])
        for step in home.standards.rubric().steps
    ]


@router.post("/{slug}/check")
async def check(request: Request, home: Deps, asker: Editing, slug: str, sent: Written) -> Response:
    """What is wrong with a text that is not saved: a part of a page, asked for while somebody writes."""
    proof = await in_thread(proof_of, home, slug, sent["text"])
    return page(request, "questions/_proof.html", proof=proof)


@router.post("/{slug}/preview")
async def preview(
    request: Request,
    home: Deps,
    asker: Editing,
    slug: str,
    sent: Written,
) -> Response:
    """A text that is not saved, as a candidate or an interviewer would have it."""
    kept = read_question(sent["text"], slug, slug)
    rubric = await in_thread(home.standards.rubric)
    return page(
        request,
        "questions/preview.html",
        question=kept.question,
        guide=None
        if sent.get("as") != "interviewer"
        else await in_thread(guide_view, kept.question, rubric),
    )


# the review ----------------------------------------------------------------------------------------
@router.post("/{slug}/status")
async def take_step(
    request: Request,
    home: Deps,
    asker: Editing,
    slug: str,
    action: Annotated[str, Form()] = "",
    base: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
    anyway: Annotated[str, Form()] = "",
) -> Response:
    comment = comment[:LONGEST_COMMENT]
    if action not in (*NEXT, DISCARD):
        raise InvalidInput("Choose a step from the page.")
    standing = await in_thread(home.desk.standing, slug)
    if action == "published":
        text = await in_thread(home.desk.text, standing)
        proof = await in_thread(proof_of, home, slug, text)
        if not proof.can_be_published:
            count = len(proof.problems)
            told = (
                f"It is not published: the linter names {count} problem{'s' if count > 1 else ''}."
            )
            return _yaml_page(
                request, standing, text, proof, status=422, problem=told, comment=comment
            )
        if standing.in_use is None and not anyway:
            other = await in_thread(_copy_of, home, standing)
            if other is not None:
                told = READS_ALIKE.format(title=other)
                return _form_page(
                    request, standing, status=422, problem=told, step_comment=comment, alike=other
                )
    author = author_of(asker)
    try:
        if action == DISCARD:
            await in_thread(home.desk.discard, slug, base=base, author=author)
        else:
            await in_thread(home.desk.take, slug, action, base=base, author=author, comment=comment)
    except Conflict as error:
        told = STEPPED_MEANWHILE if isinstance(error, Stale) else str(error)
        standing = await in_thread(home.desk.standing, slug)
        return _form_page(request, standing, status=409, problem=told, step_comment=comment)
    return see(f"/questions/{slug}")


@router.post("/{slug}/restore")
async def restore(
    home: Deps,
    asker: Editing,
    slug: str,
    number: Annotated[int, Form(ge=0, le=1_000_000)] = 0,
    base: Annotated[str, Form()] = "",
) -> Response:
    await in_thread(home.desk.restore, slug, number, base=base, author=author_of(asker))
    return see(f"/questions/{slug}/yaml")


def _copy_of(home: Home, standing: Standing) -> str | None:
    """The title of a question that says the same; a few seconds for a bank, so only before the first publishing."""
    reader = Reader(home.standards.rubric().lexicon)
    others = {
        slug: one.latest.question
        for slug, one in home.desk.everything().items()
        if slug != standing.slug and one.latest.question.status != "retired"
    }
    pair = Alike(reader, others.values()).add(standing.latest.question)
    if pair is None:
        return None
    return others[pair.other if pair.slug == standing.slug else pair.slug].title


# past scores ---------------------------------------------------------------------------------------
@router.get("/{slug}/rescore")
async def past_scores(request: Request, home: Deps, asker: Editing, slug: str) -> Response:
    """What the latest text would change in what was scored; nothing is stored."""
    standing = await in_thread(home.desk.standing, slug)
    question = standing.latest.question
    rescored = await in_thread(rescore, home, question=question, rubric=None, slug=slug)
    return question_page(request, "rescore.html", standing, "rescore", rescored=rescored)


# tried ---------------------------------------------------------------------------------------------
@router.get("/{slug}/try")
async def try_page(request: Request, home: Deps, asker: Editing, slug: str) -> Response:
    standing = await in_thread(home.desk.standing, slug)
    return await _try_page(request, home, standing, None)


async def _try_page(
    request: Request, home: Home, standing: Standing, tried: Tried | None
) -> Response:
    rubric = await in_thread(home.standards.rubric)
    return question_page(
        request,
        "try.html",
        standing,
        "try",
        candidates=TRIED,
        tried=tried,
        minutes=DRY_RUN,
        rubric=rubric,
    )


@router.post("/{slug}/try")
async def try_it(
    request: Request,
    home: Deps,
    rooms: Live,
    asker: Editing,
    slug: str,
    who: Annotated[str, Form()] = "me",
) -> Response:
    """By oneself for two minutes in a room, or by a simulated candidate at once."""
    standing = await in_thread(home.desk.standing, slug)
    knowledge = await in_thread(home.standards.knowledge)
    if who == "me":
        id = await rooms.create(
            standing.latest,
            persona=DEFAULT,
            mode="practice",
            minutes=DRY_RUN,
            knowledge=knowledge,
        )
        return see(f"/sessions/{id}")
    if who not in TRIED:
        raise NotFound("There is no such candidate.")
    tried = await in_thread(try_out, standing.latest, who, knowledge, home.standards.content)
    return await _try_page(request, home, standing, tried)
