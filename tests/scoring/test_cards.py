"""A scorecard of settled marks: the same roll-up as any report, nothing lowered, nothing hidden, nothing as markup."""

import json
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from app.rubric.rubric import STEPS
from app.rubric.shelf import get_rubric
from app.scoring.cards import Given, Interview, Note, Person, Settled, make_card, rolled_up
from app.scoring.faces.card_markdown import card_markdown
from tests.scoring.test_faces import HOSTILE

REFERENCE = (Path(__file__).resolve().parents[2] / "docs" / "reference.md").read_text("utf-8")
CRITERIA = tuple(get_rubric().criteria)
INTERVIEW = Interview(
    title="Payment fraud",
    question="payment-fraud",
    started="2026-05-01T09:30:00Z",
    ended="2026-05-01T10:15:00Z",
    minutes=45,
    seconds=2700.0,
    people=(Person("Dana", "interviewer"), Person("Sam", "candidate")),
)
ALL_THREE = dict.fromkeys(STEPS, 3.0)


@pytest.fixture
def card_of(report, transcript, knowledge):
    """A card of these final levels, with what else a test wants."""

    def make(levels, given=(), notes=(), **settled):
        final = Settled("Dana", "2026-05-01T10:20:00Z", levels, **settled)
        rubric = knowledge.rubric
        return make_card(INTERVIEW, final, given, report, None, transcript, rubric, notes)

    return make


def test_the_final_levels_make_the_overall_and_not_the_machines(card_of, report):
    card = card_of(ALL_THREE)
    assert card.overall == 75.0
    assert card.overall != report.overall
    assert card.machine.overall == report.overall
    assert card_of(dict.fromkeys(STEPS, 4.0)).decision == "strong_yes"
    assert card_of(dict.fromkeys(STEPS, 0.0)).decision == "strong_no"


def test_what_could_not_be_judged_lowers_nothing(card_of, knowledge):
    card = card_of({**ALL_THREE, "serving": None, "monitoring": None})
    assert card.overall == 75.0
    assert [step.level for step in card.steps if step.id == "serving"] == [None]
    only_three = dict.fromkeys(STEPS) | dict.fromkeys(STEPS[:3], 3.0)
    assert rolled_up(knowledge.rubric, only_three) == (None, None)


def test_every_raters_own_marks_are_there_with_their_range(card_of):
    given = (
        Given("Dana", {**ALL_THREE, "data": 1.0, "serving": None}),
        Given("Ben", {**ALL_THREE, "serving": None}),
    )
    steps = {step.id: step for step in card_of(ALL_THREE, given).steps}
    assert (steps["data"].low, steps["data"].high) == (1.0, 3.0)
    assert steps["data"].given == (1.0, 3.0)
    assert (steps["serving"].low, steps["serving"].high) == (None, None)


def test_a_final_mark_far_from_the_scorers_is_said_to_be(card_of, report):
    machine = {step.id: step.level for step in report.steps}
    card = card_of(dict.fromkeys(STEPS, 4.0))
    assert {step.id for step in card.steps if step.apart} == {
        id for id, level in machine.items() if level is not None and level < 3
    }
    assert not any(step.apart for step in card_of(machine).steps)


def test_evidence_is_the_candidates_own_words_with_their_place(card_of, transcript):
    quotes = [quote for step in card_of(ALL_THREE).steps for quote in step.evidence]
    assert quotes
    for quote in quotes:
        turn = transcript.turns[quote.turn]
        assert turn.text[quote.start : quote.end] == quote.quote
        assert (turn.speaker, turn.at) == ("candidate", quote.at)


def test_json_has_a_schema_and_reads_back(card_of):
    card = card_of(ALL_THREE, decision="yes", summary="Solid.")
    found = json.loads(card.to_json())
    assert found["schema"] == 1
    assert (found["chosen"], found["decision"], found["overall"]) == ("yes", "lean_yes", 75.0)
    assert [step["id"] for step in found["steps"]] == list(STEPS)
    assert found["notes"] == []


def shape(value):
    """Names all the way down; of a list the first entry's."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return shape(value[0]) if isinstance(value, list | tuple) and value else None


def test_the_shape_is_the_documented_one(card_of, report):
    given = (Given("Dana", ALL_THREE, dict.fromkeys(CRITERIA, 3)), Given("Ben", ALL_THREE))
    made = card_of(ALL_THREE, given, (Note("Dana", 1.0, "x"),)).as_json()
    text = REFERENCE[REFERENCE.index("## Scorecard") :]
    documented = json.loads(text[text.index("```json") + 7 :].partition("```")[0])
    made["machine"]["levels"] = {"requirements": 1.0}
    assert shape(documented) == shape(made)


def test_criteria_that_a_rater_marked_stand_beside_the_scorers(card_of, report):
    id = CRITERIA[0]
    given = (Given("Dana", ALL_THREE), Given("Ben", ALL_THREE, {id: 2}))
    (criterion,) = (c for step in card_of(ALL_THREE, given).steps for c in step.criteria)
    machine = {mark.id: mark.depth for step in report.steps for mark in step.criteria}
    assert (criterion.id, criterion.given) == (id, (None, 2))
    assert criterion.machine == machine[id]


def test_markdown_says_who_decided_what_and_what_was_computed(card_of, knowledge):
    card = card_of(
        {**ALL_THREE, "data": None},
        (Given("Ben", {**ALL_THREE, "data": 2.0}),),
        (Note("Dana", 61.0, "Asked for scale at once."),),
        decision="lean_yes",
        summary="A careful thinker.",
        reasons={"model": "Compared three of them."},
    )
    text = card_markdown(card, knowledge.rubric)
    for said in (
        "**Dana decided: leaning to yes.**",
        "A careful thinker.",
        "Computed from the final levels: 75 of 100, leaning to yes for a senior",
        "Ben, on their own: ",
        "could not be judged",
        "Compared three of them.",
        "1:01 Dana: Asked for scale at once.",
        "- Candidate: Sam",
    ):
        assert said in text, said


def test_nothing_that_people_wrote_is_markup(card_of, knowledge):
    card = card_of(
        ALL_THREE,
        (Given(HOSTILE, ALL_THREE),),
        (Note(HOSTILE, 1.0, HOSTILE),),
        decision="yes",
        summary=HOSTILE,
        reasons={"data": HOSTILE},
    )
    text = card_markdown(card, knowledge.rubric)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert not any(tag in html for tag in ("<script", "<a ", "<img", "<code", "<h1>heading"))
    assert "\x1b" not in text
