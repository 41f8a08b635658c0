"""A page that is connected to a room."""

import asyncio
from collections import deque

CANDIDATE = "candidate"  # who practises: the only participant, so without a name of their own
KEPT_FRAMES = 32  # transient frames that a slow connection keeps; the oldest go


class Connection:
    """One page of a participant. It holds cursors and a wake flag, no queue of events. `cursor` counts main events;
    `staff` those of the staff stream, None for a page that may not see them."""

    def __init__(self, participant: str = CANDIDATE, *, sees_staff: bool = False) -> None:
        self.participant = participant
        self.cursor = 0
        self.staff: int | None = 0 if sees_staff else None
        self.wake = asyncio.Event()
        self.shows: deque[str] = deque(maxlen=KEPT_FRAMES)
        self.typing_until = 0
        self.is_over = False
        self.draft: tuple[int, str] | None = None  # as this page was told it last

    def show(self, kind: str) -> None:
        """Something that is no event has changed: the page asks for it by kind."""
        if kind not in self.shows:
            self.shows.append(kind)
        self.wake.set()

    def close(self) -> None:
        self.is_over = True
        self.wake.set()
