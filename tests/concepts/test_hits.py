"""Where forms are found: any order, within reach, once per place; phrases only word by word."""

import pytest

from app.concepts.forms import compile_form
from app.concepts.hits import Index


@pytest.fixture
def find(reader, lexicon, kinds):
    def found(text: str, *forms: str) -> list[str]:
        compiled = [(form, compile_form(form, reader, lexicon)) for form in forms]
        hits = Index(compiled, kinds).find(reader.read(text))
        return sorted({hit.owner for hit in hits})

    return found


@pytest.mark.parametrize(
    "text",
    [
        "we split the data by time",
        "the time is how I would split it",
        "SPLITTING on a time axis",
        "splits, um, you know, by time",
    ],
)
def test_a_form_is_found_in_any_order_and_inflection(find, text):
    assert find(text, "split time") == ["split time"]


@pytest.mark.parametrize(
    "text",
    [
        "we split the data",
        "split the revenue forecast across regional finance teams every quarter before planning "
        "headcount, leaving enough time",
        "",
    ],
)
def test_a_form_is_not_found_without_all_its_words_nearby(find, text):
    assert find(text, "split time") == []


def test_one_word_does_not_fill_two_slots(find):
    assert find("the model", "model|net model|tree") == []
    assert find("the model beside a tree", "model|net model|tree") == ["model|net model|tree"]


@pytest.mark.parametrize(
    "text, found", [("as of today", True), ("as part of it", False), ("of as", False)]
)
def test_a_phrase_stands_word_by_word(find, text, found):
    assert bool(find(text, "=as of")) is found


@pytest.mark.parametrize(
    "text, form, found",
    [
        ("below 100 milliseconds", "below @duration", True),
        ("below a hundred ms", "below @number", True),
        ("below 100 users", "below @duration", False),
        ("below five percent", "below @percent", True),
        ("costs $5", "cost @money", True),
        ("costs little", "cost @money", False),
    ],
)
def test_a_number_belongs_to_the_class_of_its_unit(find, text, form, found):
    assert bool(find(text, form)) is found


def test_a_hit_names_its_places(reader, lexicon, kinds):
    index = Index([("x", compile_form("split time", reader, lexicon))], kinds)
    words = reader.read("we split it by time")
    (hit,) = index.find(words)
    assert [words.stems[place] for place in hit.places] == [reader.stem("split"), "time"]
    assert (hit.first, hit.last) == (hit.places[0], hit.places[-1])


def test_the_order_of_the_forms_changes_no_hit(find):
    forms = ["split time", "time", "data split", "=by time"]
    text = "we split the data by time and time again"
    assert find(text, *forms) == find(text, *reversed(forms))
