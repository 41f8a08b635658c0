"""Reports: list, show, the words behind them, take away, another version, delete."""

from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.errors import InvalidInput, NotFound
from app.rubric.load import Rubric
from app.scoring.faces.markdown import to_markdown
from app.storage import reports
from app.storage.db import transaction
from app.storage.private import room_of_report
from app.storage.reports import KeptReport
from app.transcripts import swap_roles
from app.web.deps import Deps, Home, Live, page
from app.web.opinions import opinion_view, rater_name
from app.web.private import deletable_report, open_report
from app.web.scoring import score_kept
from app.web.views.compare import comparison
from app.web.views.marked import marked_turns
from app.web.views.report import report_view
from app.web.views.session_report import session_report
from app.web.views.speakers import cast, label_of
from app.web.views.words import DECISIONS, LEVEL_MEANING, LEVELS

router = APIRouter(prefix="/reports", include_in_schema=False, dependencies=[Depends(open_report)])
LISTED = 200


def _whole(home: Home, id: str) -> tuple[KeptReport, Rubric, str | None]:
    """The report, the rubric as it was, and the session it was made of, where it was one."""
    kept = _kept(home, id)
    with transaction(home.engine) as db:
        return kept, home.rubric_of(kept), reports.session_of(db, id)


def _kept(home: Home, id: str) -> KeptReport:
    with transaction(home.engine) as db:
        return reports.get_report(db, id)


@router.get("")
def index(request: Request, home: Deps) -> Response:
    with transaction(home.engine) as db:
        lines = reports.list_reports(db, limit=LISTED)
        total = reports.count_reports(db)
    return page(request, "reports/list.html", lines=lines, total=total, decisions=DECISIONS)


@router.get("/{id}.json")
def as_json(id: str, home: Deps) -> Response:
    """A second opinion holds the offline report beside it."""
    kept = _kept(home, id)
    report = kept.report
    if kept.beside is not None:
        report = replace(report, beside=_kept(home, kept.beside).report)
    return _file(report.to_json(indent=1) + "\n", "application/json", f"report-{id[:8]}.json")


@router.get("/{id}.md")
def as_markdown(id: str, home: Deps) -> Response:
    kept = _kept(home, id)
    text = to_markdown(kept.report, kept.source.transcript, home.rubric_of(kept))
    return _file(text, "text/markdown; charset=utf-8", f"report-{id[:8]}.md")


def _file(text: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "replace"), media_type=media_type, headers=headers)


@router.get("/{id}")
async def show(request: Request, id: str, home: Deps, rooms: Live) -> Response:
    kept, rubric, session = await run_in_threadpool(_whole, home, id)
    played = None
    if session is not None:
        room = await rooms.get(session)
        question = room.expectations.sheet.question
        transcript = kept.source.transcript
        played = session_report(session, room.session, question, kept.report, rubric, transcript)
    opinion = await run_in_threadpool(opinion_view, home, kept)
    view = report_view(
        kept.report, kept.source.transcript, rubric, transcript_at=f"/reports/{id}/transcript"
    )
    levels = list(zip(LEVELS, LEVEL_MEANING, strict=True))
    return page(
        request,
        "reports/show.html",
        kept=kept,
        name=kept.name,
        view=view,
        levels=levels,
        played=played,
        opinion=opinion,
    )


@router.get("/{id}/compare")
def compare(request: Request, id: str, home: Deps) -> Response:
    """A second opinion and what it stands beside."""
    kept = _kept(home, id)
    if kept.beside is None:
        raise NotFound("This report is no second opinion; there is nothing to lay it beside.")
    offline, rubric = _kept(home, kept.beside), home.rubric_of(kept)
    view = comparison(
        offline.report,
        kept.report,
        kept.source.transcript,
        rubric,
        transcripts_at=(f"/reports/{kept.beside}/transcript", f"/reports/{id}/transcript"),
    )
    return page(
        request,
        "reports/compare.html",
        kept=kept,
        view=view,
        raters=(rater_name(offline), rater_name(kept)),
        rubric_title=rubric.about.title,
    )


@router.get("/{id}/transcript")
def transcript(request: Request, id: str, home: Deps) -> Response:
    kept = _kept(home, id)
    turns = marked_turns(kept.source.transcript, kept.report)
    return page(request, "reports/transcript.html", kept=kept, turns=turns)


@router.post("/{id}/swap")
def swap(id: str, home: Deps) -> Response:
    """A new version in which interviewer and candidate have changed places."""
    _may_have_versions(home, id)
    kept = _kept(home, id)
    swapped = swap_roles(kept.source.transcript)
    candidate = next((label_of(t) for t in swapped.turns if t.speaker == "candidate"), None)
    as_cast = cast(swapped, candidate)
    new = score_kept(home, kept.source, as_cast=as_cast, replaces=id)
    return RedirectResponse(f"/reports/{new.id}", 303)


@router.post("/{id}/rescore")
def rescore(id: str, home: Deps) -> Response:
    """A new version by today's rubric."""
    _may_have_versions(home, id)
    new = score_kept(home, _kept(home, id).source, replaces=id)
    return RedirectResponse(f"/reports/{new.id}", 303)


def _may_have_versions(home: Home, id: str) -> None:
    """A live session's report is what its people marked beside; another would belong to nobody."""
    with transaction(home.engine) as db:
        if room_of_report(db, id) is not None:
            raise InvalidInput("The report of a live interview stays as it is.")


@router.get("/{id}/delete", dependencies=[Depends(deletable_report)])
def ask_to_delete(request: Request, id: str, home: Deps) -> Response:
    return page(request, "reports/delete.html", kept=_kept(home, id))


@router.post("/{id}/delete", dependencies=[Depends(deletable_report)])
def delete(id: str, home: Deps) -> Response:
    with transaction(home.engine) as db:
        reports.delete_report(db, id)
    return RedirectResponse("/reports", 303)
