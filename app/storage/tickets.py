"""Links into a live session, one role each, and who came by them."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast, get_args

from sqlalchemy import exists, or_, select
from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, col

from app.errors import NotFound
from app.storage.people import hash_of, new_secret
from app.storage.reports import utc
from app.storage.tables import ParticipantRow, PersonRow, TicketRow

TicketRole = Literal["interviewer", "candidate", "observer", "captions", "reader"]
GuestRole = Literal["interviewer", "candidate", "observer", "reader"]
GuestState = Literal["waiting", "admitted", "out"]
ROLES: tuple[TicketRole, ...] = get_args(TicketRole)
LASTS = timedelta(hours=24)  # after the planned end: time to read the report, and to fetch captions


@dataclass(frozen=True, slots=True)
class Ticket:
    """A link into a session. Its secret is shown once and kept nowhere."""

    id: str
    session: str
    role: TicketRole
    made_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody's place in a session, held by the cookie of their browser. `person` is who they are to the house: the
    id of a person, or the name under which somebody made the session (app/web/principal.py); None for others. `ticket`
    is the link that they came by, None for who made the session."""

    id: str
    session: str
    role: GuestRole
    name: str
    state: GuestState
    person: str | None = None
    ticket: str | None = None


def make_ticket(
    db: Session, session: str, role: TicketRole, made_by: str, now: datetime, expires_at: datetime
) -> tuple[Ticket, str]:
    """The new ticket and its secret."""
    secret = new_secret()
    row = TicketRow(
        id=secrets.token_hex(16),
        session=session,
        role=role,
        secret_sha256=hash_of(secret),
        made_by=made_by,
        created_at=now,
        expires_at=expires_at,
    )
    db.add(row)
    return _ticket(row), secret


def use_ticket(db: Session, secret: str, session: str, now: datetime) -> Ticket | None:
    """None where it is not of this session, was revoked, or is too old. It may be used again."""
    by = (col(TicketRow.secret_sha256) == hash_of(secret), col(TicketRow.session) == session)
    row = db.scalar(select(TicketRow).where(*by))
    if row is None:
        return None
    ticket = _ticket(row)
    return ticket if ticket.is_good(now) else None


def list_tickets(db: Session, session: str) -> list[Ticket]:
    """The revoked too, the latest first."""
    newest = (col(TicketRow.created_at).desc(), col(TicketRow.id))
    of = select(TicketRow).where(col(TicketRow.session) == session).order_by(*newest)
    return [_ticket(row) for row in db.scalars(of)]


def revoke_ticket(db: Session, session: str, id: str, now: datetime) -> Ticket:
    """Who came by it is out as well. Raises NotFound."""
    row = db.get(TicketRow, id)
    if row is None or row.session != session:
        raise NotFound("This room has no such link.")
    row.revoked_at = row.revoked_at or now
    came = select(col(ParticipantRow.id)).where(col(ParticipantRow.ticket_id) == id)
    for guest in list(db.scalars(came)):
        show_out(db, session, guest, now)
    return _ticket(row)


def add_guest(
    db: Session,
    session: str,
    role: GuestRole,
    name: str,
    ticket: str | None,
    person: str | None,
    now: datetime,
    state: GuestState,
) -> tuple[Guest, str]:
    """The new guest and the secret for their cookie."""
    secret = new_secret()
    row = ParticipantRow(
        id=secrets.token_hex(16),
        session=session,
        role=role,
        name=name,
        state=state,
        secret_sha256=hash_of(secret),
        person_id=person,
        ticket_id=ticket,
        created_at=now,
    )
    db.add(row)
    return _guest(row), secret


def renew_guest(db: Session, session: str, id: str) -> str:
    """A new secret for a guest whose cookie is handed out again; the old one is void. Raises NotFound."""
    secret = new_secret()
    _row(db, session, id).secret_sha256 = hash_of(secret)
    return secret


def guest_of(db: Session, session: str, secret: str, now: datetime) -> Guest | None:
    """None where they, the link that they came by or the person that they are was revoked, and for a reader also once
    their link is too old: who only reads has no longer than the link says."""
    mine = col(ParticipantRow.secret_sha256) == hash_of(secret)
    too_old = exists().where(
        col(TicketRow.id) == col(ParticipantRow.ticket_id),
        col(ParticipantRow.role) == "reader",
        col(TicketRow.expires_at) <= now,
    )
    here = (col(ParticipantRow.session) == session, ~too_old)
    of = select(ParticipantRow).where(mine, *here, *_may_be_in())
    row = db.scalar(of)
    return None if row is None else _guest(row)


def guest_of_person(db: Session, session: str, person: str) -> Guest | None:
    """The place that somebody whom the house knows holds here; of several the first."""
    return _place_of(db, session, person)


