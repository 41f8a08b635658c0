"""Agreement of two raters: exact, adjacent, weighted kappa, standardised difference, order of pairs.

Weighted kappa as in Cohen (1968), "Weighted kappa: nominal scale agreement with provision for scaled
disagreement or partial credit".
"""

import statistics
from collections.abc import Callable, Sequence


def weighted_kappa(
    a: Sequence[int], b: Sequence[int], disagreement: Callable[[int, int], float]
) -> float:
    """1 - observed over expected disagreement; 1.0 where chance alone leaves none."""
    n = len(a)
    observed = sum(map(disagreement, a, b)) / n
    expected = sum(disagreement(x, y) for x in a for y in b) / n**2
    return 1.0 if expected == 0 else 1 - observed / expected


def kappa(a: Sequence[int], b: Sequence[int]) -> float:
    return weighted_kappa(a, b, lambda x, y: float(x != y))


def quadratic_kappa(a: Sequence[int], b: Sequence[int]) -> float:
    return weighted_kappa(a, b, lambda x, y: float((x - y) ** 2))


def exact(a: Sequence[int], b: Sequence[int]) -> float:
    return statistics.fmean(x == y for x, y in zip(a, b, strict=True))


def adjacent(a: Sequence[int], b: Sequence[int]) -> float:
    return statistics.fmean(abs(x - y) <= 1 for x, y in zip(a, b, strict=True))


def standardised_difference(truth: Sequence[float], found: Sequence[float]) -> float:
    """How far the machine's mean is off, in standard deviations of the truth."""
    return (statistics.fmean(found) - statistics.fmean(truth)) / (statistics.pstdev(truth) or 1.0)


def pairs_in_order(truth: Sequence[float], found: Sequence[float], apart: float = 1.0) -> float:
    """Share of pairs at least `apart` in truth that stand in the same order; a tie is wrong."""
    right = [
        (found[i] - found[j]) * (truth[i] - truth[j]) > 0
        for i in range(len(truth))
        for j in range(i)
        if abs(truth[i] - truth[j]) >= apart
    ]
    return statistics.fmean(right) if right else float("nan")


def macro_f1(truth: Sequence[str], found: Sequence[str], labels: Sequence[str]) -> float:
    def f1(label: str) -> float:
        hits = sum(t == f == label for t, f in zip(truth, found, strict=True))
        return 2 * hits / max(list(truth).count(label) + list(found).count(label), 1)

    return statistics.fmean(map(f1, labels))
