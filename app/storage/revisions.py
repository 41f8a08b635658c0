"""The journal of authored texts: every text of a question or of a rubric's file that was ever kept, who did what to
it, when and why. Rows are added, never changed; whoever adds one says which text they started from.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlmodel import Session, col

from app.errors import Conflict, NotFound
from app.storage.db import inserting
from app.storage.reports import utc
from app.storage.tables import RevisionRow, ShownRow, SourceRow

Kind = Literal["question", "rubric"]
Action = Literal[
    "found",  # as its file was, made by other means than these pages
    "created",
    "edited",
    "imported",
    "commented",
    "submitted",
    "returned",
    "published",
    "retired",
    "reopened",
    "restored",
]
HASH = re.compile(r"[0-9a-f]{64}")  # PostgreSQL refuses some of what else is sent as one
LOCK = 0x5E7E_9E0B  # any number of our own: who writes the journal takes turns by it


class Stale(Conflict):
    """Somebody else came first; `head` is what stands now."""

    def __init__(self, head: "Revision | None") -> None:
        super().__init__("Somebody else has changed this meanwhile.")
        self.head = head


@dataclass(frozen=True, slots=True)
class Author:
    """Who did it: `name` as it is shown, `person` the id of somebody with a role token of their own."""

    name: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """`number` counts from 1 within a question or file; the text stands under `sha256`."""

    seq: int
    kind: Kind
    id: str
    number: int
    sha256: str
    version: int
    status: str
    action: Action
    comment: str
    author: Author
    at: datetime


def sha256_of(content: str) -> str:
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()


def append(
    db: Session,
    kind: Kind,
    id: str,
    content: str,
    *,
    base: int,
    version: int,
    status: str,
    action: Action,
    author: Author,
    now: datetime,
    comment: str = "",
) -> Revision:
    """The next one after `base` (0: the first). Raises Stale where there is a later one than `base` already."""
    take_turns(db)
    sha256 = keep_text(db, content)  # with it SQLite's writers begin to take turns
    head = latest(db, kind, id)
    if (0 if head is None else head.number) != base:
        raise Stale(head)
    row = RevisionRow(
        kind=kind,
        id=id,
        number=base + 1,
        sha256=sha256,
        version=version,
        status=status,
        action=action,
        comment=readable(comment),
        made_by=author.name[:80],
        person_id=author.person,
        at=now,
    )
    db.add(row)
    db.flush()
    return _revision(row)


def keep_text(db: Session, content: str) -> str:
    """Its hash, under which it stands from now on."""
    sha256 = sha256_of(content)
    keep = inserting(db.connection(), SourceRow).values(sha256=sha256, content=content)
    db.execute(keep.on_conflict_do_nothing())
    return sha256


def take_turns(db: Session) -> None:
    """Until this transaction ends nobody else writes the journal. SQLite has one writer at a time anyhow."""
    if db.connection().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def readable(comment: str) -> str:
    """Without what no database keeps and nobody sees: control characters but for tabs and ends of lines."""
    return "".join(c for c in comment if c in "\t\n" or unicodedata.category(c) not in ("Cc", "Cs"))


def latest(
    db: Session,
    kind: Kind,
    id: str,
    statuses: Iterable[str] | None = None,
    *,
    or_found: bool = False,
) -> Revision | None:
    """With `statuses`, the latest that had one of them; or one that was found, whatever it had."""
    of = select(RevisionRow).where(col(RevisionRow.kind) == kind, col(RevisionRow.id) == id)
    if statuses is not None:
        of = of.where(_has(statuses, or_found))
    row = db.scalar(of.order_by(col(RevisionRow.number).desc()).limit(1))
    return None if row is None else _revision(row)


def history(db: Session, kind: Kind, id: str) -> list[Revision]:
    """The latest first."""
    of = select(RevisionRow).where(col(RevisionRow.kind) == kind, col(RevisionRow.id) == id)
    return [_revision(row) for row in db.scalars(of.order_by(col(RevisionRow.number).desc()))]


def get_revision(db: Session, kind: Kind, id: str, number: int) -> Revision:
    """Raises NotFound."""
    of = select(RevisionRow).where(
        col(RevisionRow.kind) == kind,
        col(RevisionRow.id) == id,
        col(RevisionRow.number) == number,
    )
    row = db.scalar(of)
    if row is None:
        raise NotFound(f"There is no version {number} of {id} in its history.")
    return _revision(row)


def text_of(db: Session, sha256: str) -> str:
    """Raises NotFound."""
    row = db.get(SourceRow, sha256) if HASH.fullmatch(sha256) else None
    if row is None:
        raise NotFound("This text is not kept here.")
    return row.content


def texts_of(db: Session, hashes: Iterable[str]) -> dict[str, str]:
    """Those that are kept, by hash."""
    wanted = sorted({sha256 for sha256 in hashes if HASH.fullmatch(sha256)})
    found: dict[str, str] = {}
    for begin in range(0, len(wanted), 500):
        some = col(SourceRow.sha256).in_(wanted[begin : begin + 500])
        found |= {row.sha256: row.content for row in db.scalars(select(SourceRow).where(some))}
    return found


def last_seq(db: Session) -> int:
    """Grows with every row of the journal; what a process compares to know whether it is current."""
    return db.scalar(select(func.max(col(RevisionRow.seq)))) or 0


def heads(
    db: Session,
    kind: Kind,
    statuses: Iterable[str] | None = None,
    *,
    or_found: bool = False,
) -> dict[str, Revision]:
    """id -> the latest of each; with `statuses`, the latest that had one of them, or one that was found."""
    wanted = select(col(RevisionRow.id), func.max(col(RevisionRow.number)).label("number")).where(
        col(RevisionRow.kind) == kind
    )
    if statuses is not None:
        wanted = wanted.where(_has(statuses, or_found))
    last = wanted.group_by(col(RevisionRow.id)).subquery()
    rows = db.scalars(
        select(RevisionRow)
        .join(
            last,
            (col(RevisionRow.id) == last.c.id) & (col(RevisionRow.number) == last.c.number),
        )
        .where(col(RevisionRow.kind) == kind)
    )
    return {row.id: _revision(row) for row in sorted(rows, key=lambda row: row.id)}


def _has(statuses: Iterable[str], or_found: bool) -> ColumnElement[bool]:
    has = col(RevisionRow.status).in_(sorted(statuses))
    return or_(has, col(RevisionRow.action) == "found") if or_found else has


def show_answers(db: Session, slug: str, now: datetime) -> None:
    """From now on the question counts as seen before."""
    keep = inserting(db.connection(), ShownRow).values(slug=slug, at=now)
    db.execute(keep.on_conflict_do_nothing())


def answers_shown(db: Session) -> frozenset[str]:
    """Slugs whose answers were opened here."""
    return frozenset(db.scalars(select(col(ShownRow.slug))))


def _revision(row: RevisionRow) -> Revision:
    return Revision(
        row.seq or 0,
        cast(Kind, row.kind),
        row.id,
        row.number,
        row.sha256,
        row.version,
        row.status,
        cast(Action, row.action),
        row.comment,
        Author(row.made_by, row.person_id),
        utc(row.at),
    )
