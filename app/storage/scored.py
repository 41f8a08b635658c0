"""What was said in sessions and pasted transcripts, to be scored again: named first, then read one by one."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, col

from app.bank.question import Question
from app.errors import NotFound
from app.interview.events import event_of
from app.interview.session import fold
from app.interview.transcript import transcript_of
from app.scoring.report import Report
from app.storage.log import ENDED
from app.storage.private import LIVE
from app.storage.reports import get_report, utc
from app.storage.tables import ContentRow, EventRow, ReportRow, SessionRow
from app.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Said:
    """A report, or a session that is over and has none yet."""

    report: str | None
    session: str | None
    at: datetime
    is_live: bool
    question_sha256: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """`report` is the offline one that was made of them."""

    name: str
    transcript: Transcript
    report: Report | None


def find_said(db: Session, slug: str | None, most: int) -> tuple[list[Said], int]:
    """On one question or on anything, the newest first, and how many there are. Of the versions of a report the
    latest; second opinions are no versions."""
    later = aliased(ReportRow)
    replaced = select(col(later.replaces)).where(col(later.replaces).is_not(None))
    reports: list[ColumnElement[bool]] = [
        col(ReportRow.beside).is_(None),
        col(ReportRow.id).not_in(replaced),
    ]
    sessions: list[ColumnElement[bool]] = [
        col(SessionRow.state) == ENDED,
        col(SessionRow.report_id).is_(None),
    ]
    if slug is not None:
        reports.append(col(ReportRow.question) == slug)
        sessions.append(col(SessionRow.slug) == slug)
    of_reports = (
        select(
            col(ReportRow.id),
            col(SessionRow.id),
            col(ReportRow.created_at),
            col(SessionRow.mode),
            col(SessionRow.question_sha256),
        )
        .outerjoin(SessionRow, col(SessionRow.report_id) == col(ReportRow.id))
        .where(*reports)
        .order_by(col(ReportRow.created_at).desc(), col(ReportRow.id))
    )
    of_sessions = (
        select(
            col(SessionRow.id),
            col(SessionRow.created_at),
            col(SessionRow.mode),
            col(SessionRow.question_sha256),
        )
        .where(*sessions)
        .order_by(col(SessionRow.created_at).desc(), col(SessionRow.id))
    )
    found = [
        Said(report, session, utc(at), mode == LIVE, sha256)
        for report, session, at, mode, sha256 in db.execute(of_reports.limit(most))
    ]
    found += [
        Said(None, session, datetime.fromtimestamp(at / 1000, UTC), mode == LIVE, sha256)
        for session, at, mode, sha256 in db.execute(of_sessions.limit(most))
    ]
    total = db.scalar(select(func.count()).select_from(ReportRow).where(*reports)) or 0
    total += db.scalar(select(func.count()).select_from(SessionRow).where(*sessions)) or 0
    newest = sorted(found, key=lambda said: (said.at, said.report or said.session), reverse=True)
    return newest[:most], total


def words_of(db: Session, said: Said) -> Words | None:
    """None where they were deleted meanwhile."""
    if said.report is not None:
        try:
            kept = get_report(db, said.report)
        except NotFound:
            return None
        return Words(kept.name, kept.source.transcript, kept.report)
    of = (
        select(col(EventRow.type), col(EventRow.body), col(EventRow.at))
        .where(col(EventRow.session) == said.session)
        .order_by(col(EventRow.pos))
    )
    events = [(event_of(type, json.loads(body)), at) for type, body, at in db.execute(of)]
    session = fold((event, at) for event, at in events if event is not None)
    if session.spec is None:
        return None
    return Words(session.spec.title, transcript_of(session), None)


def question_as_it_was(db: Session, sha256: str) -> Question | None:
    """None where it is not kept, or an older version wrote it otherwise."""
    row = db.get(ContentRow, sha256)
    try:
        return Question.model_validate_json(row.content) if row else None
    except ValidationError:
        return None
