"""Questions for facts, written by people who had seen a prompt and what its facts answer, and nothing of how their
author foresaw to be asked: five on the sheet and one that is not, for each question.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from app.bank.asking import load_asking
from app.bank.bank import find_questions, load_question
from app.bank.sheet import FactSheet
from app.rubric.shelf import get_rubric

ASKED = Path(__file__).parent / "asked"
QUESTIONS = find_questions()
# When they were first read: 0.486 right, 0.034 wrong, the others declined; 6 of 65 off the sheet told anyway. Wanted
# are 0.9 and 0.02. They are put in words as far from the answers' as people choose, and are not to be tuned for.
RIGHT, WRONG, TOLD_ANYWAY = 0.46, 0.045, 0.11


def asked(slug):
    lines = (ASKED / f"{slug}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


@pytest.fixture(scope="module")
def told():
    """(what was wanted, what was told) -> how often."""
    rubric, asking = get_rubric(), load_asking()
    counts = Counter()
    for slug, path in QUESTIONS.items():
        question = load_question(path).question
        sheet = FactSheet(question, rubric.lexicon, asking)
        for line in asked(slug):
            found = sheet.find(sheet.reader.read(line["ask"]))
            if line["fact"] is None:
                counts["off the sheet", "declined" if found is None else "told"] += 1
            elif found is None:
                counts["on it", "declined"] += 1
            else:
                counts["on it", "right" if found.id == line["fact"] else "wrong"] += 1
    return counts


@pytest.mark.parametrize("slug", sorted(QUESTIONS))
def test_five_are_on_the_sheet_and_one_is_not(slug):
    facts = {fact.id for fact in load_question(QUESTIONS[slug]).question.facts}
    wanted = [line["fact"] for line in asked(slug)]
    assert wanted.count(None) == 1 and len(set(wanted)) == 6
    assert set(wanted) - {None} <= facts


def test_most_find_their_fact_and_hardly_any_another(told):
    total = sum(count for (where, _), count in told.items() if where == "on it")
    assert total >= 320
    assert told["on it", "right"] / total >= RIGHT, told
    assert told["on it", "wrong"] / total <= WRONG, told


def test_what_is_not_on_the_sheet_is_declined(told):
    total = sum(count for (where, _), count in told.items() if where == "off the sheet")
    assert told["off the sheet", "told"] / total <= TOLD_ANYWAY, told
