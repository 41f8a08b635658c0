"""What a simulated candidate sees and may do."""

from dataclasses import dataclass
from typing import Protocol

from app.interview.events import Spoke

SPEED = 2.6  # words a second, typed or spoken on a good day; chosen so that sessions last as long as real ones


@dataclass(frozen=True, slots=True)
class Scene:
    """The candidate's side of a session: the conversation so far and the time, in seconds of interview."""

    turns: tuple[Spoke, ...]
    now: float
    left: float | None

    @property
    def heard(self) -> Spoke | None:
        """What the interviewer said since the candidate last spoke."""
        last = self.turns[-1] if self.turns else None
        return last if last is not None and last.speaker == "interviewer" else None


@dataclass(frozen=True, slots=True)
class Speak:
    """Sends `text` after composing it for `seconds`. `plants` are the criteria that its words cover and `asks`
    the facts that it asks for, by their author and not by any scorer."""

    text: str
    seconds: float
    plants: frozenset[str] = frozenset()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Neither sends nor types; acts again after `seconds`, or at once when the interviewer speaks."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Leave:
    """Has nothing more to say, and finishes."""


Act = Speak | Wait | Leave


class Candidate(Protocol):
    """Acts whenever it is free; the same seed and scene lead to the same act."""

    def act(self, scene: Scene) -> Act: ...


def time_for(text: str) -> float:
    """Seconds that it takes to say or type this."""
    return max(2.0, len(text.split()) / SPEED)
