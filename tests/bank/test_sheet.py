"""A fact is found in words its author did not foresee, and none where the sheet does not hold it."""

import os
import subprocess
import sys

import pytest

from app.bank.asking import load_asking
from app.bank.bank import get_question
from app.bank.sheet import FactSheet
from app.rubric.shelf import get_rubric

RANKED = """
from tests.bank.test_sheet import made
sheet = made()
for said in ("How quick must the answer be?", "who looks at the blocked ones", "what if the model is down"):
    print([(found.fact.id, found.score) for found in sheet.rank(sheet.reader.read(said))])
"""


def made():
    return FactSheet(get_question("payment-fraud").question, get_rubric().lexicon, load_asking())


@pytest.fixture(scope="module")
def sheet():
    return made()


@pytest.mark.parametrize(
    "said, wanted",
    [
        ("How snappy does the answer have to be?", "latency"),
        ("Within how many milliseconds must the verdict be there?", "latency"),
        ("When a chargeback comes, how late is that?", "label-delay"),
        ("Which privacy laws tie my hands?", "legal"),
        ("What is the colour of the logo?", None),
        ("Do they serve coffee in the office?", None),
    ],
)
def test_other_words_find_the_fact_or_none(sheet, said, wanted):
    found = sheet.find(sheet.reader.read(said))
    assert (found and found.id) == wanted


def test_probabilities_leave_room_for_nothing(sheet):
    shares = [found.score for found in sheet.rank(sheet.reader.read("Is there a mascot?"))]
    assert 0 <= sum(shares) < 0.5


def test_what_says_nothing_asks_for_nothing(sheet):
    for said in ("", "?", "the", "12"):
        assert sheet.find(sheet.reader.read(said)) is None


def test_the_order_of_sets_decides_nothing():
    told = {
        subprocess.run(
            [sys.executable, "-c", RANKED],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1 and "latency" in told.pop()
