"""Prompt files: what is wrong with one is told in sentences, the user's own come first, and all of ours are whole."""

import pytest

from app.errors import InvalidContent, NotFound
from app.llm.prompts import find_prompts, get_prompt, parse_prompt

GOOD = "---\nid: voice/test\nversion: 2\nvariables: [name]\n---\nHello {{ name }}.\n"


def own(folder, text, id="voice/test"):
    path = folder / "prompts" / f"{id}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def problems(text):
    with pytest.raises(InvalidContent) as found:
        parse_prompt(text, "voice/test", "prompts/voice/test.md")
    return found.value.problems


def test_a_prompt_has_its_version_and_hash_and_is_filled_in(tmp_path):
    own(tmp_path, GOOD)
    prompt = get_prompt("voice/test", tmp_path)
    assert (prompt.id, prompt.version, len(prompt.sha256)) == ("voice/test", 2, 64)
    assert prompt.render(name="<b>Ann & Bo</b>") == "Hello <b>Ann & Bo</b>."


def test_values_are_text_and_never_templates(tmp_path):
    own(tmp_path, GOOD)
    assert get_prompt("voice/test", tmp_path).render(name="{{ 7 * 7 }}") == "Hello {{ 7 * 7 }}."


def test_a_changed_file_is_read_again(tmp_path):
    own(tmp_path, GOOD)
    before = get_prompt("voice/test", tmp_path)
    own(tmp_path, GOOD.replace("Hello", "Good morning"))
    after = get_prompt("voice/test", tmp_path)
    assert after.render(name="Ann") == "Good morning Ann."
    assert after.sha256 != before.sha256


def test_a_file_of_ones_own_comes_before_the_built_in_one(tmp_path):
    id = "voice/moves/press"
    own(tmp_path, f"---\nid: {id}\nversion: 9\n---\nAsk it in my way.\n", id)
    assert get_prompt(id, tmp_path).version == 9
    assert get_prompt(id).version != 9
    assert find_prompts(tmp_path)[id].is_relative_to(tmp_path)


@pytest.mark.parametrize(
    "id", ["voice/none", "../secret", "voice/../voice/system", "README", "", "/etc"]
)
def test_what_is_no_prompt_is_not_found(id):
    with pytest.raises(NotFound):
        get_prompt(id)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GOOD.replace("{{ name }}", "you"), "declares 'name' and does not use it"),
        (GOOD.replace("[name]", "[]"), "uses 'name', which is not declared"),
        (GOOD.replace("id: voice/test", "id: voice/other"), "its id is 'voice/other'"),
        (GOOD.replace("version: 2\n", ""), "version"),
        (GOOD.replace("version: 2", "version: 2\nauthor: me"), "author"),
        (GOOD.replace("{{ name }}", "{{ name"), "is not a template"),
        (GOOD.replace("{{ name }}", "{{ name | no_such_filter }}"), "is not a template"),
        ("Hello.\n", "must begin with front matter"),
        ("---\nid: voice/test\n", "must begin with front matter"),
        ("---\nid: &a voice/test\nversion: *a\n---\nHello.\n", "alias"),
        ("---\nid: voice/test\nversion: 1\n---\n\n", "says nothing"),
    ],
)
def test_a_fault_is_a_sentence_that_names_the_file(text, sentence):
    (problem,) = problems(text)
    assert "prompts/voice/test.md" in problem and sentence in problem


def test_all_faults_are_told_at_once():
    text = GOOD.replace("[name]", "[other, third]").replace("id: voice/test", "id: x")
    assert len(problems(text)) == 4


def test_a_missing_value_is_told_by_name(tmp_path):
    own(tmp_path, GOOD)
    with pytest.raises(InvalidContent, match="prompts/voice/test.md needs a value for 'name'"):
        get_prompt("voice/test", tmp_path).render(names="Ann")


@pytest.mark.parametrize(
    "expression",
    ["name.__class__.__mro__", "name.nothing", "name + 1", "1 // 0", "name[99]", "range(10**9)"],
)
def test_what_a_template_must_not_or_cannot_do_is_told_as_a_sentence(tmp_path, expression):
    own(tmp_path, GOOD.replace("}}.", "}} {{ " + expression + " }}."))
    with pytest.raises(InvalidContent, match="prompts/voice/test.md cannot be rendered"):
        get_prompt("voice/test", tmp_path).render(name="Ann")


@pytest.mark.parametrize("id", find_prompts())
def test_every_prompt_of_ours_is_whole(id):
    assert get_prompt(id).id == id
