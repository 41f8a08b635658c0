"""What belongs to a live room: its session, and every report on what was said in it. Lists for those who are not of
the room leave it out."""

from collections.abc import Callable

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from app.storage.log import About, SessionLine
from app.storage.tables import JobRow, ReportRow, SessionRow

LIVE = "live"
Belonging = Callable[
    [Session, str], str | None
]  # an id of some kind -> the live session that it belongs to


def is_live(db: Session, session: str) -> bool:
    """False also for a session that is not there."""
    return db.scalar(select(col(SessionRow.mode)).where(col(SessionRow.id) == session)) == LIVE


def room_of_session(db: Session, session: str) -> str | None:
    return session if is_live(db, session) else None


def room_of_report(db: Session, report: str) -> str | None:
    """The live session whose words a report is about: the report made of it, a second opinion or another version."""
    words = select(col(ReportRow.transcript_id)).where(col(ReportRow.id) == report)
    theirs = (
        select(col(SessionRow.id))
        .join(ReportRow, col(ReportRow.id) == col(SessionRow.report_id))
        .where(col(SessionRow.mode) == LIVE, col(ReportRow.transcript_id).in_(words))
    )
    return db.scalar(theirs.limit(1))


def room_of_words(db: Session, transcript: str) -> str | None:
    """The live session whose words a kept transcript holds."""
    theirs = (
        select(col(SessionRow.id))
        .join(ReportRow, col(ReportRow.id) == col(SessionRow.report_id))
        .where(col(SessionRow.mode) == LIVE, col(ReportRow.transcript_id) == transcript)
    )
    return db.scalar(theirs.limit(1))


def room_of_job(db: Session, job: str) -> str | None:
    """The live session that a second opinion on its way is about."""
    report = db.scalar(select(col(JobRow.report_id)).where(col(JobRow.id) == job))
    return None if report is None else room_of_report(db, report)


def private_words() -> Select[str]:
    """Transcripts of live sessions, for a list that leaves them out."""
    return (
        select(col(ReportRow.transcript_id))
        .join(SessionRow, col(SessionRow.report_id) == col(ReportRow.id))
        .where(col(SessionRow.mode) == LIVE)
    )


def practised(db: Session, *, limit: int = 200) -> list[SessionLine]:
    """Sessions that somebody practised in by themselves, the latest first."""
    newest = (col(SessionRow.created_at).desc(), col(SessionRow.id))
    alone = col(SessionRow.mode) != LIVE
    rows = db.scalars(select(SessionRow).where(alone).order_by(*newest).limit(limit))
    return [_line(row) for row in rows]


def count_practised(db: Session) -> int:
    alone = col(SessionRow.mode) != LIVE
    return db.scalar(select(func.count()).select_from(SessionRow).where(alone)) or 0


def live_rooms(db: Session, only: list[str] | None, *, limit: int = 200) -> list[SessionLine]:
    """The latest first; of those alone, or all."""
    of = select(SessionRow).where(col(SessionRow.mode) == LIVE)
    if only is not None:
        of = of.where(col(SessionRow.id).in_(only))
    newest = (col(SessionRow.created_at).desc(), col(SessionRow.id))
    return [_line(row) for row in db.scalars(of.order_by(*newest).limit(limit))]


def _line(row: SessionRow) -> SessionLine:
    about = About(row.slug, row.title, row.mode, row.persona, row.minutes, row.question_sha256)
    return SessionLine(
        row.id, row.created_at, about, row.state, row.last_at, row.due_at, row.report_id
    )
