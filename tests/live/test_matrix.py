"""What was heard of which criterion: by the scorer's ear, or by somebody's word, and told apart."""

import pytest

from app.interview.commands import Finish, Say, Start, Write
from app.interview.leading import Consent, Cover, Join, SetStep
from app.live.matrix import matrix
from app.live.rooms import Rooms
from app.rubric.rubric import STEPS
from tests.live.test_rooms import MINUTE, Clock

pytestmark = pytest.mark.anyio
THOUGHT = (
    "I would split by time, because a random split leaks the future into the training set, so the last month of "
    "payments is kept aside as the test set."
)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def room(log, clock, laid):
    """Led by Dana, with Ada beside her, for ninety minutes."""
    rooms = Rooms(log, clock, lambda: laid.cast)
    question = laid.cast.question("payment-fraud")
    id = await rooms.create(
        question, persona="neutral", mode="live", minutes=90, knowledge=laid.knowledge
    )
    room = await rooms.get(id)
    people = (("dana", "interviewer", "Dana"), ("ada", "interviewer", "Ada"))
    for who, role, name in (*people, ("sam", "candidate", "Sam")):
        await room.do(Join(who, role, name), actor=who)
        await room.do(Consent(who), actor=who)
    await room.do(Start("Design it."), actor="dana")
    yield room
    await rooms.close()


def cell(room, criterion, viewer="dana"):
    return next(c for row in matrix(room, viewer) for c in row.cells if c.id == criterion)


async def test_before_anybody_spoke_nothing_was_heard(room):
    rows = matrix(room, "dana")
    assert [row.id for row in rows] == list(STEPS)
    assert {c.word for row in rows for c in row.cells} == {"not yet"}
    assert not any(c.source or c.quote or c.is_without_words for row in rows for c in row.cells)
    planned = {step.id: 2 * step.minutes for step in room.expectations.knowledge.rubric.steps}
    assert {row.id: row.minutes for row in rows} == planned
    assert not any(row.is_here or row.spent for row in rows)


async def test_what_the_candidate_said_is_quoted_with_its_turn_and_time(room, clock):
    clock.ms += 2 * MINUTE
    await room.do(Say(THOUGHT, "Sam"), actor="sam")
    heard = cell(room, "validation-scheme")
    assert heard.source == "heard" and heard.word in ("met", "partly") and heard.depth > 0
    assert heard.quote.text in THOUGHT
    assert (heard.quote.turn, heard.quote.at_ms) == (1, 2 * MINUTE)
    row = next(row for row in matrix(room) if row.id == "evaluation")
    assert row.is_here and not row.is_set and row.spent > 0
    assert row.count(heard.word) >= 1


async def test_words_of_the_document_have_no_turn(room):
    await room.do(Write("evaluation", THOUGHT), actor="sam")
    quote = cell(room, "validation-scheme").quote
    assert quote is not None and (quote.turn, quote.at_ms) == (None, None)


async def test_a_persons_word_stands_with_who_and_when_beside_what_was_heard(room, clock):
    await room.do(Say(THOUGHT, "Sam"), actor="sam")
    depth = cell(room, "validation-scheme").depth
    clock.ms += 3 * MINUTE
    await room.do(Cover("validation-scheme", "missed", "ada"), actor="ada")
    seen = cell(room, "validation-scheme")
    assert (seen.word, seen.source, seen.marked_ms, seen.depth) == (
        "missed",
        "Ada",
        3 * MINUTE,
        depth,
    )
    assert cell(room, "validation-scheme", "ada").source == "you"
    await room.do(Cover("validation-scheme", "", "ada"), actor="ada")
    assert cell(room, "validation-scheme").source == "heard"


async def test_what_was_tapped_without_words_is_said_to_be_no_evidence(room):
    await room.do(Cover("drift", "met", "dana"), actor="dana")
    tapped = cell(room, "drift")
    assert (tapped.word, tapped.source, tapped.quote) == ("met", "you", None)
    assert tapped.is_without_words
    await room.do(Cover("drift", "missed", "dana"), actor="dana")
    assert not cell(room, "drift").is_without_words


async def test_a_person_says_where_the_interview_is(room):
    await room.do(Say(THOUGHT, "Sam"), actor="sam")
    await room.do(SetStep("serving", "dana"), actor="dana")
    assert [(row.id, row.is_set) for row in matrix(room) if row.is_here] == [("serving", True)]
    await room.do(SetStep(None, "dana"), actor="dana")
    assert [(row.id, row.is_set) for row in matrix(room) if row.is_here] == [("evaluation", False)]


async def test_at_the_end_what_was_not_heard_was_missed(room):
    await room.do(Say(THOUGHT, "Sam"), actor="sam")
    await room.do(Finish(), actor="dana")
    assert {c.word for row in matrix(room) for c in row.cells} <= {"met", "partly", "missed"}
    assert cell(room, "drift").word == "missed" and cell(room, "drift").source == ""
