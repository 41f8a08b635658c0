"""People who are known by a role token of their own, so that what they do can say who did it."""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from sqlalchemy import select
from sqlmodel import Session, col

from app.errors import InvalidInput, NotFound
from app.storage.reports import utc
from app.storage.tables import PersonRow

PersonRole = Literal["curator", "interviewer", "admin"]
ROLES: tuple[PersonRole, ...] = get_args(PersonRole)
LONGEST_NAME = 40
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, text direction, line breaks
JOINER = "\u200d"  # holds an emoji or a letter of several parts together
MARKS = {"Mn", "Me"}
MOST_MARKS = 2  # on one letter: more would be drawn over the neighbouring lines


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the house. Their secret is shown once and kept nowhere."""

    id: str
    name: str
    role: PersonRole
    created_at: datetime
    revoked_at: datetime | None = None


def invite(db: Session, role: PersonRole, name: str, now: datetime) -> tuple[Person, str]:
    """The new person and their secret. Raises InvalidInput for a name without anything to read."""
    called = known_as(name)
    if not called:
        raise InvalidInput("A person needs a name.")
    secret = new_secret()
    row = PersonRow(
        id=secrets.token_hex(16),
        name=called,
        role=role,
        secret_sha256=hash_of(secret),
        created_at=now,
    )
    db.add(row)
    return _person(row), secret


def person_of(db: Session, secret: str) -> Person | None:
    """None for a secret that is not known, or was revoked."""
    row = db.scalar(select(PersonRow).where(col(PersonRow.secret_sha256) == hash_of(secret)))
    return None if row is None or row.revoked_at is not None else _person(row)


def person_and_key(db: Session, id: str) -> tuple[Person, str] | None:
    """A person by their id, with what the cookies of their browsers are signed with. None where revoked."""
    row = db.get(PersonRow, id)
    return None if row is None or row.revoked_at is not None else (_person(row), row.secret_sha256)


def list_people(db: Session) -> list[Person]:
    """The revoked too, the latest first."""
    newest = (col(PersonRow.created_at).desc(), col(PersonRow.id))
    return [_person(row) for row in db.scalars(select(PersonRow).order_by(*newest))]


def revoke_person(db: Session, id: str, now: datetime) -> Person:
    """Raises NotFound. What they are a guest of is closed to them by who asks (storage/tickets.py)."""
    row = db.get(PersonRow, id)
    if row is None:
        raise NotFound("There is no such person; `sevenstep invite --list` shows all.")
    row.revoked_at = row.revoked_at or now
    return _person(row)


def known_as(name: str) -> str:
    """A name as others may be shown it: one line, nothing invisible, nothing that turns the text around it."""
    seen = unicodedata.normalize("NFC", name)
    kept, marks = [], 0
    for letter in seen:
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind in MARKS else 0
        if kind in INVISIBLE and letter != JOINER:
            kept.append(" " if letter.isspace() else "")
        elif marks <= MOST_MARKS:
            kept.append(letter)
    cut = " ".join("".join(kept).split())[:LONGEST_NAME]
    return cut.strip(f" {JOINER}")


def new_secret() -> str:
    """256 bits, for the fragment of a link."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of a secret, and looked up: how long that takes tells nothing about the secret itself."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _person(row: PersonRow) -> Person:
    revoked = None if row.revoked_at is None else utc(row.revoked_at)
    role = cast(PersonRole, row.role)
    return Person(row.id, row.name, role, utc(row.created_at), revoked)
