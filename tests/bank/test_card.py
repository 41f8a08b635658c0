"""A card holds what a list shows, and no word of the hidden world."""

from copy import copy
from dataclasses import asdict
from weakref import ref

import pytest

from app.bank.bank import Shelf
from app.bank.card import (
    FAMILIES,
    OTHER,
    Outlined,
    card_of,
    family_of,
    hidden_text,
    outline_of,
    words_in,
)
from app.rubric.rubric import STEPS
from app.rubric.shelf import get_rubric


@pytest.fixture(scope="module")
def kept():
    return Shelf(None).all()


@pytest.fixture(scope="module")
def rubric():
    return get_rubric()


def test_what_is_counted_is_what_there_is(kept, rubric):
    one = kept["payment-fraud"]
    card = card_of(one.question, one.sha256, rubric)
    assert (card.slug, card.sha256) == ("payment-fraud", one.sha256)
    assert card.facts == len(one.question.facts)
    assert sum(step.facts for step in card.steps.values()) == card.facts
    assert sum(step.follow_ups for step in card.steps.values()) == card.follow_ups
    assert list(card.steps) == list(STEPS)
    assert card.thinnest == min(STEPS, key=lambda step: card.steps[step].total)


def test_no_word_of_the_hidden_world_is_on_a_card(kept, rubric):
    for one in kept.values():
        shown = str(asdict(card_of(one.question, one.sha256, rubric)))
        for fact in one.question.facts:
            assert fact.answer not in shown
        for follow_up in one.question.follow_ups:
            assert follow_up.ask not in shown


def test_without_a_rubric_follow_ups_are_counted_as_a_whole_only(kept):
    one = kept["payment-fraud"]
    card = card_of(one.question, one.sha256)
    assert card.follow_ups > 0 == sum(step.follow_ups for step in card.steps.values())


def test_what_stands_in_for_a_question_is_read_only_for_what_its_card_does_not_show(kept, rubric):
    one = kept["payment-fraud"]
    outline = outline_of(one.question, one.sha256)
    read = []

    def reading():
        read.append(one.sha256)
        return one.question

    outlined = Outlined(outline, reading)
    for name in ("slug", "title", "status", "seniority", "tags", "authors", "minutes"):
        assert getattr(outlined, name) == getattr(one.question, name)
    assert outline_of(outlined, one.sha256) is outline
    for of in (None, rubric):
        assert card_of(outlined, one.sha256, of) == card_of(one.question, one.sha256, of)
    assert set(outline.words.split()) == set(words_in(hidden_text(one.question)))
    assert not read
    assert outlined.facts == one.question.facts and outlined == one.question
    assert outlined.model_dump() == one.question.model_dump()
    assert len(read) == 3


def test_what_stands_in_for_a_question_keeps_nothing_that_was_read(kept):
    one = kept["payment-fraud"]
    read = []

    def reading():
        question = one.question.model_copy()
        read.append(ref(question))
        return question

    outlined = Outlined(outline_of(one.question, one.sha256), reading)
    assert outlined.facts == one.question.facts and outlined.whole() == one.question
    assert len(read) == 2 and not any(question() for question in read)


def test_what_stands_in_for_a_question_is_copied_and_looked_up_unread(kept):
    read = []

    def outlined(slug):
        one = kept[slug]
        return Outlined(outline_of(one.question, one.sha256), lambda: read.append(slug))

    fraud, other = outlined("payment-fraud"), outlined("ad-click")
    assert copy(fraud).outline is fraud.outline and not hasattr(fraud, "_nothing")
    assert {fraud: "fraud", other: "other"}[fraud] == "fraud"
    assert hash(fraud) == hash(outlined("payment-fraud"))
    assert not read


@pytest.mark.parametrize(
    ("category", "family"),
    [
        ("Binary classification with a decision policy", "classification"),
        ("multi-objective ranking", "ranking"),
        ("retrieval-augmented generation with tools", "language"),
        ("query routing, retrieval and ranking", "retrieval"),
        ("Probabilistic regression", "forecasting"),
        ("keyword spotting cascade", "speech"),
        ("something nobody has heard of", OTHER),
    ],
)
def test_a_category_belongs_to_one_family(category, family):
    assert family_of(category) == family


def test_hardly_a_question_is_without_a_family(kept):
    families = [family_of(one.question.category) for one in kept.values()]
    assert set(families) <= {*FAMILIES, OTHER}
    assert families.count(OTHER) <= max(1, len(families) / 20)
