"""What was found where it must not be: canaries, the staff stream, and what coverage is made of."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.interview.events import CLASSES
from tests.leaks.canaries import Canaries, found
from tests.leaks.recorder import Record

OUTSIDE = ("candidate", "observer", "stranger")
STAFF_TYPES = frozenset(type for type, kind in CLASSES.items() if kind.stream == "staff")


@dataclass(frozen=True)
class Leak:
    what: str
    who: str
    path: str
    record: int


def coverage_words(rubric) -> re.Pattern:
    """The rubric's names for what it listens for: a page of a room that says one shows coverage."""
    criteria = [criterion for _, criterion in rubric.criteria.values()]
    names = [c.title for c in criteria] + [c.id for c in criteria if "-" in c.id]
    return re.compile("|".join(map(re.escape, names)))


def leaks(
    records: list[Record],
    canaries: Canaries,
    coverage: re.Pattern,
    is_shown: Callable[[Record], bool],
) -> Iterator[Leak]:
    """`is_shown` says of an observer's record that the interviewer let them see the notes just then."""
    for record in records:
        if record.who not in OUTSIDE:
            continue
        for canary in found(record.text):
            if canary not in canaries.what:
                continue
            if canaries.may_be_read(record.session, canary, record.number, record.who):
                continue
            if not is_shown(record) or _is_never_shown(canaries.what[canary]):
                yield Leak(canaries.what[canary], record.who, record.path, record.number)
        if is_shown(record):
            continue
        if record.kind == "frame":
            yield from _of_staff(record)
        is_room = record.path.startswith("/live/") and not record.path.endswith("/shared")
        if is_room and (named := coverage.search(record.text)):
            yield Leak(f"coverage: {named[0]}", record.who, record.path, record.number)


def _is_never_shown(what: str) -> bool:
    """Marks are their rater's, whoever else may see the notes."""
    return any(word in what for word in ("mark", "machine", "scorecard"))


def _of_staff(record: Record) -> Iterator[Leak]:
    frame = json.loads(record.text)
    is_staff = frame.get("st") == "staff" or frame.get("type") in STAFF_TYPES
    if is_staff or "staff" in frame.get("heads", {}):
        yield Leak("the staff stream", record.who, record.path, record.number)
