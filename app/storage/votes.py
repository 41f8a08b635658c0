"""A judge's answers as they came: implements app.llm.votes.Votes."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Delete, Engine, delete, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from app.llm.votes import Kept
from app.storage.db import in_turn, inserting
from app.storage.spending import said_if_busy
from app.storage.tables import VoteRow

KEPT_ALONE = timedelta(days=7)  # answers about a transcript that is not kept


class SqlVotes:
    """Answers quote the transcript, so they go with it. `transcript` is the id of a kept one; answers about one that
    is not kept, as from the command line, go after a week: with the next such answer, or the next start of the
    service."""

    def __init__(
        self, engine: Engine, now: Callable[[], datetime], transcript: str | None = None
    ) -> None:
        self._engine = engine
        self._now = now
        self._transcript = transcript

    def get(self, key: str) -> Kept | None:
        row = VoteRow.__table__.c  # type: ignore[attr-defined]
        found = select(row.content, row.tokens_in, row.tokens_out, row.cost).where(row.key == key)
        with said_if_busy(), self._engine.connect() as db:
            answer = db.execute(found).first()
        return Kept(*answer) if answer else None

    def put(self, key: str, kept: Kept) -> None:
        """Nothing is kept where the transcript was deleted meanwhile."""
        now = self._now()
        keep = inserting(self._engine, VoteRow).values(
            key=key,
            created_at=now,
            transcript_id=self._transcript,
            tokens_in=kept.tokens_in,
            tokens_out=kept.tokens_out,
            cost=kept.cost,
            content=kept.text.replace("\0", ""),
        )
        turn = in_turn(self._engine)
        with suppress(IntegrityError), said_if_busy(), turn, self._engine.begin() as db:
            db.execute(keep.on_conflict_do_nothing(index_elements=["key"]))
            if self._transcript is None:
                db.execute(_old(now))


def forget_old(engine: Engine, now: datetime) -> None:
    """Answers about transcripts that are not kept. Raises Unavailable where the database does not answer."""
    with said_if_busy(), in_turn(engine), engine.begin() as db:
        db.execute(_old(now))


def _old(now: datetime) -> Delete:
    alone = col(VoteRow.transcript_id).is_(None)
    return delete(VoteRow).where(alone, col(VoteRow.created_at) < now - KEPT_ALONE)
