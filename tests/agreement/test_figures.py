"""The figures against published worked examples, against their definitions, and what must hold of any ratings."""

from collections import Counter
from itertools import chain, permutations

import pytest
from hypothesis import assume, given, settings, strategies as st

from app.agreement.figures import (
    FIGURES,
    adjacent,
    alpha,
    exact,
    figures_of,
    in_wholes,
    interval_alpha,
    kappa,
    ordinal_alpha,
    quadratic_kappa,
    squared,
    unequal,
    weighted_kappa,
)

_ = None
# Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section D: 4 observers, 12 units.
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3),
    (_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _),
)
# The same, section A: two observers, binary; section B: two observers, five letters (here numbers).
BINARY = ((0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0))
LETTERS = ((1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1), (2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4))
# Wikipedia, "Krippendorff's alpha", three coders with missing values.
CODERS = (
    (_, _, _, _, _, 3, 4, 1, 2, 1, 1, 3, 3, _, 3),
    (1, _, 2, 1, 3, 3, 4, 3, _, _, _, _, _, _, _),
    (_, _, 2, 1, 3, 4, 4, _, 2, 1, 1, 3, 3, _, 4),
)
# Cohen (1960), "A coefficient of agreement for nominal scales", and Cohen (1968): 200 diagnoses by two judges.
DIAGNOSES = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
GRAVITY = ((0, 1, 3), (1, 0, 6), (3, 6, 0))  # Cohen (1968): how bad each disagreement is
# Wikipedia, "Cohen's kappa": grant proposals, and the two with the same share of agreement.
GRANTS = {((20, 5), (10, 15)): 0.4, ((45, 15), (25, 15)): 0.1304, ((25, 35), (5, 35)): 0.2593}
# Sim & Wright (2005), "The kappa statistic in reliability studies": 39 patients, two physiotherapists.
PATIENTS = ((22, 2), (4, 11))
# Artstein & Poesio (2008), "Inter-coder agreement for computational linguistics", tables 1 and 4.
STATEMENTS = {((20, 20), (10, 50)): 0.348, ((46, 0, 0), (6, 32, 6), (0, 0, 10)): 0.801}
# scikit-learn's test of cohen_kappa_score: unweighted, linear and quadratic.
THREE_WAYS = ((46, 0, 0), (4, 40, 0), (0, 0, 10))

levels = st.integers(0, 4).map(float)
tenths = st.integers(0, 40).map(lambda n: n / 10)


def units(*raters) -> Counter:
    return Counter(zip(*raters, strict=True))


def pairs(table) -> Counter:
    return Counter({(a, b): k for a, row in enumerate(table) for b, k in enumerate(row) if k})


def rated(level=tenths, raters=2, least=2):
    missing = st.none() | level
    unit = st.tuples(*[level if raters == 2 else missing] * raters)
    return st.lists(unit, min_size=least, max_size=30)


def close(found, expected) -> bool:
    return all(
        (found[name] is None) == (expected[name] is None)
        and (found[name] is None or found[name] == pytest.approx(expected[name], abs=1e-9))
        for name in FIGURES
    )


def test_alpha_is_that_of_the_published_examples():
    assert alpha(units(*OBSERVERS), unequal) == pytest.approx(0.743, abs=5e-4)
    assert ordinal_alpha(units(*OBSERVERS)) == pytest.approx(0.815, abs=5e-4)
    assert interval_alpha(units(*OBSERVERS)) == pytest.approx(0.849, abs=5e-4)
    assert alpha(units(*BINARY), unequal) == pytest.approx(0.095, abs=5e-4)
    assert alpha(units(*LETTERS), unequal) == pytest.approx(0.692, abs=5e-4)
    assert alpha(units(*CODERS), unequal) == pytest.approx(0.691, abs=5e-4)
    assert interval_alpha(units(*CODERS)) == pytest.approx(0.811, abs=5e-4)


def test_alpha_takes_a_difference_of_ones_own():
    """The same example by Krippendorff's ratio difference."""

    def ratio(a, b):
        return ((a - b) / (a + b)) ** 2

    assert alpha(units(*OBSERVERS), ratio) == pytest.approx(0.797, abs=5e-4)


def test_kappa_is_that_of_the_published_examples():
    assert kappa(pairs(DIAGNOSES)) == pytest.approx(0.492, abs=5e-4)
    assert kappa(pairs(PATIENTS)) == pytest.approx(0.67, abs=5e-3)
    for table, value in STATEMENTS.items():
        assert kappa(pairs(table)) == pytest.approx(value, abs=5e-4)
    for table, value in GRANTS.items():
        assert kappa(pairs(table)) == pytest.approx(value, abs=5e-5)
        assert quadratic_kappa(pairs(table)) == pytest.approx(value, abs=5e-5)


def test_weighted_kappa_is_that_of_the_published_examples():
    found = weighted_kappa(pairs(DIAGNOSES), lambda a, b: GRAVITY[int(a)][int(b)])
    assert found == pytest.approx(0.348, abs=5e-4)
    assert kappa(pairs(THREE_WAYS)) == pytest.approx(0.9315, abs=5e-5)
    linear = weighted_kappa(pairs(THREE_WAYS), lambda a, b: abs(a - b))
    assert linear == pytest.approx(0.9412, abs=5e-5)
    assert quadratic_kappa(pairs(THREE_WAYS)) == pytest.approx(0.9541, abs=5e-5)


