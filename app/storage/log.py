"""The log of a session: what is stored, and what a store of it must do.

A session has two streams, `main` and `staff`. Each counts its events from 1 without a gap, and a
number is given out in the transaction that stores the event, so that a reader who has seen number
n has seen everything before it. `tests/faults/checker.py` says what may never happen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

MAIN, STAFF = "main", "staff"
DRAFT, RUNNING, PAUSED, ENDED = "draft", "running", "paused", "ended"

Known = tuple[
    int, int
]  # how far somebody has folded a session: the last of main, the last of staff
NOTHING_KNOWN: Known = (0, 0)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that wants to be stored. The body holds JSON values only. `at` is the time of an event that
    happened elsewhere, for a session that is brought in; otherwise the log gives the time."""

    stream: str
    type: str
    body: Mapping[str, Any]
    v: int = 1
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """A stored event. `at` is milliseconds by the server's clock and never falls within a session."""

    session: str
    stream: str
    seq: int
    eid: str
    at: int
    type: str
    v: int
    actor: str
    cmd: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes of a command: events, and where they leave the session. No events: nothing is written."""

    drafts: tuple[Draft, ...]
    state: str
    due_at: int | None


# Called in the transaction, under the session's lock: with the events after those the caller knows, in
# the order in which they were stored, and the time that new events will carry. It may be called
# again when the transaction has to be, so it must not change anything but what it returns.
Decide = Callable[[tuple[Logged, ...], int], Decision]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an append did. `newer` are the events before its own that the caller did not know."""

    events: tuple[Logged, ...]
    dup: bool = False
    newer: tuple[Logged, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """Where a session stands. An anchor is (number, eid): the number alone survives a lost tail of the log."""

    main: int
    main_eid: str | None
    staff: int
    staff_eid: str | None
    state: str
    due_at: int | None
    last_at: int


@dataclass(frozen=True, slots=True)
class About:
    """What does not change in a session; its question is pinned by hash and kept before it."""

    slug: str
    title: str
    mode: str
    persona: str
    minutes: int
    question_sha256: str


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session in a list."""

    id: str
    created_at: int
    about: About
    state: str
    last_at: int
    due_at: int | None
    report_id: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """Authored content as it was when a session began with it."""

    sha256: str
    kind: str
    id: str
    version: int
    content: str


class Log(Protocol):
    """Raises Unavailable where the store cannot answer; what was sent may be sent again with its `cmd`."""

    async def create(
        self,
        session: str,
        about: About,
        first: Decision,
        *,
        actor: str,
        cmd: str | None = None,
        digest: bytes = b"",
        now: Callable[[], int],
    ) -> Receipt:
        """A session with its first events. Raises Conflict where the id is taken by another command."""

    async def append(
        self,
        session: str,
        *,
        actor: str,
        cmd: str | None,
        digest: bytes,
        decide: Decide,
        known: Known = NOTHING_KNOWN,
        now: Callable[[], int],
    ) -> Receipt:
        """Stores what `decide` returns, all of it or nothing; what it raises is passed on.

        The same `cmd` of the same actor is answered with the events it led to the first time; with
        another digest it is a Conflict. A command that led to no events is decided afresh.
        Raises Unavailable also where more is known than is stored: forget the fold and read again.
        """

    async def read(
        self, session: str, stream: str, after: int = 0, limit: int = 200
    ) -> list[Logged]:
        """Events of one stream with higher numbers, in order."""

    async def history(self, session: str, known: Known = NOTHING_KNOWN) -> list[Logged]:
        """Events of both streams in the order in which they were stored, to be folded."""

    async def head(self, session: str) -> Head: ...

    async def heads(self, sessions: Sequence[str]) -> dict[str, Head]:
        """Sessions that are not there are left out."""

    async def due(self, now: int, limit: int = 100) -> list[str]:
        """Sessions whose time is up, the longest overdue first."""

    async def unfinished(self) -> list[str]:
        """Sessions that run or are paused, for instance to credit them an outage."""

    async def sessions(self, *, limit: int = 200, offset: int = 0) -> list[SessionLine]:
        """The latest first."""

    async def count_sessions(self) -> int: ...

    async def session(self, session: str) -> SessionLine: ...

    async def delete(self, session: str) -> None:
        """The only way in which an event ever goes. The report that was made of the session goes with it, with the
        second opinions beside it."""

    async def keep_content(self, content: Content) -> None:
        """Once for each hash."""

    async def find_content(self, sha256: str) -> Content | None: ...

    async def beat(self, now: int) -> None:
        """The service was up at this time."""

    async def last_beat(self) -> int | None: ...

    async def wall(self) -> int:
        """Milliseconds by the wall clock that all processes on this log share, to set a ServerClock by."""

    async def close(self) -> None:
        """Finishes what was accepted."""
