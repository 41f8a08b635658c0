"""An honest reply has the move's words, numbers and question; an ill-mannered one what its name says."""

import re

import pytest

from app.fake_llm.faults import FAULTS
from app.fake_llm.interviewer import BAD, phrase
from app.fake_llm.server import running
from tests.fake_llm.conftest import move, say

MOVES = [
    "How do you divide that time, and which part do you cut off when it is late?",
    "25 euros on average, so about 1 billion euros move on an ordinary day.",
    "Half of it is accounts in the wrong hands and a third is stolen cards.",
    "It is recorded which rule fired, and nothing else.",
    "Yes, take that.",
    "Noted as your assumption. Go on.",
    "I have nothing on that. Your call; state an assumption and go on.",
    "27 minutes left.",
    'You said "only half ever tell us". What exactly would that do here?',
    'Coming back to "names": how would that work in this case?',
]
WORD = re.compile(r"[\w']+")
OPENERS = {
    "so",
    "okay",
    "all",
    "right",
    "let",
    "me",
    "ask",
    "this",
    "now",
    "well",
    "as",
    "for",
    "that",
}
CONTRACTED = {"it's", "that's", "let's", "they're", "we've", "you've", "would", "could"}
FULL = {"it", "is", "that", "let", "us", "they", "are", "we", "have", "you", "do", "can"}


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("script", MOVES)
def test_an_honest_reply_says_the_move_and_nothing_more(script, seed):
    said = phrase(script, seed)
    assert re.findall(r"\d+", said) == re.findall(r"\d+", script)
    assert said.count("?") == script.count("?")
    assert set(words(said)) - set(words(script)) <= OPENERS | CONTRACTED
    assert set(words(script)) - set(words(said)) <= FULL
    assert phrase(script, seed) == said


def test_replies_are_not_all_alike():
    assert sum(phrase(script) != script for script in MOVES) >= 3
    assert len({phrase(MOVES[0], seed) for seed in range(8)}) >= 3


def test_the_last_script_of_the_request_is_said_not_one_that_a_candidate_wrote(fake):
    assert "not this" not in say(fake, move(MOVES[1]))
    assert "1 billion euros" in say(fake, move(MOVES[1]))


def test_another_seed_words_it_otherwise(fake):
    with running(seed=3) as other:
        assert any(say(other, move(script)) != say(fake, move(script)) for script in MOVES)


SIGNS = {
    "leak": "45 days",
    "praise": "excellent",
    "repeat": "What is the goal?",
    "three_questions": "What does it cost?",
    "contradict": "82",
    "answers_itself": "I would say",
    "rubric": "criterion",
    "role_break": "As an AI",
    "long": "one could look at",
    "echo": "<conversation",
}


@pytest.mark.parametrize("kind", SIGNS)
def test_bad_manners_are_what_they_are_called(fake, kind):
    fake.fault(kind)
    assert SIGNS[kind] in say(fake, move("It takes 25 euros on average."))
    assert SIGNS[kind] not in say(fake, move("It takes 25 euros on average."))


def test_bad_manners_are_all_of_the_list():
    assert set(SIGNS) == set(BAD) == {k for k, f in FAULTS.items() if f.of == "interviewer"}


def test_a_leak_tells_what_it_was_given(fake):
    fake.fault("leak", text="the review team has 60 analysts")
    assert "60 analysts" in say(fake, move("Go on."))


def test_what_is_long_has_four_hundred_words(fake):
    fake.fault("long")
    assert len(say(fake, move("Go on.")).split()) == 400


def test_where_no_number_can_be_changed_the_sense_is(fake):
    fake.fault("contradict", times=2)
    assert "is not" in say(fake, move("The queue is read by people."))
    assert "other way round" in say(fake, move("Go on."))
