"""Agreement by step and over all: what is compared, what is skipped, and intervals that can be told again."""

import random

import pytest
from hypothesis import given, settings, strategies as st

from app.agreement.figures import FIGURES
from app.agreement.measure import agreement_of, measure
from app.errors import InvalidInput
from tests.agreement.ratings_of import ratings_of

STEPS = ("data", "model", "serving")


def rated(items: int, noise: float, seed: int = 1, raters=("ann", "bob")):
    """Steps of one item are alike, as people's levels are."""
    chance = random.Random(seed)
    lines = []
    for item in range(items):
        ability = chance.uniform(0, 4)
        for step in STEPS:
            for rater in raters:
                level = min(4, max(0, round(ability + chance.gauss(0, noise), 1)))
                lines.append((f"talk-{item}", rater, step, level))
    return lines


def test_pairs_are_counted_and_those_with_no_level_are_skipped():
    lines = [
        ("a", "ann", "data", 2),
        ("a", "bob", "data", 3),
        ("b", "ann", "data", None),
        ("b", "bob", "data", 1),
        ("c", "ann", "data", None),
        ("c", "bob", "data", None),
        ("d", "ann", "data", 4),
        ("a", "ann", "model", 0),
        ("a", "bob", "model", 0),
        ("a", "cat", "model", 1),
        ("b", "cat", "model", 1),
        ("b", "ann", "model", None),
    ]
    found = measure(ratings_of(lines), draws=20)
    assert found.raters == ("ann", "bob", "cat")
    data, model = found.steps["data"], found.steps["model"]
    assert (data.items, data.n, data.skipped) == (1, 1, 2)
    assert (model.items, model.n, model.skipped) == (1, 3, 1)
    assert (found.overall.items, found.overall.n, found.overall.skipped) == (1, 4, 3)
    assert data.figures["exact"] == 0.0 and data.figures["adjacent"] == 1.0
    assert model.figures["exact"] == pytest.approx(1 / 3)
    assert set(data.intervals.values()) == {None}


def test_nothing_in_common_is_refused():
    with pytest.raises(InvalidInput, match="two raters"):
        measure(ratings_of([("a", "ann", "data", 2), ("b", "bob", "data", 2)]))


def test_a_step_that_only_one_rated_has_no_figures():
    lines = [*rated(4, 0.5), ("talk-1", "ann", "framing", 2)]
    assert set(measure(ratings_of(lines), draws=20).steps["framing"].figures.values()) == {None}


@settings(deadline=None, max_examples=20)
@given(order=st.randoms(use_true_random=False))
def test_the_bootstrap_tells_the_same_again_whatever_the_order_of_lines(order):
    lines = rated(8, 0.7)
    found = measure(ratings_of(lines), draws=40)
    order.shuffle(lines)
    again = measure(ratings_of(lines), draws=40)
    assert again.raters == found.raters
    for one, other in [(again.overall, found.overall)] + [
        (again.steps[step], found.steps[step]) for step in STEPS
    ]:
        for name in FIGURES:
            assert one.figures[name] == pytest.approx(other.figures[name])
            assert one.intervals[name] == pytest.approx(other.intervals[name])


def test_another_seed_draws_otherwise():
    ratings = ratings_of(rated(12, 0.7))
    assert agreement_of(ratings, draws=50, seed=1) == agreement_of(ratings, draws=50, seed=1)
    assert agreement_of(ratings, draws=50, seed=1) != agreement_of(ratings, draws=50, seed=2)


def test_intervals_hold_the_point_and_narrow_with_more_items():
    def width(items):
        found = agreement_of(ratings_of(rated(items, 0.8)), draws=200)
        for name in FIGURES:
            low, high = found.intervals[name]
            assert low <= found.figures[name] <= high
        return high - low

    assert width(120) < width(15)


def test_whole_items_are_drawn():
    """Thrice the same steps say no more than one: the interval stays as wide."""
    once = [line for line in rated(20, 0.8) if line[2] == "data"]
    thrice = [(item, rater, step, level) for item, rater, _, level in once for step in STEPS]
    one = agreement_of(ratings_of(once), draws=100)
    three = agreement_of(ratings_of(thrice), draws=100)
    assert three.n == 3 * one.n and three.items == one.items
    for name in ("exact", "adjacent", "kappa", "quadratic_kappa"):
        assert three.intervals[name] == pytest.approx(one.intervals[name])


def test_where_draws_leave_a_figure_undefined_it_has_no_interval():
    lines = [(f"talk-{n}", rater, "data", 2) for n in range(9) for rater in ("ann", "bob")]
    lines += [("talk-9", rater, "data", 3) for rater in ("ann", "bob")]
    found = agreement_of(ratings_of(lines), draws=100)
    assert found.figures["kappa"] == 1.0 and found.intervals["kappa"] is None
    assert found.intervals["exact"] == (1.0, 1.0)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    """Of 40 samples of 30 items, how many intervals hold the figure of a sample of 1,000."""
    truth = agreement_of(ratings_of(rated(1000, 0.8, seed=99)), draws=2).figures
    covered = dict.fromkeys(("exact", "quadratic_kappa", "alpha"), 0)
    for seed in range(40):
        found = agreement_of(ratings_of(rated(30, 0.8, seed=seed)), draws=60)
        for name in covered:
            low, high = found.intervals[name]
            covered[name] += low <= truth[name] <= high
    assert all(count >= 32 for count in covered.values()), covered
