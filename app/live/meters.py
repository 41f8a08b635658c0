"""What the rooms count while they work. No session and no word is told apart."""

from typing import Literal, Protocol

Outcome = Literal["stored", "again", "nothing", "refused", "conflict", "unavailable"]
Way = Literal["sent", "received", "missed"]


class Meters(Protocol):
    def appended(self, outcome: Outcome, seconds: float) -> None: ...

    def wake(self, way: Way) -> None:
        """`missed` is what the poll found and no wake had told."""

    def deadline(self) -> None:
        """An interview's time was up, and this process said so."""


class Unmetered:
    def appended(self, outcome: Outcome, seconds: float) -> None: ...

    def wake(self, way: Way) -> None: ...

    def deadline(self) -> None: ...
