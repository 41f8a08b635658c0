"""Lines of ratings: what is read, and a sentence with its number for every line that is not."""

import pytest

from app.agreement.ratings import parse_ratings
from app.errors import InvalidInput

GOOD = '{"item": "a", "rater": "ann", "step": "data", "level": 2}'


def with_level(level: str) -> str:
    return GOOD.replace("2}", level + "}")


def test_lines_are_read_whatever_stands_around_them():
    text = "\ufeff" + GOOD + "\r\n\r\n  " + GOOD.replace("ann", "bob").replace("2", "2.5") + "\n"
    ratings = parse_ratings(text.encode())
    assert not ratings.problems
    assert [(one.rater, one.level) for one in ratings.read] == [("ann", 2.0), ("bob", 2.5)]


def test_null_is_could_not_be_judged_and_other_keys_are_left_alone():
    ratings = parse_ratings(with_level('null, "note": "broke off"').encode())
    assert ratings.read[0].level is None and not ratings.problems


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "object"),
        ("3", "object"),
        (GOOD.replace('"step": "data", ', ""), "has no step"),
        (GOOD.replace('"level": 2', '"lvl": 2'), "has no level"),
        (GOOD.replace('"ann"', "7"), "rater must be"),
        (GOOD.replace('"ann"', '""'), "rater must be"),
        (GOOD.replace('"ann"', '"\\ud800"'), "rater must be"),
        (GOOD.replace("ann", "n" * 501), "rater must be"),
        *[
            (with_level(level), "from 0 to 4")
            for level in ("4.1", "-1", "NaN", "Infinity", "1" + "0" * 400, "true", '"2"', "[2]")
        ],
    ],
    ids=lambda value: value[:40],
)
def test_a_bad_line_is_named_and_the_others_are_read(line, says):
    ratings = parse_ratings(f"{GOOD}\n\n{line}\n{GOOD.replace('ann', 'bob')}".encode())
    assert len(ratings.read) == 2
    (problem,) = ratings.problems
    assert problem.startswith("line 3: ") and says in problem


def test_the_same_step_rated_twice_by_one_counts_as_first_given():
    ratings = parse_ratings(f"{GOOD}\n{with_level('3')}".encode())
    assert [one.level for one in ratings.read] == [2.0]
    assert "line 2" in ratings.problems[0] and "line 1" in ratings.problems[0]


def test_what_is_no_text_is_refused():
    with pytest.raises(InvalidInput, match="UTF-8"):
        parse_ratings(b"\xff\xfe\x00")
