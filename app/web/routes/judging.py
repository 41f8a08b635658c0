"""A second opinion: asked for on a report's page, watched while it is made, cancelled."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.storage import jobs, reports
from app.storage.db import transaction
from app.storage.jobs import Job
from app.web.deps import Deps, Home, Judge, Live, page
from app.web.opinions import question_text
from app.web.private import judged_report, open_job
from app.web.views.judging import ProgressView, progress_view

router = APIRouter(include_in_schema=False)


@router.post("/reports/{id}/judge", dependencies=[Depends(judged_report)])
async def ask(id: str, home: Deps, rooms: Live, judging: Judge) -> Response:
    job = await judging.ask(id, await question_text(home, rooms, id))
    if job.state == "done":
        return RedirectResponse(f"/reports/{job.result}/compare", 303)
    return RedirectResponse(f"/judging/{job.id}", 303)


@router.get("/judging/{id}", dependencies=[Depends(open_job)])
async def show(request: Request, id: str, home: Deps) -> Response:
    return await _shown(request, id, home, "judging/show.html")


@router.get("/judging/{id}/progress", dependencies=[Depends(open_job)])
async def progress(request: Request, id: str, home: Deps) -> Response:
    """The part of the page that changes."""
    return await _shown(request, id, home, "judging/_progress.html")


async def _shown(request: Request, id: str, home: Home, template: str) -> Response:
    view, name = await run_in_threadpool(_view, home, id)
    return page(request, template, view=view, name=name)


@router.post("/judging/{id}/cancel", dependencies=[Depends(open_job)])
async def cancel(id: str, home: Deps, judging: Judge) -> Response:
    job = await judging.cancel(id)
    return RedirectResponse(f"/judging/{job.id}", 303)


def _view(home: Home, id: str) -> tuple[ProgressView, str]:
    with transaction(home.engine) as db:
        job: Job = jobs.get_job(db, id)
        name = reports.get_report(db, job.report).name
    priced = home.endpoint is not None and home.endpoint.prices.are_set
    return progress_view(job, title=name, now=home.now(), priced=priced), name
