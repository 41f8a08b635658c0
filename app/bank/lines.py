"""What is wrong with a question's text, and on which line: syntax, schema and the linter's rules alike."""

import re
from collections.abc import Iterator

from pydantic import ValidationError

from app.bank.asking import Asking
from app.bank.lint import lint_question
from app.bank.question import Question
from app.content import Node, Told, parse_yaml, read_nodes, told_of_schema, told_of_syntax
from app.errors import InvalidContent
from app.rubric.load import Rubric

# How a sentence of the linter says where it belongs: "facts > latency: …", "prompt: …", "4 facts; 10 are needed".
INSIDE = re.compile(r"([a-z_-]+) > ([A-Za-z0-9-]+)")
FIELD = re.compile(r"(?:the |no |\d+ )?([a-z_-]+?)s?\b")
USED_TWICE = re.compile(r"([a-z-]+): the id (\S+) is used")
IN_QUOTES = re.compile(r"'(.{3,}?)(?:\.\.\.)?'(?=[\s,;:.]|$)")
MOST = 200
PARTS = ("facts", "follow_ups", "twists", "traps")


def problems_by_line(text: str, rubric: Rubric, asking: Asking) -> list[Told]:
    """In the order of the lines; what keeps the rest from being read is told alone. Empty when all is well."""
    try:
        root = read_nodes(text, "the text")
        value = parse_yaml(text, "the text")
    except InvalidContent as error:
        return [told_of_syntax(sentence) for sentence in error.problems]
    told = [
        Told(key.line, f"the key {key.value[:60]} stands twice; the last one counts")
        for key in root.twice()
    ]
    try:
        question = Question.model_validate(value)
    except ValidationError as error:
        told += [told_of_schema(root, problem) for problem in error.errors()]
    else:
        told += [
            Told(line_of(root, sentence), sentence)
            for problem in lint_question(question, rubric, asking)
            for sentence in [problem.removeprefix(f"{question.slug}: ")]
        ]
    return sorted(dict.fromkeys(told))[:MOST]


def line_of(root: Node, sentence: str) -> int:
    """Where a sentence of the linter belongs; line 1 where it is about the whole."""
    if match := USED_TWICE.match(sentence):
        field = root.get(match.group(1).replace("-", "_"))
        same = [i for i in field.items if i.text_of("id") == match.group(2)] if field else []
        return same[-1].line if same else 1
    if match := INSIDE.match(sentence):
        key, part = _key(root, match.group(1)), root.get(match.group(1).replace("-", "_"))
        named = _named(part, match.group(2)) if part else None
        if named:
            return _quoted(named[1], sentence) or named[0].line
        return key.line if key else 1
    match = FIELD.match(sentence)
    for name in (match.group(1), f"{match.group(1)}s") if match else ():
        if key := _key(root, name):
            node = root.get(key.value)
            named = _named(node, sentence.split()[-1]) if node else None
            if named:
                return named[0].line
            return (_quoted(node, sentence) if node else None) or key.line
    return 1


def _key(root: Node, name: str) -> Node | None:
    name = name.replace("-", "_")
    return next((key for key, _ in root.fields if key.value == name), None)


def _named(part: Node, id: str) -> tuple[Node, Node] | None:
    """What shows the line, and the whole: an item by its id, or a key of a mapping."""
    for item in part.items:
        if item.text_of("id") == id:
            return item, item
    return next((pair for pair in part.fields if pair[0].value == id), None)


def _quoted(node: Node, sentence: str) -> int | None:
    """The line of the text that the sentence cites."""
    cited = [match.group(1) for match in IN_QUOTES.finditer(sentence)]
    return next((one.line for text in cited for one in _scalars(node) if text in one.value), None)


def _scalars(node: Node) -> Iterator[Node]:
    if node.kind == "scalar":
        yield node
    for item in node.items:
        yield from _scalars(item)
    for _, value in node.fields:
        yield from _scalars(value)
