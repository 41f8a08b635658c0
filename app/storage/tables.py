"""The tables. Texts that carry content are JSON, written and read only by this package."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Text
from sqlmodel import Field, SQLModel


def _moment() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False, index=True)


def _content() -> Column[str]:
    return Column(Text, nullable=False)


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
    name: str = Field(max_length=200)
    question: str | None = Field(default=None, sa_column=Column(Text))
    scorable: bool
    overall: float | None
    decision: str | None = Field(max_length=20)
    seniority: str | None = Field(max_length=20)
    content: str = Field(sa_column=_content())
