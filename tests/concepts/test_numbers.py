"""Numbers as they are written and as they are said."""

import pytest
from hypothesis import given, strategies as st

from app.concepts.numbers import read_number


@pytest.mark.parametrize(
    "said, value, used",
    [
        ("1,200 users", 1200, 1),
        ("1 200 users", 1200, 2),
        ("2.5 percent", 2.5, 1),
        ("10 k requests", 10_000, 2),
        ("3 million", 3e6, 2),
        ("five hundred", 500, 2),
        ("two hundred and fifty milliseconds", 250, 4),
        ("fifteen hundred", 1500, 2),
        ("ninety nine percent", 99, 2),
        ("one point five", 1.5, 3),
        ("zero point zero five", 0.05, 4),
        ("ten thousand", 10_000, 2),
        ("two million five hundred thousand", 2.5e6, 5),
        ("a hundred", None, None),
        ("hundred milliseconds", 100, 1),
        ("one of them", None, None),
        ("one hundred", 100, 2),
        ("labels", None, None),
        ("99.9.9", None, None),
        ("1234567890123456", None, None),
    ],
)
def test_a_number_is_read(said, value, used):
    found = read_number(said.split(), 0)
    assert found == (None if value is None else (pytest.approx(value), used))


@given(
    st.lists(
        st.sampled_from(
            "zero one two nine ten twenty ninety hundred thousand million point and k 1 2.5 1,000 x".split()
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_row_of_number_words_is_read_without_running_past_its_end(words):
    for start in range(len(words)):
        found = read_number(words, start)
        assert found is None or (0 < found[1] <= len(words) - start and found[0] >= 0)
