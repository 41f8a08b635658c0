"""What the benchmark says of a scorer beside app/agreement: standardised difference, order of pairs, macro-F1."""

import statistics
from collections.abc import Sequence


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