def leading_place(db: Session, session: str, person: str) -> Guest | None:
    """Their place as an interviewer who was let in."""
    col_role, col_state = col(ParticipantRow.role), col(ParticipantRow.state)
    return _place_of(db, session, person, col_role == "interviewer", col_state == "admitted")


def has_other_side(db: Session, session: str, person: str) -> bool:
    """They hold a candidate's or an observer's place here, or held one: what its interviewers know is not theirs."""
    theirs = (col(ParticipantRow.session) == session, col(ParticipantRow.person_id) == person)
    other = col(ParticipantRow.role).in_(("candidate", "observer"))
    return db.scalar(select(col(ParticipantRow.id)).where(*theirs, other).limit(1)) is not None


def _place_of(db: Session, session: str, person: str, *where: ColumnElement[bool]) -> Guest | None:
    theirs = (col(ParticipantRow.session) == session, col(ParticipantRow.person_id) == person)
    first = (col(ParticipantRow.created_at), col(ParticipantRow.id))
    of = select(ParticipantRow).where(*theirs, *where, *_may_be_in())
    row = db.scalar(of.order_by(*first).limit(1))
    return None if row is None else _guest(row)


def find_guest(db: Session, session: str, id: str) -> Guest:
    """In whatever state they are. Raises NotFound."""
    return _guest(_row(db, session, id))


def list_guests(db: Session, session: str) -> list[Guest]:
    """Those who are out too, in the order in which they came."""
    first = (col(ParticipantRow.created_at), col(ParticipantRow.id))
    of = select(ParticipantRow).where(col(ParticipantRow.session) == session).order_by(*first)
    return [_guest(row) for row in db.scalars(of)]


def admit_guest(db: Session, session: str, id: str) -> Guest:
    """Raises NotFound, also for somebody who is out: a link that was revoked lets nobody in again."""
    row = _row(db, session, id)
    if row.state == "out":
        raise NotFound("They are not waiting any more.")
    row.state = "admitted"
    return _guest(row)


def set_guest_state(db: Session, session: str, id: str, state: GuestState) -> Guest:
    """Raises NotFound."""
    row = _row(db, session, id)
    row.state = state
    return _guest(row)


def show_out(db: Session, session: str, id: str, now: datetime) -> None:
    """With the links that they made, and who came by those. Raises NotFound."""
    set_guest_state(db, session, id, "out")
    good = (col(TicketRow.session) == session, col(TicketRow.revoked_at).is_(None))
    made = select(col(TicketRow.id)).where(col(TicketRow.made_by) == id, *good)
    for ticket in list(db.scalars(made)):
        revoke_ticket(db, session, ticket, now)


def still_in(db: Session, guests: Collection[str]) -> frozenset[str]:
    """Which of these guests have not been shown out, in one statement."""
    if not guests:
        return frozenset()
    wanted = col(ParticipantRow.id).in_(sorted(set(guests)))
    return frozenset(db.scalars(select(col(ParticipantRow.id)).where(wanted, *_may_be_in())))


def sessions_of_person(db: Session, person: str) -> list[str]:
    """Live sessions in which somebody whom the house knows has an interviewer's place."""
    theirs = (
        col(ParticipantRow.person_id) == person,
        col(ParticipantRow.role) == "interviewer",
        col(ParticipantRow.state) == "admitted",
    )
    of = select(col(ParticipantRow.session)).where(*theirs, *_may_be_in()).distinct()
    return list(db.scalars(of))


def _may_be_in() -> tuple[ColumnElement[bool], ...]:
    revoked_ticket = exists().where(
        col(TicketRow.id) == col(ParticipantRow.ticket_id), col(TicketRow.revoked_at).is_not(None)
    )
    revoked_person = exists().where(
        col(PersonRow.id) == col(ParticipantRow.person_id), col(PersonRow.revoked_at).is_not(None)
    )
    return col(ParticipantRow.state) != "out", ~or_(revoked_ticket, revoked_person)


def _row(db: Session, session: str, id: str) -> ParticipantRow:
    row = db.get(ParticipantRow, id)
    if row is None or row.session != session:
        raise NotFound("There is nobody of that name in this room.")
    return row


def _ticket(row: TicketRow) -> Ticket:
    revoked = None if row.revoked_at is None else utc(row.revoked_at)
    role = cast(TicketRole, row.role)
    created, expires = utc(row.created_at), utc(row.expires_at)
    return Ticket(row.id, row.session, role, row.made_by, created, expires, revoked)


def _guest(row: ParticipantRow) -> Guest:
    role, state = cast(GuestRole, row.role), cast(GuestState, row.state)
    return Guest(row.id, row.session, role, row.name, state, row.person_id, row.ticket_id)
