"""The benchmark's statistics against a published worked example."""

import pytest

from benchmarks import agreement

# Wikipedia, "Cohen's kappa", the grant proposals: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no; kappa 0.4.
GRANTS = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15
ORDERED = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (0, 1)]


def columns(pairs):
    return [a for a, _ in pairs], [b for _, b in pairs]


def test_kappa_is_that_of_the_published_example():
    assert agreement.kappa(*columns(GRANTS)) == pytest.approx(0.4)
    assert agreement.exact(*columns(GRANTS)) == pytest.approx(0.7)


def test_with_two_categories_quadratic_weights_change_nothing():
    assert agreement.quadratic_kappa(*columns(GRANTS)) == pytest.approx(0.4)


def test_quadratic_kappa_by_hand():
    a, b = columns(ORDERED)
    observed = 3 / 6
    expected = sum((x - y) ** 2 for x in a for y in b) / 36
    assert agreement.quadratic_kappa(a, b) == pytest.approx(1 - observed / expected)
    assert agreement.adjacent(a, b) == 1.0


def test_agreement_without_spread_is_whole():
    assert agreement.quadratic_kappa([2, 2], [2, 2]) == 1.0


def test_the_difference_is_in_deviations_of_the_truth():
    assert agreement.standardised_difference([1, 3], [2, 4]) == pytest.approx(1.0)


def test_a_tie_is_not_in_order_and_near_pairs_do_not_count():
    assert agreement.pairs_in_order([1, 2, 2.5], [10, 20, 5]) == pytest.approx(1 / 2)
    assert agreement.pairs_in_order([1, 2], [10, 10]) == 0.0


def test_macro_f1_counts_every_label_alike():
    assert agreement.macro_f1(["a", "a", "b"], ["a", "b", "b"], ["a", "b"]) == pytest.approx(2 / 3)
