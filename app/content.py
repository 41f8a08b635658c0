"""Read authored YAML into frozen models and collect what is wrong, as sentences.

The text is scanned before it is loaded: size, depth and tags are bounded, aliases are refused (a nest of
aliases is how a small YAML file becomes a large one). `yes`, `no`, `on` and `off` stay words, since
authors write them in lists of words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from app.errors import InvalidContent

HERE = Path(__file__).resolve().parent
MAX_BYTES = 2_000_000
MAX_DEPTH = 30
LINE = re.compile(r"\s*\(line (\d+)\)")
WIDTH, LONG, SHORT = 120, 100, 24  # of what is written

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
                return (
                    f"uses a YAML alias (*name) (line {_line(event)}); write the text out instead"
                )
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
                if depth > MAX_DEPTH:
                    return f"is nested deeper than {MAX_DEPTH} levels (line {_line(event)})"
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
    except yaml.YAMLError as error:
        return f"is not valid YAML: {sentence(error)}"
    return None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


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
    except yaml.YAMLError as error:
        raise InvalidContent([f"{where} is not valid YAML: {sentence(error)}"]) from error
    except ValueError as error:
        raise InvalidContent([f"{where} is not valid YAML: {error}"]) from error


class PlainDumper(yaml.CSafeDumper if hasattr(yaml, "CSafeDumper") else yaml.SafeDumper):  # type: ignore[misc]
    """Writes everything out: no aliases, long texts folded, short lists of words in brackets."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    is_long = len(text) > LONG and text == " ".join(text.split()) and text.isprintable()
    style = ">" if is_long else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    is_short = all(isinstance(item, str) and len(item) < SHORT for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=is_short)


PlainDumper.add_representer(str, _text)
PlainDumper.add_representer(list, _list)


def dump_yaml(value: Any) -> str:
    """YAML as an author would write it, keys in the order of the value; `parse_yaml` gives the value back."""
    return str(
        yaml.dump(value, Dumper=PlainDumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    )


def read_yaml(path: Path) -> Any:
    return parse_yaml(read_text(path), path.name)


def _stays_inside(path: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(path.parent.resolve())
    except (OSError, RuntimeError):
        return False


def read_text(path: Path) -> str:
    """Byte for byte, so that its hash is the file's. Raises InvalidContent; also for a link that leads out of its
    folder, for content that came from elsewhere must not show other files."""
    if path.is_symlink() and not _stays_inside(path):
        raise InvalidContent([f"{path.name} is a link that leads out of its folder, or nowhere"])
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:  # a folder, not ours, or removed since it was looked for
        raise InvalidContent([f"{path.name} cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise InvalidContent([f"{path.name} is not UTF-8 text"]) from None


def plain_lines(text: str) -> str:
    """Every line ended by a line feed, the last one too; a browser sends them otherwise."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else text + "\n"


def ended_like(text: str, other: str) -> str:
    """Plain lines, ended as most lines of the other text are."""
    is_dos = 2 * other.count("\r\n") > other.count("\n")
    return plain_lines(text).replace("\n", "\r\n") if is_dos else plain_lines(text)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it is written: `text[start:end]`, from `line` (counted from 1) and `column` (from 0).

    A scalar has its text as `value`, whatever it will be read as, and the sign of its `style` (", ', >, | or none);
    `flow` are the lists and mappings in brackets."""

    kind: Literal["scalar", "list", "map"]
    line: int
    column: int
    start: int
    end: int
    style: str = ""
    flow: bool = False
    value: str = ""
    items: tuple["Node", ...] = ()
    fields: tuple[tuple["Node", "Node"], ...] = ()

    def get(self, name: str | int) -> "Node | None":
        """A field by its name, the last where it stands twice, as it is read; an item by its place."""
        if self.kind == "list" and isinstance(name, int) and name < len(self.items):
            return self.items[name]
        return next((node for key, node in reversed(self.fields) if key.value == str(name)), None)

    def text_of(self, name: str) -> str:
        node = self.get(name)
        return node.value if node else ""

    def twice(self) -> Iterator["Node"]:
        """Keys, at any depth, that stand in their mapping before."""
        seen: set[str] = set()
        for key, node in self.fields:
            if key.value in seen:
                yield key
            seen.add(key.value)
            yield from node.twice()
        for item in self.items:
            yield from item.twice()


def read_nodes(text: str, where: str) -> Node:
    """Where everything stands in a text. Raises InvalidContent with one sentence that names `where`."""
    if problem := scan(text):
        raise InvalidContent([f"{where} {problem}"])
    try:
        root = yaml.compose(text, Loader=PlainLoader)
    except yaml.YAMLError as error:
        raise InvalidContent([f"{where} is not valid YAML: {sentence(error)}"]) from error
    if root is None:
        raise InvalidContent([f"{where} is empty"])
    return _as_node(root, int(text.startswith("\ufeff")))


def _as_node(node: yaml.Node, shift: int) -> Node:
    """A byte order mark is not counted in places."""
    mark = node.start_mark
    line, start, end = mark.line + 1, mark.index + shift, node.end_mark.index + shift
    match node:
        case yaml.ScalarNode(value=value, style=style):
            return Node("scalar", line, mark.column, start, end, style or "", value=value)
        case yaml.SequenceNode(value=value, flow_style=flow):
            items = tuple(_as_node(item, shift) for item in value)
            return Node("list", line, mark.column, start, end, flow=bool(flow), items=items)
        case yaml.MappingNode(value=value, flow_style=flow):
            fields = tuple((_as_node(k, shift), _as_node(v, shift)) for k, v in value)
            return Node("map", line, mark.column, start, end, flow=bool(flow), fields=fields)
    raise TypeError(type(node))


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


class Told(NamedTuple):
    """What is wrong with a text. Lines are counted from 1; 0 where the whole is meant."""

    line: int
    sentence: str


def told_of_syntax(sentence: str, *, whole: int = 1) -> Told:
    """Of a sentence of parse_yaml; `whole` is the line of one that names none."""
    match = LINE.search(sentence)
    line = int(match.group(1)) if match else whole
    return Told(line, LINE.sub("", sentence).removeprefix("the text "))


def told_of_schema(root: "Node", problem: Any) -> Told:
    """Items are named by their ids, which an author knows, not by their places."""
    node: Node | None = root
    line, path = root.line, []
    for part in problem["loc"]:
        found = node.get(part) if node else None
        if node and node.kind == "map" and found:
            line = next(key.line for key, value in reversed(node.fields) if value is found)
        elif found:
            line = found.line
        id = found.text_of("id") if found and isinstance(part, int) else ""
        path.append(id or str(part))
        node = found
    where = " > ".join(path)[:200] or "the text"
    return Told(line, f"{where}: {problem['msg'].removeprefix('Value error, ')}")
