"""Amounts come to one unit each, however they are said."""

import pytest

from app.concepts.quantities import Quantities, agree
from app.concepts.words import Reader
from app.rubric.shelf import get_rubric


@pytest.fixture(scope="module")
def quantities():
    reader = Reader(get_rubric().lexicon)
    return reader, Quantities(reader)


def said(quantities, text):
    reader, found = quantities
    return [(q.dimension, pytest.approx(q.amount), q.bound) for q in found.find(reader.read(text))]


@pytest.mark.parametrize(
    ("text", "dimension", "amount"),
    [
        ("two hundred milliseconds", "time", 0.2),
        ("a couple of hundred ms", "time", 0.2),
        ("150ms", "time", 0.15),
        ("half a million euros", "money", 500_000),
        ("$3.50", "money", 3.5),
        ("50 cents", "money", 0.5),
        ("three thousand per second", "rate", 3_000),
        ("86,400 requests a day", "rate", 1),
        ("5k qps", "rate", 5_000),
        ("30 frames per second", "rate", 30),
        ("0.2 %", "share", 0.002),
        ("one in a thousand", "share", 0.001),
        ("eleven basis points", "share", 0.0011),
        ("two gigabytes", "bytes", 2e9),
        ("three weeks", "time", 3 * 604_800),
        ("sixty analysts", "count", 60),
    ],
)
def test_an_amount_is_read(quantities, text, dimension, amount):
    assert [(d, a) for d, a, _ in said(quantities, text)] == [(dimension, pytest.approx(amount))]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("under 200 ms", "most"),
        ("at least a million users", "least"),
        ("not more than 200 ms", "most"),
        ("about 200 ms", "about"),
    ],
)
def test_a_bound_is_heard(quantities, text, bound):
    assert [b for _, _, b in said(quantities, text)] == [bound]


def test_what_agrees_within_a_tolerance(quantities):
    reader, found = quantities
    true = found.of(150, "ms")

    def one(text):
        return found.find(reader.read(text))[0]

    assert agree(one("160 milliseconds"), true, 0.25)
    assert not agree(one("two hundred milliseconds"), true, 0.25)
    assert agree(one("under 200 ms"), true, 0.25)
    assert not agree(one("under two seconds"), true, 0.25)
    assert not agree(one("at least 200 ms"), true, 0.25)
