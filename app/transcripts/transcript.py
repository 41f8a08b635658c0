"""What was said: Turn and Transcript, frozen, in the native form of docs/reference.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SCHEMA = 1


class Speaker(StrEnum):
    INTERVIEWER = "interviewer"
    CANDIDATE = "candidate"
    OBSERVER = "observer"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance. `at` is seconds since the start of the recording, or None where unknown."""

    speaker: Speaker
    text: str
    name: str | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A remark of the quality gate: a closed id (see quality.NOTES) and a sentence for the user."""

    id: str
    message: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """An ordered, frozen list of turns.

    `question` is a slug, the question's text or None. `format` names the reader that was used.
    `ends_at` is the last moment the source names, in seconds, where it names one.
    """

    turns: tuple[Turn, ...]
    question: str | None = None
    title: str | None = None
    format: str = "native"
    notes: tuple[Note, ...] = ()
    ends_at: float | None = None

    def as_native(self) -> Mapping[str, Any]:
        return {
            "schema": SCHEMA,
            "question": self.question,
            "title": self.title,
            "turns": [
                {"speaker": str(t.speaker), "name": t.name, "at": t.at, "text": t.text}
                for t in self.turns
            ],
        }
