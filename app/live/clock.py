"""The service's clock."""

import time


class ServerClock:
    """Milliseconds: the wall clock once, at the start, and from there on what has passed.

    A wall clock that somebody sets does not end an interview, nor does it lengthen one. Processes that share
    sessions set it by the same wall: `ServerClock(await log.wall())`.
    """

    def __init__(self, wall: int | None = None) -> None:
        self._wall = time.time_ns() // 1_000_000 if wall is None else wall
        self._since = time.monotonic_ns()

    def now(self) -> int:
        return self._wall + (time.monotonic_ns() - self._since) // 1_000_000
