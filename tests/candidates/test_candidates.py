"""Simulated candidates: each ends, is the same for the same seed, and is treated well by the interviewer."""

import pytest

from app.candidates import CANDIDATES, make_candidate
from app.candidates.candidate import Scene, Speak, Wait
from app.candidates.conduct import misconduct, presses
from app.commands.practice import lay_table, play
from app.errors import NotFound
from app.interview.persona import find_personas

SLUGS = ("payment-fraud", "shoe-try-on")
PERSONAS = tuple(find_personas())


@pytest.fixture(scope="module")
def table():
    return lay_table()


def session(table, name, slug, persona="neutral", seed=0):
    question = table.cast.question(slug).question
    candidate = make_candidate(name, question, table.knowledge.rubric, seed)
    return play(table, slug, candidate, persona=persona)


def sheet(table, slug):
    kept = table.cast.question(slug)
    return table.cast.expectations(kept.question, kept.sha256).sheet


@pytest.mark.parametrize("name", CANDIDATES)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_session_ends_without_misconduct(table, name, slug):
    place = list(CANDIDATES).index(name) + SLUGS.index(slug)
    played = session(table, name, slug, PERSONAS[place % len(PERSONAS)])
    assert played.session.state == "ended"
    found = misconduct(
        played.session,
        sheet(table, slug),
        table.knowledge.rubric,
        played.composing,
        played.plants,
    )
    assert not found


@pytest.mark.parametrize("name", CANDIDATES)
def test_the_same_seed_is_the_same_session_and_another_is_not(table, name):
    first, again = (session(table, name, SLUGS[0]) for _ in range(2))
    other = session(table, name, SLUGS[0], seed=1)
    assert first.events == again.events
    assert first.events != other.events


def test_a_missing_point_is_pressed_only_where_it_is_missing(table):
    pressed = []
    for name in ("strong", "typical", "rambling"):
        played = session(table, name, SLUGS[0], "stress")
        pressed += presses(played.session, sheet(table, SLUGS[0]), played.plants)
    missing = [press for press in pressed if press.when == "missing"]
    assert missing
    assert sum(press.covered for press in missing) <= 0.05 * len(missing)


def test_a_strong_session_lasts_as_long_as_a_real_one_and_plants_every_step(table):
    played = session(table, "strong", SLUGS[0])
    assert 25 <= played.session.clock.elapsed(played.session.last_at) / 60_000 <= 46
    planted = frozenset().union(*played.plants.values())
    steps = {table.knowledge.rubric.criteria[criterion][0].id for criterion in planted}
    assert steps == {step.id for step in table.knowledge.rubric.steps}


def test_most_of_what_is_asked_is_told(table):
    played = session(table, "questions-only", SLUGS[0])
    told = played.session.told
    asked = [fact for facts in played.asks.values() for fact in facts]
    assert sum(fact in told for fact in asked) >= 0.7 * len(asked)


def test_a_candidate_sees_what_was_said_and_the_time(table):
    question = table.cast.question(SLUGS[0]).question
    candidate = make_candidate("strong", question, table.knowledge.rubric, 0)
    assert isinstance(candidate.act(Scene((), 0.0, None)), Speak | Wait)


def test_an_unknown_candidate_is_told_which_there_are(table):
    question = table.cast.question(SLUGS[0]).question
    with pytest.raises(NotFound, match="strong"):
        make_candidate("nobody", question, table.knowledge.rubric, 0)
