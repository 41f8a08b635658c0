"""The checker of conduct bites: each mutant of the scripted interviewer does one thing wrong."""

from dataclasses import replace

import pytest

from app.bank.bank import get_question
from app.candidates import make_candidate
from app.candidates.conduct import misconduct
from app.candidates.script import Scripted
from app.commands.practice import lay_table
from app.interview.events import Created
from app.interview.move import Move
from app.interview.policy import Quiet
from app.live.play import Stage

SLUG = "payment-fraud"


class Mutant:
    """The interviewer of a table, whose moves go through `mutate`."""

    def __init__(self, interviewer, mutate):
        self._interviewer = interviewer
        self._mutate = mutate

    def __getattr__(self, name):
        return getattr(self._interviewer, name)

    def next_move(self, session, coverage, trigger, now):
        move = self._interviewer.next_move(session, coverage, trigger, now)
        return self._mutate(move, session, trigger)


@pytest.fixture(scope="module")
def table():
    return lay_table()


@pytest.fixture
def findings(table):
    kept = table.cast.question(SLUG)
    rubric = table.knowledge.rubric
    expectations = table.cast.expectations(kept.question, kept.sha256)

    def found(mutate, candidate=None, persona="probing"):
        candidate = candidate or make_candidate("typical", kept.question, rubric, 0)
        mutant = Mutant(table.cast.interviewer(kept.question, kept.sha256, persona), mutate)
        about = rubric.about.id, rubric.sha256, persona, "practice", 45
        created = Created(SLUG, kept.question.title, kept.sha256, *about)
        played = Stage(mutant, expectations).play(candidate, created)
        all_found = misconduct(
            played.session, expectations.sheet, rubric, played.composing, played.plants
        )
        return {finding.kind for finding in all_found}

    return found


def unchanged(move, session, trigger):
    return move


def test_the_interviewer_itself_has_no_findings(findings):
    assert findings(unchanged) == set()


@pytest.mark.parametrize(
    "praise",
    ["Great point. ", "Nice. ", "That's right. ", "Well done! ", "Interesting. ", "Sounds good. "],
)
def test_praise(findings, praise):
    def mutate(move, session, trigger):
        return replace(move, text=praise + move.text) if move.text else move

    assert "praise" in findings(mutate)


@pytest.mark.parametrize(
    "said", ["3,000 a second on a Friday evening", "It is 460 per second at 95 euros."]
)
def test_leak(findings, said):
    def mutate(move, session, trigger):
        return replace(move, text=f"{move.text} {said}") if move.kind == "press" else move

    lines = [
        (20.0 + 60 * n, "I would think about the monitoring of this system.") for n in range(8)
    ]
    assert "leak" in findings(mutate, Scripted(lines))


def test_follow_up_and_press_repeated(findings):
    kept = []

    def mutate(move, session, trigger):
        if move.kind == "press" and move.follow_up:
            kept.append(move)
            return kept[0]
        return move

    assert {"follow-up", "press"} <= findings(mutate)


def test_two_questions(findings):
    def mutate(move, session, trigger):
        return replace(move, text=f"{move.text} And why?") if "?" in move.text else move

    assert "two-questions" in findings(mutate)


def test_speaking_over(findings):
    def mutate(move, session, trigger):
        if isinstance(trigger, Quiet) and trigger.composing and len(session.turns) % 5 == 4:
            return Move("press", "quiet", "May I come in here?")
        return move

    assert "over" in findings(mutate)


def test_a_told_fact_contradicted(findings):
    def mutate(move, session, trigger):
        again = any(fact in session.told for fact in move.facts)
        return replace(move, text="It is 7,777 a second.") if again else move

    asked = "How many payments per second at the busiest moment?"
    assert "contradiction" in findings(mutate, Scripted([(10.0, asked), (40.0, asked)]))


def test_a_wrong_number_agreed_to(findings):
    def mutate(move, session, trigger):
        if move.verdict == "correct":
            return replace(move, verdict="agree", text="Yes, take that.")
        return move

    said = "I assume 900 million payments a day, do you agree?"
    assert "contradiction" in findings(mutate, Scripted([(10.0, said)]))
    assert findings(unchanged, Scripted([(10.0, said)])) == set()


def test_declining_what_was_answered(findings):
    def mutate(move, session, trigger):
        if move.kind == "answer" and session.count("answer"):
            return Move("decline", "turn", "I have nothing on that.", answers=move.answers)
        return move

    asked = "How many payments per second at the busiest moment?"
    assert "contradiction" in findings(mutate, Scripted([(10.0, asked), (40.0, asked)]))


def test_rubric_words(findings, table):
    title = next(c.title for _, c in table.knowledge.rubric.criteria.values())

    def mutate(move, session, trigger):
        return replace(move, text=f"A strong candidate {title.lower()}.") if move.text else move

    assert "rubric" in findings(mutate)


def test_loops(findings):
    def steering(move, session, trigger):
        return Move(
            "steer", "turn", f"Back to the design, {len(session.turns)}.", answers=move.answers
        )

    def echoing(move, session, trigger):
        return Move("reply", "turn", "Go on.", answers=move.answers)

    lines = [(10.0 + 20 * n, f"The weather was lovely on day {n}.") for n in range(6)]
    assert "loop" in findings(steering, Scripted(lines))
    assert "loop" in findings(echoing, Scripted(lines))


def test_words_of_the_world_are_no_praise_and_quotations_no_leak(findings):
    answer = get_question(SLUG).question.facts[0].answer

    def mutate(move, session, trigger):
        if move.kind == "press":
            return replace(move, text=f'You said "great, {answer}" earlier. How would that work?')
        return move

    assert not {"praise", "leak"} & findings(mutate)
