"""Cards are found by facet and by word; counts say what each further click would show."""

from dataclasses import replace

import pytest

from app.bank.bank import Shelf
from app.bank.card import OnStep, card_of, hidden_text
from app.bank.search import LITTLE, ON_A_PAGE, Cards, Wanted
from app.rubric.shelf import get_rubric


@pytest.fixture(scope="module")
def kept():
    return Shelf(None).all()


@pytest.fixture(scope="module")
def all_cards(kept):
    rubric = get_rubric()
    return [card_of(one.question, one.sha256, rubric) for one in kept.values()]


@pytest.fixture(scope="module")
def cards(all_cards):
    return Cards(all_cards)


def slugs(shown):
    return [card.slug for card in shown.cards]


def test_all_are_shown_by_title_when_nothing_is_wanted(cards, all_cards):
    shown = cards.find(Wanted())
    assert shown.total == len(all_cards)
    titles = [card.title.casefold() for card in shown.cards]
    assert titles == sorted(titles)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("fraud", "payment-fraud"),
        ("fruad", "payment-fraud"),
        ("recomender", "next-video"),
        ("recom", "next-video"),
        ("augmented realty", "shoe-try-on"),
        ("Rental Search", "rental-search"),
        ("rentals", "rental-search"),
        ("wake-word", "wake-word"),
    ],
)
def test_words_are_found_in_spite_of_typos(cards, text, slug):
    assert slug in slugs(cards.find(Wanted(text=text)))


def test_a_word_that_nothing_resembles_finds_nothing(cards):
    shown = cards.find(Wanted(text="xylophone"))
    assert (shown.total, shown.pages, shown.page) == (0, 1, 1)


def test_whole_words_come_before_their_beginnings(all_cards):
    one, other = all_cards[:2]
    begins = replace(one, slug="a", title="A photographer's day", tags=(), prompt="Of prices.")
    whole = replace(other, slug="b", title="Zebras", tags=(), prompt="A photo of a zebra.")
    assert slugs(Cards([begins, whole]).find(Wanted(text="photo"))) == ["b", "a"]


def test_every_word_must_be_found(cards):
    assert "payment-fraud" not in slugs(cards.find(Wanted(text="fraud xylophone")))


def test_hidden_words_are_found_only_where_they_are_given(kept, all_cards, cards):
    word = "chargeback"
    assert not cards.find(Wanted(text=word)).total
    hidden = {slug: hidden_text(one.question) for slug, one in kept.items()}
    assert "account-takeover" in slugs(Cards(all_cards, hidden).find(Wanted(text=word)))


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(domain="search"),
        Wanted(domain="search", seniority="L4"),
        Wanted(text="ranking", seniority="L5", status="published"),
        Wanted(tag="calibration", category="probability"),
        Wanted(step="serving"),
    ],
)
def test_a_count_is_what_the_link_shows(cards, wanted):
    for name, choices in cards.find(wanted).facets.items():
        for choice in choices:
            shown = cards.find(replace(wanted, **{name: choice.value}))
            assert shown.total == choice.count, (name, choice)
            assert choice.chosen == (getattr(wanted, name) == choice.value)


def test_a_chosen_value_stays_where_it_leaves_nothing(cards):
    shown = cards.find(Wanted(domain="gaming", text="xylophone"))
    assert [c.value for c in shown.facets["domain"] if c.chosen] == ["gaming"]


def test_little_on_a_step_is_a_facet(all_cards):
    little = replace(all_cards[0], steps={**all_cards[0].steps, "serving": OnStep(1, LITTLE - 1)})
    enough = replace(all_cards[1], steps={**all_cards[1].steps, "serving": OnStep(1, LITTLE)})
    assert slugs(Cards([little, enough]).find(Wanted(step="serving"))) == [little.slug]


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("title", lambda c: c.title.casefold()),
        ("version", lambda c: -c.version),
        ("difficulty", lambda c: c.difficulty),
        ("domain", lambda c: c.domain),
        ("step", lambda c: c.steps[c.thinnest].total),
    ],
)
def test_orders(cards, order, key):
    keys = [key(card) for card in cards.find(Wanted(order=order)).cards]
    assert keys == sorted(keys)


def test_pages_hold_everything_once(all_cards):
    many = Cards(replace(all_cards[0], slug=f"s{number}") for number in range(ON_A_PAGE * 2 + 1))
    seen = [slug for page in (1, 2, 3) for slug in slugs(many.find(Wanted(page=page)))]
    assert len(seen) == len(set(seen)) == ON_A_PAGE * 2 + 1
    assert many.find(Wanted(page=99)).page == many.find(Wanted()).pages == 3


LOOKED_FOR = [
    Wanted(),
    Wanted(order="step"),
    Wanted(order="version", domain="search"),
    Wanted(text="fraud"),
    Wanted(text="fruad"),
    Wanted(text="renamed ranking"),
    Wanted(text="unheard", tag="calibration"),
    Wanted(text="chargeback"),
    Wanted(step="serving", status="draft"),
]


def test_after_changes_the_same_is_found_as_if_all_were_indexed_again(kept, all_cards):
    hidden = {slug: hidden_text(one.question) for slug, one in kept.items()}
    cards = Cards(all_cards, hidden)
    before = [cards.find(wanted) for wanted in LOOKED_FOR]
    now = {card.slug: card for card in all_cards}
    slugs_ = list(now)
    steps = [
        ([replace(now[slugs_[3]], title="Renamed ranking", status="draft", version=9)], []),
        ([replace(now[slugs_[5]], tags=(), prompt="Unheard of.", domain="gaming")], slugs_[8:12]),
        ([now[slugs_[9]], replace(now[slugs_[0]], slug="new-one", title="A new one")], []),
    ]
    changed = cards
    for put, gone in steps:
        changed = changed.changed([(card, hidden.get(card.slug, "")) for card in put], gone)
        now = {slug: card for slug, card in now.items() if slug not in gone}
        now |= {card.slug: card for card in put}
        again = Cards(now.values(), hidden)
        for wanted in LOOKED_FOR:
            assert changed.find(wanted) == again.find(wanted), wanted
    assert [cards.find(wanted) for wanted in LOOKED_FOR] == before


def test_an_address_says_the_same_as_what_is_wanted():
    wanted = Wanted(text="ad & click=100 %", domain="ads", tag="a-b", page=3)
    assert wanted.to_query(page=3) == "text=ad%20%26%20click%3D100%20%25&domain=ads&tag=a-b&page=3"
    assert wanted.to_query() == "text=ad%20%26%20click%3D100%20%25&domain=ads&tag=a-b"
    assert wanted.to_query(domain="", text="") == "tag=a-b"


@pytest.mark.parametrize(
    "pairs",
    [
        [("page", "0"), ("domain", "nowhere"), ("order", "slug"), ("colour", "red")],
        [("page", "-7"), ("status", "' or 1=1"), ("seniority", "L9"), ("step", "<script>")],
        [("page", "9999999999999999999999"), ("text", "  ")],
        [("page", "１２")],
        [],
    ],
)
def test_what_cannot_be_meant_is_left_out(pairs):
    assert Wanted.from_query(pairs) == Wanted()


def test_an_address_is_read():
    wanted = Wanted.from_query([("text", " fraud  in "), ("domain", "ads"), ("page", "2")])
    assert wanted == Wanted(text="fraud in", domain="ads", page=2)
    assert len(Wanted.from_query([("text", "x" * 5000)]).text) == 200
