"""What other processes told of a session that is stored nowhere: a draft, a hand that types, who is there."""

from dataclasses import dataclass

from app.live.bus import Notice

TYPING_LASTS = 12_000  # ms, as in a room; its page repeats it every five seconds
DRAFT_LASTS = 10_000  # ms without another word of it; its process has died, or Redis has
PRESENT_LASTS = 30_000  # ms; a process repeats it every ten seconds
LONGEST_DRAFT = 20_000  # characters


@dataclass(frozen=True, slots=True)
class Present:
    participants: frozenset[str]
    until: int


class Elsewhere:
    """Soft: each word holds for a while and is then forgotten. Times are milliseconds."""

    def __init__(self) -> None:
        self._drafts: dict[str, tuple[int, str, int]] = {}
        self._typing: dict[tuple[str, str], int] = {}
        self._present: dict[str, Present] = {}

    def knows(self, node: str) -> bool:
        """Who is there at that process was told before."""
        return node in self._present

    def hear(self, notice: Notice, now: int) -> bool:
        """Whether pages have something new to see. What makes no sense is passed over."""
        match notice.kind:
            case "draft":
                return self._hear_draft(notice, now)
            case "typing":
                who, on = notice.body.get("who"), notice.body.get("on")
                if isinstance(who, str):
                    self._typing[notice.node, who] = now + TYPING_LASTS if on else 0
                return True
            case "presence":
                who = notice.body.get("who")
                if isinstance(who, list):
                    there = frozenset(one for one in who if isinstance(one, str))
                    self._present[notice.node] = Present(there, now + PRESENT_LASTS)
                return True
        return False

    def _hear_draft(self, notice: Notice, now: int) -> bool:
        turn, text = notice.body.get("turn"), notice.body.get("text")
        if isinstance(turn, int) and isinstance(text, str):
            self._drafts[notice.node] = (turn, text[:LONGEST_DRAFT], now + DRAFT_LASTS)
            return True
        return self._drafts.pop(notice.node, None) is not None

    def draft(self, turns: int, now: int) -> tuple[int, str] | None:
        """The turn that another process is just wording, where `turns` are there."""
        for turn, text, until in self._drafts.values():
            if turn == turns and until > now:
                return turn, text
        return None

    def is_composing(self, now: int) -> bool:
        return any(until > now for until in self._typing.values())

    def typing(self, now: int) -> frozenset[str]:
        return frozenset(who for (_, who), until in self._typing.items() if until > now)

    def present(self, now: int) -> frozenset[str]:
        there = (one.participants for one in self._present.values() if one.until > now)
        return frozenset().union(*there)
