"""Fitting a judge to people: how much is fitted by how many pairs, and that no map falls or leaves the scale."""

import random
from datetime import date
from statistics import fmean

import pytest
from hypothesis import example, given, settings, strategies as st

from app.agreement.calibration import StepMap
from app.agreement.fit import Fitted, fit_calibration, fit_step, isotonic, shifted
from app.errors import InvalidInput
from tests.agreement.ratings_of import Line, ratings_of

MADE = date(2026, 11, 21)
tenths = st.integers(0, 40).map(lambda n: n / 10)
some_pairs = st.lists(st.tuples(tenths, tenths), min_size=1, max_size=60)


def both(count: int, step: str = "data", generous: float = 0.5) -> list[Line]:
    """People from 0.5 to 3.5, and a judge that is as much more generous to each."""
    lines: list[Line] = []
    for n in range(count):
        level = round(0.5 + 3 * n / max(count - 1, 1), 1)
        lines.append((f"talk-{n}", "people", step, level))
        lines.append((f"talk-{n}", "llm", step, round(min(4, level + generous), 1)))
    return lines


def fitted(lines: list[Line], judge: str = "llm", against: str = "people") -> Fitted:
    return fit_calibration(ratings_of(lines), judge, against, id="llm", version=1, made=MADE)


def test_under_30_pairs_nothing_is_fitted():
    with pytest.raises(InvalidInput, match="needs 30 items .* none has more than 29"):
        fitted(both(29))


def test_from_30_pairs_the_mean_difference_is_taken_off():
    found = fitted(both(30)).calibration
    assert found.steps[0].method == "shift" and found.pairs == {"data": 30}
    assert [found.level("data", x) for x in (0.0, 0.5, 2.0, 4.0)] == [0.0, 0.0, 1.5, 3.5]
    assert fitted(both(99)).calibration.steps[0].method == "shift"


def test_from_100_pairs_the_line_follows_the_pairs():
    found = fitted(both(100)).calibration
    assert found.steps[0].method == "isotonic"
    assert [found.level("data", x) for x in (0.0, 1.0, 2.5, 4.0)] == [0.5, 0.5, 2.0, 3.5]


def test_steps_with_too_few_pairs_are_left_alone_and_named():
    found = fitted(both(30) + both(12, "model"))
    assert [one.step for one in found.calibration.steps] == ["data"]
    assert found.too_few == {"model": 12}
    assert found.calibration.level("model", 3.3) == 3.3


def test_pairs_without_a_level_and_other_raters_do_not_count():
    lines = both(30)
    lines[0] = (*lines[0][:3], None)
    lines += [(f"talk-{n}", "somebody", "data", 0) for n in range(60)]
    with pytest.raises(InvalidInput, match="more than 29"):
        fitted(lines)


@pytest.mark.parametrize(("judge", "against"), [("nobody", "people"), ("llm", "nobody")])
def test_a_rater_who_is_not_there_is_named(judge, against):
    with pytest.raises(InvalidInput, match="'nobody'"):
        fitted(both(30), judge, against)


def test_what_is_fitted_names_its_judge_its_day_and_its_version():
    found = fit_calibration(ratings_of(both(30)), "llm", "people", id="x", version=4, made=MADE)
    calibration = found.calibration
    assert (calibration.id, calibration.version, calibration.made) == ("x", 4, MADE)
    assert (calibration.judge, calibration.against) == ("llm", "people")


@settings(deadline=None)
@given(pairs=some_pairs)
def test_the_line_is_the_nearest_that_never_falls(pairs):
    """The greatest, over starts, of the least, over ends, of the means between (Barlow et al. 1972)."""
    xs = sorted({x for x, _ in pairs})
    given_at = [[y for x, y in pairs if x == at] for at in xs]

    def mean(start, end):
        return fmean([y for given in given_at[start : end + 1] for y in given])

    one = StepMap(step="data", pairs=len(pairs), method="isotonic", points=isotonic(pairs))
    for place, x in enumerate(xs):
        nearest = max(
            min(mean(start, end) for end in range(place, len(xs))) for start in range(place + 1)
        )
        assert one.at(x) == pytest.approx(nearest, abs=6e-4)


@settings(deadline=None)
@example(pairs=[(0.0, 0.0)] * 5 + [(0.0, 1.6), (0.0, 4.0)], least=1, a=0.0, b=3.2)
@given(pairs=some_pairs, least=st.sampled_from((1, 30, 100)), a=tenths, b=tenths)
def test_no_map_falls_or_leaves_what_is_possible(pairs, least, a, b):
    many = pairs * (-(-least // len(pairs)))
    one = fit_step("data", many)
    low, high = sorted((a, b))
    assert 0 <= one.at(low) <= one.at(high) <= 4
    if one.method == "isotonic":
        given_levels = [y for _, y in pairs]
        assert min(given_levels) - 1e-3 <= one.at(low) <= one.at(high) <= max(given_levels) + 1e-3


@settings(deadline=None)
@given(by=st.floats(-4, 4), level=tenths)
def test_a_shift_moves_every_level_alike_up_to_the_ends(by, level):
    one = StepMap(step="data", pairs=30, method="shift", points=shifted(by))
    assert one.at(level) == pytest.approx(min(4, max(0, level + by)), abs=2e-3)


def test_a_fitted_judge_is_nearer_to_people_on_items_it_has_not_seen():
    chance = random.Random(5)

    def talks(count):
        found = []
        for _ in range(count):
            level = chance.uniform(0.5, 3.5)
            judged = min(4.0, max(0.0, 1.2 + 0.6 * level + chance.gauss(0, 0.3)))
            found.append((round(judged, 1), round(level, 1)))
        return found

    one, unseen = fit_step("data", talks(150)), talks(400)
    before = fmean(abs(x - y) for x, y in unseen)
    after = fmean(abs(one.at(x) - y) for x, y in unseen)
    assert after < 0.8 * before
