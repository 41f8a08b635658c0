"""What sessions say about a question: how often it was used, what was asked and told in them, and how that went.

Counted are sessions, never words. Whether an item tells strong from weak is its correlation with how the candidate did
on the *other* steps (corrected item-rest): an item that is part of what it is compared with agrees with itself.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from types import MappingProxyType
from typing import Any, Literal

from app.rubric.rubric import STEPS

LEAST = 8  # sessions below which a correlation is chance
LEAST_TOLD = (
    3  # sessions below which a mean that has a live interview in it would tell somebody's marks
)
LEAST_REST = 3  # other steps that must have a level, for a candidate to be called strong or weak
BASED_ON = (
    "the correlation with the scorer's levels on the other steps, over at least "
    f"{LEAST} sessions that have a report"
)
NOTHING: Mapping[Any, Any] = MappingProxyType({})
Kind = Literal["fact", "follow-up", "step"]
Item = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Pushed:
    """A follow-up or a trap: sessions in which it was asked, of those the ones that have a report, and of these the
    ones in which the answer after it earned a mark on its criterion."""

    asked: int
    judged: int
    landed: int


@dataclass(frozen=True, slots=True)
class Mean:
    value: float
    sessions: int


@dataclass(frozen=True, slots=True)
class Separation:
    """-1 to 1: how far the item goes with doing well otherwise."""

    value: float
    sessions: int


@dataclass(frozen=True, slots=True)
class Experience:
    """Of one question. `last_used` is in milliseconds. Facts, follow-ups and twists that never came up are not there,
    nor are separations of fewer than `LEAST` sessions, or where nothing varied. `levels` are the offline scorer's,
    `people` the final marks of interviewers in live sessions; a mean of so few that it would tell a live interview's
    marks is not there."""

    slug: str
    used: int = 0
    last_used: int | None = None
    unfinished: int = 0
    reports: int = 0
    facts: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    follow_ups: Mapping[str, Pushed] = field(default_factory=lambda: NOTHING)
    twists: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    levels: Mapping[str, Mean] = field(default_factory=lambda: NOTHING)
    people: Mapping[str, Mean] = field(default_factory=lambda: NOTHING)
    minutes: Mapping[str, Mean] = field(default_factory=lambda: NOTHING)
    separations: Mapping[Item, Separation] = field(default_factory=lambda: NOTHING)

    def separation(self, kind: Kind, id: str) -> Separation | None:
        return self.separations.get((kind, id))

    @property
    def is_judged(self) -> bool:
        return self.reports >= LEAST


@dataclass(frozen=True, slots=True)
class Seen:
    """One session. `pressed`: follow-up or trap -> whether it landed, None where there is no report. `own_step`: the
    step that each fact of the question, and each follow-up that was asked, is about. Minutes and levels are by
    step."""

    slug: str
    at: int
    is_finished: bool
    facts: frozenset[str] = frozenset()
    pressed: Mapping[str, bool | None] = field(default_factory=lambda: NOTHING)
    twists: frozenset[str] = frozenset()
    own_step: Mapping[Item, str] = field(default_factory=lambda: NOTHING)
    levels: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    people: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    minutes: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    has_report: bool = False
    is_live: bool = False


class Sum:
    """A mean without what it is of."""

    __slots__ = ("is_private", "n", "total")

    def __init__(self) -> None:
        self.n, self.total, self.is_private = 0, 0.0, False

    def add(self, value: float, *, is_live: bool) -> None:
        self.n += 1
        self.total += value
        self.is_private = self.is_private or is_live

    def mean(self) -> Mean | None:
        if self.is_private and self.n < LEAST_TOLD:
            return None
        return Mean(round(self.total / self.n, 2), self.n)


class Pairs:
    """A correlation without the pairs it is of (Welford's sums: the naive ones lose digits)."""

    __slots__ = ("dx", "dxy", "dy", "mx", "my", "n")

    def __init__(self) -> None:
        self.n, self.mx, self.my, self.dx, self.dy, self.dxy = 0, 0.0, 0.0, 0.0, 0.0, 0.0

    def add(self, x: float, y: float) -> None:
        self.n += 1
        before_x, before_y = x - self.mx, y - self.my
        self.mx += before_x / self.n
        self.my += before_y / self.n
        self.dx += before_x * (x - self.mx)
        self.dy += before_y * (y - self.my)
        self.dxy += before_x * (y - self.my)

    def separation(self) -> Separation | None:
        if self.n < LEAST or self.dx < 1e-9 or self.dy < 1e-9:
            return None
        return Separation(round(self.dxy / sqrt(self.dx * self.dy), 2), self.n)


class Gathering:
    """The sessions of one question, added one after the other in any order; none of them is kept.

    A fact counts for the correlation in every session with a report, asked for (1) or not (0); a follow-up only where
    it was asked: landed (1) or not (0).
    """

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self._used = self._unfinished = self._reports = 0
        self._last: int | None = None
        self._facts: Counter[str] = Counter()
        self._twists: Counter[str] = Counter()
        self._pushed: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._sums: dict[tuple[str, str], Sum] = defaultdict(Sum)
        self._pairs: dict[Item, Pairs] = defaultdict(Pairs)

    def add(self, seen: Seen) -> None:
        self._used += 1
        self._unfinished += not seen.is_finished
        self._reports += seen.has_report
        self._last = max(seen.at, self._last or seen.at)
        self._facts.update(seen.facts)
        self._twists.update(seen.twists)
        for id, landed in seen.pressed.items():
            counts = self._pushed[id]
            counts[0] += 1
            counts[1] += landed is not None
            counts[2] += bool(landed)
        for kind, values in (
            ("level", seen.levels),
            ("people", seen.people),
            ("minutes", seen.minutes),
        ):
            for step, value in values.items():
                self._sums[kind, step].add(value, is_live=seen.is_live)
        if seen.has_report:
            self._pair(seen)

    def _pair(self, seen: Seen) -> None:
        for step, level in seen.levels.items():
            self._note(("step", step), level, seen, step)
        for id, landed in seen.pressed.items():
            if landed is not None:
                item: Item = ("follow-up", id)
                self._note(item, float(landed), seen, seen.own_step.get(item))
        for kind, id in seen.own_step:
            if kind == "fact":
                asked = float(id in seen.facts)
                self._note(("fact", id), asked, seen, seen.own_step["fact", id])

    def _note(self, item: Item, value: float, seen: Seen, own: str | None) -> None:
        rest = [level for step, level in seen.levels.items() if step != own]
        if len(rest) >= LEAST_REST:
            self._pairs[item].add(value, sum(rest) / len(rest))

    def experience(self) -> Experience:
        found = {item: pairs.separation() for item, pairs in sorted(self._pairs.items())}
        return Experience(
            slug=self.slug,
            used=self._used,
            last_used=self._last,
            unfinished=self._unfinished,
            reports=self._reports,
            facts=MappingProxyType(dict(self._facts)),
            follow_ups=MappingProxyType({id: Pushed(*n) for id, n in self._pushed.items()}),
            twists=MappingProxyType(dict(self._twists)),
            levels=self._means("level"),
            people=self._means("people"),
            minutes=self._means("minutes"),
            separations=MappingProxyType({item: one for item, one in found.items() if one}),
        )

    def _means(self, kind: str) -> Mapping[str, Mean]:
        found = {
            step: self._sums[kind, step].mean() for step in STEPS if (kind, step) in self._sums
        }
        return MappingProxyType({step: mean for step, mean in found.items() if mean is not None})
