"""A question told twice is found, two questions of one domain are not; measured on texts rewritten for the purpose.

Questions at even places of their sorted slugs were fitted on, those at odd places were not.
"""

from itertools import combinations
from pathlib import Path

import pytest
import yaml

from app.bank.bank import Shelf
from app.bank.card import family_of
from app.bank.similar import THRESHOLD, Alike, Told, similar, told_of
from app.concepts.words import Reader
from app.rubric.shelf import get_rubric

FOLDER = Path(__file__).with_name("rewritten")
MANNERS = ("in_other_words", "in_a_hurry")
DISTINCT = 500


def rewritten():
    """(slug, manner, the copy), sorted by slug."""
    for manner in MANNERS:
        read = yaml.safe_load((FOLDER / f"{manner}.yaml").read_text("utf-8"))
        for slug, card in read.items():
            facts = {f"fact-{i}": text for i, text in enumerate(card["facts"], 1)}
            yield slug, manner, Told(f"{slug}-again", card["prompt"], facts)


COPIES = sorted(rewritten(), key=lambda copy: copy[0])


@pytest.fixture(scope="module")
def questions():
    return {slug: kept.question for slug, kept in Shelf(None).all().items()}


@pytest.fixture(scope="module")
def alike(questions):
    return Alike(Reader(get_rubric().lexicon), questions.values())


def halves(items):
    items = list(items)
    return {"fitted": items[::2], "kept back": items[1::2]}


def distinct(questions):
    """Pairs of different questions, those that share a domain first, then those of one family."""
    pairs = combinations(sorted(questions), 2)

    def nearness(pair):
        one, other = (questions[slug] for slug in pair)
        return (one.domain != other.domain, family_of(one.category) != family_of(other.category))

    return sorted(pairs, key=lambda pair: (nearness(pair), pair))[:DISTINCT]


def test_there_are_fifty_copies_in_two_manners():
    assert len(COPIES) == 50
    for _, _, copy in COPIES:
        assert 6 <= len(copy.facts) <= 8


@pytest.mark.parametrize("half", ["fitted", "kept back"])
def test_copies_are_found_among_all_questions(alike, half):
    found = [
        any(pair.other == slug for pair in alike.find(copy))
        for slug, _, copy in halves(COPIES)[half]
    ]
    assert sum(found) / len(found) >= 0.95


@pytest.mark.parametrize("half", ["fitted", "kept back"])
def test_different_questions_are_not(alike, questions, half):
    pairs = halves(distinct(questions))[half]
    assert len(pairs) == DISTINCT / 2
    false = [p for p in pairs if alike.compare(*(questions[s] for s in p)).score >= THRESHOLD]
    assert len(false) / len(pairs) <= 0.01, false


def test_a_copy_is_told_of_its_own_original_alone(alike):
    wrong = [
        (slug, pair.other)
        for slug, _, copy in COPIES
        for pair in alike.find(copy)
        if pair.other != slug
    ]
    assert len(wrong) <= 1, wrong


def test_no_two_questions_of_the_bank_are_one(questions):
    assert similar(questions.values(), Reader(get_rubric().lexicon)) == []


def test_the_sentences_that_are_alike_are_shown(alike):
    _, _, copy = next(c for c in COPIES if c[0] == "wake-word")
    pair = alike.find(copy)[0]
    assert (pair.slug, pair.other) == ("wake-word-again", "wake-word")
    shown = {(part.where, part.other_where) for part in pair.parts}
    assert ("fact-3", "voices-recorded") in shown
    assert all(part.text and part.other_text for part in pair.parts)


def test_what_is_added_is_compared_with_what_was_there_before(questions):
    alike = Alike(Reader(get_rubric().lexicon), [])
    told = told_of(questions["wake-word"])
    assert alike.add(told) is None
    assert alike.add(Told("other", told.prompt, told.facts)).other == "wake-word"


def test_the_same_pairs_come_in_the_same_order(questions):
    reader = Reader(get_rubric().lexicon)
    some = [told_of(questions[s]) for s in ("wake-word", "news-feed", "ad-click")]
    again = [Told(f"{t.slug}-again", t.prompt, t.facts) for t in some]
    pairs = similar([*some, *again], reader)
    assert [(p.slug, p.other) for p in pairs] == sorted((p.slug, p.other) for p in pairs)
    assert len(pairs) == 3
