"""Spelling, reading time and consistency: what is planted is told, and the bank itself is quiet."""

import pytest

from app.bank.advice import Checker, told_seldom
from app.bank.asking import load_asking
from app.bank.bank import Shelf
from app.bank.consistency import contradictions, unneeded
from app.bank.proofread import Proofreader, seconds_of, slow, words_of_rubric
from app.bank.question import Question
from app.bank.sheet import FactSheet
from app.commands.linting import own_words
from app.rubric.shelf import get_rubric


@pytest.fixture(scope="module")
def rubric():
    return get_rubric()


@pytest.fixture(scope="module")
def asking():
    return load_asking()


@pytest.fixture(scope="module")
def questions():
    return {slug: kept.question for slug, kept in Shelf(None).all().items()}


@pytest.fixture(scope="module")
def proofreader(rubric):
    return Proofreader(words_of_rubric(rubric) | own_words(None))


def changed(question, **fields):
    return Question.model_validate({**question.model_dump(), **fields})


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("recieve", "receive"),
        ("paymant", "payment"),
        ("seperate", "separate"),
        ("becuase", "because"),
        ("definately", "definitely"),
        ("evalute", "evaluate"),
    ],
)
def test_a_slip_is_told_with_what_is_meant(proofreader, word, meant):
    assert proofreader.meant(word) == meant


@pytest.mark.parametrize(
    "word",
    "colour color organise organize labelling labeling centre analyse defence travelled programme "
    "grey cheque favourite unlabelled dataset embeddings chargebacks tokens recogniser sceptic "
    "they're customer's judgement fulfil instalment dialogue anaemia".split(),
)
def test_british_american_and_the_words_of_the_trade_are_known(proofreader, word):
    assert proofreader.meant(word) is None


def test_the_bank_is_quiet(proofreader, questions):
    found = told_seldom({slug: proofreader.slips(q) for slug, q in questions.items()})
    told = [sentence for sentences in found.values() for sentence in sentences]
    assert len(told) <= len(questions) / 5, told


def test_a_slip_is_told_where_it_stands_and_not_when_many_write_so(proofreader, questions):
    question = changed(questions["wake-word"], baseline="Press the buttun instead of calling it.")
    (slip,) = proofreader.slips(question)
    assert slip == ("buttun", "baseline: 'buttun' may be meant as button")
    assert told_seldom({"a": [slip]}) == {"a": (slip[1],)}
    assert told_seldom({"a": [slip], "b": [slip], "c": [slip]}) == {"a": (), "b": (), "c": ()}


def test_a_word_of_the_question_or_used_often_is_meant(proofreader, questions):
    often = changed(questions["wake-word"], baseline="A buttun, a buttun and a third buttun.")
    named = changed(
        questions["wake-word"], baseline="Press the buttun.", words={"press": ["buttun"]}
    )
    assert proofreader.slips(often) == proofreader.slips(named) == []


def test_what_takes_too_long_to_say_is_told(questions):
    question = questions["wake-word"]
    assert list(slow(question)) == []
    facts = [f.model_dump() for f in question.facts]
    facts[0]["answer"] = "It is so and so. " * 14
    (told,) = slow(changed(question, facts=facts))
    assert told == f"facts > {facts[0]['id']}: takes 28 seconds to say; 25 can be listened to"
    assert seconds_of("word " * 150) == 60
    assert seconds_of("1,200,000") > seconds_of("seven")


def test_a_statement_that_is_right_and_wrong_is_told(rubric, asking, questions):
    question = questions["wake-word"]
    facts = [f.model_dump() for f in question.facts]
    facts[0]["agrees"] = [*facts[0]["agrees"], "battery|accumulator lasts|holds forever"]
    facts[1]["contradicts"] = [*facts[1]["contradicts"], "battery lasts|runs forever|always"]
    told = list(
        contradictions(changed(question, facts=facts), sheet_of(facts, question, rubric, asking))
    )
    assert any(
        f"facts > {facts[0]['id']}: 'battery|accumulator lasts|holds forever' agrees with it and "
        f"contradicts {facts[1]['id']}" == sentence
        for sentence in told
    ), told


def sheet_of(facts, question, rubric, asking):
    return FactSheet(changed(question, facts=facts), rubric.lexicon, asking)


def test_one_quantity_with_two_amounts_is_told(rubric, asking, questions):
    question = questions["wake-word"]
    facts = [f.model_dump() for f in question.facts]
    facts[0]["answer"] = "The green battery drawer holds 40 spare cells."
    facts[1]["answer"] = "The green battery drawer holds 70 spare cells."
    told = list(
        contradictions(changed(question, facts=facts), sheet_of(facts, question, rubric, asking))
    )
    assert (
        f"facts > {facts[1]['id']}: gives another figure than {facts[0]['id']} for the same thing"
        in told
    )


def test_a_fact_that_nothing_needs_is_told(rubric, asking, questions):
    question = questions["wake-word"]
    facts = [f.model_dump() for f in question.facts]
    facts[0] |= {
        "answer": "The canteen serves pancakes on Thursdays.",
        "about": "lunch",
        "values": [],
    }
    told = list(unneeded(changed(question, facts=facts), sheet_of(facts, question, rubric, asking)))
    assert any(sentence.startswith(f"facts > {facts[0]['id']}: nothing") for sentence in told)


def test_advice_names_the_question(rubric, asking, questions):
    advice = Checker(rubric, asking, own_words(None)).advise(questions["wake-word"])
    assert all(told.startswith("wake-word: ") for told in advice.sentences)


def test_a_form_that_cannot_be_read_leaves_consistency_out(rubric, asking, questions):
    facts = [f.model_dump() for f in questions["wake-word"].facts]
    facts[0]["forms"] = ["the of"] * 3
    assert (
        Checker(rubric, asking).advise(changed(questions["wake-word"], facts=facts)).sentences == ()
    )
