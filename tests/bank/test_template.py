"""A new question is a draft that can be read at once, and says what is still to be written."""

import pytest

from app.bank.asking import load_asking
from app.bank.bank import find_questions, load_question, read_question
from app.bank.lines import problems_by_line
from app.bank.template import blank, from_existing
from app.content import read_text
from app.errors import InvalidContent
from app.rubric.shelf import get_rubric


def test_a_new_question_is_a_draft_that_can_be_read():
    text = blank("lamp-shop", "Sell lamps: all of them")
    question = read_question(text, "lamp-shop", "it").question
    assert (question.slug, question.status, question.version) == ("lamp-shop", "draft", 1)
    assert question.title == "Sell lamps: all of them"
    assert text.count("#") > 15


def test_what_is_still_to_be_written_is_told_on_its_line():
    text = blank("lamp-shop", "Sell lamps")
    told = problems_by_line(text, get_rubric(), load_asking())
    sentences = "\n".join(problem.sentence for problem in told)
    for wanted in (
        "prompt: is still to be written (TODO)",
        "1 facts; 10 are needed",
        "0 twists",
        "no follow-up presses monitoring",
    ):
        assert wanted in sentences
    assert "rubric has no criterion" not in sentences


def test_a_question_from_another_keeps_all_but_its_name():
    path = find_questions()["wake-word"]
    text, old = read_text(path), load_question(path).question
    new = read_question(from_existing(text, "door-bell", "Hear a bell"), "door-bell", "it").question
    assert (new.slug, new.title, new.version, new.status) == (
        "door-bell",
        "Hear a bell",
        1,
        "draft",
    )
    assert new.facts == old.facts and new.expects == old.expects


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "x",
        "Lamp",
        "../lamp",
        "lamp/shop",
        "con",
        "lpt1",
        "lamp.",
        "a" * 60,
        "lamp\n",
        "läm",
        "lamp\x00",
        "%2e%2e",
        "-lamp",
        "\u2024\u2024",
        "aux",
    ],
)
def test_a_slug_that_is_none_is_refused(slug):
    with pytest.raises(InvalidContent, match="is no slug"):
        blank(slug, "Sell lamps")


def test_the_template_is_no_question_of_the_bank():
    assert not any("template" in slug for slug in find_questions())
