"""Agreement of all raters, over all and by step, with intervals from drawing whole items again.

Steps of one item are not independent of one another, so the bootstrap draws items, each with all its steps
(cluster bootstrap, percentile intervals). The draws are seeded: the same ratings give the same intervals.
"""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from app.agreement.figures import FIGURES, Figure, Unit, figures_of
from app.agreement.ratings import Ratings
from app.errors import InvalidInput

DRAWS = 1000
SEED = 7
OUTSIDE = 0.05  # what a 95 % interval leaves out
UNDEFINED = 0.05  # where more of the draws leave a figure undefined, the rest says too little of it

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Agreement:
    """`n` pairs of levels were compared, on `items` items; `skipped` pairs were not, since one or both could not judge.

    `figures` and `intervals` are by the names of FIGURES; None where not defined.
    """

    items: int
    n: int
    skipped: int
    figures: dict[str, Figure]
    intervals: dict[str, Interval | None]


@dataclass(frozen=True, slots=True)
class Measured:
    raters: tuple[str, ...]
    overall: Agreement
    steps: dict[str, Agreement]


def measure(ratings: Ratings, draws: int = DRAWS, seed: int = SEED) -> Measured:
    """Raises InvalidInput where nothing was rated by two."""
    overall = agreement_of(ratings, draws, seed)
    if not overall.n:
        raise InvalidInput("No step of any item has a level from two raters.")
    steps = {step: agreement_of(ratings.of_step(step), draws, seed) for step in ratings.steps}
    return Measured(tuple(ratings.raters), overall, steps)


def agreement_of(ratings: Ratings, draws: int = DRAWS, seed: int = SEED) -> Agreement:
    compared = {
        item: shared
        for item, units in ratings.by_item().items()
        if (shared := [unit for unit in units if _pairs(unit)])
    }
    clusters = list(compared.values())
    return Agreement(
        items=len(clusters),
        n=sum(map(_pairs, chain.from_iterable(clusters))),
        skipped=_skipped(ratings),
        figures=figures_of(Counter(chain.from_iterable(clusters))),
        intervals=_intervals(clusters, draws, seed),
    )


def _pairs(unit: Unit) -> int:
    return math.comb(sum(level is not None for level in unit), 2)


def _skipped(ratings: Ratings) -> int:
    """Pairs of lines about the same thing of which one has no level."""
    given: Counter[tuple[str, str]] = Counter()
    judged: Counter[tuple[str, str]] = Counter()
    for one in ratings.read:
        given[one.item, one.step] += 1
        judged[one.item, one.step] += one.level is not None
    return sum(math.comb(k, 2) - math.comb(judged[thing], 2) for thing, k in given.items())


def _intervals(
    clusters: Sequence[Sequence[Unit]], draws: int, seed: int
) -> dict[str, Interval | None]:
    if len(clusters) < 2:
        return dict.fromkeys(FIGURES)
    chance = random.Random(seed)
    drawn = [
        figures_of(Counter(chain.from_iterable(chance.choices(clusters, k=len(clusters)))))
        for _ in range(draws)
    ]
    return {name: _interval([figures[name] for figures in drawn]) for name in FIGURES}


def _interval(drawn: Sequence[Figure]) -> Interval | None:
    known = sorted(value for value in drawn if value is not None)
    if len(known) < (1 - UNDEFINED) * len(drawn):
        return None
    outside = math.floor(len(known) * OUTSIDE / 2)
    return known[outside], known[-1 - outside]
