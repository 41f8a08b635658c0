"""What differs between two versions of a question: in a few words, and as a diff of the texts."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from app.bank.question import Question

MOST_NAMED = 4
MOST_LINES = 20_000  # of both texts together; beyond it a diff can take minutes
SHOWN = 400
BY_ID = {
    "facts": ("fact", "facts"),
    "follow_ups": ("follow-up", "follow-ups"),
    "twists": ("twist", "twists"),
    "traps": ("trap", "traps"),
    "expects": ("expectation", "expectations"),
}


def in_words(old: Question, new: Question) -> list[str]:
    """ "title", "2 facts changed (latency, volume)", "1 follow-up new (cost)"; empty when they are equal."""
    told = []
    for name in Question.model_fields:
        one, other = getattr(old, name), getattr(new, name)
        if one == other:
            continue
        if name in BY_ID:
            told += _items(*BY_ID[name], _by_id(one), _by_id(other))
        elif name in ("version", "status", "difficulty", "minutes"):
            told.append(f"{name} {one} to {other}")
        else:
            told.append(name.replace("no_ml_when", "when no ML is needed").replace("_", "-"))
    return told


def _by_id(items: Any) -> dict[str, Any]:
    return dict(items) if isinstance(items, Mapping) else {item.id: item for item in items}


def _items(one: str, many: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    kinds = {
        "changed": [id for id in new if id in old and new[id] != old[id]],
        "new": [id for id in new if id not in old],
        "gone": [id for id in old if id not in new],
    }
    told = [
        f"{len(ids)} {one if len(ids) == 1 else many} {how} ({_named(ids)})"
        for how, ids in kinds.items()
        if ids
    ]
    return told or [f"{many} in another order"]


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    return ", ".join(ids[:MOST_NAMED]) + more


def diff(old: str, new: str, name: str) -> list[str]:
    """Lines of a unified diff, without their line ends; bounded, and says so."""
    one, other = old.splitlines(), new.splitlines()
    if len(one) + len(other) > MOST_LINES:
        return [f"The texts have {len(one) + len(other)} lines together: too many to be compared."]
    lines = list(difflib.unified_diff(one, other, f"{name} now", f"{name} then", lineterm="", n=2))
    if len(lines) > SHOWN:
        return [*lines[:SHOWN], f"... and {len(lines) - SHOWN} lines more"]
    return lines
