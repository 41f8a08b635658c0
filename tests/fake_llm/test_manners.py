"""The bad replies: many, different, the same for a seed, and bad in the way that their label says."""

import random
from collections import Counter

import pytest

from app.fake_llm.amounts import amounts_of, changed, otherwise, spelled
from app.fake_llm.manners import KINDS, replies

SAY = "How do you divide that time, and which part do you cut off when it is late?"
TELLS = "25 euros on average, so about 1 billion euros move on an ordinary day."
HIDDEN = [
    "80 milliseconds at the 99th percentile, from our call until your verdict is back.",
    "A dispute arrives after 45 days on average, and nearly all of them within 90 days.",
    "60 analysts, and each gets through about 120 cases a day.",
]
TOLD = [
    "If no verdict arrives in time, payments up to 50 euros are approved and larger ones refused."
]
EARLIER = ["Payees and devices come in tens of millions. In what shape do they reach the model?"]


def made(seed: int = 0, say: str = SAY):
    found = [(bad, bad.reply_for(say, HIDDEN, TOLD, EARLIER)) for bad in replies(seed)]
    return [(bad, reply) for bad, reply in found if reply]


def test_there_are_more_than_five_hundred_of_every_kind():
    for say in (SAY, TELLS):
        texts = Counter(reply.text for _, reply in made(say=say))
        assert len(texts) >= 500
        assert {bad.kind for bad, _ in made(say=say)} >= set(KINDS) - {"answer"}
    assert {bad.kind for bad, _ in made()} == set(KINDS)


def test_a_seed_gives_the_same_and_another_seed_others():
    assert [r.text for _, r in made(1)] == [r.text for _, r in made(1)]
    assert len({r.text for _, r in made(1)} - {r.text for _, r in made(2)}) > 30


def test_names_are_unique():
    names = [bad.name for bad in replies()]
    assert len(set(names)) == len(names)


def test_the_part_that_must_not_be_shown_stands_in_the_reply_and_not_in_the_script():
    for say in (SAY, TELLS):
        for bad, reply in made(say=say):
            assert reply.breach in reply.text, bad.name
            if reply.breach:
                assert reply.breach not in say, bad.name


def test_what_does_not_apply_is_not_made():
    bare = {bad.kind for bad in replies() if bad.text_for(TELLS)}
    assert not bare & {"leak", "repeat", "answer"}
    assert all(bad.text_for("Go on.") is None for bad in replies() if bad.kind == "contradiction")


def test_leaks_hold_hidden_words_or_numbers():
    numbers = {"80", "45", "90", "60", "120", "99"}
    for bad, reply in made():
        if bad.kind != "leak" or "otherwise" in bad.name or "wide" in bad.name:
            continue
        plain = reply.breach.lower().replace(" ", "")
        words = {w for text in HIDDEN for w in text.lower().split() if len(w) > 4}
        assert any(w.strip(".,") in plain for w in words) or any(n in plain for n in numbers), (
            bad.name
        )


def test_contradictions_are_not_what_was_told():
    for bad, reply in made(say=TELLS):
        if bad.kind == "contradiction":
            assert not any(text.rstrip(".").lower() in reply.text.lower() for text in TOLD), (
                bad.name
            )


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (19, "nineteen"),
        (45, "forty-five"),
        (80, "eighty"),
        (101, "one hundred and one"),
        (3000, "three thousand"),
        (40_000_000, "forty million"),
        (1234, "one thousand two hundred and thirty-four"),
        (0.25, "zero point two five"),
        (4.345, "four point three four five"),
    ],
)
def test_numbers_are_spelled(number, words):
    assert spelled(number) == words


def test_amounts_are_found_where_they_stand():
    text = "After 45 days, 1.5 million payments at 3,000 a second; a 30-day window, T4 and v1.2."
    found = [(a.text, a.amount, a.unit) for a in amounts_of(text)]
    assert found == [
        ("45 days", 45, "days"),
        ("1.5 million", 1.5e6, None),
        ("3,000", 3000, None),
        ("30-day", 30, "days"),
    ]
    assert all(text[a.start : a.end] == a.text for a in amounts_of(text))


def test_an_amount_is_said_otherwise_without_its_digits_and_changed_for_good():
    (amount,) = amounts_of("45 days")
    drawn = random.Random(0)
    ways = {otherwise(amount, drawn) for _ in range(40)}
    assert ways == {"forty-five days", "a month and a half", "6.429 weeks"}
    assert "45 days" not in {changed(amount, drawn) for _ in range(40)}
