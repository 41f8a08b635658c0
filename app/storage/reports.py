"""Reports, the transcripts behind them, and the rubrics they were made with."""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, update
from sqlmodel import Session, col, delete, select

from app.errors import NotFound
from app.rubric.load import Rubric
from app.scoring.report import Report
from app.storage.private import private_words
from app.storage.tables import ReportRow, RubricRow, SessionRow, TranscriptRow
from app.transcripts.transcript import Transcript

NAME_LIMIT = 200
UNUSED_FOR = timedelta(days=1)  # a transcript that was pasted and never scored

REPORT = TypeAdapter(Report)
TRANSCRIPT = TypeAdapter(Transcript)


@dataclass(frozen=True, slots=True)
class KeptTranscript:
    id: str
    created_at: datetime
    name: str
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report with what it was made from. `replaces` is the earlier version of it; `beside` is the report that it
    is a second opinion to, on the same transcript."""

    id: str
    created_at: datetime
    name: str
    replaces: str | None
    beside: str | None
    report: Report
    source: KeptTranscript

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "created_at": self.created_at.isoformat(),
            "name": self.name,
            "replaces": self.replaces,
            "second_opinion_to": self.beside,
            **self.report.as_json(),
        }


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report in a list; with `beside` it is a second opinion to another."""

    id: str
    created_at: datetime
    name: str
    question: str | None
    scorable: bool
    overall: float | None
    decision: str | None
    seniority: str | None
    rubric: str
    beside: str | None = None


def add_transcript(
    db: Session, transcript: Transcript, *, name: str, now: datetime
) -> KeptTranscript:
    """Also forgets transcripts that nobody went on to score."""
    used = select(ReportRow.transcript_id)
    db.exec(
        delete(TranscriptRow).where(
            col(TranscriptRow.created_at) < now - UNUSED_FOR,
            col(TranscriptRow.id).not_in(used),
        )
    )
    row = TranscriptRow(
        id=secrets.token_hex(16),
        created_at=now,
        name=plain(name)[:NAME_LIMIT],
        content=json.dumps(asdict(transcript)),
    )
    db.add(row)
    db.flush()
    return _transcript(row)


def get_transcript(db: Session, id: str) -> KeptTranscript:
    row = db.get(TranscriptRow, id)
    if row is None:
        raise NotFound("This transcript is not here; it may have been deleted.")
    return _transcript(row)


def report_of_session(db: Session, session: str) -> str | None:
    """The report made of it, if any; until this transaction ends nobody else makes one. Raises NotFound."""
    row = db.get(SessionRow, session, with_for_update=True)
    if row is None:
        raise NotFound("This session is not here; it may have been deleted.")
    return row.report_id


def link_session(db: Session, session: str, report: str) -> None:
    """In the transaction that adds the report: one that no session leads to would be anybody's. The link goes when
    the report does. Raises NotFound where the session has gone meanwhile: then the report is not to stay either."""
    db.flush()
    link = update(SessionRow).where(col(SessionRow.id) == session).values(report_id=report)
    if not db.execute(link.returning(col(SessionRow.id))).all():
        raise NotFound("This session is not here; it may have been deleted.")


def add_report(
    db: Session,
    source: KeptTranscript,
    report: Report,
    rubric: Rubric,
    *,
    now: datetime,
    replaces: str | None = None,
    beside: str | None = None,
) -> KeptReport:
    """Keeps the rubric too, once for each hash."""
    keep_rubric(db, rubric)
    row = ReportRow(
        id=secrets.token_hex(16),
        created_at=now,
        transcript_id=source.id,
        rubric_sha256=rubric.sha256,
        replaces=replaces,
        beside=beside,
        name=source.name,
        question=report.question and plain(report.question),
        scorable=report.scorable,
        overall=report.overall,
        decision=report.decision,
        seniority=report.seniority,
        content=json.dumps(report.as_json()),
    )
    db.add(row)
    db.flush()
    return _report(db, row)


