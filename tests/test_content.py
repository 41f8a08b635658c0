"""Authored YAML: read as it was meant, bounded before it is loaded, every problem a sentence."""

import pytest
from pydantic import BaseModel, ConfigDict

from app.content import MAX_BYTES, MAX_DEPTH, as_model, content_folders, parse_yaml, read_yaml
from app.errors import InvalidContent
from app.rubric.shelf import find_rubrics

LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"
FILES = sorted(path for folder in find_rubrics().values() for path in folder.glob("*.yaml"))


class Small(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int
    name: str


@pytest.mark.parametrize(
    "text, why",
    [
        (LAUGHS, "alias"),
        ("- &a\n- *a", "alias"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested deeper"),
        ("{a: " * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "nested deeper"),
        ("x" * (MAX_BYTES + 1), "larger than"),
        ("a: [1, 2", "not valid YAML"),
        ("a: b: c", "line 1"),
        ("!!python/object/apply:os.system ['true']", "not valid YAML"),
        ("a: !!python/name:os.system ''", "not valid YAML"),
        ("a: \x00", "not valid YAML"),
    ],
    ids=lambda value: value[:24],
)
def test_unsafe_or_broken_yaml_is_refused_with_its_place(text, why):
    with pytest.raises(InvalidContent, match=why) as refused:
        parse_yaml(text, "some.yaml")
    assert refused.value.problems[0].startswith("some.yaml ")


def test_nesting_within_the_bound_is_read():
    assert parse_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, "some.yaml")


@pytest.mark.parametrize(
    "word", ["no", "yes", "on", "off", "No", "YES", "y", "n", "True", "2026-11-02"]
)
def test_a_word_stays_a_word(word):
    assert parse_yaml(f"[{word}]", "some.yaml") == [word]


def test_true_false_and_numbers_are_what_they_are():
    assert parse_yaml("[true, false, 3, 0.5, null]", "x") == [True, False, 3, 0.5, None]


def test_every_wrong_field_is_told_at_once():
    with pytest.raises(InvalidContent) as refused:
        as_model(Small, {"size": "big", "colour": 1}, "some.yaml")
    told = "\n".join(refused.value.problems)
    assert len(refused.value.problems) == 3
    assert all(f"some.yaml: {field}: " in told for field in ("size", "name", "colour"))


def test_the_users_folder_comes_first(tmp_path):
    (tmp_path / "rubrics").mkdir()
    assert content_folders("rubrics", tmp_path)[0] == tmp_path / "rubrics"
    assert tmp_path not in content_folders("rubrics", None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_of_the_rubric_is_read(path):
    assert read_yaml(path)


def test_a_file_that_is_not_utf_8_is_refused_by_name(tmp_path):
    path = tmp_path / "old.yaml"
    path.write_bytes("name: café".encode("latin-1"))
    with pytest.raises(InvalidContent, match=r"old\.yaml is not UTF-8"):
        read_yaml(path)
