"""Which process has somebody connected to which session, and what no process looks after. For PostgreSQL, where
several processes share the sessions; times are milliseconds of the clock that they share."""

from collections.abc import Iterable

from sqlalchemy import and_, delete, exists, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlmodel import Session, col

from app.storage.log import MAIN, RUNNING
from app.storage.tables import EventRow, PresenceRow, SessionRow

MOST = 200  # sessions that one look finds; the next look finds the rest
TURN = "turn.committed"


def see(db: Session, node: str, sessions: Iterable[str], now: int) -> None:
    """One statement for all of them. A session that was deleted meanwhile is left out."""
    wanted = sorted(set(sessions))
    if not wanted:
        return
    there = select(col(SessionRow.id), literal(node), literal(now)).where(
        col(SessionRow.id).in_(wanted)
    )
    new = postgresql.insert(PresenceRow).from_select(["session", "node", "seen_at"], there)
    db.execute(
        new.on_conflict_do_update(
            index_elements=["session", "node"],
            set_={"seen_at": func.greatest(col(PresenceRow.seen_at), new.excluded.seen_at)},
        )
    )


def unattended(db: Session, since: int) -> list[str]:
    """Practice sessions that run although no process has seen anybody, nor anything happened, since then."""
    seen = exists().where(
        and_(col(PresenceRow.session) == col(SessionRow.id), col(PresenceRow.seen_at) > since)
    )
    found = (
        select(col(SessionRow.id))
        .where(
            col(SessionRow.state) == RUNNING,
            col(SessionRow.mode) == "practice",
            col(SessionRow.last_at) <= since,
            ~seen,
        )
        .order_by(col(SessionRow.last_at), col(SessionRow.id))
        .limit(MOST)
    )
    return list(db.scalars(found))


def left_open(db: Session, until: int) -> list[str]:
    """Sessions without a person who leads that run and whose latest event of all is a turn as old as that: it may wait
    for its answer."""
    latest = and_(
        col(EventRow.session) == col(SessionRow.id),
        col(EventRow.pos) == col(SessionRow.head_main) + col(SessionRow.head_staff),
        col(EventRow.stream) == MAIN,
        col(EventRow.type) == TURN,
    )
    found = (
        select(col(SessionRow.id))
        .join(EventRow, latest)
        .where(
            col(SessionRow.state) == RUNNING,
            col(SessionRow.mode) != "live",
            col(SessionRow.last_at) <= until,
        )
        .order_by(col(SessionRow.last_at), col(SessionRow.id))
        .limit(MOST)
    )
    return list(db.scalars(found))


def forget_presence(db: Session, before: int) -> None:
    db.execute(delete(PresenceRow).where(col(PresenceRow.seen_at) < before))