def keep_rubric(db: Session, rubric: Rubric) -> None:
    """Once for each hash."""
    if db.get(RubricRow, rubric.sha256) is None:
        about = rubric.about
        db.add(
            RubricRow(
                sha256=rubric.sha256,
                id=about.id,
                version=about.version,
                content=rubric.model_dump_json(by_alias=True),
            )
        )
        db.flush()


def get_report(db: Session, id: str) -> KeptReport:
    row = db.get(ReportRow, id)
    if row is None:
        raise NotFound("This report is not here; it may have been deleted.")
    return _report(db, row)


def list_reports(db: Session, *, limit: int = 200, offset: int = 0) -> list[ReportLine]:
    """The latest first. Those of live rooms are listed in their rooms."""
    rows = db.exec(
        select(ReportRow, RubricRow.id)
        .join(RubricRow)
        .where(col(ReportRow.transcript_id).not_in(private_words()))
        .order_by(col(ReportRow.created_at).desc(), col(ReportRow.id))
        .limit(limit)
        .offset(offset)
    )
    return [_line(row, rubric) for row, rubric in rows]


def second_opinions(db: Session, id: str) -> list[ReportLine]:
    """Those that stand beside a report, the latest first."""
    rows = db.exec(
        select(ReportRow, RubricRow.id)
        .join(RubricRow)
        .where(ReportRow.beside == id)
        .order_by(col(ReportRow.created_at).desc(), col(ReportRow.id))
    )
    return [_line(row, rubric) for row, rubric in rows]


def _line(row: ReportRow, rubric: str) -> ReportLine:
    return ReportLine(
        row.id,
        utc(row.created_at),
        row.name,
        row.question,
        row.scorable,
        row.overall,
        row.decision,
        row.seniority,
        rubric,
        row.beside,
    )


def overall_marks(db: Session, ids: list[str]) -> dict[str, float | None]:
    """report -> its overall mark."""
    rows = db.exec(select(ReportRow.id, ReportRow.overall).where(col(ReportRow.id).in_(ids)))
    return dict(rows.all())


def session_of(db: Session, report: str) -> str | None:
    """The session that a report was made of, where it was one."""
    return db.exec(select(SessionRow.id).where(SessionRow.report_id == report)).first()


def count_reports(db: Session) -> int:
    """As many as the whole list would have."""
    listed = col(ReportRow.transcript_id).not_in(private_words())
    return db.exec(select(func.count()).select_from(ReportRow).where(listed)).one()


def delete_report(db: Session, id: str) -> None:
    """Second opinions go with what they stand beside; the transcript, and what a judge quoted of it, with the last
    report that was made from it."""
    row = db.get(ReportRow, id)
    if row is None:
        raise NotFound("This report is not here; it may have been deleted.")
    source = row.transcript_id
    beside = delete(ReportRow).where(col(ReportRow.beside) == id)
    db.exec(beside)
    db.delete(row)
    db.flush()
    db.exec(beside)  # one may have come while this waited for its job
    if not db.exec(select(ReportRow.id).where(ReportRow.transcript_id == source).limit(1)).first():
        db.exec(delete(TranscriptRow).where(col(TranscriptRow.id) == source))


def find_rubric(db: Session, sha256: str) -> Rubric | None:
    """The rubric as it was; None where it is not kept, or an older version wrote it otherwise."""
    row = db.get(RubricRow, sha256)
    try:
        return Rubric.model_validate_json(row.content) if row else None
    except ValidationError:
        return None


def _transcript(row: TranscriptRow) -> KeptTranscript:
    return KeptTranscript(
        row.id, utc(row.created_at), row.name, TRANSCRIPT.validate_json(row.content)
    )


def _report(db: Session, row: ReportRow) -> KeptReport:
    return KeptReport(
        row.id,
        utc(row.created_at),
        row.name,
        row.replaces,
        row.beside,
        REPORT.validate_json(row.content),
        get_transcript(db, row.transcript_id),
    )


def plain(text: str) -> str:
    """Without what a column cannot hold: NUL on PostgreSQL, half a character anywhere. JSON escapes them."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def utc(moment: datetime) -> datetime:
    """SQLite forgets the zone; everything is written in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
