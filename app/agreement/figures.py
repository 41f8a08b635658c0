"""How far raters agree, of what they gave: exact, adjacent, Cohen's kappa, quadratic kappa, Krippendorff's alpha.

Cohen (1968), "Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial credit";
Krippendorff (2011), "Computing Krippendorff's alpha-reliability". With more than two raters a pairwise figure is the
mean over all pairs of raters (Light 1971), each pair counted by what it rated in common; alpha is over all raters.

Exact and the kappas are about whole levels, a half going up; adjacent and the alphas about the levels as given. A
figure is None where it is not defined: nothing was rated twice, or chance alone leaves no disagreement.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

Unit = tuple[
    float | None, ...
]  # what each rater gave one thing, raters in a fixed order; None: nothing
Pair = tuple[float, float]
Figure = float | None

NEAR = 1.0 + 1e-9  # one level, whatever is lost in 2.2 - 1.2


def whole(level: float) -> int:
    return math.floor(level + 0.5)


def exact(pairs: Counter[Pair]) -> Figure:
    return _share(pairs, lambda a, b: whole(a) == whole(b))


def adjacent(pairs: Counter[Pair]) -> Figure:
    return _share(pairs, lambda a, b: abs(a - b) <= NEAR)


def _share(pairs: Counter[Pair], holds: Callable[[float, float], bool]) -> Figure:
    total = pairs.total()
    return sum(k for (a, b), k in pairs.items() if holds(a, b)) / total if total else None


def kappa(pairs: Counter[Pair]) -> Figure:
    return weighted_kappa(_in_wholes(pairs), lambda a, b: a != b)


def quadratic_kappa(pairs: Counter[Pair]) -> Figure:
    return weighted_kappa(_in_wholes(pairs), lambda a, b: (a - b) ** 2)


def _in_wholes(pairs: Counter[Pair]) -> Counter[Pair]:
    rounded: Counter[Pair] = Counter()
    for (a, b), k in pairs.items():
        rounded[whole(a), whole(b)] += k
    return rounded


def weighted_kappa(pairs: Counter[Pair], disagreement: Callable[[float, float], float]) -> Figure:
    """1 - observed over expected disagreement."""
    first: Counter[float] = Counter()
    second: Counter[float] = Counter()
    for (a, b), k in pairs.items():
        first[a] += k
        second[b] += k
    observed = sum(k * disagreement(a, b) for (a, b), k in pairs.items())
    expected = sum(k * m * disagreement(a, b) for a, k in first.items() for b, m in second.items())
    return 1 - pairs.total() * observed / expected if expected else None


def nominal(counts: Mapping[float, int]) -> float:
    """Disagreement summed over all ordered pairs of the values: 1 for each two that differ."""
    return sum(counts.values()) ** 2 - sum(k * k for k in counts.values())


def interval(counts: Mapping[float, int]) -> float:
    """The same with the squared difference: twice n times the squares about the mean."""
    n = sum(counts.values())
    mean = sum(value * k for value, k in counts.items()) / n
    return 2 * n * sum(k * (value - mean) ** 2 for value, k in counts.items())


def alpha(units: Counter[Unit], spread: Callable[[Mapping[float, int]], float]) -> Figure:
    """Krippendorff's alpha: 1 - spread within units over spread of all. A unit with one value counts for nothing."""
    counted = [(Counter(_given(unit)), k) for unit, k in units.items()]
    counted = [(values, k) for values, k in counted if values.total() > 1]
    everything: Counter[float] = Counter()
    for values, k in counted:
        for value, times in values.items():
            everything[value] += times * k
    if len(everything) < 2:
        return None
    within = sum(k * spread(v) / (v.total() - 1) for v, k in counted if len(v) > 1)
    return 1 - within * (everything.total() - 1) / spread(everything)


def ordinal_alpha(units: Counter[Unit]) -> Figure:
    """With Krippendorff's ordinal difference, which is that between the middle ranks of two values."""
    ranks = _middle_ranks(units)
    ranked: Counter[Unit] = Counter()
    for unit, k in units.items():
        ranked[tuple(None if v is None else ranks.get(v) for v in unit)] += k
    return alpha(ranked, interval)


def interval_alpha(units: Counter[Unit]) -> Figure:
    return alpha(units, interval)


def _middle_ranks(units: Counter[Unit]) -> dict[float, float]:
    """Among the values of units that have two or more."""
    counts: Counter[float] = Counter()
    for unit, k in units.items():
        if len(values := _given(unit)) > 1:
            for value in values:
                counts[value] += k
    ranks, below = {}, 0
    for value in sorted(counts):
        ranks[value] = below + counts[value] / 2
        below += counts[value]
    return ranks


def _given(unit: Unit) -> list[float]:
    return [value for value in unit if value is not None]


def pairs_of(units: Counter[Unit]) -> list[Counter[Pair]]:
    """For every two raters what both of them rated."""
    raters = len(next(iter(units), ()))
    found = []
    for i, j in combinations(range(raters), 2):
        pairs: Counter[Pair] = Counter()
        for unit, k in units.items():
            a, b = unit[i], unit[j]
            if a is not None and b is not None:
                pairs[a, b] += k
        found.append(pairs)
    return found


def pairwise_mean(figure: Callable[[Counter[Pair]], Figure], of: Iterable[Counter[Pair]]) -> Figure:
    known = [(value, pairs.total()) for pairs in of if (value := figure(pairs)) is not None]
    total = sum(n for _, n in known)
    return sum(value * n for value, n in known) / total if total else None


PAIRWISE: dict[str, Callable[[Counter[Pair]], Figure]] = {
    "exact": exact,
    "adjacent": adjacent,
    "kappa": kappa,
    "quadratic_kappa": quadratic_kappa,
}
OVERALL: dict[str, Callable[[Counter[Unit]], Figure]] = {
    "alpha": ordinal_alpha,
    "alpha_interval": interval_alpha,
}
FIGURES = (*PAIRWISE, *OVERALL)


def figures_of(units: Counter[Unit]) -> dict[str, Figure]:
    """All FIGURES of what was rated, by name."""
    pairs = pairs_of(units)
    between = {name: pairwise_mean(figure, pairs) for name, figure in PAIRWISE.items()}
    return between | {name: figure(units) for name, figure in OVERALL.items()}
