"""The ledger of what models were paid: bounds that hold for all processes on one database, and after a restart."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    case,
    false,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from app.endpoint import Budget
from app.errors import Unavailable
from app.llm.ledger import Spent
from app.llm.model import ModelFailed
from app.storage.db import in_turn
from app.storage.tables import SpendingRow

# The process that made a claim may have died. No call lasts nearly as long.
ABANDONED = timedelta(minutes=10)
SESSION = "session:"
LEDGER = 8  # the number of the lock, among all advisory locks of a PostgreSQL database
ROUNDING = 1e-9  # of money, which is added up in fractions
BUSY = "The database is busy, so nothing could be asked of the model; try again."

account_of = col(SpendingRow.account)
is_settled = col(SpendingRow.settled)


class SqlLedger:
    """Implements app.llm.ledger.Ledger. `now` gives the moment, in UTC.

    The bounds of a session hold for the accounts of sessions; those of a day for everything together. A claim
    that nobody settled within ten minutes is taken off its session and kept for the day, as it may have been paid.
    """

    def __init__(self, engine: Engine, budget: Budget, now: Callable[[], datetime]) -> None:
        self.budget = budget
        self._engine = engine
        self._now = now

    def claim(self, account: str, *, tokens: int, money: float) -> str:
        """Raises ModelFailed("budget"), and Unavailable where the database does not answer."""
        now, budget, id = self._now(), self.budget, secrets.token_hex(16)
        with self._alone() as db:
            today = _sum(db, col(SpendingRow.day) == day_of(now))
            _check(today, tokens, money, budget.day_tokens, budget.day_money)
            if account.startswith(SESSION):
                own = _sum(db, _counts_for(account, now))
                _check(own, tokens, money, budget.session_tokens, budget.session_money)
            values = {"id": id, "account": account, "day": day_of(now), "claimed_at": now}
            values |= {"settled": False, "tokens_in": 0, "tokens_out": 0}
            db.execute(insert(SpendingRow).values(**values, tokens=tokens, money=money))
        return id

    def settle(
        self, claim: str, *, model: str, tokens_in: int, tokens_out: int, money: float
    ) -> None:
        """The first word counts."""
        open_claim = and_(col(SpendingRow.id) == claim, is_settled == false())
        took = {"tokens_in": tokens_in, "tokens_out": tokens_out, "tokens": tokens_in + tokens_out}
        with said_if_busy(), in_turn(self._engine), self._engine.begin() as db:
            db.execute(
                update(SpendingRow)
                .where(open_claim)
                .values(settled=True, model=model, money=money, **took)
            )

    def spent(self, account: str | None = None) -> Spent:
        now = self._now()
        today = col(SpendingRow.day) == day_of(now)
        with said_if_busy(), self._engine.connect() as db:
            return _sum(db, today if account is None else _counts_for(account, now))

    def today(self, limit: int = 50) -> list[tuple[str, Spent]]:
        """Accounts of this day with what each took on it, the largest first."""
        sums = (
            select(account_of, *SUMS)
            .where(col(SpendingRow.day) == day_of(self._now()))
            .group_by(account_of)
            .order_by(func.sum(col(SpendingRow.tokens)).desc(), account_of)
            .limit(limit)
        )
        with said_if_busy(), self._engine.connect() as db:
            return [(row[0], Spent(*row[1:])) for row in db.execute(sums)]

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """A transaction that no other claim runs beside, in this process or another."""
        on_sqlite = self._engine.dialect.name == "sqlite"
        with said_if_busy(), in_turn(self._engine), self._engine.connect() as db:
            if not on_sqlite:
                # whatever the server prefers: behind the lock the sums must be of now
                db = db.execution_options(isolation_level="READ COMMITTED")
            with db.begin():
                if on_sqlite:
                    db.exec_driver_sql("BEGIN IMMEDIATE")
                else:
                    db.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LEDGER})
                yield db


def day_of(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


SUMS = (
    func.count(case((or_(is_settled == false(), col(SpendingRow.tokens) > 0), 1))),
    func.coalesce(func.sum(col(SpendingRow.tokens)), 0),
    func.coalesce(func.sum(col(SpendingRow.money)), 0.0),
)


def _sum(db: Connection, where: ColumnElement[bool]) -> Spent:
    calls, tokens, money = db.execute(select(*SUMS).where(where)).one()
    return Spent(int(calls), int(tokens), float(money))


def _counts_for(account: str, now: datetime) -> ColumnElement[bool]:
    is_alive = or_(is_settled, col(SpendingRow.claimed_at) > now - ABANDONED)
    return and_(account_of == account, is_alive)


def _check(
    spent: Spent, tokens: int, money: float, most_tokens: int | None, most_money: float | None
) -> None:
    if most_tokens is not None and spent.tokens + tokens > most_tokens:
        raise ModelFailed("budget")
    if most_money is not None and spent.money + money > most_money + ROUNDING:
        raise ModelFailed("budget")


@contextmanager
def said_if_busy() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise Unavailable(BUSY) from error