def test_adjacent_is_one_level_as_given_and_exact_is_of_whole_levels():
    given_levels = Counter([(2.2, 1.2), (0.5, 1.4), (0.6, 2.4), (2.5, 3.4), (0.0, 4.0)])
    assert adjacent(given_levels) == 3 / 5
    assert exact(in_wholes(given_levels)) == 2 / 5
    assert figures_of(given_levels)["exact"] == 2 / 5


def test_several_raters_are_the_mean_of_their_pairs_each_by_what_it_shares():
    a, b, c = (0, 0, 1, 1, 2, 3), (0, 1, 1, 1, 2, 2), (_, _, 1, 0, 2, 3)
    found = figures_of(units(a, b, c))
    three = [(units(a, b), 6), (units(a[2:], c[2:]), 4), (units(b[2:], c[2:]), 4)]
    for name, figure in (("kappa", kappa), ("quadratic_kappa", quadratic_kappa), ("exact", exact)):
        mean = sum(figure(two) * n for two, n in three) / 14
        assert found[name] == pytest.approx(mean)


def test_without_spread_only_shares_are_known():
    found = figures_of(units((2, 2, 2), (2, 2, 2)))
    assert found["exact"] == found["adjacent"] == 1.0
    assert found["kappa"] is found["quadratic_kappa"] is found["alpha"] is None


def test_nothing_rated_twice_is_nothing_known():
    assert set(figures_of(Counter()).values()) == {None}
    assert set(figures_of(units((1, _, 3), (_, 2, _))).values()) == {None}


@settings(deadline=None)
@given(rated=st.lists(levels, min_size=2, max_size=30), raters=st.integers(2, 4))
def test_perfect_agreement_is_1(rated, raters):
    assume(len(set(rated)) > 1)
    assert figures_of(units(*[rated] * raters)) == dict.fromkeys(FIGURES, 1.0)


@settings(deadline=None)
@given(rated=rated(raters=3), data=st.data())
def test_neither_the_order_of_things_nor_that_of_raters_matters(rated, data):
    found = figures_of(Counter(rated))
    assert close(figures_of(Counter(data.draw(st.permutations(rated)))), found)
    order = data.draw(st.permutations(range(3)))
    assert close(figures_of(Counter(tuple(unit[i] for i in order) for unit in rated)), found)


@settings(deadline=None)
@given(rated=rated(levels))
def test_kappas_are_those_of_their_definition(rated):
    n = len(rated)

    def by_definition(agreement):
        observed = sum(agreement(a, b) for a, b in rated) / n
        expected = sum(agreement(a, b) for a, _ in rated for _, b in rated) / n**2
        return (observed - expected) / (1 - expected)

    assume(len(set(chain(*rated))) > 1)
    assert kappa(Counter(rated)) == pytest.approx(by_definition(lambda a, b: a == b))
    quadratic = by_definition(lambda a, b: 1 - (a - b) ** 2 / 16)
    assert quadratic_kappa(Counter(rated)) == pytest.approx(quadratic)


@settings(deadline=None)
@given(rated=rated(levels))
def test_quadratic_kappa_is_the_concordance_of_two_series(rated):
    """Fleiss & Cohen (1973), Krippendorff (1970): twice the covariance over variances and squared shift."""
    assume(len(set(chain(*rated))) > 1)
    a, b = zip(*rated, strict=True)
    n, mean_a, mean_b = len(rated), sum(a) / len(rated), sum(b) / len(rated)
    covariance = sum((x - mean_a) * (y - mean_b) for x, y in rated) / n
    spread = sum((x - mean_a) ** 2 for x in a) / n + sum((y - mean_b) ** 2 for y in b) / n
    concordance = 2 * covariance / (spread + (mean_a - mean_b) ** 2)
    assert quadratic_kappa(Counter(rated)) == pytest.approx(concordance, abs=1e-9)


@settings(deadline=None)
@given(rated=rated(raters=4))
def test_alpha_is_that_of_the_coincidence_matrix(rated):
    """Krippendorff (2011), in four steps, with the ordinal difference written out."""
    kept = [values for unit in rated if len(values := [v for v in unit if v is not None]) > 1]
    coincidences = Counter()
    for values in kept:
        for pair in permutations(values, 2):
            coincidences[pair] += 1 / (len(values) - 1)
    counts = Counter(chain(*kept))
    assume(len(counts) > 1)

    def ordinal(a, b):
        between = sum(n for value, n in counts.items() if min(a, b) <= value <= max(a, b))
        return (between - (counts[a] + counts[b]) / 2) ** 2

    for difference, found in (
        (ordinal, ordinal_alpha(Counter(rated))),
        (squared, interval_alpha(Counter(rated))),
        (unequal, alpha(Counter(rated), unequal)),
    ):
        observed = sum(k * difference(a, b) for (a, b), k in coincidences.items())
        expected = sum(counts[a] * counts[b] * difference(a, b) for a, b in permutations(counts, 2))
        assert found == pytest.approx(1 - (counts.total() - 1) * observed / expected, abs=1e-9)
