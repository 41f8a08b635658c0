"""A session as one file: its events, the question it was asked, its report, and a checksum over all of it."""

import hashlib
import json
from dataclasses import asdict
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.bank.question import Question
from app.errors import InvalidInput
from app.interview.events import CLASSES, Chose, Created, Event, Extended, Spoke, Wrote, event_of
from app.live.room import Room
from app.rubric.rubric import STEPS
from app.scoring.report import Report
from app.transcripts.transcript import Transcript

SCHEMA = 1
KIND = "sevenstep-session"
MOST_EVENTS = 20_000
MOST_MINUTES = 240
LONGEST = 10 * 365 * 24 * 3_600_000  # ms; a sum of them still fits the database's numbers
BROKEN = "This is no bundle of a session, or it was changed after it was exported."


class Happened(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Annotated[int, Field(ge=0, le=2**53)]
    type: str
    actor: str
    body: dict[str, Any]


class Made(BaseModel):
    """A report as it was, with the transcript that it judges."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    report: Report
    transcript: Transcript


class Bundle(BaseModel):
    """`sha256` is of everything else, written as `canonical` writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: int = Field(alias="schema")
    kind: str
    question_sha256: str
    question: Question
    events: tuple[Happened, ...]
    made: Made | None
    sha256: str

    def known_events(self) -> list[tuple[Event, int]]:
        """Those that this version understands, with their times."""
        found = [(event_of(one.type, one.body), one.at) for one in self.events]
        return [(event, at) for event, at in found if event is not None]


async def export_bundle(room: Room, made: Made | None) -> str:
    """JSON text; the same session gives the same bytes."""
    history = await room.log.history(room.id)
    spec = room.session.spec
    rest: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": KIND,
        "question_sha256": spec.question_sha256 if spec else "",
        "question": room.expectations.sheet.question.model_dump(mode="json"),
        "events": [
            {"at": e.at, "type": e.type, "actor": e.actor, "body": dict(e.body)} for e in history
        ],
        "made": None
        if made is None
        else {"report": asdict(made.report), "transcript": asdict(made.transcript)},
    }
    return json.dumps({**rest, "sha256": checksum(rest)}, ensure_ascii=False, indent=1) + "\n"


def read_bundle(data: bytes) -> Bundle:
    """Raises InvalidInput with a sentence."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(BROKEN) from error
    if not isinstance(value, dict) or value.get("kind") != KIND:
        raise InvalidInput(BROKEN)
    if value.get("schema") != SCHEMA:
        raise InvalidInput("This bundle was written by a newer version of Sevenstep.")
    rest = {key: part for key, part in value.items() if key != "sha256"}
    if checksum(rest) != value.get("sha256"):
        raise InvalidInput(BROKEN)
    try:
        bundle = Bundle.model_validate(value)
        for happened in bundle.events:
            if happened.type in CLASSES:
                _types(happened.type).validate_json(json.dumps(happened.body), strict=True)
        events = [event for event, _ in bundle.known_events()]
    except (ValidationError, TypeError) as error:
        raise InvalidInput(BROKEN) from error
    if len(events) > MOST_EVENTS or not _makes_sense(bundle, events):
        raise InvalidInput(BROKEN)
    return bundle


@cache
def _types(type: str) -> TypeAdapter[Any]:
    """A checksum says that nobody changed a file, not that Sevenstep wrote it."""
    return TypeAdapter(CLASSES[type])


def _makes_sense(bundle: Bundle, events: list[Event]) -> bool:
    if [n for n, event in enumerate(events) if isinstance(event, Created)] != [0]:
        return False
    turns = sum(isinstance(event, Spoke) for event in events)
    return all(_is_possible(bundle, event, turns) for event in events)


def _is_possible(bundle: Bundle, event: Event, turns: int) -> bool:
    match event:
        case Created():
            minutes = event.minutes is None or 1 <= event.minutes <= MOST_MINUTES
            same = event.question_sha256 == bundle.question_sha256
            return same and minutes and 0 <= event.spent_ms <= LONGEST
        case Spoke():
            return 0 <= event.at_ms <= LONGEST
        case Wrote():
            return event.section in STEPS and 0 <= event.at_ms <= LONGEST
        case Extended():
            return 0 <= event.ms <= LONGEST
        case Chose():
            return all(n is None or 0 <= n < turns for n in (event.turn, event.answers))
    return True


def checksum(rest: dict[str, Any]) -> str:
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
