"""A question's figures agree with one another, or the linter says which do not."""

import pytest

from app.bank.bank import get_question
from app.bank.question import Question
from app.bank.sums import SumError, check_sums, work_out, work_out_one
from app.concepts.words import Reader
from app.rubric.shelf import get_rubric

NAMED = {"payments": 460.0, "fraud-share": 0.0005, "kept": 63115200.0, "record-2": 1000.0}


@pytest.fixture(scope="module")
def reader():
    return Reader(get_rubric().lexicon)


def with_values(*values, sums=()):
    """payment-fraud with these (name, amount, unit) in its first fact and no other figure named."""
    value = get_question("payment-fraud").question.model_dump()
    for fact in value["facts"]:
        fact["values"] = ()
    value["facts"][0]["values"] = [
        {"name": name, "amount": amount, "unit": unit} for name, amount, unit in values
    ]
    return Question.model_validate({**value, "sums": sums})


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("payments * fraud-share ~ 20000 / day", True),
        ("payments * fraud-share ~ 30000 / day", False),
        ("payments * day <= 40000000", True),
        ("payments * day >= 40000000", False),
        ("payments * record-2 * kept ~ 29e12", True),
        ("(payments + 40) / 2 ~ 250", True),
    ],
)
def test_a_sum_is_worked_out_in_base_units(text, holds):
    assert work_out_one(text, NAMED).holds is holds


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("payments", "compares no two sides"),
        ("payments ~ loss", "names loss"),
        ("payments ~ 1 / 0", "divides by nothing"),
        ("payments ~ __import__('os').getpid()", "more than names, numbers"),
        ("payments ~ 9 ** 9 ** 9", "more than names, numbers"),
        ("payments ~ (", "is no sum"),
        ("payments ~ " + "(" * 90 + "1" + ")" * 90, "longer than"),
    ],
)
def test_a_line_that_is_no_sum_says_why(text, told):
    with pytest.raises(SumError, match=told):
        work_out_one(text + " " * (200 if told == "longer than" else 0), NAMED)


def test_figures_in_different_units_are_compared(reader):
    question = with_values(
        ("payments", 40_000_000, "per day"),
        ("peak", 3_000, "per second"),
        ("fraud-share", 0.05, "percent"),
        ("frauds", 20_000, "per day"),
        sums=("frauds ~ payments * fraud-share", "peak >= payments"),
    )
    assert check_sums(question, reader) == []


def test_a_contradiction_is_told_with_both_sides(reader):
    question = with_values(
        ("payments", 40_000_000, "per day"),
        ("peak", 100, "per second"),
        sums=("peak >= payments",),
    )
    assert check_sums(question, reader) == [
        "sums: 'peak >= payments' does not hold: 100 and 463 in base units"
    ]


def test_what_always_holds_is_checked_where_its_names_stand(reader):
    question = with_values(("users", 1000, "people"), ("daily-users", 5000, "people"))
    assert "daily-users <= users" in check_sums(question, reader)[0]


def test_a_name_that_is_given_twice_is_told(reader):
    question = with_values(("rate", 1, "per second"), ("rate", 2, "per second"))
    done, problems = work_out(question, reader)
    assert not done and "rate is taken" in problems[0]
