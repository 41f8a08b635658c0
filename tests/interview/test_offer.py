"""Asking back: where no fact is sure, the interviewer says which ones it has, and the candidate takes one or goes on."""

import pytest

from app.candidates.script import Scripted
from app.commands.practice import lay_table, play

SLUG = "music-next-track"
UNSURE = "When a track plays to the end, can I be sure somebody was actually listening?"
MEANT = "empty-rooms"
EITHER = "Is there any content that readers come for every day and that I mustn't touch?"


@pytest.fixture(scope="module")
def table():
    return lay_table()


@pytest.fixture
def replies(table):
    """The moves that answer each of the turns, which come twenty seconds apart."""

    def played(*said, slug=SLUG, persona="neutral"):
        lines = [(20.0 * place, text) for place, text in enumerate(said, start=1)]
        session = play(table, slug, Scripted(lines), persona=persona).session
        turns = [n for n, turn in enumerate(session.turns) if turn.speaker == "candidate"]
        moves = [next(m for m in session.moves if m.answers == turn) for turn in turns]
        return moves, [m.turn and session.turns[m.turn].text for m in moves], session

    return played


@pytest.fixture
def facts(table):
    return {fact.id: fact for fact in table.cast.question(SLUG).question.facts}


def test_an_unsure_question_is_asked_back_by_what_the_fact_is_about(replies, facts):
    (move,), (text,), session = replies(UNSURE)
    assert move.kind == "ask_back" and MEANT in move.offered and not move.facts
    assert facts[MEANT].about[1:] in text and text.count("?") == 1
    assert not session.told


@pytest.mark.parametrize("persona", ["neutral", "probing", "silent", "stress"])
@pytest.mark.parametrize(
    "reply", ["Yes.", "yeah exactly", "Yes, that's what I mean.", "Sure", "That one, please."]
)
def test_who_says_yes_is_told(replies, facts, reply, persona):
    (_, move), (_, text), session = replies(UNSURE, reply, persona=persona)
    assert move.kind == "answer" and MEANT in move.facts and facts[MEANT].answer in text
    assert MEANT in session.told


def test_who_says_it_in_words_is_told(replies):
    (_, move), _, _ = replies(UNSURE, "I mean music that plays with nobody in the room.")
    assert move.facts == (MEANT,)


@pytest.mark.parametrize("reply", ["No.", "Neither, never mind.", "no, not that"])
def test_who_says_no_is_left_to_assume(replies, reply):
    (_, move), (_, text), session = replies(UNSURE, reply)
    assert move.kind == "decline" and "our call" in text and not session.told


@pytest.mark.parametrize(
    "goes_on",
    [
        "Right. I would start with a baseline of what is popular in each hour of the day.",
        "I would train boosted trees on the plays of the last month, and rank the candidates with them.",
    ],
)
def test_who_goes_on_is_listened_to(replies, goes_on):
    (_, move), _, session = replies(UNSURE, goes_on)
    assert move.kind == "listen" and not session.told


def test_an_offer_is_for_the_next_turn_only(replies):
    moves, _, session = replies(UNSURE, "Let me think about the ranking model first.", "Yes.")
    assert moves[-1].kind != "answer" and not session.told


@pytest.mark.parametrize(
    "reply, taken", [("The first one.", (0,)), ("the latter", (1,)), ("Both, please.", (0, 1))]
)
def test_one_of_two_is_taken_by_its_place(replies, reply, taken):
    (offer, move), _, _ = replies(EITHER, reply, slug="news-front-page")
    assert len(offer.offered) == 2
    assert move.facts == tuple(offer.offered[place] for place in taken)


def test_what_nothing_on_the_sheet_is_near_is_still_declined(replies):
    (move,), _, _ = replies("Do you sell concert tickets in the app?")
    assert move.kind == "decline" and not move.offered
