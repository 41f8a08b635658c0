"""What clients and the log remember of a run, to be judged by checker.py afterwards.

A client writes down every command before it is sent, and what came of it: `ok` with the events, `fail`
for a refusal that is final, nothing where the answer never came. Records are JSON, so that a
client in a process that is killed can leave them on its standard output.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.storage.log import MAIN, STAFF, Head, Logged

Key = tuple[str, str, str]  # session, actor, cmd
Place = tuple[str, int, str]  # stream, number, eid
Anchor = tuple[
    int | None, str | None
]  # number and eid of a command's last event on main, if it has one
EVERYTHING = (MAIN, STAFF)


@dataclass
class Reader:
    """A connection's view of a session: what it may see, what it got in which order, how far it was promised to get."""

    session: str
    streams: tuple[str, ...] = EVERYTHING
    got: list[Place] = field(default_factory=list)
    told: list[tuple[Any, ...]] = field(default_factory=list)  # as `telling`, where it is kept
    is_drained: bool = False
    promised: dict[str, int] | None = None  # how far of each stream, where it goes on afterwards

    def receive(self, events: Iterable[Logged]) -> None:
        self.got += [place(event) for event in events]


@dataclass
class History:
    sent: dict[Key, int] = field(default_factory=dict)  # how many events it should lead to
    ok: dict[Key, list[Place]] = field(default_factory=dict)
    answers: dict[Key, list[list[Place]]] = field(default_factory=lambda: defaultdict(list))
    anchors: dict[Key, list[Anchor]] = field(default_factory=lambda: defaultdict(list))
    fail: set[Key] = field(default_factory=set)
    readers: list[Reader] = field(default_factory=list)

    def invoke(self, key: Key, parts: int = 1) -> None:
        self.sent[key] = parts

    def acked(self, key: Key, events: Iterable[Logged | Place]) -> None:
        places = [place(event) if isinstance(event, Logged) else event for event in events]
        self.ok.setdefault(key, places)
        self.answers[key].append(places)

    def anchored(self, key: Key, seq: int | None, eid: str | None) -> None:
        """Acknowledged by a service, which names the last event on main only."""
        self.anchors[key].append((seq, eid))

    def is_acked(self, key: Key) -> bool:
        return key in self.ok or key in self.anchors

    def refused(self, key: Key) -> None:
        self.fail.add(key)

    def reader(self, session: str, streams: tuple[str, ...] = EVERYTHING) -> Reader:
        self.readers.append(Reader(session, streams))
        return self.readers[-1]

    def record(self, line: Mapping) -> None:
        """One line of a client in another process."""
        key = tuple(line["key"])
        if line["what"] == "invoke":
            self.invoke(key, line["parts"])
        elif line["what"] == "ok":
            self.acked(key, [tuple(one) for one in line["places"]])

    @property
    def open(self) -> list[Key]:
        """Commands whose answer never came: to be sent again."""
        return [key for key in self.sent if not self.is_acked(key) and key not in self.fail]


@dataclass(frozen=True)
class Stored:
    """A session as the log has it once everything is quiet. `events` are in the order of storing; `looked_at` is when,
    by the clock of the service, where one should have ended what was due."""

    session: str
    events: list[Logged]
    head: Head
    looked_at: int | None = None

    def of(self, stream: str) -> list[Logged]:
        return [event for event in self.events if event.stream == stream]


def place(event: Logged) -> Place:
    return (event.stream, event.seq, event.eid)


def telling(event: Logged) -> tuple[Any, ...]:
    """What a connection is told of an event: of the staff stream no words."""
    body = dict(event.body) if event.stream == MAIN else {}
    return (event.stream, event.seq, event.type, event.actor, event.at, body)


async def stored(log, session: str, looked_at: int | None = None) -> Stored:
    return Stored(session, await log.history(session), await log.head(session), looked_at)
