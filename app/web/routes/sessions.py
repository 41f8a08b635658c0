"""Timed sessions: begin, the room, the guess, the report, once more, take away, bring back, delete."""

import random
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.bank.bank import Kept
from app.errors import InvalidInput, NotFound
from app.interview.commands import MINUTES, Predict, Refused
from app.interview.events import Created, Mode, Voice
from app.interview.persona import find_personas
from app.live.bundle import export_bundle, read_bundle
from app.live.voice import mark_of
from app.rubric.rubric import STEPS
from app.storage import reports
from app.storage.db import transaction
from app.storage.log import SessionLine
from app.storage.private import count_practised, practised
from app.web.deps import Deps, Live, page
from app.web.private import deletable_session, open_bundle, open_session, practised_alone
from app.web.routes.home import A_YEAR
from app.web.routes.practise import AGREED, Chosen, choose_page, has_agreed
from app.web.sessions import attach, made_of, publish, room_view
from app.web.views.session_list import listed
from app.web.views.words import LEVEL_MEANING, LEVELS

router = APIRouter(
    prefix="/sessions", include_in_schema=False, dependencies=[Depends(open_session)]
)
ALONE = [Depends(practised_alone)]
LISTED = 200
ANY = "any"
HELD_ELSEWHERE = (
    "A live interview stays where it was held: what its people agreed to does not travel."
)
PRACTISED: tuple[Mode, ...] = ("practice", "exam")


def see(address: str) -> Response:
    return RedirectResponse(address, 303)


@router.get("")
async def index(request: Request, home: Deps, rooms: Live) -> Response:
    return await list_page(request, home, rooms)


async def list_page(request: Request, home: Deps, rooms: Live, problem: str = "") -> Response:
    lines, total = await run_in_threadpool(_listed, home)
    ids = [line.report_id for line in lines if line.report_id]
    marks = await run_in_threadpool(_marks, home, ids)
    return page(
        request,
        "sessions/list.html",
        status=422 if problem else 200,
        lines=[listed(line, marks.get(line.report_id or "")) for line in lines],
        total=total,
        problem=problem,
    )


def _listed(home: Deps) -> tuple[list[SessionLine], int]:
    """Live rooms have a list of their own."""
    with transaction(home.engine) as db:
        return practised(db, limit=LISTED), count_practised(db)


def _marks(home: Deps, ids: list[str]) -> dict[str, float | None]:
    with transaction(home.engine) as db:
        return reports.overall_marks(db, ids)


@router.post("")
async def create(
    request: Request,
    home: Deps,
    rooms: Live,
    slug: Annotated[str, Form()] = ANY,
    persona: Annotated[str, Form()] = "neutral",
    minutes: Annotated[str, Form()] = "45",
    mode: Annotated[str, Form()] = "practice",
    voice: Annotated[str, Form()] = "script",
    agree: Annotated[str, Form()] = "",
    not_domain: Annotated[list[str] | None, Form()] = None,
) -> Response:
    questions = await run_in_threadpool(home.desk.questions)
    if slug == ANY:
        fitting = await run_in_threadpool(_outside, home, questions, set(not_domain or ()))
        if not fitting:
            problem = "Nothing is left outside what you ticked; tick fewer."
            return await choose_page(request, home, rooms, problem=problem)
        slug = random.choice(fitting)
    if slug not in questions:
        raise NotFound("There is no such question; it may have been retired.")
    personas = [persona.id for persona in await run_in_threadpool(home.standards.personas)]
    if persona not in personas or mode not in PRACTISED or voice not in get_args(Voice):
        raise InvalidInput("Choose an interviewer and a mode from the page.")
    # the tick names the host that the page showed: another may be set up since
    agreed = has_agreed(request, rooms) or (bool(agree) and rooms.host in (None, agree))
    if voice == "model" and not agreed:
        problem = f"Tick that what is said may be sent to {rooms.host}, or take the scripted words."
        if rooms.host is None:
            problem = "No model endpoint is set up here any more; the words are scripted."
        chosen = Chosen(persona, minutes, mode, voice if rooms.host else "script")
        return await choose_page(request, home, rooms, problem=problem, chosen=chosen)
    if minutes != "untimed" and minutes not in map(str, MINUTES):
        raise InvalidInput("A session lasts 30, 45, 60 or 90 minutes, or has no clock.")
    id = await rooms.create(
        questions[slug],
        persona=persona,
        mode="exam" if mode == "exam" else "practice",
        minutes=None if minutes == "untimed" else int(minutes),
        knowledge=await run_in_threadpool(home.standards.knowledge),
        voice="model" if voice == "model" else "script",
    )
    answer = see(f"/sessions/{id}")
    if voice == "model" and rooms.host is not None:
        mark = mark_of(rooms.host)
        answer.set_cookie(AGREED, mark, max_age=A_YEAR, httponly=True, samesite="strict")
    return answer


def _outside(home: Deps, questions: dict[str, Kept], known: set[str]) -> list[str]:
    """Of other domains; those not seen before come first where there are any."""
    fitting = [s for s, kept in questions.items() if kept.question.domain not in known]
    with transaction(home.engine) as db:
        seen = {line.about.slug for line in practised(db, limit=LISTED)}
    return [slug for slug in fitting if slug not in seen] or fitting


