"""Change fields of a question's YAML in place: comments, order, quotes and every other line stay byte for byte.

Each change replaces the characters of one value. What comes out is read again and compared with what was meant.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.bank.question import Question
from app.content import Node, parse_yaml, read_nodes
from app.errors import InvalidContent

PLAIN_FIELDS = (
    "title prompt status version domain category modality seniority difficulty minutes tags authors licence baseline "
    "no_ml_when"
).split()
INSIDE = re.compile(
    r"facts/[^/]+/(?:about|answer|step)|follow_ups/[^/]+/(?:ask|when|criterion)|twists/[^/]+/says"
    r"|traps/[^/]+/(?:what|ask)|reference/[^/]+|bars/[^/]+"
)
WIDTH = 120
# What may stand without quotes: a word first, no sign that YAML reads, nothing that it takes for something else.
PLAIN = re.compile(r"[^\W\d_](?:(?!: |:$| #)[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff])*")
IN_FLOW = re.compile(r"[,\[\]{}]")
TAKEN = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}
ORDER = list(Question.model_fields)


@dataclass(frozen=True, slots=True)
class Edit:
    """These characters of the text become others."""

    start: int
    end: int
    text: str


def set_fields(text: str, changes: Mapping[str, object], *, slug_too: bool = False) -> str:
    """The text with other values. A key is a field ("title"), or "facts/ID/answer", "follow_ups/ID/ask" and their like.

    The slug is changed only where a new question is made of an old one (`slug_too`).
    Raises InvalidContent where the text cannot be read or holds no such item; a value that is there already, and an
    empty set of changes, leave the text as it is."""
    root = read_nodes(text, "the question")
    before = parse_yaml(text, "the question")
    if root.kind != "map":
        raise InvalidContent(["the question is no mapping of fields"])
    wanted = json.loads(json.dumps(before, default=str))
    edits: list[Edit] = []
    for path, value in changes.items():
        plain = list(value) if isinstance(value, tuple | list) else value
        if path in PLAIN_FIELDS or (slug_too and path == "slug"):
            edits += _field(text, root, path, plain, before)
            if path in before or plain != []:
                wanted[path] = plain
        elif INSIDE.fullmatch(path):
            edits += _inside(text, root, path.split("/"), str(plain), before, wanted)
        else:
            raise InvalidContent([f"{path[:60]} is no field that can be set by itself"])
    changed = text
    for edit in sorted(edits, key=lambda edit: -edit.start):
        space = " " if text[edit.start - 1 : edit.start] == ":" else ""  # "tags:" without a value
        changed = changed[: edit.start] + space + edit.text + changed[edit.end :]
    if not same(parse_yaml(changed, "the question"), wanted):
        raise InvalidContent(["these fields cannot be changed one by one here; edit the YAML"])
    return changed


def same(one: Any, other: Any) -> bool:
    """As values of YAML: text is compared without the space around it, as the schema takes it."""
    if isinstance(one, dict) and isinstance(other, dict):
        one = {str(key): value for key, value in one.items()}
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return one.strip() == other.strip()
    return type(one) is type(other) and bool(one == other)


def _field(text: str, root: Node, name: str, value: Any, before: dict[str, Any]) -> list[Edit]:
    if name in before and same(before[name], value):
        return []
    node = root.get(name)
    if node is not None:
        return [_replaced(text, node, value, root.flow)]
    if root.flow:
        raise InvalidContent([f"{name} is missing; add it in the YAML"])
    if value == []:
        return []
    return [_inserted(text, root, name, value)]


def _inside(
    text: str,
    root: Node,
    path: list[str],
    value: str,
    before: dict[str, Any],
    wanted: dict[str, Any],
) -> list[Edit]:
    node = root.get(path[0])
    old, new = before.get(path[0]), wanted.get(path[0])
    if len(path) == 3 and node is not None and node.kind == "list":
        place = next((i for i, one in enumerate(node.items) if one.text_of("id") == path[1]), None)
        if place is None:
            raise InvalidContent([f"{path[0].replace('_', '-')} hold no {path[1][:60]}"])
        node, old, new = node.items[place], old[place], new[place]  # type: ignore[index]
    found = node.get(path[-1]) if node is not None else None
    if node is None or found is None:
        raise InvalidContent([f"{' > '.join(path)[:120]} is missing; add it in the YAML"])
    new[path[-1]] = value  # type: ignore[index]
    if same(old[path[-1]], value):  # type: ignore[index]
        return []
    return [_replaced(text, found, value, root.flow or node.flow)]


def _replaced(text: str, node: Node, value: Any, in_flow: bool) -> Edit:
    if isinstance(value, list):
        if node.kind == "list" and not node.flow and value and not in_flow:
            return _items(text, node, [str(item) for item in value])
        end = node.end if node.flow or node.kind == "scalar" else _last(text, node)
        return Edit(node.start, end, _flow(value))
    if node.kind != "scalar":
        raise InvalidContent(
            [f"line {node.line} holds a list or a mapping where one value is meant"]
        )
    if not isinstance(value, str):
        return Edit(node.start, _end(text, node), json.dumps(value))
    if in_flow:
        return Edit(node.start, node.end, quoted(value))
    indent = _indent(text, node.start) + 2
    if node.style in (">", "|"):
        return _block(text, node, value, indent)
    behind = text[node.end :].partition("\n")[0].strip()
    if node.style == '"' or (behind and not is_plain(value)):
        written = quoted(value)
    elif node.style == "'" and PLAIN.fullmatch(value):
        written = "'" + value.replace("'", "''") + "'"
    else:
        width = len(value) + node.column if behind else WIDTH
        written = scalar(value, indent, node.column, _break(text), width)
    return Edit(node.start, node.end, written)


def _block(text: str, node: Node, value: str, indent: int) -> Edit:
    """The sign stays, with a comment behind it; the lines below are written anew, as wide as they were."""
    end = _end(text, node)
    head, _, body = text[node.start : end].partition("\n")
    lines = [line for line in body.split("\n") if line.strip()]
    depth = len(lines[0]) - len(lines[0].lstrip(" ")) if lines else indent
    if not foldable(value):
        return Edit(node.start, end, quoted(value))
    sign = head if head.startswith(">-") and not head[2:3].isdigit() else ">-"
    widest = max([len(line.rstrip()) for line in lines] or [WIDTH])
    return Edit(
        node.start,
        end,
        f"{sign.rstrip()}{_break(text)}{folded(value, depth, widest, _break(text))}",
    )


def _items(text: str, node: Node, values: list[str]) -> Edit:
    """A list of one item a line: what stays keeps its line, with the comments above and beside it."""
    start = text.rfind("\n", 0, node.start) + 1
    indent = text[start : node.start]
    kept: dict[str, list[str]] = {}
    at = start
    for item in node.items:
        line_end = text.find("\n", _end(text, item))
        line_end = len(text) if line_end < 0 else line_end
        kept.setdefault(item.value, []).append(text[at:line_end].rstrip("\r"))
        at = line_end + 1
    lines = [
        kept[value].pop(0)
        if kept.get(value)
        else f"{indent}- {scalar(value, len(indent) + 2, len(indent) + 2, _break(text))}"
        for value in values
    ]
    return Edit(start, min(at - 1, len(text)), _break(text).join(lines))


def _inserted(text: str, root: Node, name: str, value: Any) -> Edit:
    """A new line behind the field that comes before it in the schema."""
    earlier = ORDER[: ORDER.index(name)]
    before = [(key, node) for key, node in root.fields if key.value in earlier]
    if isinstance(value, list):
        written = _flow(value)
    elif isinstance(value, str):
        written = scalar(value, 2, len(name) + 2, _break(text))
    else:
        written = json.dumps(value)
    line = f"{name}: {written}"
    if not before:
        start = root.fields[0][0].start if root.fields else len(text)
        return Edit(start, start, f"{line}{_break(text)}")
    at = text.find("\n", max(_last(text, node) for _, node in before))
    if at < 0:
        return Edit(len(text), len(text), f"{_break(text)}{line}")
    return Edit(at + 1, at + 1, f"{line}{_break(text)}")


def _last(text: str, node: Node) -> int:
    """Where the last value inside ends; a collection's own end may lie behind comments and empty lines."""
    inner = [*node.items, *(value for _, value in node.fields)]
    if node.flow or not inner:
        return _end(text, node)
    return max(_last(text, item) for item in inner)


