"""A second opinion on its way: how far it is, what it took, why it waits."""

from dataclasses import dataclass
from datetime import datetime

from app.storage.jobs import Job

STAYS = "The report that is there is untouched."


@dataclass(frozen=True, slots=True)
class ProgressView:
    """`lead` says where it is, `status` the same for a screen reader, which is told only when a step is done."""

    id: str
    title: str
    report: str
    result: str | None
    state: str
    finished: bool
    lead: str
    status: str
    problem: str
    steps_done: int
    steps: int
    done: int
    planned: int
    tokens: int
    cost: float
    priced: bool


def progress_view(job: Job, *, title: str, now: datetime, priced: bool) -> ProgressView:
    told = job.progress
    steps_done, steps = int(told.get("steps_done", 0)), int(told.get("steps", 0))
    model = str(job.payload.get("model", "The model"))
    lead = _lead(job, model, now)
    reads = f"{steps_done} of {steps} steps judged." if steps and job.state == "running" else lead
    return ProgressView(
        id=job.id,
        title=title,
        report=job.report,
        result=job.result,
        state=job.state,
        finished=job.is_finished,
        lead=lead,
        status=reads,
        problem=f"{job.error} {STAYS}" if job.state == "failed" and job.error else "",
        steps_done=steps_done,
        steps=steps,
        done=int(told.get("votes_done", 0)),
        planned=int(told.get("votes_planned", 0)),
        tokens=int(told.get("tokens_in", 0)) + int(told.get("tokens_out", 0)),
        cost=float(told.get("cost", 0.0)),
        priced=priced,
    )


def _lead(job: Job, model: str, now: datetime) -> str:
    match job.state:
        case "queued" if job.error:
            when = f"{job.run_at:%H:%M:%S} UTC" if job.run_at > now else "a moment"
            return f"{job.error} It is tried again {'at' if job.run_at > now else 'in'} {when}."
        case "queued":
            return f"It waits for its turn; then {model} reads the transcript."
        case "running":
            return f"{model} reads the transcript step by step."
        case "done" if job.result is None:
            return "It was given, and has been deleted since."
        case "done":
            return f"{model} has given its opinion."
        case "cancelled":
            return "It was cancelled. What was answered is kept and not asked again."
        case _:
            return "It was given up. What was answered is kept and not asked again."
