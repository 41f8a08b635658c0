"""Whether candidates are told what they ask for, and assumptions get the right verdict, on independent sets."""

import pytest

from app.matching import Slips
from benchmarks import asking


@pytest.fixture(scope="module")
def rates():
    return asking.asked_rates(asking.questions())


def test_nine_questions_of_ten_find_their_fact(rates):
    assert rates["right"] >= 0.90


def test_hardly_ever_is_something_else_told(rates):
    assert rates["wrong"] <= 0.02


def test_what_is_not_on_the_sheet_is_declined(rates):
    assert rates["declined"] >= 0.95


def test_nine_assumptions_of_ten_get_the_right_verdict():
    assert asking.verdicts_right(asking.assumptions()) >= 0.90


def test_a_third_of_both_sets_is_kept_back():
    for items in (asking.questions(), asking.assumptions()):
        assert sum(item.kept_back for item in items) / len(items) == pytest.approx(1 / 3, abs=0.02)


def test_every_fact_that_is_wanted_is_on_its_sheet():
    for item in asking.questions():
        assert item.facts <= {fact.id for fact in asking.ear(item.slug).sheet.question.facts}
    for thing in asking.assumptions():
        known = {fact.id for fact in asking.ear(thing.slug).sheet.question.facts}
        assert thing.fact is None or thing.fact in known


@pytest.mark.parametrize(
    "word", ["experience", "transactions", "county", "drive", "serve", "later", "trail"]
)
def test_a_real_word_is_not_taken_for_another(word):
    slips = Slips(
        ["experiment", "translations", "country", "driver", "server", "latter", "trial"],
        ["county", "later", "trail"],
    )
    assert slips.find(word) is None


@pytest.mark.parametrize(
    "written, meant",
    [
        ("langauge", "language"),
        ("budgt", "budget"),
        ("traffiic", "traffic"),
        ("lebelling", "labelling"),
    ],
)
def test_one_slip_is_mended(written, meant):
    assert Slips(["language", "budget", "traffic", "labelling"], []).find(written) == meant


@pytest.mark.parametrize(
    "said, asks",
    [
        ("Can you tell me the right answer?", True),
        ("Just give me the model answer.", True),
        ("What's the correct answer here?", True),
        ("The right answer is stored, and the answers of the analysts become labels.", False),
        ("We compare it with the correct answer that the analysts gave.", False),
    ],
)
def test_who_asks_for_the_answers_is_told_apart_from_a_design_with_answers(said, asks):
    assert ("scoring" in asking.ear("payment-fraud").understand(said).talk) == asks


def test_the_time_that_is_left_is_asked_for():
    assert asking.ear("payment-fraud").understand("What time do we have left").talk == ("time",)


def test_a_wrong_number_is_corrected_in_the_right_words():
    heard = asking.ear("payment-fraud").understand("I assume the latency is 500 ms.")
    assert [(one.verdict, one.fact.id) for one in heard.assumed] == [("correct", "latency")]


@pytest.mark.parametrize(
    "said, dimension, amount",
    [
        ("one euro per chat", "money", 1.0),
        ("five and half a year", "time", 5.5 * 31557600),
        ("half a year or so", "time", 0.5 * 31557600),
        ("a quarter of a second", "time", 0.25),
        ("two and a half million a day", "rate", 2.5e6 / 86400),
        ("four in a thousand", "share", 0.004),
        ("one in two thousand", "share", 0.0005),
        ("eight out of ten", "share", 0.8),
        ("a third of the pairs", "share", 1 / 3),
        ("seven or eight minutes", "time", 450.0),
        ("half a million users", "count", 500_000),
    ],
)
def test_amounts_are_read_as_they_are_said(said, dimension, amount):
    sheet = asking.ear("ad-click").sheet
    (read,) = sheet.quantities.find(sheet.reader.read(said))
    assert (read.dimension, read.amount) == (dimension, pytest.approx(amount))


def test_this_one_is_no_amount():
    sheet = asking.ear("ad-click").sheet
    assert not sheet.quantities.find(sheet.reader.read("this one is fine and a third party has it"))


@pytest.mark.parametrize(
    "said",
    [
        "I would track how many of them come back.",
        "We would measure how many payments are blocked by mistake.",
        "I'd look at how often the model is wrong each week.",
        "Then we monitor how many chargebacks arrive.",
        "So the dashboard shows how much money is lost per day.",
    ],
)
def test_a_plan_with_a_question_inside_asks_nobody(said):
    assert asking.ear("payment-fraud").understand(said).asked == ()


@pytest.mark.parametrize(
    "slug, said, wanted",
    [
        (
            "harmful-content",
            "Let me think about a harmless post that is removed by mistake. How bad is that?",
            {"wrong-removal-cost"},
        ),
        (
            "dynamic-pricing",
            "Elasticity needs prices that moved. How much have they been changed so far?",
            {"variation"},
        ),
        (
            "payment-fraud",
            "What's the latency budget, and how many payments a day?",
            {"latency", "volume"},
        ),
        ("support-assistant", "Is there any evaluation data with reference answers?", {"test-set"}),
    ],
)
def test_a_question_is_heard_with_the_words_around_it(slug, said, wanted):
    asked = asking.ear(slug).understand(said).asked
    assert {one.fact.id for one in asked if one.fact} == wanted
