"""The normal form: what is dropped, what becomes one word, and that offsets point at the source."""

import string
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings, strategies as st

from app.concepts.words import Reader
from app.rubric.shelf import get_rubric

LEXICON = get_rubric().lexicon
READER = Reader(LEXICON)
SPOKEN = (
    "so we'd split the data by time because random leaks and the model can't see tomorrow it's "
    "a hundred milliseconds at most you know twenty five percent of users don't click at all um "
    "a b test then roll back if the c t r drops two point five percent"
).split()
PLAIN = "we labels because future users drift window dealers then wait monday orders".split()


def stems(text: str) -> tuple[str, ...]:
    return READER.read(text).stems


@pytest.mark.parametrize(
    "one, other",
    [
        ("don't", "do not"),
        ("doesn’t", "does not"),
        ("can't", "can not"),
        ("cannot", "can not"),
        ("wont", "will not"),
        ("gonna", "going to"),
        ("the model's", "the model"),
        ("5%", "5 percent"),
        ("5 %", "five percent"),
        ("€5", "euro five"),
        ("features", "feature"),
        ("built", "build"),
        ("Optimising", "optimize"),
        ("behaviour", "behavior"),
        ("labelled naïve data", "labelled naive data"),
        ("twenty-five", "25"),
        ("1,200 users", "1200 users"),
        ("ten k", "10000"),
        ("a/b test", "ab testing"),
        ("we, um, train it", "we train it"),
        ("we, you know, train it", "we train it"),
        ("x g boost", "XGBoost"),
    ],
)
def test_two_ways_to_write_are_one(one, other):
    assert stems(one) == stems(other)


@pytest.mark.parametrize(
    "one, other", [("positive", "position"), ("can", "can't"), ("5", "50"), ("general", "generate")]
)
def test_what_means_something_else_stays_apart(one, other):
    assert stems(one) != stems(other)


@pytest.mark.parametrize("text", ["", " ", "...", "!?", "um, uh", "\x00", "🙂"])
def test_nothing_said_is_no_words(text):
    assert len(READER.read(text)) == 0


def test_function_words_carry_no_content_and_negators_do(reader):
    words = reader.read("we do not have the labels")
    assert [words.stems[i] for i in words.content] == [reader.stem("not"), reader.stem("labels")]


def test_a_joined_term_covers_its_source():
    text = "Then an A/B test, of course."
    words = READER.read(text)
    place = words.stems.index(READER.stem("abtest"))
    assert text[words.starts[place] : words.ends[place]] == "A/B test"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(SPOKEN), min_size=1, max_size=30), st.data())
def test_case_and_punctuation_change_nothing(said, data):
    marks = data.draw(
        st.lists(
            st.sampled_from(["", ",", ".", "?", "!", ";", " -"]),
            min_size=len(said),
            max_size=len(said),
        )
    )
    case = data.draw(st.sampled_from([str.upper, str.title, str.capitalize]))
    plain = " ".join(said)
    dressed = " ".join(
        (case(word) if "'" not in word else word) + mark
        for word, mark in zip(said, marks, strict=True)
    )
    assert stems(dressed) == stems(plain)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=25), st.data())
def test_a_filler_between_whole_terms_changes_nothing(said, data):
    place = data.draw(st.integers(0, len(said)))
    filler = data.draw(st.sampled_from(["um", "uh", "you know", "I mean"]))
    assert stems(" ".join([*said[:place], filler, *said[place:]])) == stems(" ".join(said))


def test_a_raised_digit_is_no_stumbling_block():
    assert len(READER.read("²a"))


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["No", "Cs"]), max_size=200))
def test_any_text_can_be_read_and_offsets_point_into_it(text):
    words = READER.read(text)
    assert len(words.stems) == len(words.starts) == len(words.ends) == len(words.numbers)
    assert all(0 <= a < b <= len(text) for a, b in zip(words.starts, words.ends, strict=True))
    assert list(words.starts) == sorted(words.starts)
    assert list(words.content) == sorted(set(words.content))


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=string.ascii_lowercase + " '", max_size=80))
def test_what_was_read_before_never_changes_a_result(text):
    assert Reader(LEXICON).read(text) == READER.read(text)


@pytest.fixture
def hurried():
    """Threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_two_threads_read_alike(hurried):
    ends = ("ing", "ational", "ness", "ement", "ization")
    words = [a + b + c + end for a in "bcdfgmpst" for b in "aeiou" for c in "lnrt" for end in ends]
    alone = list(map(Reader(LEXICON).stem, words))
    for _ in range(5):
        reader = Reader(LEXICON)
        with ThreadPoolExecutor(2) as pool:
            ways = list(pool.map(lambda row, of=reader: [*map(of.stem, row)], (words, words[::-1])))
        assert ways[0] == ways[1][::-1] == alone
