"""The judge's answers as they came, kept: a job that starts again goes on where it was, and nothing is paid twice."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Kept:
    """One whole answer that could be read, and what it took to have it."""

    text: str
    tokens_in: int
    tokens_out: int
    cost: float


class Votes(Protocol):
    """Calls block for a transaction; ask from a thread. A key is `FINGERPRINT/STEP/VOTE`: the fingerprint (64
    hex digits, see assess.fingerprint) is of all that the answer depends on, so keys of one judging share it."""

    def get(self, key: str) -> Kept | None: ...

    def put(self, key: str, kept: Kept) -> None:
        """Keeps the first answer where two arrive for one key."""
        ...
