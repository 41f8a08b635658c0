"""Who of a live session has met its question before, in another session of this house."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.storage.db import Transaction
from app.storage.log import DRAFT
from app.storage.tables import ParticipantRow, PersonRow, SessionRow


def seen_before(db: Transaction, session: str) -> dict[str, datetime]:
    """guest -> when they were last in another session on this question, on whichever side. Only people who are known
    by a role token of their own: a name, a browser or the house's token may be anybody's."""
    here, there = aliased(ParticipantRow), aliased(ParticipantRow)
    this, other = aliased(SessionRow), aliased(SessionRow)
    of = (
        select(col(here.id), col(other.created_at))
        .join(this, col(this.id) == col(here.session))
        .join(PersonRow, col(PersonRow.id) == col(here.person_id))
        .join(there, col(there.person_id) == col(here.person_id))
        .join(other, col(other.id) == col(there.session))
        .where(
            col(here.session) == session,
            col(here.role) == "candidate",
            col(there.state) == "admitted",
            col(other.id) != session,
            col(other.slug) == col(this.slug),
            col(other.state) != DRAFT,
            col(other.created_at) <= col(this.created_at),
        )
        .order_by(col(other.created_at))
    )
    return {guest: datetime.fromtimestamp(at / 1000, UTC) for guest, at in db.execute(of)}
