"""Whether a clause is a question shows in its word order; recognisers drop the mark."""

import pytest

from app.concepts.questions import Questions

QUESTIONS = [
    "what is the latency",
    "so how many users do we have",
    "do we have labels",
    "is the data labelled",
    "are there any constraints on cost",
    "okay and who would use this",
    "should we care about new users",
    "which metric do you care about",
    "can I assume that clicks are logged",
    "how fast does it have to be",
]
STATEMENTS = [
    "what we return is a list",
    "when the model is down we show popular items",
    "how often the right one comes first is the metric",
    "which means we retrain weekly",
    "we do have labels",
    "I would ask for the latency",
    "so we split the data by time",
    "where labels are late we wait",
    "what",
    "then the model is served behind an api",
]


@pytest.fixture(scope="module")
def begins(reader):
    questions = Questions(reader)

    def of(text: str) -> bool:
        words = reader.read(text)
        return questions.begins(words.stems, 0, len(words) - 1)

    return of


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_heard_without_its_mark(begins, text):
    assert begins(text)


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_statement_that_begins_like_one_is_none(begins, text):
    assert not begins(text)
