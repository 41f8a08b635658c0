"""The same for programs: JSON in, JSON out, described by OpenAPI."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.exceptions import HTTPException

from app.rubric.shelf import DEFAULT
from app.storage import jobs, reports
from app.storage.db import transaction
from app.storage.jobs import Job, State
from app.storage.reports import KeptReport, ReportLine
from app.web.deps import Deps, Judge, Live
from app.web.opinions import question_text
from app.web.private import deletable_report, judged_report, open_job, open_report
from app.web.scoring import keep_transcript, score_kept


class Problem(BaseModel):
    status: int
    message: str


class Refusal(BaseModel):
    error: Problem


class ToScore(BaseModel):
    """A transcript in the native form, or the text of any supported format."""

    model_config = ConfigDict(extra="forbid")

    transcript: dict[str, Any] | None = None
    text: str | None = None
    name: Annotated[str, Field(max_length=200)] | None = None
    format: Annotated[str, Field(max_length=60)] | None = None
    speaker: Annotated[str, Field(max_length=200)] | None = None
    question: Annotated[str, Field(max_length=2000)] | None = None
    rubric: Annotated[str, Field(max_length=60)] = DEFAULT

    @model_validator(mode="after")
    def one_of_two(self) -> "ToScore":
        if (self.transcript is None) == (self.text is None):
            raise ValueError("give either transcript or text")
        return self

    def data(self) -> bytes:
        if self.text is not None:
            return self.text.encode("utf-8", "replace")
        return json.dumps(self.transcript).encode()


class ReportList(BaseModel):
    total: int
    reports: list[ReportLine]


class JudgingProgress(BaseModel):
    """Answers of the judge that were counted so far, and what they took, also in earlier attempts."""

    steps_done: int = 0
    steps: int = 0
    votes_done: int = 0
    votes_planned: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0


class JudgingLine(BaseModel):
    """A second opinion on its way. `result` is its report once `state` is done; `error` says what came between, or
    why it was given up; `run_at` is when a queued one is tried."""

    id: str
    state: State
    report: str
    result: str | None
    model: str
    error: str | None
    created_at: datetime
    run_at: datetime
    progress: JudgingProgress


def judging_line(job: Job) -> JudgingLine:
    return JudgingLine(
        id=job.id,
        state=job.state,
        report=job.report,
        result=job.result,
        model=str(job.payload.get("model", "")),
        error=job.error,
        created_at=job.created_at,
        run_at=job.run_at,
        progress=JudgingProgress.model_validate(dict(job.progress)),
    )


class RubricLine(BaseModel):
    id: str
    title: str
    version: int
    sha256: str


async def json_only(request: Request) -> None:
    """A form cannot send this type, so another site's form cannot reach the API."""
    if request.method in ("POST", "PUT", "PATCH"):
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise HTTPException(415, "Send JSON, with Content-Type: application/json.")


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Refusal} for status in statuses}


router = APIRouter(
    prefix="/api/v1",
    tags=["reports"],
    dependencies=[Depends(json_only)],
    responses=refusals(400, 401, 403, 422),
)
Id = Annotated[str, Path(max_length=64)]
OF_REPORT, OF_JOB = [Depends(open_report)], [Depends(open_job)]


def _kept(home: Deps, id: str) -> KeptReport:
    with transaction(home.engine) as db:
        return reports.get_report(db, id)


@router.post("/reports", status_code=201, responses=refusals(404, 413, 415))
def create_report(wanted: ToScore, home: Deps, response: Response) -> dict[str, Any]:
    """Score a transcript and keep the report."""
    home.standards.rubric(wanted.rubric)
    source = keep_transcript(
        home,
        wanted.data(),
        name=wanted.name,
        question=wanted.question,
        speaker=wanted.speaker,
        as_format="native" if wanted.transcript is not None else wanted.format,
    )
    kept = score_kept(home, source, rubric=wanted.rubric)
    response.headers["Location"] = f"/api/v1/reports/{kept.id}"
    return kept.as_json()


@router.get("/reports")
def list_reports(
    home: Deps,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> ReportList:
    with transaction(home.engine) as db:
        return ReportList(
            total=reports.count_reports(db),
            reports=reports.list_reports(db, limit=limit, offset=offset),
        )


@router.get("/reports/{id}", dependencies=OF_REPORT, responses=refusals(404))
def get_report(id: Id, home: Deps) -> dict[str, Any]:
    return _kept(home, id).as_json()


@router.delete(
    "/reports/{id}",
    dependencies=[*OF_REPORT, Depends(deletable_report)],
    status_code=204,
    responses=refusals(404),
)
def delete_report(id: Id, home: Deps) -> None:
    with transaction(home.engine) as db:
        reports.delete_report(db, id)


@router.get("/reports/{id}/transcript", dependencies=OF_REPORT, responses=refusals(404))
def get_transcript(id: Id, home: Deps) -> dict[str, Any]:
    """In the native form, with the detected format and the notes of the quality gate."""
    transcript = _kept(home, id).source.transcript
    notes = [{"id": note.id, "message": note.message} for note in transcript.notes]
    return {**transcript.as_native(), "format": transcript.format, "notes": notes}


@router.post(
    "/reports/{id}/judge",
    dependencies=[Depends(judged_report)],
    status_code=202,
    responses=refusals(404, 409, 415),
)
async def ask_judge(
    id: Id, home: Deps, rooms: Live, judging: Judge, response: Response
) -> JudgingLine:
    """Ask the configured model for a second opinion. The same is never asked twice at once, and what is there
    already comes back as done."""
    job = await judging.ask(id, await question_text(home, rooms, id))
    response.headers["Location"] = f"/api/v1/judging/{job.id}"
    return judging_line(job)


@router.get("/judging/{id}", dependencies=OF_JOB, responses=refusals(404))
def get_judging(id: Id, home: Deps) -> JudgingLine:
    with transaction(home.engine) as db:
        return judging_line(jobs.get_job(db, id))


@router.delete("/judging/{id}", dependencies=OF_JOB, responses=refusals(404, 409))
async def cancel_judging(id: Id, judging: Judge) -> JudgingLine:
    """Stops it; what is finished stays as it is."""
    return judging_line(await judging.cancel(id))


@router.get("/rubrics")
def list_rubrics(home: Deps) -> list[RubricLine]:
    rubrics = (home.standards.rubric(id) for id in home.standards.ids())
    return [
        RubricLine(id=r.about.id, title=r.about.title, version=r.about.version, sha256=r.sha256)
        for r in rubrics
    ]


@router.get("/rubrics/{id}", responses=refusals(404))
def get_rubric(id: Id, home: Deps) -> dict[str, Any]:
    return home.standards.rubric(id).model_dump(mode="json", by_alias=True)
