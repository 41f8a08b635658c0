"""What is wrong with a rubric's texts, each problem with the file and line that it stands on."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import ValidationError

from app.content import Told, parse_yaml, read_nodes, told_of_schema, told_of_syntax
from app.errors import InvalidContent
from app.rubric.load import part_of

OF_ITEM = re.compile(r"([a-z-]+) > ([a-z0-9-]+)")
LISTS = ("criteria", "flags")
MOST = 100


class Part(NamedTuple):
    """A criterion or flag of a file, from its first line up to, not including, `end`; counted from 1."""

    id: str
    title: str
    line: int
    end: int


def proof(name: str, text: str) -> list[Told]:
    """Of one file by itself; empty where it can be read."""
    model = part_of(name)
    if model is None:
        return [Told(0, "a rubric has no file of this name")]
    try:
        root = read_nodes(text, "the text")
        value = parse_yaml(text, "the text")
    except InvalidContent as error:
        return [told_of_syntax(sentence, whole=0) for sentence in error.problems]
    told = [
        Told(key.line, f"the key {key.value[:60]} stands twice; the last one counts")
        for key in root.twice()
    ]
    try:
        model.model_validate(value)
    except ValidationError as error:
        told += [told_of_schema(root, problem) for problem in error.errors()]
    return sorted(dict.fromkeys(told))[:MOST]


def parts_of(text: str) -> list[Part]:
    """The criteria of a step's file, the flags of the flags'. Empty where there are none or the text cannot be read."""
    try:
        root = read_nodes(text, "the text")
    except InvalidContent:
        return []
    found = next((node for key, node in root.fields if key.value in LISTS), None)
    if found is None or found.kind != "list" or found.flow:
        return []
    after = [key.line for key, _ in root.fields if key.line > found.line]
    ends = [item.line for item in found.items[1:]]
    ends.append(min(after, default=len(text.splitlines()) + 1))
    return [
        Part(item.text_of("id"), item.text_of("title"), item.line, end)
        for item, end in zip(found.items, ends, strict=bool(found.items))
    ]


def with_part(text: str, part: Part, new: str) -> str:
    """The text with other lines in the place of a part's."""
    lines = text.splitlines(keepends=True)
    new = new.rstrip("\n") + "\n" if new.strip() else ""
    blank = lines[part.line - 1 : part.end - 1]
    while blank and not blank[-1].strip():
        new += blank.pop()  # empty lines that stood between this part and the next
    return "".join([*lines[: part.line - 1], new, *lines[part.end - 1 :]])


def text_of_part(text: str, part: Part) -> str:
    lines = text.splitlines(keepends=True)[part.line - 1 : part.end - 1]
    return "".join(lines).rstrip() + "\n"


def place_of(sentence: str, texts: Mapping[str, str]) -> tuple[str, int]:
    """File and line of what a sentence of the linter or of an example is about: "data > label-delay: …". An empty name
    where it is about the whole."""
    match = OF_ITEM.match(sentence)
    if match is None:
        return "", 0
    step, id = match.groups()
    names = [n for n in texts if n == f"{step}.yaml" or n.partition("-")[2] == f"{step}.yaml"]
    for name in names:
        for part in parts_of(texts[name]):
            if part.id == id:
                return name, part.line
    return (names[0], 0) if names else ("", 0)
