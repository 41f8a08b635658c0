"""Whether a question's figures agree: its `sums` are worked out over the named values of its facts.

"frauds ~ payments * fraud-share" compares what two facts say. Amounts stand in base units: rates per second, times in
seconds, shares as fractions, sizes in bytes, money and counts as they are; `day` and its like are that many seconds.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.bank.question import Question
from app.concepts.quantities import Quantities
from app.concepts.words import Reader

NEAR = 0.25  # figures are spoken rounded
SPANS = {
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
    "week": 604800.0,
    "month": 2629800.0,
    "year": 31557600.0,
}
# What holds wherever both sides are named so, though no author wrote it down.
ALWAYS = (
    "events ~ daily-users * events-per-user / day",
    "peak >= events",
    "daily-users <= users",
    "positives ~ events * positive-share",
    "labels <= events",
    "stored ~ events * record * kept",
    "reviews ~ reviewers * reviews-per-person",
)
LONGEST = 200
COMPARED = re.compile(r"(~|<=|>=)")
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
Comparison = Callable[[float, float], bool]
COMPARISONS: dict[str, Comparison] = {
    "~": lambda left, right: abs(left - right) <= NEAR * max(abs(left), abs(right)),
    "<=": lambda left, right: left <= right * (1 + 1e-9),
    ">=": lambda left, right: left >= right * (1 - 1e-9),
}
OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class SumError(ValueError):
    """A sum that cannot be worked out; the text says why."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A line and what its two sides come to."""

    text: str
    left: float
    right: float
    holds: bool


def named_values(question: Question, reader: Reader) -> dict[str, float]:
    """name -> amount in base units. Raises SumError where a name is given twice."""
    quantities = Quantities(reader)
    named: dict[str, float] = {}
    for fact in question.facts:
        for value in fact.values:
            if value.name is None:
                continue
            if value.name in named or value.name in SPANS:
                raise SumError(f"facts > {fact.id}: the name {value.name} is taken")
            named[value.name] = quantities.of(value.amount, value.unit).amount
    return named


def work_out(question: Question, reader: Reader) -> tuple[list[Sum], list[str]]:
    """Every sum that could be worked out, and a sentence for each that could not."""
    try:
        named = named_values(question, reader)
    except SumError as error:
        return [], [str(error)]
    done: list[Sum] = []
    problems: list[str] = []
    for text in question.sums:
        try:
            done.append(work_out_one(text, named))
        except SumError as error:
            problems.append(f"sums: '{text}' {error}")
    implied = [text for text in ALWAYS if names_in(text) - SPANS.keys() <= named.keys()]
    done += [work_out_one(text, named) for text in implied if text not in question.sums]
    return done, problems


def check_sums(question: Question, reader: Reader) -> list[str]:
    """One sentence per contradiction between figures, and per line that cannot be worked out."""
    done, problems = work_out(question, reader)
    contradicted = [
        f"sums: '{sum.text}' does not hold: {sum.left:.4g} and {sum.right:.4g} in base units"
        for sum in done
        if not sum.holds
    ]
    return [*problems, *contradicted]


def work_out_one(text: str, named: Mapping[str, float]) -> Sum:
    """Raises SumError."""
    if len(text) > LONGEST:
        raise SumError(f"is longer than {LONGEST} characters")
    parts = COMPARED.split(text)
    if len(parts) != 3:
        raise SumError("compares no two sides; write one of ~ <= >= between them")
    left, right = (_side(part, named) for part in (parts[0], parts[2]))
    return Sum(text, left, right, COMPARISONS[parts[1]](left, right))


def names_in(text: str) -> set[str]:
    return set(NAME.findall(text))


def _side(text: str, named: Mapping[str, float]) -> float:
    try:
        tree = ast.parse(NAME.sub(_as_python, text.strip()), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SumError("is no sum of names and numbers") from None
    return _value(tree.body, {name.replace("-", "_"): value for name, value in named.items()})


def _as_python(name: re.Match[str]) -> str:
    return name.group().replace("-", "_")


def _value(node: ast.expr, named: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            if name in SPANS:
                return SPANS[name]
            if name not in named:
                raise SumError(f"names {name.replace('_', '-')}, which no value has as its name")
            return named[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            try:
                return OPERATIONS[type(op)](_value(left, named), _value(right, named))
            except (ZeroDivisionError, OverflowError):
                raise SumError("divides by nothing, or grows beyond all bounds") from None
    raise SumError("holds more than names, numbers and + - * /")
