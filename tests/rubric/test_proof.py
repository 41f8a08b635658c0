"""Problems of a rubric's texts with their lines, and its parts cut out and put back."""

import pytest

from app.errors import InvalidContent
from app.rubric.load import hash_texts, load_rubric, read_rubric, read_texts
from app.rubric.proof import parts_of, place_of, proof, text_of_part, with_part
from app.rubric.shelf import DEFAULT, find_rubrics

FOLDER = find_rubrics()[DEFAULT]
TEXTS = read_texts(FOLDER)
DATA = "3-data.yaml"
STEP_FILES = [name for name in TEXTS if name[0].isdigit()]


def test_the_rubric_of_texts_is_that_of_the_folder():
    assert read_rubric(TEXTS) == load_rubric(FOLDER)
    assert read_rubric(TEXTS).sha256 == hash_texts(TEXTS)


def test_a_missing_file_is_told_with_the_others_problems():
    texts = {**TEXTS, "scale.yaml": "depth: 1"}
    del texts["talk.yaml"]
    with pytest.raises(InvalidContent) as told:
        read_rubric(texts)
    assert "talk.yaml is missing" in told.value.problems
    assert any(p.startswith("scale.yaml: ") for p in told.value.problems)


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_of_the_rubric_is_in_order(name):
    assert proof(name, TEXTS[name]) == []


@pytest.mark.parametrize("name", STEP_FILES)
def test_a_part_that_is_put_back_leaves_every_byte_as_it_was(name):
    parts = parts_of(TEXTS[name])
    assert len(parts) >= 6
    for part in parts:
        cut = text_of_part(TEXTS[name], part)
        assert f"id: {part.id}" in cut.splitlines()[0]
        assert with_part(TEXTS[name], part, cut) == TEXTS[name]


def test_another_part_takes_its_place_and_the_others_stay():
    text = TEXTS[DATA]
    first, second = parts_of(text)[:2]
    new = text_of_part(text, first).replace("weight:", "weight:  ")
    changed = with_part(text, first, new)
    assert [p[:2] for p in parts_of(changed)] == [p[:2] for p in parts_of(text)]
    assert text_of_part(changed, parts_of(changed)[1]) == text_of_part(text, second)


def test_flags_are_parts_too():
    assert {part.id for part in parts_of(TEXTS["flags.yaml"])} >= {
        "random-split-of-time-ordered-data"
    }
    assert parts_of(TEXTS["scale.yaml"]) == [] == parts_of("a: [")


@pytest.mark.parametrize(
    "find, put, words",
    [
        ("weight: 3", "weight: 9", "weight: Input should be less than or equal to 3"),
        ("missed_title:", "mised_title:", "mised_title: Extra inputs are not permitted"),
        ("    core: true", "    core: true\n    core: false", "the key core stands twice"),
        ("    weight: 3", "    weight: [3", "expected"),
        ("    weight: 3", "    weight: &a 3\n    asking: *a", "alias"),
        ("    weight: 3", "    weight: !!python/name:os.system 3", ""),
    ],
)
def test_a_problem_is_told_with_its_line(find, put, words):
    text = TEXTS[DATA].replace(find, put, 1)
    line = TEXTS[DATA][: TEXTS[DATA].index(find)].count("\n") + 1
    told = proof(DATA, text)
    assert told
    assert any(words in one.sentence and line <= one.line <= line + 60 for one in told), told


def test_a_file_that_no_rubric_has_is_refused():
    for name in ("8-other.yaml", "../rubric.yaml", "rubric.yml", "_x.yaml", "1-.yaml"):
        assert proof(name, "id: x") == [(0, "a rubric has no file of this name")]


def test_what_the_linter_says_is_found_in_its_file():
    part = parts_of(TEXTS[DATA])[2]
    assert place_of(f"data > {part.id}: 2 forms; 25 are needed", TEXTS) == (DATA, part.line)
    flag = parts_of(TEXTS["flags.yaml"])[1]
    assert place_of(f"flags > {flag.id}: not raised", TEXTS) == ("flags.yaml", flag.line)
    assert place_of("data > nobody: x", TEXTS) == (DATA, 0)
    assert place_of("the rubric has 3 criteria", TEXTS) == ("", 0)
