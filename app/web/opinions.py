"""Second opinions as a report's page offers them."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from app.endpoint import Endpoint
from app.errors import InvalidContent, SevenstepError
from app.live.judging import KIND
from app.live.rooms import Rooms
from app.llm.assess import outcome_key
from app.llm.estimate import Estimate, estimate
from app.storage import jobs, reports
from app.storage.db import transaction
from app.storage.jobs import Job
from app.storage.reports import KeptReport, ReportLine
from app.web.deps import Home
from app.web.views.words import RATERS


@dataclass(frozen=True, slots=True)
class Offer:
    """Whom words would be sent to, what it would take, and where the day's budget would not reach."""

    host: str
    model: str
    estimate: Estimate
    priced: bool
    short: str


@dataclass(frozen=True, slots=True)
class OpinionView:
    """`made` are there already, `running` is the id of one on its way, by `model`. There is an `offer` where an
    endpoint is set up whose judge, as it is now, has not given one: asked again it would come to the same. `problem`
    says why there is none."""

    made: Sequence[ReportLine]
    names: dict[str, str]
    running: str | None
    model: str
    failed: str | None
    offer: Offer | None
    problem: str


async def question_text(home: Home, rooms: Rooms, report: str) -> str | None:
    """As it was asked in the session that the report was made of; None for other reports, whose transcript says."""
    session = await run_in_threadpool(_session, home, report)
    if session is None:
        return None
    return (await rooms.get(session)).expectations.sheet.question.prompt


def _session(home: Home, report: str) -> str | None:
    with transaction(home.engine) as db:
        return reports.session_of(db, report)


def opinion_view(home: Home, kept: KeptReport) -> OpinionView | None:
    """None where there is nothing to show: the report is one itself, or nothing could be judged, or no endpoint is
    set up and none was."""
    if kept.beside is not None or not kept.report.scorable:
        return None
    with transaction(home.engine) as db:
        made = reports.second_opinions(db, kept.id)
        names = {line.id: rater_name(reports.get_report(db, line.id)) for line in made}
        job = jobs.latest_job(db, kept.id, kind=KIND)
    endpoint = home.endpoint
    if endpoint is None and not made:
        return None
    offer, problem = None, ""
    try:
        if endpoint is not None and not _has_given(home, endpoint, kept, job):
            offer = _offer(home, endpoint, kept)
    except SevenstepError as error:  # the report is there all the same
        problem = "; ".join(error.problems) if isinstance(error, InvalidContent) else str(error)
    return OpinionView(
        made=made,
        names=names,
        running=job.id if job and not job.is_finished else None,
        model=str(job.payload["model"]) if job else "",
        failed=job.error if job and job.state == "failed" else None,
        offer=offer,
        problem=problem,
    )


def _has_given(home: Home, endpoint: Endpoint, kept: KeptReport, job: Job | None) -> bool:
    """Whether the judge has, with the rubric, the prompts and the calibration of now. `job` is the latest one. Raises
    InvalidInput where one of them cannot be used."""
    if job is None:
        return False
    key = outcome_key(
        kept.source.transcript,
        home.knowledge_of(kept),
        endpoint.judge_model,
        question_text=job.payload["question_text"],
        content=home.standards.content,
    )
    with transaction(home.engine) as db:
        return jobs.done_job(db, key, report=kept.id) is not None


def _offer(home: Home, endpoint: Endpoint, kept: KeptReport) -> Offer:
    """Raises InvalidContent where a prompt is broken, Unavailable where the ledger does not answer."""
    transcript, rubric = kept.source.transcript, home.rubric_of(kept)
    wanted = estimate(transcript, rubric, endpoint.prices, content=home.standards.content)
    return Offer(
        host=endpoint.host,
        model=endpoint.judge_model,
        estimate=wanted,
        priced=endpoint.prices.are_set,
        short=_short(home, wanted),
    )


def rater_name(kept: KeptReport) -> str:
    """A model by its name, others by what they are."""
    rater = kept.report.rater
    return rater.name if rater.kind == "llm" else RATERS[rater.kind].capitalize()


def _short(home: Home, wanted: Estimate) -> str:
    """Where the day's budget would not reach."""
    if home.ledger is None:
        return ""
    budget, spent = home.ledger.budget, home.ledger.spent()
    tokens = None if budget.day_tokens is None else budget.day_tokens - spent.tokens
    money = None if budget.day_money is None else budget.day_money - spent.money
    if (tokens is None or tokens >= wanted.tokens) and (money is None or money >= wanted.money):
        return ""
    return (
        "What is left of today’s budget may not be enough: it would stop there and could go on "
        "tomorrow, with what was answered kept."
    )
