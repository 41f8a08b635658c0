"""The tables. Texts that carry content are JSON, written and read only by this package."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import AutoString, Field, SQLModel

DUE = text("due_at IS NOT NULL")
SENT = text("cmd IS NOT NULL")
UNFINISHED = text("finished_at IS NULL")
RUNNING = text("state = 'running'")


def _moment(*, index: bool = True) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False, index=index)


def _later() -> Column[datetime]:
    """Of something that may not have happened yet."""
    return Column(DateTime(timezone=True), nullable=True)


def _content() -> Column[str]:
    return Column(Text, nullable=False)


def _of_session(*, primary_key: bool = False) -> Column[str]:
    return Column(
        AutoString(64),
        ForeignKey("session.id", ondelete="CASCADE"),
        nullable=False,
        index=not primary_key,
        primary_key=primary_key,
    )


class RubricRow(SQLModel, table=True):
    """A rubric as it was when a report used it; the key is the hash of its files."""

    __tablename__ = "rubric"

    sha256: str = Field(primary_key=True, max_length=64)
    id: str = Field(max_length=64)
    version: int
    content: str = Field(sa_column=_content())


class TranscriptRow(SQLModel, table=True):
    __tablename__ = "transcript"

    id: str = Field(primary_key=True, max_length=32)
    created_at: datetime = Field(sa_column=_moment())
    name: str = Field(max_length=200)
    content: str = Field(sa_column=_content())


class ReportRow(SQLModel, table=True):
    __tablename__ = "report"

    id: str = Field(primary_key=True, max_length=32)
    created_at: datetime = Field(sa_column=_moment())
    transcript_id: str = Field(foreign_key="transcript.id", index=True, max_length=32)
    rubric_sha256: str = Field(foreign_key="rubric.sha256", max_length=64)
    replaces: str | None = Field(default=None, max_length=32)
    beside: str | None = Field(default=None, index=True, max_length=32)
    name: str = Field(max_length=200)
    question: str | None = Field(default=None, sa_column=Column(Text))
    scorable: bool
    overall: float | None
    decision: str | None = Field(max_length=20)
    seniority: str | None = Field(max_length=20)
    content: str = Field(sa_column=_content())


class ContentRow(SQLModel, table=True):
    """A question as it was when a session began with it; the key is its hash."""

    __tablename__ = "content"

    sha256: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=20)
    id: str = Field(max_length=200)
    version: int
    content: str = Field(sa_column=_content())


class SessionRow(SQLModel, table=True):
    """An interview session: what a list shows, and a copy of what its events say. Times are milliseconds."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_due_at", "due_at", postgresql_where=DUE, sqlite_where=DUE),)

    id: str = Field(primary_key=True, max_length=64)
    created_at: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    slug: str = Field(max_length=200)
    title: str = Field(sa_column=_content())
    mode: str = Field(max_length=20)
    persona: str = Field(max_length=64)
    minutes: int
    question_sha256: str = Field(foreign_key="content.sha256", max_length=64)
    state: str = Field(max_length=20)
    head_main: int
    head_staff: int
    last_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    due_at: int | None = Field(default=None, sa_column=Column(BigInteger))
    report_id: str | None = Field(
        default=None,
        sa_column=Column(AutoString(32), ForeignKey("report.id", ondelete="SET NULL"), index=True),
    )


class EventRow(SQLModel, table=True):
    """One event, never changed: see the triggers in migration 0002.

    `seq` counts within the stream, `pos` within the session, `part` within the command.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_pos", "session", "pos", unique=True),
        Index(
            "ix_event_cmd",
            *("session", "actor", "cmd", "part"),
            unique=True,
            postgresql_where=SENT,
            sqlite_where=SENT,
        ),
        {"sqlite_with_rowid": False},
    )

    session: str = Field(primary_key=True, foreign_key="session.id", max_length=64)
    stream: str = Field(primary_key=True, max_length=5)
    seq: int = Field(primary_key=True)
    pos: int
    eid: str = Field(max_length=32)
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    type: str = Field(max_length=64)
    v: int
    actor: str = Field(max_length=64)
    cmd: str | None = Field(default=None, max_length=64)
    part: int
    digest: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    body: str = Field(sa_column=_content())


class ServiceRow(SQLModel, table=True):
    """When the service was last seen alive, so that sessions are credited for an outage."""

    __tablename__ = "service"

    id: str = Field(primary_key=True, max_length=20)
    seen_at: int = Field(sa_column=Column(BigInteger, nullable=False))


class SpendingRow(SQLModel, table=True):
    """A call of a model: what was reserved for it and, once settled, what it took. Holds no words."""

    __tablename__ = "spending"

    id: str = Field(primary_key=True, max_length=32)
    account: str = Field(index=True, max_length=80)
    day: str = Field(index=True, max_length=10)
    claimed_at: datetime = Field(sa_column=_moment(index=False))
    settled: bool
    model: str | None = Field(default=None, max_length=200)
    tokens_in: int = 0
    tokens_out: int = 0
    tokens: int
    money: float


class VoteRow(SQLModel, table=True):
    """A judge's answer as it came. It quotes a transcript and goes with it."""

    __tablename__ = "vote"

    key: str = Field(primary_key=True, max_length=160)
    created_at: datetime = Field(sa_column=_moment())
    transcript_id: str | None = Field(
        default=None,
        sa_column=Column(
            AutoString(32), ForeignKey("transcript.id", ondelete="CASCADE"), index=True
        ),
    )
    tokens_in: int
    tokens_out: int
    cost: float
    content: str = Field(sa_column=_content())


