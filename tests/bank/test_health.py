"""What the bank covers and lacks, in plain words."""

from dataclasses import replace

import pytest

from app.bank.bank import Shelf
from app.bank.card import OnStep, card_of
from app.bank.experience import Experience, Pushed, Separation
from app.bank.health import health, named
from app.rubric.shelf import get_rubric


@pytest.fixture(scope="module")
def rubric():
    return get_rubric()


@pytest.fixture(scope="module")
def questions():
    every = {slug: kept.question for slug, kept in Shelf(None).all().items()}
    return {slug: every[slug] for slug in ("credit-scoring", "wake-word", "payment-fraud")}


@pytest.fixture(scope="module")
def cards(questions, rubric):
    return [card_of(question, "0" * 64, rubric) for question in questions.values()]


def test_the_matrix_counts_every_question_once(questions, cards, rubric):
    found = health(questions, cards, rubric)
    assert found.questions == sum(row.questions for row in found.matrix) == 3
    finance = next(row for row in found.matrix if row.domain == "finance")
    assert finance.seniority == {"L4": 0, "L5": 1, "L6": 1}
    assert finance.steps["serving"] == 0 and finance.steps["data"] == 1


def test_gaps_are_told_in_plain_words(questions, cards, rubric):
    gaps = health(questions, cards, rubric).gaps
    assert "no L4 question in finance" in gaps
    assert "no question in gaming" in gaps
    assert "no question of the kind language" in gaps
    assert "1 question has little on serving (credit-scoring)" in gaps
    thin = [replace(card, steps={**card.steps, "data": OnStep(0, 1)}) for card in cards]
    told = health(questions, thin, rubric).gaps
    assert "3 questions have little on data (credit-scoring, wake-word, payment-fraud)" in told


def test_a_criterion_that_nobody_presses_is_a_gap(questions, cards, rubric):
    found = health(questions, cards, rubric)
    nobody = [id for id, count in found.pressed.items() if not count]
    assert all(any(gap.endswith(f"({id})") for gap in found.gaps) for id in nobody)
    assert any(gap.startswith("none of 3 presses ") for gap in found.gaps) == bool(nobody)


def test_retired_questions_are_counted_by_status_alone(questions, cards, rubric):
    cards = [replace(cards[0], status="retired"), *cards[1:]]
    found = health(questions, cards, rubric)
    assert found.status == {"published": 2, "retired": 1} and found.questions == 2


def test_figures_are_worked_out(questions, cards, rubric):
    for napkin in health(questions, cards, rubric).napkins:
        assert not napkin.problems and all(done.holds for done in napkin.sums)


def test_sessions_say_what_is_worn(questions, cards, rubric):
    facts = {fact.id: 3 for fact in questions["wake-word"].facts[1:]}
    one = Experience(
        "wake-word",
        used=12,
        reports=12,
        facts=facts,
        follow_ups={"push": Pushed(10, 10, 1), "other": Pushed(10, 10, 5)},
        separations={
            ("step", "data"): Separation(-0.4, 12),
            ("step", "model"): Separation(0.4, 12),
        },
    )
    wear = health(questions, cards, rubric, experience={"wake-word": one}).wear
    assert wear == (
        "2 questions were never used (credit-scoring, payment-fraud)",
        f"wake-word: 1 fact was never asked for in 12 sessions ({questions['wake-word'].facts[0].id})",
        "wake-word: follow-ups that hardly ever land (push)",
        "wake-word: goes against doing well otherwise (step data)",
    )
    assert health(questions, cards, rubric).wear == ()


def test_long_lists_are_cut():
    assert named(list("abcdefg")) == "a, b, c, d, e and 2 more"
