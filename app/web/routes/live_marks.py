"""Live rooms once they are over: marks alone, marks side by side, and the scorecard."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.errors import Conflict, InvalidInput
from app.interview.leading import DEEPEST, LONGEST_REASON, Rate
from app.interview.refused import Refused
from app.live.room import Room
from app.rubric.rubric import STEPS
from app.scoring.faces.card_markdown import card_markdown
from app.scoring.gaps import is_far
from app.scoring.report import DECISIONS
from app.storage.tickets import Guest
from app.web.deps import Deps, Live, page
from app.web.live.card_page import card_page, get_card, report_at
from app.web.live.guests import Staff
from app.web.live.marks import (
    DECISION,
    SUMMARY,
    Machine,
    awaited,
    came_late,
    final_of,
    has_marked,
    machine_of,
    marks,
    over,
    raters,
    see,
    standing,
    steps_set,
    taps,
)
from app.web.routes import live_after
from app.web.sessions import grace
from app.web.views.marks import WHOLE, blind_view, level_of
from app.web.views.side_by_side import Final, compared
from app.web.views.words import DEPTHS, LEVEL_MEANING, LEVELS

router = APIRouter(prefix="/live/{id}", include_in_schema=False)

NONE = "none"  # what a form sends for "could not be judged"
MOST_FIELDS = 300
TOO_LATE = (
    "The marks of this room were shown before you came in, so yours would not be blind any more."
)


# alone ----------------------------------------------------------------------------------------
@router.get("/marks")
async def marking(request: Request, id: str, home: Deps, rooms: Live, rater: Staff) -> Response:
    room = await over(rooms, id)
    if room is None:
        return see(f"/live/{id}")
    if has_marked(room, rater.id):
        return see(f"/live/{id}/{'card' if final_of(room) else 'compare'}")
    if came_late(room, rater.id):
        raise Conflict(TOO_LATE)
    return _marking(request, room, rater)


def _marking(
    request: Request,
    room: Room,
    rater: Guest,
    chosen: Mapping[str, str] | None = None,
    missing: tuple[str, ...] = (),
    depths: Mapping[str, str] | None = None,
) -> Response:
    view = blind_view(
        room.session,
        room.expectations.knowledge.rubric,
        taps(room, rater.id),
        steps_set(room),
        rater.id,
        chosen or {},
        missing,
    )
    return page(
        request,
        "live/marks.html",
        status=422 if missing else 200,
        id=room.id,
        title=room.expectations.sheet.question.title,
        view=view,
        levels=list(zip(LEVELS, LEVEL_MEANING, strict=True)),
        depths=DEPTHS,
        sent=depths,
    )


@router.post("/marks")
async def marked(request: Request, id: str, home: Deps, rooms: Live, rater: Staff) -> Response:
    """Once, whole, and before anything else is shown."""
    room = await over(rooms, id)
    if room is None:
        return see(f"/live/{id}")
    if came_late(room, rater.id):
        raise Conflict(TOO_LATE)
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    chosen = {step: str(form.get(f"level.{step}", "")) for step in STEPS}
    known = room.expectations.knowledge.rubric.criteria
    depths = {id: str(form.get(f"depth.{id}", "")) for id in known}
    missing = tuple(step for step in STEPS if not _is_whole(chosen[step]))
    if missing and not has_marked(room, rater.id):
        return _marking(request, room, rater, chosen, missing, depths)
    rate = Rate(
        rater=rater.id,
        name=rater.name,
        stage="blind",
        levels={step: level_of(level) for step, level in chosen.items()},
        depths={id: _depth(depth) for id, depth in depths.items() if _is_depth(depth)},
    )
    try:
        await room.do(rate, actor=rater.id)
    except Refused as error:
        if error.code != "rated":  # a second press of the button changes nothing
            raise InvalidInput(str(error)) from error
    return see(f"/live/{id}/compare")


def _is_whole(chosen: str) -> bool:
    return chosen == NONE or level_of(chosen) in WHOLE


def _is_depth(chosen: str) -> bool:
    return chosen == NONE or chosen in map(str, range(DEEPEST + 1))


def _depth(chosen: str) -> int | None:
    return None if chosen == NONE else int(chosen)


# side by side ---------------------------------------------------------------------------------
@router.get("/compare")
async def comparing(request: Request, id: str, home: Deps, rooms: Live, rater: Staff) -> Response:
    room = await over(rooms, id)
    if room is None:
        return see(f"/live/{id}")
    if not has_marked(room, rater.id):
        return see(f"/live/{id}/marks")
    if wait := grace(room, rooms.now()):
        return page(request, "live/wait.html", id=id, seconds=wait // 1000 + 1)
    machine = await machine_of(home, room)
    return _comparing(request, room, rater, machine, standing(room, rater.id))


def _comparing(
    request: Request,
    room: Room,
    rater: Guest,
    machine: Machine,
    final: Final,
    problem: str = "",
    status: int = 200,
) -> Response:
    settled = final_of(room)
    return page(
        request,
        "live/compare.html",
        status=status,
        id=room.id,
        title=room.expectations.sheet.question.title,
        view=compared(
            room.session,
            machine.rubric,
            raters(room, rater.id),
            awaited(room),
            machine.report,
            machine.judge,
            machine.transcript,
            final,
        ),
        settled=settled[0].name if settled else "",
        seen=len(marks(room, "final")),
        final=final,
        decisions=DECISIONS,
        levels=list(zip(LEVELS, LEVEL_MEANING, strict=True)),
        longest=LONGEST_REASON,
        address=report_at(request, rater, machine),
        problem=problem,
    )


@router.post("/compare")
async def settle(request: Request, id: str, home: Deps, rooms: Live, rater: Staff) -> Response:
    """The room's final marks: whoever settles them last has read those before."""
    room = await over(rooms, id)
    if room is None or not has_marked(room, rater.id):
        return see(f"/live/{id}/marks")
    if wait := grace(room, rooms.now()):
        return page(request, "live/wait.html", status=409, id=id, seconds=wait // 1000 + 1)
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    machine = await machine_of(home, room)
    final = _final(form)
    problem = _problem(room, machine, final)
    if problem:
        return _comparing(request, room, rater, machine, final, problem, 422)
    before = final_of(room)
    if before and str(form.get("seen", "")) != str(len(marks(room, "final"))):
        problem = (
            f"{before[0].name} settled the marks while this page was open. What you entered is still here: "
            "settle them again only if you have spoken."
        )
        return _comparing(request, room, rater, machine, final, problem, 409)
    rate = Rate(
        rater=rater.id,
        name=rater.name,
        stage="final",
        levels={step: level_of(level) for step, level in final.levels.items()},
        reasons=_reasons(final),
        machine={step.id: step.level for step in machine.report.steps},
    )
    if not before or not _is_same(before[0].levels, before[0].reasons, rate):
        try:
            await room.do(rate, actor=rater.id)
        except Refused as error:
            return _comparing(request, room, rater, machine, final, str(error), 422)
    return see(f"/live/{id}/card")


def _final(form: FormData) -> Final:
    return Final(
        levels={step: str(form.get(f"level.{step}", "")) for step in STEPS},
        reasons={step: _text(form, f"reason.{step}") for step in STEPS},
        decision=str(form.get("decision", "")),
        summary=_text(form, "summary"),
    )


def _text(form: FormData, field: str) -> str:
    return str(form.get(field, "")).replace("\r\n", "\n").strip()


def _reasons(final: Final) -> dict[str, str]:
    given = {**final.reasons, DECISION: final.decision, SUMMARY: final.summary}
    return {key: text for key, text in given.items() if text}


def _is_same(levels: Mapping[str, float | None], reasons: Mapping[str, str], rate: Rate) -> bool:
    return dict(levels) == dict(rate.levels) and dict(reasons) == dict(rate.reasons)


def _problem(room: Room, machine: Machine, final: Final) -> str:
    """A sentence where the marks cannot be settled like this; nothing is stored then."""
    titles: dict[str, str] = {
        step.id: step.title for step in room.expectations.knowledge.rubric.steps
    }
    levels = {step: level_of(chosen) for step, chosen in final.levels.items()}
    unmarked = [
        titles[step]
        for step, chosen in final.levels.items()
        if chosen != NONE and levels[step] is None
    ]
    if unmarked:
        return f"Choose for {', '.join(unmarked)}; that it could not be judged is a choice, too."
    found = {step.id: step.level for step in machine.report.steps}
    silent = [titles[s] for s in STEPS if is_far(levels[s], found.get(s)) and not final.reasons[s]]
    if silent:
        return f"More than a level from the scorer: say why in a sentence for {', '.join(silent)}."
    if any(len(text) > LONGEST_REASON for text in (*final.reasons.values(), final.summary)):
        return f"A reason holds {LONGEST_REASON:,} characters; shorten the longest."
    if final.decision and final.decision not in DECISIONS:
        return "Choose a decision from the list, or none."
    return ""


# the scorecard --------------------------------------------------------------------------------
Notes = Annotated[list[str] | None, Query()]


@router.get("/card.json")
async def card_as_json(
    id: str, home: Deps, rooms: Live, rater: Staff, note: Notes = None
) -> Response:
    card, _ = await get_card(home, await over(rooms, id), rater, note or ())
    return _file(card.to_json() + "\n", "application/json", f"scorecard-{id[:8]}.json")


@router.get("/card.md")
async def card_as_markdown(
    id: str, home: Deps, rooms: Live, rater: Staff, note: Notes = None
) -> Response:
    card, machine = await get_card(home, await over(rooms, id), rater, note or ())
    text = card_markdown(card, machine.rubric)
    return _file(text, "text/markdown; charset=utf-8", f"scorecard-{id[:8]}.md")


def _file(text: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "replace"), media_type=media_type, headers=headers)


@router.get("/card")
async def card(
    request: Request, id: str, home: Deps, rooms: Live, rater: Staff, note: Notes = None
) -> Response:
    room = await over(rooms, id)
    if room is None:
        return see(f"/live/{id}")
    if not has_marked(room, rater.id) or final_of(room) is None:
        return see(f"/live/{id}/compare")
    return await card_page(request, home, room, rater, note or ())


router.include_router(live_after.router)
