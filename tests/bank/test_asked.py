"""Questions for facts, written by people who had seen a prompt and what its facts answer, and nothing of how their
author foresaw to be asked: five on the sheet and one that is not, for each question. In asked/ they are put as one
would put them, in asked_far/ (not for every question) in words as far from the answers' as people choose. Every second
slug of asked/, in the order of the alphabet, was open to tuning; the others and all of asked_far/ are not.
"""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from app.bank.bank import find_questions, load_question
from benchmarks.asking import ear

HERE = Path(__file__).parent
QUESTIONS = find_questions()
# Told the right fact (a second one beside it counts as right), told only others, told or asked back about the right
# one; off the sheet told something. Wanted are 0.9 and 0.02. When they were first read, before anything was mended:
# 0.883 and 0.028 as one puts it; 0.486 and 0.065 in far words.
SETS = {"asked": (0.89, 0.025, 0.94, 0.14), "asked_far": (0.46, 0.06, 0.60, 0.09)}


def slugs(folder):
    return sorted(QUESTIONS if folder == "asked" else {p.stem for p in (HERE / folder).iterdir()})


def lines(folder, slug):
    text = (HERE / folder / f"{slug}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def outcome(slug, line):
    heard = ear(slug).understand(line["ask"])
    told = {one.fact.id for one in (*heard.asked, *heard.assumed) if one.fact}
    offered = {fact.id for one in heard.asked for fact in one.likely}
    if line["fact"] is None:
        return "off the sheet told" if told else "off the sheet"
    if line["fact"] in told:
        return "right"
    if told:
        return "wrong"
    return "asked back" if line["fact"] in offered else "declined"


@cache
def shares(folder):
    counts = Counter(outcome(slug, line) for slug in slugs(folder) for line in lines(folder, slug))
    off = counts["off the sheet"] + counts["off the sheet told"]
    on = counts.total() - off
    assert (on, off) == (5 * len(slugs(folder)), len(slugs(folder)))
    found = counts["right"] + counts["asked back"]
    told = counts["off the sheet told"] / off
    return counts["right"] / on, counts["wrong"] / on, found / on, told


@pytest.mark.parametrize(
    "folder, slug", [(folder, slug) for folder in SETS for slug in slugs(folder)]
)
def test_five_are_on_the_sheet_and_one_is_not(folder, slug):
    facts = {fact.id for fact in load_question(QUESTIONS[slug]).question.facts}
    wanted = [line["fact"] for line in lines(folder, slug)]
    assert wanted.count(None) == 1 and len(set(wanted)) == 6
    assert set(wanted) - {None} <= facts


@pytest.mark.parametrize("folder", SETS)
def test_most_find_their_fact_and_hardly_any_another(folder):
    right, wrong, found, _ = shares(folder)
    least_right, most_wrong, least_found, _ = SETS[folder]
    assert right >= least_right and wrong <= most_wrong and found >= least_found, shares(folder)


@pytest.mark.parametrize("folder", SETS)
def test_what_is_not_on_the_sheet_is_declined(folder):
    assert shares(folder)[3] <= SETS[folder][3], shares(folder)
