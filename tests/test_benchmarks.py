"""The benchmark's own statistics; those of raters are tested in tests/agreement."""

import pytest

from benchmarks import agreement


def test_the_difference_is_in_deviations_of_the_truth():
    assert agreement.standardised_difference([1, 3], [2, 4]) == pytest.approx(1.0)


def test_a_tie_is_not_in_order_and_near_pairs_do_not_count():
    assert agreement.pairs_in_order([1, 2, 2.5], [10, 20, 5]) == pytest.approx(1 / 2)
    assert agreement.pairs_in_order([1, 2], [10, 10]) == 0.0


def test_macro_f1_counts_every_label_alike():
    assert agreement.macro_f1(["a", "a", "b"], ["a", "b", "b"], ["a", "b"]) == pytest.approx(2 / 3)
