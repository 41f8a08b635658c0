"""The fields of a question that are edited in a form, and what of them somebody has changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.bank.question import Question
from app.errors import InvalidInput

LINE, LONG, NUMBER, CHOICE, TICKS, LIST = "line", "long", "number", "choice", "ticks", "list"
PARTS = ("Card", "What is told when asked", "Follow-ups", "Twists and traps", "Answers to compare")


@dataclass(frozen=True, slots=True)
class Field:
    """`name` as set_fields takes it; `kind` says how it is edited and read."""

    name: str
    label: str
    kind: str
    value: str | tuple[str, ...]
    part: str
    help: str = ""

    items: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return max(2, min(12, len(self.value) // 70 + 1)) if isinstance(self.value, str) else 2


def fields_of(question: Question) -> tuple[Field, ...]:
    return tuple(_fields(question))


def _fields(question: Question) -> Iterator[Field]:
    card, told, pushed, turns, answers = PARTS
    yield Field("title", "Title", LINE, question.title, card)
    prompt = "As an interviewer says it: two to five sentences, no fact of the sheet."
    yield Field("prompt", "Prompt", LONG, " ".join(question.prompt.split()), card, prompt)
    yield Field("domain", "Domain", CHOICE, question.domain, card)
    yield Field("category", "Kind of problem", LINE, question.category, card)
    yield Field("modality", "Modality", LINE, question.modality, card)
    yield Field("seniority", "Levels", TICKS, tuple(question.seniority), card)
    yield Field("difficulty", "Difficulty, 1 to 5", NUMBER, str(question.difficulty), card)
    yield Field("minutes", "Minutes", NUMBER, str(question.minutes), card)
    tags = ", ".join(question.tags)
    between = "With commas between them."
    yield Field("tags", "Tags", LIST, tags, card, between, question.tags)
    authors = ", ".join(question.authors)
    yield Field("authors", "Authors", LIST, authors, card, between, question.authors)
    for fact in question.facts:
        about = f"{fact.about} ({fact.step})"
        yield Field(f"facts/{fact.id}/answer", about, LONG, fact.answer, told)
    for follow_up in question.follow_ups:
        about = f"{follow_up.criterion}, {follow_up.when}"
        yield Field(f"follow_ups/{follow_up.id}/ask", about, LONG, follow_up.ask, pushed)
    for twist in question.twists:
        yield Field(f"twists/{twist.id}/says", f"Twist: {twist.id}", LONG, twist.says, turns)
    for trap in question.traps:
        yield Field(f"traps/{trap.id}/ask", f"Trap: {trap.what}", LONG, trap.ask, turns)
    for step, text in question.reference:
        yield Field(f"reference/{step}", f"Reference: {step}", LONG, text, answers)
    yield Field("baseline", "Baseline", LONG, question.baseline, answers)
    yield Field("no_ml_when", "When no model is needed", LONG, question.no_ml_when, answers)


def changes(question: Question, sent: Mapping[str, list[str]]) -> dict[str, object]:
    """What differs from `question`, ready for set_fields. Raises InvalidInput for a number that is none."""
    found: dict[str, object] = {}
    for field in fields_of(question):
        given = sent.get(field.name)
        if given is None and field.kind != TICKS:
            continue
        value, now = _value(field, given or []), _value(field, _as_sent(field))
        same = set(value) == set(now) if field.kind == TICKS else value == now
        if not same:
            found[field.name] = value
    return found


def _as_sent(field: Field) -> list[str]:
    return list(field.value) if isinstance(field.value, tuple) else [field.value]


def _value(field: Field, given: list[str]) -> Any:
    if field.kind == TICKS:
        return given
    said = " ".join(given[0].split())
    if field.kind == LIST:
        return _items(said, field.items)
    if field.kind == NUMBER:
        if not said.isascii() or not said.isdecimal() or len(said) > 4:
            raise InvalidInput(f"{field.label}: {said[:20] or 'nothing'} is no whole number.")
        return int(said)
    return said


def _items(said: str, known: tuple[str, ...]) -> list[str]:
    """Between commas; one that was there already may hold some itself, as "Smith, Jr." does."""
    found: list[str] = []
    rest = said
    while rest := rest.strip(" ,"):
        kept = [one for one in known if rest == one or rest.startswith(f"{one},")]
        item = max(kept, key=len, default=rest.partition(",")[0].strip())
        found.append(item)
        rest = rest[len(item) :]
    return found
