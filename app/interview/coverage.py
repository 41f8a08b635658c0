"""What the interviewer has heard so far, as the scorer hears it: an argument of the policy, never computed here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

NONE: Mapping[str, int] = MappingProxyType({})
NO_TIME: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Raised:
    """A criterion in one of the candidate's turns: how deep, and the words."""

    criterion: str
    depth: int
    turn: int
    quote: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """`depths`: criterion -> best depth so far. `possible`: criteria that some words may have been about, though
    they earned no mark: enough not to press them. `steps`: step -> seconds spent on it. `step`: what the latest
    words on any step were about. `on_topic` holds the candidate's turns that said anything of any step,
    `empty_turns` those without a word that means anything here. `said`: each candidate turn's normal forms."""

    depths: Mapping[str, int] = field(default_factory=lambda: NONE)
    possible: frozenset[str] = frozenset()
    raised: tuple[Raised, ...] = ()
    steps: Mapping[str, float] = field(default_factory=lambda: NO_TIME)
    step: str | None = None
    on_topic: frozenset[int] = frozenset()
    empty_turns: frozenset[int] = frozenset()
    said: tuple[frozenset[str], ...] = ()

    def depth(self, criterion: str) -> int:
        return self.depths.get(criterion, 0)

    def latest(self, turn: int) -> tuple[Raised, ...]:
        """What was raised in that turn or after it, the latest last."""
        return tuple(raised for raised in self.raised if raised.turn >= turn)
