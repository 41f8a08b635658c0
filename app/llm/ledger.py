"""What was spent, and the guard that refuses to spend more. Storage keeps it, so that it holds across processes."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Spent:
    calls: int = 0
    tokens: int = 0
    money: float = 0.0


class Ledger(Protocol):
    """Calls block for a transaction; ask from a thread. `account` is `session:ID`, `report:ID` or `probe`."""

    def claim(self, account: str, *, tokens: int, money: float) -> str:
        """Before a call: reserves the most that it may take, in one transaction with the check. Returns the
        claim's id. Raises ModelFailed("budget") where a bound of the session or the day would be passed."""
        ...

    def settle(
        self, claim: str, *, model: str, tokens_in: int, tokens_out: int, money: float
    ) -> None:
        """After it: what it really took; zeros where nothing was sent."""
        ...

    def spent(self, account: str | None = None) -> Spent:
        """By an account so far or, without one, by all of them since midnight (UTC). Open claims count."""
        ...
