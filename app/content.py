"""Read authored YAML into frozen models and collect what is wrong, as sentences.

The text is scanned before it is loaded: size, depth and tags are bounded, aliases are refused (a nest of
aliases is how a small YAML file becomes a large one). `yes`, `no`, `on` and `off` stay words, since
authors write them in lists of words.
"""

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from app.errors import InvalidContent

HERE = Path(__file__).resolve().parent
MAX_BYTES = 2_000_000
MAX_DEPTH = 30

T = TypeVar("T", bound=BaseModel)


class PlainLoader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """A safe loader in which only true and false are booleans, and dates stay text."""


PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, regexp)
        for tag, regexp in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _word, _first in (("true", "t"), ("false", "f")):
    PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(rf"^{_word}$"), [_first])


def scan(text: str) -> str | None:
    """A sentence why this YAML is not safe to load, or None."""
    if len(text) > MAX_BYTES:
        return f"is larger than {MAX_BYTES // 1_000_000} MB"
    depth = 0
    try:
        for event in yaml.parse(text, Loader=PlainLoader):
            if isinstance(event, yaml.AliasEvent):
                return "uses a YAML alias (*name); write the text out instead"
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
                if depth > MAX_DEPTH:
                    return f"is nested deeper than {MAX_DEPTH} levels"
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
    except yaml.YAMLError as error:
        return f"is not valid YAML: {sentence(error)}"
    return None


def sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it cannot be parsed"
    return f"{problem} (line {mark.line + 1})" if mark else str(problem)


def parse_yaml(text: str, where: str) -> Any:
    """The plain value. Raises InvalidContent with one sentence that names `where`."""
    if problem := scan(text):
        raise InvalidContent([f"{where} {problem}"])
    try:
        return yaml.load(text, Loader=PlainLoader)  # PlainLoader is a SafeLoader
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidContent([f"{where} is not valid YAML: {error}"]) from error


def read_yaml(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidContent([f"{path.name} is not UTF-8 text"]) from None
    return parse_yaml(text, path.name)


def as_model(model: type[T], value: Any, where: str) -> T:
    """Raises InvalidContent with one sentence for every field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidContent([describe(where, problem) for problem in error.errors()]) from error


def describe(where: str, problem: Any) -> str:
    path = " > ".join(str(part) for part in problem["loc"]) or "the file"
    return f"{where}: {path}: {problem['msg'].removeprefix('Value error, ')}"


def built_in() -> Path:
    """The folder that holds rubrics/ and question_bank/: inside the wheel, or the checkout."""
    packed = HERE / "_content"
    return packed if packed.is_dir() else HERE.parent


def content_folders(kind: str, extra: Path | None) -> list[Path]:
    """Folders of one kind ("rubrics", "question_bank", "prompts"), the user's own first: they shadow by id."""
    roots = ([extra] if extra else []) + [built_in()]
    return [root / kind for root in roots if (root / kind).is_dir()]
