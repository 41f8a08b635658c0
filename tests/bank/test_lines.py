"""Every problem of a text is told with the line on which it can be mended."""

import pytest

from app.bank.asking import load_asking
from app.bank.bank import find_questions
from app.bank.lines import problems_by_line
from app.content import parse_yaml, read_text
from app.rubric.shelf import get_rubric

TEXT = read_text(find_questions()["payment-fraud"])


@pytest.fixture(scope="module")
def told():
    rubric, asking = get_rubric(), load_asking()
    return lambda text: problems_by_line(text, rubric, asking)


def line_with(text, part):
    return text[: text.index(part)].count("\n") + 1


def changed(old, new):
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def test_a_sound_question_has_nothing_told(told):
    assert told(TEXT) == []


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("b: 2\na: b: c\n", 2, "is not valid YAML"),
        ("slug: a\nb: &x 1\nc: *x\n", 3, "uses a YAML alias"),
        ("slug: a\nb: !!python/name:os.system ''\n", 2, "is not valid YAML"),
        ("a:\n  " + "[" * 40, 2, "nested deeper"),
        ("", 1, "is empty"),
        ("- a list\n", 1, "a question is a mapping of fields"),
        ("x" * 2_000_001, 1, "is larger than"),
        ("a: \x00", 1, "is not valid YAML"),
    ],
    ids=lambda value: str(value)[:16],
)
def test_what_cannot_be_read_is_told_alone(told, text, line, sentence):
    problems = told(text)
    assert len([p for p in problems if sentence in p.sentence]) == 1
    assert next(p.line for p in problems if sentence in p.sentence) == line
    assert "(line" not in problems[0].sentence


def test_a_wrong_field_is_told_on_its_line(told):
    text = changed("difficulty: 4", "difficulty: 9\ncolour: red")
    assert {(p.line, p.sentence.split(":")[0]) for p in told(text)} == {
        (line_with(text, "difficulty: 9"), "difficulty"),
        (line_with(text, "colour: red"), "colour"),
    }


def test_a_wrong_field_inside_a_fact_names_the_fact(told):
    at = TEXT.index("facts:")
    step = TEXT.index("    step: ", at)
    text = TEXT[:step] + "    step: nowhere\n" + TEXT[TEXT.index("\n", step) + 1 :]
    (problem,) = told(text)
    first = TEXT[at:].split("- id: ")[1].split("\n")[0]
    assert problem.sentence.startswith(f"facts > {first} > step: ")
    assert problem.line == line_with(text, "step: nowhere")


def test_what_is_missing_is_told_where_it_should_be(told):
    text = changed("\n  L4:", "\n  L3:")
    assert {p.line for p in told(text)} == {line_with(text, "bars:"), line_with(text, "  L3:")}


def test_a_key_that_stands_twice_is_told(told):
    text = changed("difficulty: 4", "difficulty: 4\ntitle: Something else")
    (problem,) = told(text)
    assert problem == (
        line_with(text, "title: Something"),
        "the key title stands twice; the last one counts",
    )


@pytest.mark.parametrize(
    ("old", "new", "on"),
    [
        ("prompt: >-\n", "prompt: >-\n  You have 80 milliseconds.\n", "prompt:"),
        (
            "twists:\n",
            "twists:\n  - {id: one, when: {minute: 3}, says: What now?, tests: [nothing]}\n",
            "  - {id: one",
        ),
        (
            "expects:\n",
            "expects:\n  no-such:\n    says: [Some words]\n    forms: [other things]\n",
            "  no-such:",
        ),
    ],
)
def test_a_problem_of_the_linter_is_told_on_its_line(told, old, new, on):
    text = changed(old, new)
    problems = told(text)
    assert line_with(text, on) in {p.line for p in problems}, problems


def test_a_way_to_ask_that_finds_another_fact_is_told_on_its_own_line(told):
    way = parse_yaml(TEXT, "it")["facts"][4]["ask"][0]
    text = changed("    ask:\n", f"    ask:\n      - {way}\n")
    problems = [p for p in told(text) if way in p.sentence]
    assert [p.line for p in problems] == [line_with(text, way)], problems


def test_an_id_that_is_used_twice_is_told_at_the_second(told):
    text = changed(
        "twists:\n  - id: ",
        "twists:\n  - {id: twice, when: {minute: 3}, says: Now, tests: [scale]}\n"
        "  - {id: twice, when: {minute: 3}, says: Now, tests: [scale]}\n  - id: ",
    )
    problem = next(p for p in told(text) if "is used 2 times" in p.sentence)
    assert problem.line == text[: text.rindex("  - {id: twice")].count("\n") + 1


def test_a_sum_that_does_not_hold_is_told_on_its_line(told):
    text = TEXT.rstrip("\n") + "\n"
    if "\nsums:" not in text:
        text = text.replace("\nfollow_ups:", "\nsums:\n  - nothing ~ 1\n\nfollow_ups:", 1)
    else:
        text = text.replace("\nsums:\n", "\nsums:\n  - nothing ~ 1\n", 1)
    problem = next(p for p in told(text) if "names nothing" in p.sentence)
    assert problem.line == line_with(text, "  - nothing ~ 1")
