"""However much of the bank has changed, its list is what it would be if it were made anew."""

import pytest

from app.bank.bank import Kept, Shelf
from app.bank.search import Wanted
from app.rubric.shelf import get_rubric
from app.storage.desk import Standing
from app.web.catalogue import Catalogue

BANK = dict(list(Shelf(None).all().items())[:16])
RUBRIC = get_rubric()
LOOKED_FOR = [Wanted(), Wanted(text="renamed"), Wanted(text="milliseconds"), Wanted(text="model")]


def renamed(slugs):
    return {
        slug: Kept(BANK[slug].question.model_copy(update={"title": f"Renamed {slug}"}), "f" * 64)
        for slug in slugs
    }


def standings(questions):
    return {slug: Standing(slug, kept, kept, None) for slug, kept in questions.items()}


def found(cards):
    return [cards.find(wanted) for wanted in LOOKED_FOR]


@pytest.mark.parametrize("changed", [0, 1, 3, 4, 15, 16])
def test_what_did_not_change_stays_in_the_list(changed):
    now = {**BANK, **renamed(list(BANK)[:changed])}
    catalogue = Catalogue()
    for questions in (BANK, now, BANK):
        shown = found(catalogue.published(questions, RUBRIC))
        assert shown == found(Catalogue().published(questions, RUBRIC))
        assert shown[0].total == len(BANK)
        shown = found(catalogue.everything(standings(questions), RUBRIC))
        assert shown == found(Catalogue().everything(standings(questions), RUBRIC))
    assert found(catalogue.published(now, RUBRIC))[1].total == changed


def test_a_bank_that_grows_by_half_or_shrinks_to_little_is_shown_whole():
    catalogue = Catalogue()
    slugs = list(BANK)
    for some in (slugs[:10], slugs, slugs[:2], slugs[2:6], [], slugs[:1]):
        questions = {slug: BANK[slug] for slug in some}
        shown = found(catalogue.published(questions, RUBRIC))
        assert shown == found(Catalogue().published(questions, RUBRIC))
        assert shown[0].total == len(some)


def test_answers_that_are_opened_or_shut_again_take_nothing_from_the_list():
    catalogue = Catalogue()
    all_of_them = standings(BANK)
    slugs = list(BANK)
    for opened in (frozenset(), frozenset(slugs[:1]), None, frozenset(slugs[:3]), frozenset()):
        shown = found(catalogue.everything(all_of_them, RUBRIC, opened))
        assert shown == found(Catalogue().everything(all_of_them, RUBRIC, opened))
        assert shown[0].total == len(BANK)
