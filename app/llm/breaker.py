"""Leaves an endpoint alone that fails repeatedly, so that nobody waits for it, and tries it again by itself.

Three failures within three minutes open it for a minute; then one call goes through and decides. Times are
milliseconds of any clock and come as arguments.
"""

from app.llm.model import Fault

FAILURES = 3
WITHIN = (
    180_000  # one candidate who waits 20 s for each turn takes two minutes and more to fail thrice
)
OPEN_FOR = 60_000
# The endpoint's own; a request that it refuses or a text that it filters says nothing about the next one.
COUNTED: frozenset[Fault] = frozenset(
    {
        "unreachable",
        "denied",
        "not_found",
        "busy",
        "server",
        "redirect",
        "forbidden",
        "slow",
        "stalled",
        "overlong",
        "cut",
        "empty",
        "garbled",
        "too_large",
    }
)


class Breaker:
    """One for each role at an endpoint, shared by all sessions of a process."""

    def __init__(self) -> None:
        self._failed_at: list[int] = []
        self._opened_at: int | None = None
        self._tried_at: int | None = None

    def is_open(self, now: int) -> bool:
        """Whether a call would be refused now."""
        if self._opened_at is None:
            return False
        waits = now - self._opened_at < OPEN_FOR
        # A try that never told how it ended is not waited for beyond another minute.
        is_tried = self._tried_at is not None and now - self._tried_at < OPEN_FOR
        return waits or is_tried

    def admit(self, now: int) -> bool:
        """Whether a call may be made; where it is the one that decides, no other is until it has ended."""
        if self.is_open(now):
            return False
        if self._opened_at is not None:
            self._tried_at = now
        return True

    def succeeded(self) -> None:
        """Closes it where it was open. While it is closed earlier failures count on: some endpoints fail every
        second time."""
        if self._opened_at is not None:
            self._failed_at = []
        self._opened_at = self._tried_at = None

    def failed(self, fault: Fault, now: int) -> None:
        if fault not in COUNTED:
            self.succeeded()
            return
        self._failed_at = [at for at in self._failed_at if now - at < WITHIN] + [now]
        if self._opened_at is not None or len(self._failed_at) >= FAILURES:
            self._opened_at = now
        self._tried_at = None

    def left(self) -> None:
        """A call ended before it showed anything: whoever asked went away."""
        self._tried_at = None
