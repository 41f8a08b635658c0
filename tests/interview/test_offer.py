"""Asking back: where no fact is sure, the interviewer says which it has, and the candidate takes one or goes on."""

import json
from pathlib import Path

import pytest

from app.candidates.script import Scripted
from app.commands.practice import lay_table, play
from benchmarks.asking import ear

FAR = (
    Path(__file__).parent.parent / "bank" / "asked_far"
)  # in words so far from the facts' that many are unsure


def unsure(many):
    """The first question written for a fact that is asked back about among `many`: (slug, question, the fact's id)."""
    for path in sorted(FAR.iterdir()):
        for line in map(json.loads, path.read_text("utf-8").splitlines()):
            heard = ear(path.stem).understand(line["ask"])
            alone = len(heard.asked) == 1 and not heard.assumed
            for asked in heard.asked if alone else ():
                if len(asked.likely) == many and asked.likely[0].id == line["fact"]:
                    return path.stem, line["ask"], line["fact"]
    raise AssertionError(f"no question is asked back about {many} facts")


@pytest.fixture(scope="module")
def one():
    return unsure(1)


@pytest.fixture(scope="module")
def two():
    return unsure(2)


@pytest.fixture(scope="module")
def table():
    return lay_table()


@pytest.fixture
def replies(table):
    """The moves that answer each of the turns, which come twenty seconds apart; their words; the session."""

    def played(slug, *said, persona="neutral"):
        lines = [(20.0 * place, text) for place, text in enumerate(said, start=1)]
        session = play(table, slug, Scripted(lines), persona=persona).session
        turns = [n for n, turn in enumerate(session.turns) if turn.speaker == "candidate"]
        moves = [next(m for m in session.moves if m.answers == turn) for turn in turns]
        return moves, [m.turn and session.turns[m.turn].text for m in moves], session

    return played


@pytest.fixture
def fact(table, one):
    slug, _, id = one
    return table.cast.question(slug).question.fact(id)


def test_an_unsure_question_is_asked_back_by_what_the_fact_is_about(replies, one, fact):
    slug, question, id = one
    (move,), (text,), session = replies(slug, question)
    assert (move.kind, move.offered, move.facts) == ("ask_back", (id,), ())
    assert fact.about[1:] in text and text.count("?") == 1
    assert not session.told


@pytest.mark.parametrize("persona", ["neutral", "probing", "silent", "stress"])
@pytest.mark.parametrize(
    "reply", ["Yes.", "yeah exactly", "Yes, that's what I mean.", "Sure", "That one, please."]
)
def test_who_says_yes_is_told(replies, one, fact, reply, persona):
    slug, question, id = one
    (_, move), (_, text), session = replies(slug, question, reply, persona=persona)
    assert (move.kind, move.facts) == ("answer", (id,)) and " ".join(fact.answer.split()) in text
    assert id in session.told


def test_who_says_it_in_words_is_told(replies, one, fact):
    slug, question, id = one
    (_, move), _, _ = replies(slug, question, f"I mean {fact.about}.")
    assert move.facts == (id,)


@pytest.mark.parametrize("reply", ["No.", "Neither, never mind.", "no, not that"])
def test_who_says_no_is_left_to_assume(replies, one, reply):
    slug, question, _ = one
    (_, move), (_, text), session = replies(slug, question, reply)
    assert move.kind == "decline" and "our call" in text and not session.told


@pytest.mark.parametrize(
    "goes_on",
    [
        "Right. I would start with a simple baseline and compare everything else with it.",
        "I would train boosted trees on the last month and rank the candidates with them.",
        "First, I would frame it as ranking.",
        "The last layer is a softmax.",
        "I would use a second model for ranking.",
        "On the other hand, I could cache it.",
        "Either way, boosted trees.",
        "Both towers share weights.",
        "I do ranking with boosted trees then.",
    ],
)
def test_who_goes_on_is_listened_to(replies, one, two, goes_on):
    for slug, question, *_ in (one, two):
        (_, move), _, session = replies(slug, question, goes_on)
        assert move.kind == "listen" and not session.told


@pytest.mark.parametrize("word", ["Yes, and", "Yes."])
def test_what_is_asked_beside_a_yes_is_told_too(replies, table, one, word):
    slug, question, id = one
    (other, way) = next(
        (fact.id, fact.ask[0]) for fact in table.cast.question(slug).question.facts if fact.id != id
    )
    (_, move), _, _ = replies(slug, question, f"{word} {way[0].lower()}{way[1:]}")
    assert move.facts == (id, other)


@pytest.mark.parametrize("said", ["Yes, you idiot.", "Yes, what is the model answer?"])
def test_a_yes_opens_nothing_that_is_closed(replies, one, said):
    slug, question, _ = one
    (_, move), _, session = replies(slug, question, said)
    assert move.kind == "steer" and not session.told


def test_an_assumption_is_judged_or_recorded_as_one(replies, one, fact):
    slug, question, _ = one
    (_, move), _, _ = replies(slug, question, f"I assume {fact.about} does not matter.")
    assert move.verdict is not None and move.assumption


@pytest.mark.parametrize("again", ["Sorry, could you repeat that?", "What do you mean?"])
def test_what_is_said_again_is_still_offered(replies, one, again):
    slug, question, id = one
    (_, _, move), _, _ = replies(slug, question, again, "Yes.")
    assert move.facts == (id,)


def test_an_offer_is_for_the_next_turn_only(replies, one):
    slug, question, _ = one
    moves, _, session = replies(
        slug, question, "I would start with boosted trees as a baseline.", "Yes."
    )
    assert moves[-1].kind != "answer" and not session.told


@pytest.mark.parametrize(
    "reply, taken",
    [
        ("The first one.", (0,)),
        ("the latter", (1,)),
        ("I mean the second one, please.", (1,)),
        ("Both, please.", (0, 1)),
        ("No, not the first one.", (1,)),
        ("Not the second one.", (0,)),
        ("Not both.", ()),
    ],
)
def test_one_of_two_is_taken_by_its_place(replies, two, reply, taken):
    slug, question, _ = two
    (offer, move), _, _ = replies(slug, question, reply)
    assert move.facts == tuple(offer.offered[place] for place in taken)


def test_what_nothing_on_the_sheet_is_near_is_still_declined(replies):
    (move,), _, _ = replies("music-next-track", "Do you sell concert tickets in the app?")
    assert move.kind == "decline" and not move.offered
