"""What one process tells the others about a session: that something was stored, and what is stored nowhere.

It carries no truth. A wake that is lost costs a second, until the rooms look at the log themselves; a draft or a typing
hand that is lost is not missed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

Kind = Literal["wake", "gone", "draft", "typing", "presence"]
KINDS = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Notice:
    """`node` is the process that told it. The body holds JSON values only."""

    node: str
    session: str
    kind: Kind
    body: Mapping[str, Any]

    def written(self) -> str:
        """The session stands before the body, so that a process that has no part in it reads no further."""
        body = json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))
        return f"{self.node} {self.session} {self.kind} {body}"


def read_notice(text: str, is_ours: Callable[[str, str], bool]) -> Notice | None:
    """None for what is no notice, also one of a newer version, and for what `is_ours` (node, session) turns down."""
    node, _, rest = text.partition(" ")
    session, _, rest = rest.partition(" ")
    kind, _, body = rest.partition(" ")
    if kind not in KINDS or not is_ours(node, session):
        return None
    try:
        value = json.loads(body)
    except ValueError:
        return None
    known: Kind = kind  # type: ignore[assignment]
    return Notice(node, session, known, value) if isinstance(value, dict) else None


class Hearer(Protocol):
    """Who is behind a bus in this process."""

    def holds(self, session: str) -> bool: ...

    def hear(self, notice: Notice) -> None: ...

    def look_again(self) -> None:
        """Notices may have been lost."""


class Bus(Protocol):
    """Telling takes no time and never fails: whoever tells has done what matters before."""

    @property
    def node(self) -> str:
        """The name of this process among the others."""

    @property
    def is_up(self) -> bool:
        """False while nothing reaches the others."""

    def tell(self, session: str, kind: Kind, body: Mapping[str, Any] | None = None) -> None:
        """What was told of a session and kind before and has not gone out yet is replaced."""

    def run(self, hearer: Hearer) -> None:
        """Until `close`."""

    async def close(self) -> None: ...


class MemoryBus:
    """For one process; on a `hub` that several share, those hear one another."""

    def __init__(self, node: str, hub: "set[MemoryBus] | None" = None) -> None:
        self.node = node
        self.is_up = True
        self._hub: set[MemoryBus] = set() if hub is None else hub
        self._hearer: Hearer | None = None

    def tell(self, session: str, kind: Kind, body: Mapping[str, Any] | None = None) -> None:
        notice = Notice(self.node, session, kind, dict(body or {}))
        for bus in self._hub:
            if bus is not self and bus._hearer is not None and bus._hearer.holds(session):
                bus._hearer.hear(notice)

    def run(self, hearer: Hearer) -> None:
        self._hearer = hearer
        self._hub.add(self)
        hearer.look_again()

    async def close(self) -> None:
        self._hub.discard(self)
