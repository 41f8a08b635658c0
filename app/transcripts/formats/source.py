"""What a reader is given (Source) and what it gives back (Piece, Reading)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.errors import TooLarge, UnreadableTranscript
from app.transcripts.transcript import Speaker

LINES_LIMIT = 100_000  # of text; three hours of captions have 20,000. JSON may have any number


@dataclass(frozen=True)
class Source:
    """A file as it came: its name where known, its bytes, and its text after decoding."""

    name: str | None
    data: bytes
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def head(self) -> list[str]:
        """The first lines that say something: enough to recognise most formats."""
        return [line.strip() for line in self.text[:20_000].split("\n") if line.strip()][:60]

    @cached_property
    def is_json(self) -> bool:
        start = self.text[:400].lstrip()
        return start[:1] == "{" or (start[:1] == "[" and start[1:].lstrip()[:1] in ("{", "[", '"'))

    @cached_property
    def json(self) -> Any:
        """The parsed JSON, or None where the text does not claim to be JSON."""
        return load_json(self.text) if self.is_json else None


@dataclass(frozen=True, slots=True)
class Piece:
    """Words said in one go. Without a name it carries on the speaker before; times in seconds."""

    text: str
    name: str | None = None
    at: float | None = None
    end: float | None = None
    speaker: Speaker | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All pieces of one source; `as_given` where each piece already is a turn."""

    pieces: list[Piece]
    title: str | None = None
    question: str | None = None
    ends_at: float | None = None
    as_given: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """One line of the registry: how the format is recognised, read and described."""

    about: str
    sniff: Callable[[Source], bool]
    read: Callable[[Source], Reading]


def refuse_endless(lines: int) -> None:
    if lines > LINES_LIMIT:
        raise TooLarge(f"This file has over {LINES_LIMIT:,} lines; no transcript has so many.")


def load_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as exc:
        raise UnreadableTranscript(
            f"This looks like JSON but cannot be read: {exc.msg} at line {exc.lineno}, "
            f"column {exc.colno}."
        ) from exc
    except (RecursionError, ValueError) as exc:  # very deep nesting, numbers of 5,000 digits
        raise UnreadableTranscript(
            "This looks like JSON but is nested too deeply or holds numbers too long to read."
        ) from exc


def entries(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON list; anything else counts as none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def words_of(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def number(value: Any) -> float | None:
    """A finite moment, or None: JSON lets NaN, strings and booleans through."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < 1e10 else None


def scaled(value: Any, unit: float) -> float | None:
    moment = number(value)
    return None if moment is None else round(moment * unit, 3)