def _end(text: str, node: Node) -> int:
    """Where the text of a value ends: that of a block without the empty lines behind it."""
    if node.style not in (">", "|"):
        return node.end
    return node.start + len(text[node.start : node.end].rstrip())


def _indent(text: str, at: int) -> int:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return len(line) - len(line.lstrip(" -"))


def _break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def scalar(value: str, indent: int, column: int, newline: str, width: int = WIDTH) -> str:
    """Text as a person would write it: bare where it can be, folded where it is long, else in quotes."""
    is_long = column + len(value) > width
    if is_long and foldable(value):
        return f">-{newline}{folded(value, indent, width, newline)}"
    return value if is_plain(value) and not is_long else quoted(value)


def is_plain(value: str) -> bool:
    return bool(PLAIN.fullmatch(value)) and value.strip() == value and value.lower() not in TAKEN


def foldable(value: str) -> bool:
    """Paragraphs of words with single spaces between: what a folded block gives back as it was."""
    return bool(value.strip()) and all(
        line == " ".join(line.split()) and line.isprintable() for line in value.strip().split("\n")
    )


def folded(value: str, indent: int, width: int, newline: str) -> str:
    """A break in the text is one empty line more in the block."""
    blocks = []
    for part in re.split(r"(\n+)", value.strip()):
        if part.startswith("\n"):
            blocks.append(newline * (len(part) + 1))
            continue
        lines, line = [], ""
        for word in part.split(" "):
            if line and indent + len(line) + 1 + len(word) > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        blocks.append(newline.join(" " * indent + line for line in [*lines, line]))
    return "".join(blocks)


def quoted(value: str) -> str:
    """In double quotes; signs that YAML does not print are escaped."""
    return "".join(
        char if char.isprintable() else f"\\U{ord(char):08x}"
        for char in json.dumps(value.strip(), ensure_ascii=False)
        if not 0xD800 <= ord(char) < 0xE000
    )


def _flow(values: list[Any]) -> str:
    return "[" + ", ".join(_flow_item(value) for value in values) + "]"


def _flow_item(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    return value if is_plain(value) and not IN_FLOW.search(value) else quoted(value)
