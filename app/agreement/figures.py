"""How far raters agree, of what they gave: exact, adjacent, Cohen's kappa, quadratic kappa, Krippendorff's alpha.

Cohen (1968), "Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial credit";
Krippendorff (2011), "Computing Krippendorff's alpha-reliability". With more than two raters a pairwise figure is the
mean over all pairs of raters (Light 1971), each pair counted by what it rated in common; alpha is over all raters.

`figures_of` rounds levels for exact and the kappas to whole ones, a half going up; adjacent and the alphas are about
the levels as given. A figure is None where it is not defined: nothing was rated twice, or all levels are the same.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import combinations

Unit = tuple[
    float | None, ...
]  # what each rater gave one thing, raters in a fixed order; None: nothing
Pair = tuple[float, float]
Figure = float | None
Difference = Callable[[float, float], float]

NEAR = 1.0 + 1e-9  # one level, whatever is lost in 2.2 - 1.2


def whole(level: float) -> int:
    return math.floor(level + 0.5)


def in_wholes(pairs: Counter[Pair]) -> Counter[Pair]:
    rounded: Counter[Pair] = Counter()
    for (a, b), k in pairs.items():
        rounded[math.floor(a + 0.5), math.floor(b + 0.5)] += k
    return rounded


def exact(pairs: Counter[Pair]) -> Figure:
    total = pairs.total()
    return sum(k for (a, b), k in pairs.items() if a == b) / total if total else None


def adjacent(pairs: Counter[Pair]) -> Figure:
    total = pairs.total()
    return sum(k for (a, b), k in pairs.items() if abs(a - b) <= NEAR) / total if total else None


def unequal(a: float, b: float) -> float:
    return float(a != b)


def squared(a: float, b: float) -> float:
    return (a - b) ** 2


def kappa(pairs: Counter[Pair]) -> Figure:
    return weighted_kappa(pairs, unequal)


def quadratic_kappa(pairs: Counter[Pair]) -> Figure:
    return weighted_kappa(pairs, squared)


def weighted_kappa(pairs: Counter[Pair], difference: Difference) -> Figure:
    """1 - observed over expected difference."""
    first: Counter[float] = Counter()
    second: Counter[float] = Counter()
    for (a, b), k in pairs.items():
        first[a] += k
        second[b] += k
    observed = sum(k * difference(a, b) for (a, b), k in pairs.items())
    expected = sum(k * m * difference(a, b) for a, k in first.items() for b, m in second.items())
    return 1 - pairs.total() * observed / expected if expected else None


def alpha(units: Counter[Unit], difference: Difference) -> Figure:
    """Krippendorff's alpha: 1 - difference within units over that of all. A unit with one value counts for nothing."""
    within = 0.0
    values: Counter[float] = Counter()
    for unit, k in units.items():
        given = [value for value in unit if value is not None]
        if len(given) < 2:
            continue
        for value in given:
            values[value] += k
        share = 2 * k / (len(given) - 1)
        for a, b in combinations(given, 2):
            within += share * difference(a, b)
    if len(values) < 2:
        return None
    return 1 - within * (values.total() - 1) / (2 * _among(values, difference))


def _among(values: Counter[float], difference: Difference) -> float:
    """The difference summed over all pairs of values; the squared one by way of the mean, which is much quicker."""
    if difference is squared:
        n = values.total()
        mean = sum(k * value for value, k in values.items()) / n
        return n * sum(k * (value - mean) ** 2 for value, k in values.items())
    return sum(k * m * difference(a, b) for (a, k), (b, m) in combinations(values.items(), 2))


def interval_alpha(units: Counter[Unit]) -> Figure:
    return alpha(units, squared)


def ordinal_alpha(units: Counter[Unit]) -> Figure:
    """With Krippendorff's ordinal difference, which is the squared one between middle ranks."""
    ranks = _middle_ranks(units)
    ranked = {
        tuple([None if v is None else ranks.get(v) for v in unit]): k for unit, k in units.items()
    }
    return alpha(Counter(ranked), squared)


def _middle_ranks(units: Counter[Unit]) -> dict[float, float]:
    """Among the values of units that have two or more."""
    counts: Counter[float] = Counter()
    for unit, k in units.items():
        given = [value for value in unit if value is not None]
        if len(given) > 1:
            for value in given:
                counts[value] += k
    ranks, below = {}, 0
    for value in sorted(counts):
        ranks[value] = below + counts[value] / 2
        below += counts[value]
    return ranks


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


FIGURES = ("exact", "adjacent", "kappa", "quadratic_kappa", "alpha", "alpha_interval")


def figures_of(units: Counter[Unit]) -> dict[str, Figure]:
    """All FIGURES of what was rated, by name."""
    pairs = pairs_of(units)
    wholes = [in_wholes(of_two) for of_two in pairs]
    return {
        "exact": pairwise_mean(exact, wholes),
        "adjacent": pairwise_mean(adjacent, pairs),
        "kappa": pairwise_mean(kappa, wholes),
        "quadratic_kappa": pairwise_mean(quadratic_kappa, wholes),
        "alpha": ordinal_alpha(units),
        "alpha_interval": interval_alpha(units),
    }
