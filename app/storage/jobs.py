"""Work that outlives the process that began it: a queue in the database, held by leases.

Whoever claims a job gets a fence, a number that grows with every claim; whatever it writes later counts only
while that is still the latest. Times are arguments, in UTC.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, cast

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, col

from app.errors import NotFound
from app.storage.db import inserting
from app.storage.reports import plain, utc
from app.storage.tables import JobRow

State = Literal["queued", "running", "done", "failed", "cancelled"]
STATES = {
    "queued": "waits for its turn, or to be tried again",
    "running": "is being worked on",
    "done": "has its report",
    "failed": "was given up, and says why",
    "cancelled": "was stopped by hand",
}
ATTEMPTS = 5
GIVEN_UP = "It was interrupted again and again before it got further."

is_unfinished = col(JobRow.finished_at).is_(None)


@dataclass(frozen=True, slots=True)
class Job:
    """`key` is what it would come to: no two unfinished jobs of a report have the same, and no two that are worked
    on. `error` is a sentence of ours, of the latest attempt. `result` is the report that it made."""

    id: str
    kind: str
    key: str
    state: State
    created_at: datetime
    run_at: datetime
    finished_at: datetime | None
    attempts: int
    fence: int
    progress: Mapping[str, Any]
    error: str | None
    payload: Mapping[str, Any]
    report: str
    result: str | None

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None


def enqueue(
    db: Session,
    kind: str,
    key: str,
    *,
    report: str,
    payload: Mapping[str, Any],
    progress: Mapping[str, Any],
    now: datetime,
) -> Job:
    """The unfinished job of this report with this key, where there is one, or a new one. Raises NotFound without a
    report."""
    while True:
        values = {"id": secrets.token_hex(16), "kind": kind, "dedupe_key": key, "state": "queued"}
        values |= {"report_id": report, "payload": _json(payload), "progress": _json(progress)}
        new = inserting(db.get_bind(), JobRow).values(
            **values, created_at=now, run_at=now, attempts=0, fence=0
        )
        once: dict[str, Any] = {
            "index_elements": ["dedupe_key", "report_id"],
            "index_where": is_unfinished,
        }
        try:
            db.execute(new.on_conflict_do_nothing(**once))
        except IntegrityError as error:
            raise NotFound("This report is not here; it may have been deleted.") from error
        of_report = select(JobRow).where(col(JobRow.report_id) == report, is_unfinished)
        found = of_report.where(col(JobRow.dedupe_key) == key)
        row = db.execute(found).scalars().first()
        if row is not None:  # else it finished between the two statements
            return _job(row)


def get_job(db: Session, id: str) -> Job:
    row = db.get(JobRow, id, populate_existing=True)
    if row is None:
        raise NotFound("This is not here; its report may have been deleted.")
    return _job(row)


def latest_job(db: Session, report: str, *, kind: str) -> Job | None:
    """The last one that was asked for about a report."""
    of_report = select(JobRow).where(col(JobRow.report_id) == report, col(JobRow.kind) == kind)
    latest = of_report.order_by(col(JobRow.created_at).desc(), col(JobRow.id)).limit(1)
    row = db.execute(latest).scalars().first()
    return _job(row) if row else None


def done_job(db: Session, key: str, *, report: str) -> Job | None:
    """One that came to what the key stands for, beside this report, where its result is still there."""
    found = (
        select(JobRow)
        .where(col(JobRow.dedupe_key) == key, col(JobRow.report_id) == report)
        .where(col(JobRow.state) == "done", col(JobRow.result_id).is_not(None))
        .limit(1)
    )
    row = db.execute(found).scalars().first()
    return _job(row) if row else None


def claim(db: Session, kind: str, *, now: datetime, lease: timedelta) -> Job | None:
    """The job that has been due longest, for as long as the lease is renewed; None where none is due. What would
    come to the same as another that is worked on waits for it."""
    due = (
        select(col(JobRow.id))
        .where(col(JobRow.kind) == kind, is_unfinished, _is_due(now), ~_is_worked_on(now))
        .order_by(col(JobRow.run_at), col(JobRow.id))
        .limit(1)
    )
    if db.execute(due).first() is None:  # asked every second, so without a lock
        return None
    _give_up(db, kind, now)
    theirs = due.with_for_update(
        skip_locked=True
    )  # SQLite has one writer, and knows no such clause
    taken = (
        update(JobRow)
        .where(col(JobRow.id) == theirs.scalar_subquery())
        .values(
            state="running",
            lease_until=now + lease,
            attempts=JobRow.attempts + 1,
            fence=JobRow.fence + 1,
        )
        .returning(col(JobRow.id))
    )
    try:
        with db.begin_nested():
            id = db.execute(taken).scalar_one_or_none()
    except IntegrityError:  # another process has just begun with the same for another report
        return None
    return None if id is None else get_job(db, id)


def _is_due(now: datetime) -> ColumnElement[bool]:
    waits = and_(col(JobRow.state) == "queued", col(JobRow.run_at) <= now)
    return or_(waits, _is_orphan(now))


def _is_orphan(now: datetime) -> ColumnElement[bool]:
    """Whoever held it has stopped renewing."""
    return and_(col(JobRow.state) == "running", col(JobRow.lease_until) <= now)


def _is_worked_on(now: datetime) -> ColumnElement[bool]:
    """By another job: also one that was cancelled, until its holder has noticed or its lease is over."""
    other = aliased(JobRow)
    is_taken = or_(col(other.state) == "running", col(other.lease_until) > now)
    same = and_(col(other.dedupe_key) == col(JobRow.dedupe_key), col(other.id) != col(JobRow.id))
    return select(col(other.id)).where(same, is_taken).exists()


def _give_up(db: Session, kind: str, now: datetime) -> None:
    """What ended five processes would end a sixth."""
    db.execute(
        update(JobRow)
        .where(col(JobRow.kind) == kind, _is_orphan(now), col(JobRow.attempts) >= ATTEMPTS)
        .values(state="failed", finished_at=now, lease_until=None, error=GIVEN_UP)
    )


def renew(
    db: Session,
    job: Job,
    *,
    now: datetime,
    lease: timedelta,
    progress: Mapping[str, Any],
    got_further: bool = False,
) -> bool:
    """False where the job is somebody else's by now, was cancelled or is gone: then leave it. Whoever got further
    than any before has all attempts before them again."""
    return _write(db, job, {"lease_until": now + lease, **_came(progress, got_further)})


def put_off(
    db: Session,
    job: Job,
    error: str,
    *,
    until: datetime,
    progress: Mapping[str, Any],
    got_further: bool = False,
) -> bool:
    """To be tried again; `error` says what came between."""
    waits = {"state": "queued", "run_at": until, "lease_until": None, "error": plain(error)}
    return _write(db, job, waits | _came(progress, got_further))


def _came(progress: Mapping[str, Any], got_further: bool) -> dict[str, Any]:
    return {"progress": _json(progress)} | ({"attempts": 1} if got_further else {})


def is_held(db: Session, job: Job) -> bool:
    """Whether it is held by this very claim; if so, nobody takes or deletes it before the transaction ends."""
    return (
        db.execute(select(col(JobRow.id)).where(*_held(job)).with_for_update()).first() is not None
    )


def complete(
    db: Session, job: Job, *, result: str, now: datetime, progress: Mapping[str, Any]
) -> bool:
    """PostgreSQL looks the report up again, and waits for who deletes it, where a transaction changes a job twice."""
    done = {"state": "done", "result_id": result, "error": None, "progress": _json(progress)}
    return _finish(db, job, now, **done)


def fail(db: Session, job: Job, error: str, *, now: datetime) -> bool:
    return _finish(db, job, now, state="failed", error=plain(error))


def give_back(db: Session, job: Job, *, now: datetime) -> bool:
    """The process stops in an orderly way; that was no attempt."""
    return _write(
        db,
        job,
        {"state": "queued", "run_at": now, "lease_until": None, "attempts": JobRow.attempts - 1},
    )


def cancel(db: Session, id: str, *, now: datetime) -> Job:
    """What is finished stays as it is. The lease goes on until `let_go`: somebody may be at it still."""
    db.execute(
        update(JobRow)
        .where(col(JobRow.id) == id, is_unfinished)
        .values(state="cancelled", finished_at=now, error=None)
    )
    return get_job(db, id)


def let_go(db: Session, job: Job) -> None:
    """Whoever held a job that was cancelled has stopped, so the same may be begun anew."""
    held = (col(JobRow.id) == job.id, col(JobRow.fence) == job.fence)
    cancelled = update(JobRow).where(*held, col(JobRow.state) == "cancelled")
    db.execute(cancelled.values(lease_until=None))


def _finish(db: Session, job: Job, now: datetime, **values: Any) -> bool:
    return _write(db, job, {**values, "finished_at": now, "lease_until": None})


def _write(db: Session, job: Job, values: dict[str, Any]) -> bool:
    """Counts only while the job is held by this very claim."""
    written = update(JobRow).where(*_held(job)).values(**values).returning(col(JobRow.id))
    return db.execute(written).first() is not None


def _held(job: Job) -> tuple[ColumnElement[bool], ...]:
    return (
        col(JobRow.id) == job.id,
        col(JobRow.fence) == job.fence,
        col(JobRow.state) == "running",
    )


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), allow_nan=False, separators=(",", ":"))


def _job(row: JobRow) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        key=row.dedupe_key,
        state=cast(State, row.state),
        created_at=utc(row.created_at),
        run_at=utc(row.run_at),
        finished_at=utc(row.finished_at) if row.finished_at else None,
        attempts=row.attempts,
        fence=row.fence,
        progress=MappingProxyType(json.loads(row.progress)),
        error=row.error,
        payload=MappingProxyType(json.loads(row.payload)),
        report=row.report_id,
        result=row.result_id,
    )
