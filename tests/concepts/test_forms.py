"""The form language: slots, literal phrases, word classes, and what an author is told."""

import pytest

from app.concepts.forms import Form, FormError, Phrase, compile_form, reach


def compiled(text, reader, lexicon):
    return compile_form(text, reader, lexicon)


@pytest.mark.parametrize(
    "one, other",
    [
        ("split by time", "times splitting"),
        ("split the data", "data split"),
        ("labels|targets late", "late target|label"),
    ],
)
def test_inflection_order_and_function_words_make_no_other_form(one, other, reader, lexicon):
    assert compiled(one, reader, lexicon).identity == compiled(other, reader, lexicon).identity


def test_alternatives_share_a_slot(reader, lexicon):
    form = compiled("split|divide data", reader, lexicon)
    assert isinstance(form, Form)
    assert {reader.stem("split"), reader.stem("divide")} in [set(slot) for slot in form.slots]
    assert len(form.slots) == 2
    assert form.reach == reach(2)


def test_a_literal_form_keeps_its_function_words(reader, lexicon):
    form = compiled("=as of", reader, lexicon)
    assert isinstance(form, Phrase)
    assert form.stems == (frozenset({"as"}), frozenset({"of"}))


def test_a_form_knows_its_own_negator(reader, lexicon):
    assert compiled("not enough labels", reader, lexicon).has_negator
    assert not compiled("enough labels", reader, lexicon).has_negator


@pytest.mark.parametrize("text", ["the of a", "=", "labels @no-such-class|late"])
def test_a_form_that_cannot_be_read_is_a_sentence_for_its_author(text, reader, lexicon):
    with pytest.raises(FormError, match="'"):
        compiled(text, reader, lexicon)


def test_reach_grows_with_the_slots():
    assert [reach(n) for n in (1, 2, 3)] == sorted({reach(n) for n in (1, 2, 3)})