class JobRow(SQLModel, table=True):
    """Work that outlives the process that began it. Goes with the report that it is about. A cancelled one keeps its
    lease until whoever works on it has noticed."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_unfinished",
            *("dedupe_key", "report_id"),
            unique=True,
            postgresql_where=UNFINISHED,
            sqlite_where=UNFINISHED,
        ),
        Index(
            "ix_job_running",
            "dedupe_key",
            unique=True,
            postgresql_where=RUNNING,
            sqlite_where=RUNNING,
        ),
        Index("ix_job_state", "state", "run_at"),
    )

    id: str = Field(primary_key=True, max_length=32)
    kind: str = Field(max_length=20)
    dedupe_key: str = Field(index=True, max_length=64)
    state: str = Field(max_length=20)
    created_at: datetime = Field(sa_column=_moment(index=False))
    run_at: datetime = Field(sa_column=_moment(index=False))
    lease_until: datetime | None = Field(default=None, sa_column=_later())
    finished_at: datetime | None = Field(default=None, sa_column=_later())
    attempts: int = 0
    fence: int = 0
    progress: str = Field(sa_column=_content())
    error: str | None = Field(default=None, sa_column=Column(Text))
    payload: str = Field(sa_column=_content())
    report_id: str = Field(
        sa_column=Column(
            AutoString(32),
            ForeignKey("report.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        )
    )
    result_id: str | None = Field(
        default=None,
        sa_column=Column(AutoString(32), ForeignKey("report.id", ondelete="SET NULL")),
    )


class PersonRow(SQLModel, table=True):
    """Somebody who is known by a role token of their own; the token itself is kept nowhere."""

    __tablename__ = "person"

    id: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=80)
    role: str = Field(max_length=20)
    secret_sha256: str = Field(unique=True, max_length=64)
    created_at: datetime = Field(sa_column=_moment(index=False))
    revoked_at: datetime | None = Field(default=None, sa_column=_later())


class TicketRow(SQLModel, table=True):
    """A link into one live session, for one role; the secret itself is kept nowhere."""

    __tablename__ = "ticket"

    id: str = Field(primary_key=True, max_length=32)
    session: str = Field(sa_column=_of_session())
    role: str = Field(max_length=20)
    secret_sha256: str = Field(unique=True, max_length=64)
    made_by: str = Field(max_length=32)
    created_at: datetime = Field(sa_column=_moment(index=False))
    expires_at: datetime = Field(sa_column=_moment(index=False))
    revoked_at: datetime | None = Field(default=None, sa_column=_later())


class ParticipantRow(SQLModel, table=True):
    """Somebody in a live session, by the cookie of their browser; `state` is waiting, admitted or out."""

    __tablename__ = "participant"

    id: str = Field(primary_key=True, max_length=32)
    session: str = Field(sa_column=_of_session())
    role: str = Field(max_length=20)
    name: str = Field(max_length=80)
    state: str = Field(max_length=20)
    secret_sha256: str = Field(unique=True, max_length=64)
    person_id: str | None = Field(default=None, max_length=32)
    ticket_id: str | None = Field(default=None, index=True, max_length=32)
    created_at: datetime = Field(sa_column=_moment(index=False))


class PresenceRow(SQLModel, table=True):
    """Which process had somebody connected to a session, and when it said so last (ms)."""

    __tablename__ = "presence"

    session: str = Field(sa_column=_of_session(primary_key=True))
    node: str = Field(primary_key=True, max_length=32)
    seen_at: int = Field(sa_column=Column(BigInteger, nullable=False))


class SourceRow(SQLModel, table=True):
    """A text as its author wrote it, comments and order included; the key is its hash."""

    __tablename__ = "source"

    sha256: str = Field(primary_key=True, max_length=64)
    content: str = Field(sa_column=_content())


class RevisionRow(SQLModel, table=True):
    """One step in the life of a question or of a rubric's file. `number` counts within it; `seq` over all, in the
    order in which they were committed."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("kind", "id", "number", name="uq_revision_number"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
        ),
    )
    kind: str = Field(max_length=20)
    id: str = Field(max_length=200)
    number: int
    sha256: str = Field(foreign_key="source.sha256", max_length=64)
    version: int
    status: str = Field(max_length=20)
    action: str = Field(max_length=20)
    comment: str = Field(sa_column=_content())
    made_by: str = Field(max_length=80)
    person_id: str | None = Field(default=None, max_length=32)
    at: datetime = Field(sa_column=_moment(index=False))


class ShownRow(SQLModel, table=True):
    """A question whose answers were opened on a machine of one user, so that practising it is no first time."""

    __tablename__ = "answers_shown"

    slug: str = Field(primary_key=True, max_length=200)
    at: datetime = Field(sa_column=_moment(index=False))
