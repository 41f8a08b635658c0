"""The built-in rubric is clean with every example executed, and the lint bites where it is not."""

from app.rubric.lint import lint_rubric
from app.rubric.load import Rubric
from app.rubric.rubric import Criterion
from app.rubric.shelf import get_rubric
from app.scoring.examples import depth_of, examples_of, run_examples
from app.scoring.knowledge import Knowledge

RUBRIC = get_rubric()


def changed(**updates: object) -> Rubric:
    """The built-in rubric with its first criterion changed."""
    step = RUBRIC.steps[0]
    criterion = step.criteria[0].model_copy(update=updates)
    first = step.model_copy(update={"criteria": (criterion, *step.criteria[1:])})
    return RUBRIC.model_copy(update={"steps": (first, *RUBRIC.steps[1:])})


def first() -> Criterion:
    return RUBRIC.steps[0].criteria[0]


def test_the_rubric_is_clean_and_every_example_gets_its_depth():
    problems = lint_rubric(RUBRIC) + run_examples(RUBRIC, Knowledge(RUBRIC))
    assert not problems, f"{len(problems)} problems:\n" + "\n".join(problems)


def test_a_form_that_differs_only_by_inflection_counts_once():
    forms = dict(first().forms)
    forms["plain"] = (*forms["plain"], "labels arriving|come late", "late label arrive|comes")
    problems = lint_rubric(changed(forms=forms))
    assert any("is the same form as" in problem for problem in problems)


def test_too_few_forms_and_an_empty_register_are_told():
    forms = {"textbook": ("one goal", "two goals")}
    problems = "\n".join(lint_rubric(changed(forms=forms)))
    assert "2 forms; 25 or more are needed" in problems
    assert "no plain forms" in problems and "no misheard forms" in problems


def test_a_form_that_cannot_be_read_is_told_with_its_place():
    problems = lint_rubric(changed(opposite=("of the",), lookalike=("x @nothing",)))
    assert sum(p.startswith(f"requirements > {first().id}: ") for p in problems) == 2


def test_missing_probes_examples_and_core_are_told():
    examples = first().examples.model_copy(update={"grounded": (), "nothing": ()})
    problems = "\n".join(lint_rubric(changed(probes=("Why?",), examples=examples)))
    assert "1 probes; 3 are needed" in problems
    assert "0 examples of depth 4; 2 are needed" in problems
    assert "0 examples that score 0; 2 are needed" in problems


def test_an_id_used_twice_is_told():
    problems = lint_rubric(changed(id=RUBRIC.steps[1].criteria[0].id))
    assert any("is used 2 times" in problem for problem in problems)


def test_a_flag_that_names_no_criterion_is_told():
    flag = RUBRIC.flags[0].model_copy(update={"unless_met": "nobody"})
    problems = lint_rubric(RUBRIC.model_copy(update={"flags": (flag,)}))
    assert any("unless_met names no criterion: nobody" in problem for problem in problems)


def test_an_example_under_the_wrong_depth_is_told():
    wrong = "The weather was nice on the day that we went there."
    examples = first().examples.model_copy(update={"grounded": (wrong,)})
    rubric = changed(examples=examples)
    problems = run_examples(rubric, Knowledge(rubric))
    assert any("expected depth 4, got 0" in p and wrong in p for p in problems)


def test_a_flag_that_is_not_raised_is_told():
    flag = RUBRIC.flags[0].model_copy(update={"examples": ("Good morning to you all.",)})
    rubric = RUBRIC.model_copy(update={"flags": (flag,), "steps": ()})
    problems = run_examples(rubric, Knowledge(RUBRIC))
    assert problems == [f"flags > {flag.id}: not raised by: Good morning to you all."]


def test_examples_are_run_at_every_depth():
    assert {example.expected for example in examples_of(first())} == {0, 1, 2, 3, 4}
    knowledge = Knowledge(RUBRIC)
    nothing = next(e for e in examples_of(first()) if e.expected == 0)
    assert depth_of(knowledge, nothing) == 0
