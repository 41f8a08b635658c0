"""A judge's levels mapped to people's: what a file may say, which one counts, and that a map never falls."""

from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from app.agreement.calibration import (
    IDENTITY,
    Calibration,
    StepMap,
    load_calibration,
    read_calibration,
    to_yaml,
)
from app.content import built_in
from app.errors import InvalidContent

GENEROUS = """
id: generous
version: 2
judge: some/model:7b
against: people
made: 2026-11-21
steps:
- {step: data, pairs: 120, method: isotonic, points: [[1.0, 0.5], [2.0, 1.5], [3.0, 1.5], [3.5, 3.0]]}
- {step: model, pairs: 40, method: shift, points: [[0.0, 0.0], [0.5, 0.0], [4.0, 3.5]]}
"""

tenths = st.integers(0, 40).map(lambda n: n / 10)


@pytest.fixture
def shelf(tmp_path):
    (tmp_path / "rubrics" / "calibration").mkdir(parents=True)

    def put(text: str, name: str = "one.yaml"):
        (tmp_path / "rubrics" / "calibration" / name).write_text(text, "utf-8")
        return tmp_path

    return put


@st.composite
def maps(draw, step="data"):
    xs = sorted(draw(st.sets(tenths, min_size=1)))
    ys = sorted(draw(st.lists(tenths, min_size=len(xs), max_size=len(xs))))
    points = tuple(zip(xs, ys, strict=True))
    return StepMap(step=step, pairs=draw(st.integers(1, 900)), method="isotonic", points=points)


def test_the_built_in_file_is_the_identity():
    assert read_calibration(built_in() / "rubrics" / "calibration" / "identity.yaml") == IDENTITY


@settings(deadline=None)
@given(level=st.floats(0, 4))
def test_without_a_file_for_the_judge_nothing_is_mapped(level):
    calibration = load_calibration(None, "no such judge")
    assert calibration == IDENTITY and calibration.is_identity
    assert calibration.level("data", level) == level
    assert calibration.total_pairs == 0


def test_levels_go_through_the_points_straight_between_and_flat_outside(shelf):
    calibration = load_calibration(shelf(GENEROUS), "some/model:7b")
    levels = [calibration.level("data", x) for x in (0.0, 1.0, 1.3, 2.0, 2.7, 3.0, 3.25, 3.5, 4.0)]
    assert levels == [0.5, 0.5, 0.8, 1.5, 1.5, 1.5, 2.2, 3.0, 3.0]
    assert [calibration.level("model", x) for x in (0.0, 0.3, 0.5, 2.0, 4.0)] == [0, 0, 0, 1.5, 3.5]
    assert calibration.level("serving", 2.34) == 2.34
    assert calibration.pairs == {"data": 120, "model": 40} and calibration.total_pairs == 160
    assert not calibration.is_identity and calibration.made == date(2026, 11, 21)


def test_another_judge_is_not_mapped(shelf):
    assert load_calibration(shelf(GENEROUS), "some/model:70b") == IDENTITY


def test_the_highest_version_counts(shelf):
    shelf(GENEROUS.replace("version: 2", "version: 10"), "a.yaml")
    assert load_calibration(shelf(GENEROUS, "b.yaml"), "some/model:7b").version == 10


def test_two_that_could_be_meant_are_refused(shelf):
    shelf(GENEROUS, "a.yaml")
    with pytest.raises(InvalidContent, match="both version 2"):
        load_calibration(
            shelf(GENEROUS.replace("id: generous", "id: other"), "b.yaml"), "some/model:7b"
        )


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("[2.0, 1.5]", "[2.0, 0.4]"),
        ("[2.0, 1.5]", "[1.0, 1.5]"),
        ("[3.5, 3.0]", "[3.5, 4.1]"),
        ("[3.5, 3.0]", "[3.5, .nan]"),
        ("pairs: 120", "pairs: 0"),
        ("version: 2", "version: 0"),
        ("version: 2", "verison: 2"),
        ("isotonic", "by-hand"),
        ("step: model", "step: data"),
        ("judge: some/model:7b", "judge: null"),
        ("2026-11-21", "yesterday"),
        ("points: [[1.0, 0.5], [2.0, 1.5], [3.0, 1.5], [3.5, 3.0]]", "points: []"),
    ],
)
def test_a_file_that_says_something_impossible_is_refused_by_name(was, becomes, shelf):
    assert was in GENEROUS
    with pytest.raises(InvalidContent, match="one.yaml"):
        load_calibration(shelf(GENEROUS.replace(was, becomes)), "some/model:7b")


@settings(deadline=None)
@given(one=maps(), a=st.floats(0, 4), b=st.floats(0, 4))
def test_a_map_never_falls_and_stays_on_the_scale(one, a, b):
    calibration = Calibration(id="any", version=1, judge="any", steps=(one,))
    low, high = calibration.level("data", min(a, b)), calibration.level("data", max(a, b))
    assert 0 <= low <= high <= 4
    assert low == round(low, 1)


@settings(deadline=None)
@given(
    one=maps(),
    other=maps(step="model"),
    judge=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    made=st.none() | st.dates(),
)
def test_what_is_written_is_read_back(one, other, judge, made, tmp_path_factory):
    written = Calibration(
        id="any", version=3, judge=judge, against=judge, made=made, steps=(one, other)
    )
    path = tmp_path_factory.mktemp("written") / "any.yaml"
    path.write_text(to_yaml(written), "utf-8")
    assert read_calibration(path) == written
