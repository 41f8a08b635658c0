"""Second opinions: a judge reads a transcript as a durable job, and its report stands beside the offline one.

The job is in the database; whoever of the processes finds it first works on it. What was answered is kept, so a job
that goes on elsewhere, or is asked for again, pays for nothing twice.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from app.endpoint import Endpoint
from app.errors import InvalidInput, SevenstepError, Unavailable
from app.live.noted import Noted
from app.live.voice import mark_of
from app.llm.assess import Progress, assess, outcome_key
from app.llm.model import Fault, Model, ModelFailed
from app.scoring.knowledge import Knowledge
from app.scoring.report import Report
from app.storage import jobs, reports
from app.storage.db import Database, transaction, writing
from app.storage.jobs import ATTEMPTS, Job
from app.storage.reports import KeptReport
from app.storage.votes import SqlVotes

KIND = "judge"
LEASE = timedelta(seconds=15)
EVERY = 1.0  # seconds between two looks for a job that another process was asked for
SETTLES = 0.3  # seconds in which news is gathered before it is written
PAUSES = (2.0, 10.0, 30.0, 60.0)  # seconds before the next attempt
LEFT_ALONE = 60.0  # seconds that an endpoint is left alone after repeated failures
LONGEST_PAUSE = 3600.0
# Waiting mends none of these.
LASTING: frozenset[Fault] = frozenset(
    {"budget", "denied", "not_found", "rejected", "redirect", "forbidden"}
)
# Each attempt pays for the same unreadable answers again.
GARBLED = 2
CHANGED = (
    "The judge, where it is, its prompts, its calibration or the rubric were changed since this was "
    "asked for; ask again."
)
OURS = "Something went wrong on our side; the report that is there is untouched."
UNSCORABLE = "This transcript could not be scored, so there is nothing to give an opinion on."
SECOND = "This is a second opinion itself; ask on the report that it stands beside."

logger = logging.getLogger("sevenstep.judging")
T = TypeVar("T")


class Judges(Protocol):
    """The models behind the endpoint; `account` is whom a call is charged to."""

    @property
    def endpoint(self) -> Endpoint: ...

    def judge(self, account: str) -> Model: ...


class Told:
    """What a running job has come to, on its way to the database."""

    def __init__(self, job: Job) -> None:
        self.progress = dict(job.progress)
        self.best = self._before = int(job.progress.get("best", 0))
        self.news = asyncio.Event()

    def __call__(self, progress: Progress) -> None:
        self.best = max(self.best, progress.votes_done)
        self.progress = {**asdict(progress), "best": self.best}
        self.news.set()

    @property
    def got_further(self) -> bool:
        """Than any attempt before this one: answers that were kept do not count."""
        return self.best > self._before


class Judging:
    """Takes one job at a time. `knowledge` is of the rubric as it was when the report was made."""

    def __init__(
        self,
        engine: Database,
        models: Judges,
        knowledge: Callable[[KeptReport], Knowledge],
        now: Callable[[], datetime],
        *,
        content: Path | None = None,
        lease: timedelta = LEASE,
    ) -> None:
        self._engine = engine
        self._models = models
        self._knowledge = knowledge
        self._now = now
        self._content = content
        self._lease = lease
        self._note = Noted(logger)
        self._woken = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._current: tuple[str, asyncio.Task[Report]] | None = None
        self._steps: set[asyncio.Future[Any]] = set()  # in threads, which nobody can break off

    @property
    def current(self) -> str | None:
        """The job that this process is working on."""
        return None if self._current is None else self._current[0]

    # asked by pages and programs ----------------------------------------------------------------
    async def ask(self, id: str, question_text: str | None) -> Job:
        """The job for a report, or the finished one that has come to the same. Raises NotFound, InvalidInput."""
        job = await asyncio.to_thread(self._ask, id, question_text)
        self._woken.set()
        return job

    def _ask(self, id: str, question_text: str | None) -> Job:
        kept = self._kept(id)
        if kept.beside is not None:
            raise InvalidInput(SECOND)
        if not kept.report.scorable:
            raise InvalidInput(UNSCORABLE)
        key = self._key(kept, question_text)
        endpoint = self._models.endpoint
        payload = {"question_text": question_text, "model": endpoint.judge_model}
        payload["host"] = mark_of(endpoint.host)  # words go where the asker was told
        with writing(self._engine) as db:
            if (done := jobs.done_job(db, key, report=id)) is not None:
                return done
            given: dict[str, Any] = {"report": id, "payload": payload, "progress": {}}
            return jobs.enqueue(db, KIND, key, **given, now=self._now())

    async def cancel(self, id: str) -> Job:
        """Stops at once where it runs in this process, elsewhere before the next answer is kept."""
        job = await self._stored(jobs.cancel, id, now=self._now())
        if self._current is not None and self.current == id:
            self._current[1].cancel()
        return job

    # the work -----------------------------------------------------------------------------------
    def run(self) -> None:
        """Until `close`."""
        self._serving = asyncio.get_running_loop().create_task(self._serve())

    async def close(self) -> None:
        """A job that was begun is given back, for whoever comes next."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
        await asyncio.gather(*self._steps, return_exceptions=True)

    async def _serve(self) -> None:
        while True:
            self._woken.clear()
            try:
                job = await self._claimed()
                if job is not None:
                    await self._work(job)
                    continue
            except Exception as error:
                self._note("serve", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._woken.wait()

    async def _claimed(self) -> Job | None:
        """What is claimed while this is being stopped is given back at once."""
        claim = asyncio.ensure_future(
            self._stored(jobs.claim, KIND, now=self._now(), lease=self._lease)
        )
        try:
            return await asyncio.shield(claim)
        except asyncio.CancelledError:
            if (job := await claim) is not None:
                await self._given_back(job)
            raise

    async def _given_back(self, job: Job) -> None:
        await self._stored(jobs.give_back, job, now=self._now())
        await self._stored(jobs.let_go, job)

    async def _work(self, job: Job) -> None:
        told = Told(job)
        judging = asyncio.create_task(self._judge(job, told))
        renewing = asyncio.create_task(self._renew(job, told, judging))
        self._current = (job.id, judging)
        try:
            await asyncio.wait({judging})
        except asyncio.CancelledError:
            await _stop(judging, renewing)
            await self._given_back(job)
            raise
        finally:
            self._current = None
            await _stop(renewing)
        if not judging.cancelled():
            await self._settle(job, told, judging)
        await self._stored(jobs.let_go, job)

    async def _judge(self, job: Job, told: Told) -> Report:
        kept = await self._in_thread(self._kept, job.report)
        question_text = job.payload["question_text"]
        is_elsewhere = job.payload.get("host") != mark_of(self._models.endpoint.host)
        if is_elsewhere or await asyncio.to_thread(self._key, kept, question_text) != job.key:
            raise InvalidInput(CHANGED)
        return await assess(
            kept.source.transcript,
            await asyncio.to_thread(self._knowledge, kept),
            self._models.judge(f"report:{job.report}"),
            votes=SqlVotes(self._engine, self._now, kept.source.id),
            question_text=question_text,
            content=self._content,
            progress=told,
        )

    async def _renew(self, job: Job, told: Told, judging: asyncio.Task[Report]) -> None:
        """Keeps the lease and the progress, and stops what was cancelled or is somebody else's by now."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._lease.total_seconds() / 3):
                    await told.news.wait()
            told.news.clear()
            await asyncio.sleep(SETTLES)
            try:
                held = await self._stored(
                    jobs.renew,
                    job,
                    now=self._now(),
                    lease=self._lease,
                    progress=told.progress,
                    got_further=told.got_further,
                )
            except Exception as error:
                self._note("renew", error)
                continue
            if not held:
                judging.cancel()
                return

    async def _settle(self, job: Job, told: Told, judging: asyncio.Task[Report]) -> None:
        error, now = judging.exception(), self._now()
        if error is None:
            await self._in_thread(self._complete, job, told, judging.result())
        elif isinstance(error, ModelFailed | Unavailable):
            await self._fail_or_wait(job, told, error)
        elif isinstance(error, SevenstepError):
            await self._stored(jobs.fail, job, str(error), now=now)
        else:
            self._note("judge", error)
            await self._stored(jobs.fail, job, OURS, now=now)

    async def _fail_or_wait(self, job: Job, told: Told, error: ModelFailed | Unavailable) -> None:
        fault = error.fault if isinstance(error, ModelFailed) else None
        attempts = 1 if told.got_further else job.attempts
        if fault in LASTING:
            await self._stored(jobs.fail, job, str(error), now=self._now())
        elif attempts >= (GARBLED if fault == "garbled" else ATTEMPTS):
            said = f"{error} It was tried {attempts} times."
            await self._stored(jobs.fail, job, said, now=self._now())
        else:
            pause = PAUSES[min(attempts, len(PAUSES)) - 1]
            if isinstance(error, ModelFailed) and error.retry_after is not None:
                pause = max(pause, min(error.retry_after, LONGEST_PAUSE))
            elif fault == "down":
                pause = max(pause, LEFT_ALONE)
            until = self._now() + timedelta(seconds=pause)
            await self._stored(
                jobs.put_off,
                job,
                str(error),
                until=until,
                progress=told.progress,
                got_further=told.got_further,
            )

    def _complete(self, job: Job, told: Told, report: Report) -> None:
        """The report and the end of the job are one transaction: it is there once, or not at all."""
        kept, now = self._kept(job.report), self._now()
        rubric = self._knowledge(kept).rubric
        with suppress(Lost), writing(self._engine) as db:
            # the job first, as who deletes its report does, so that neither waits for the other
            if not jobs.is_held(db, job):
                raise Lost
            made = reports.add_report(
                db, kept.source, replace(report, beside=None), rubric, now=now, beside=kept.id
            )
            if not jobs.complete(db, job, result=made.id, now=now, progress=told.progress):
                raise Lost

    def _kept(self, id: str) -> KeptReport:
        with transaction(self._engine) as db:
            return reports.get_report(db, id)

    def _key(self, kept: KeptReport, question_text: str | None) -> str:
        return outcome_key(
            kept.source.transcript,
            self._knowledge(kept),
            self._models.endpoint.judge_model,
            question_text=question_text,
            content=self._content,
        )

    async def _stored(self, step: Callable[..., T], *given: object, **named: object) -> T:
        """A step of the queue as a transaction, which is not broken off half-way."""

        def run() -> T:
            with writing(self._engine) as db:
                return step(db, *given, **named)

        return await self._in_thread(run)

    async def _in_thread(self, work: Callable[..., T], *given: object) -> T:
        """Whoever stops waiting does not stop it; `close` waits for it."""
        step = asyncio.ensure_future(asyncio.to_thread(work, *given))
        self._steps.add(step)
        step.add_done_callback(self._steps.discard)
        return await asyncio.shield(step)


class Lost(Exception):
    """The job is somebody else's by now; what was added is taken back."""


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