@router.post("/import")
async def bring(request: Request, home: Deps, rooms: Live, file: UploadFile) -> Response:
    try:
        bundle = await run_in_threadpool(read_bundle, await file.read())
        if any(isinstance(e, Created) and e.mode == "live" for e, _ in bundle.known_events()):
            raise InvalidInput(HELD_ELSEWHERE)
        id = await rooms.bring(bundle)
    except InvalidInput as error:
        return await list_page(request, home, rooms, problem=str(error))
    if bundle.made is not None:
        await attach(home, await rooms.get(id), bundle.made)
    return see(f"/sessions/{id}")


@router.get("/{id}")
async def show(request: Request, id: str, home: Deps, rooms: Live) -> Response:
    room = await rooms.get(id)
    session = room.session
    if session.is_live:
        return see(f"/live/{id}")
    if session.report is not None:
        return see(f"/sessions/{id}/report")
    view = room_view(room, room.interviewer.persona.title, rooms.now())
    if session.state == "ended" and not view.grace:
        return see(f"/sessions/{id}/predict")
    return page(request, "rooms/room.html", room=view)


@router.get("/{id}/predict", dependencies=ALONE)
async def predict(request: Request, id: str, rooms: Live) -> Response:
    room = await rooms.get(id)
    if room.session.state != "ended":
        return see(f"/sessions/{id}")
    if room.session.predicted is not None or room.session.report is not None:
        return see(f"/sessions/{id}/report")
    return page(
        request,
        "sessions/predict.html",
        id=id,
        title=room.expectations.sheet.question.title,
        steps=room.expectations.knowledge.rubric.steps,
        levels=list(zip(LEVELS, LEVEL_MEANING, strict=True)),
    )


@router.post("/{id}/predict", dependencies=ALONE)
async def predicted(request: Request, id: str, rooms: Live) -> Response:
    room = await rooms.get(id)
    form = await request.form(max_files=0, max_fields=20)
    levels: dict[str, float | None] = dict.fromkeys(STEPS)
    if "skip" not in form:
        for step in STEPS:
            levels[step] = _level(str(form.get(step, "")))
    try:
        await room.do(Predict(levels))
    except Refused as error:
        if error.code != "predicted":
            raise InvalidInput(str(error)) from error
    return see(f"/sessions/{id}/report")


def _level(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise InvalidInput("A mark is a number from 0 to 4.") from None


@router.get("/{id}/report", dependencies=ALONE)
async def report(id: str, home: Deps, rooms: Live) -> Response:
    room = await rooms.get(id)
    if room.session.state != "ended":
        return see(f"/sessions/{id}")
    if room.session.predicted is None and room.session.report is None:
        return see(f"/sessions/{id}/predict")
    return see(f"/reports/{await publish(home, room)}")


@router.post("/{id}/again", dependencies=ALONE)
async def again(request: Request, id: str, home: Deps, rooms: Live) -> Response:
    """The same question, interviewer, time and mode; the question as it stands now. Words are sent to an endpoint
    only where that was agreed to."""
    spec = (await rooms.get(id)).session.spec
    questions = await run_in_threadpool(home.desk.questions)
    if spec is None or spec.slug not in questions:
        raise NotFound("This question is no longer asked.")
    new = await rooms.create(
        questions[spec.slug],
        persona=spec.persona
        if spec.persona in find_personas(home.standards.content)
        else "neutral",
        mode=spec.mode,
        minutes=spec.minutes,
        voice=spec.voice if has_agreed(request, rooms) else "script",
        knowledge=await run_in_threadpool(home.standards.knowledge),
    )
    return see(f"/sessions/{new}")


@router.post("/{id}/branch", dependencies=ALONE)
async def branch(id: str, rooms: Live, minute: Annotated[int, Form(ge=0, le=600)]) -> Response:
    room = await rooms.get(id)
    if room.session.state != "ended":
        raise InvalidInput("Finish this session first; then another can branch off it.")
    return see(f"/sessions/{await rooms.branch(room, minute)}")


@router.get("/{id}/bundle", dependencies=[Depends(open_bundle)])
async def bundle(id: str, home: Deps, rooms: Live) -> Response:
    room = await rooms.get(id)
    spec = room.session.spec
    if spec is not None and spec.mode == "exam" and room.session.state != "ended":
        raise InvalidInput("An exam can be exported once it has ended: the file holds its answers.")
    made = await run_in_threadpool(made_of, home, room.session.report)
    text = await export_bundle(room, made)
    headers = {"Content-Disposition": f'attachment; filename="session-{id[:8]}.json"'}
    return Response(text, media_type="application/json", headers=headers)


@router.get("/{id}/delete", dependencies=[Depends(deletable_session)])
async def confirm(request: Request, id: str, rooms: Live) -> Response:
    line = listed(await rooms.log.session(id), None)
    return page(request, "sessions/delete.html", line=line)


@router.post("/{id}/delete", dependencies=[Depends(deletable_session)])
async def delete(id: str, rooms: Live) -> Response:
    """With the report that was made of it."""
    await rooms.delete(id)
    return see("/sessions")
