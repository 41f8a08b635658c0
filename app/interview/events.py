"""What can happen in a session. The type of an event decides its stream; nobody names a stream from outside.

`main` is what the candidate may see. `staff` is the interviewer's side: which move was made, and why.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal

Stream = Literal["main", "staff"]
Mode = Literal["practice", "exam"]
Speaking = Literal["candidate", "interviewer"]
Pauser = Literal["candidate", "absence"]
Ending = Literal["finished", "expired", "abandoned"]
Voice = Literal["script", "model"]


@dataclass(frozen=True, slots=True)
class Created:
    """`minutes` is None where no time is set. The hashes keep what the session was started with. A session that
    branches off another begins with `spent_ms` of its time gone. `voice` is who was asked to word the moves, and
    `host_mark` the endpoint that the candidate agreed to (app/live/voice.py): words go to no other."""

    type: ClassVar[str] = "session.created"
    stream: ClassVar[Stream] = "main"
    slug: str
    title: str
    question_sha256: str
    rubric: str
    rubric_sha256: str
    persona: str
    mode: Mode
    minutes: int | None
    branched_from: str | None = None
    spent_ms: int = 0
    voice: Voice = "script"
    host_mark: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    type: ClassVar[str] = "clock.started"
    stream: ClassVar[Stream] = "main"


@dataclass(frozen=True, slots=True)
class Paused:
    type: ClassVar[str] = "clock.paused"
    stream: ClassVar[Stream] = "main"
    by: Pauser


@dataclass(frozen=True, slots=True)
class Resumed:
    type: ClassVar[str] = "clock.resumed"
    stream: ClassVar[Stream] = "main"


@dataclass(frozen=True, slots=True)
class Extended:
    """More time: asked for, or given back for the time in which the service was down."""

    type: ClassVar[str] = "clock.extended"
    stream: ClassVar[Stream] = "main"
    ms: int
    reason: Literal["candidate", "outage"]


@dataclass(frozen=True, slots=True)
class Spoke:
    """A committed turn. `at_ms` is the interview's time, pauses left out; `hint` marks words given as a hint,
    `late` what was sent in the minute after the end."""

    type: ClassVar[str] = "turn.committed"
    stream: ClassVar[Stream] = "main"
    speaker: Speaking
    text: str
    at_ms: int
    hint: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Wrote:
    """A section of the candidate's document as it now stands."""

    type: ClassVar[str] = "document.updated"
    stream: ClassVar[Stream] = "main"
    section: str
    text: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class AskedHint:
    type: ClassVar[str] = "hint.asked"
    stream: ClassVar[Stream] = "main"


@dataclass(frozen=True, slots=True)
class Predicted:
    """The candidate's own marks, before theirs were shown: step -> 0 to 4, or None where skipped."""

    type: ClassVar[str] = "marks.predicted"
    stream: ClassVar[Stream] = "main"
    levels: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Ended:
    type: ClassVar[str] = "session.ended"
    stream: ClassVar[Stream] = "main"
    reason: Ending


@dataclass(frozen=True, slots=True)
class Published:
    type: ClassVar[str] = "report.published"
    stream: ClassVar[Stream] = "main"
    report: str


@dataclass(frozen=True, slots=True)
class Chose:
    """A move of the interviewer. `answers` is the number of the candidate's turn that it reacts to, `turn` of
    the interviewer's own where it spoke; `trigger` says what made it choose."""

    type: ClassVar[str] = "move.chosen"
    stream: ClassVar[Stream] = "staff"
    kind: str
    trigger: str
    answers: int | None = None
    turn: int | None = None
    facts: tuple[str, ...] = ()
    follow_up: str | None = None
    criterion: str | None = None
    verdict: str | None = None
    twist: str | None = None
    assumption: str | None = None


@dataclass(frozen=True, slots=True)
class VoiceChanged:
    """From here on the moves are worded by the script, because the model fails, or by the model again. `reason` is
    a fault, "breach" where its words were not fit to be said, "unset" where none is configured; empty on return."""

    type: ClassVar[str] = "interviewer.voice"
    stream: ClassVar[Stream] = "main"
    voice: Voice
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Worded:
    """How the words of one of the interviewer's turns came about where a model was asked: for audit, never the
    words that were turned down. `checks` holds what was found in each try, in order: a fault, breaches, or "ok";
    `cut` where the candidate spoke on and the words end there. Tokens and cost are of all tries together."""

    type: ClassVar[str] = "turn.worded"
    stream: ClassVar[Stream] = "staff"
    turn: int
    by: Voice
    prompt: str
    prompt_version: int
    prompt_sha256: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    first_ms: int = 0
    whole_ms: int = 0
    checks: tuple[str, ...] = ()
    cut: bool = False


Event = (
    Created
    | Started
    | Paused
    | Resumed
    | Extended
    | Spoke
    | Wrote
    | AskedHint
    | Predicted
    | Ended
    | Published
    | Chose
    | VoiceChanged
    | Worded
)
CLASSES: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        Created,
        Started,
        Paused,
        Resumed,
        Extended,
        Spoke,
        Wrote,
        AskedHint,
        Predicted,
        Ended,
        Published,
        Chose,
        VoiceChanged,
        Worded,
    )
}


def body_of(event: Event) -> dict[str, Any]:
    return asdict(event)


def event_of(type: str, body: dict[str, Any]) -> Event | None:
    """None for a type that this version does not know: folds pass it over, the log keeps it."""
    kind = CLASSES.get(type)
    if kind is None:
        return None
    known = {field.name for field in fields(kind)}
    given = {name: value for name, value in body.items() if name in known}
    for name in ("facts", "checks"):
        if name in given:
            given[name] = tuple(given[name])
    return kind(**given)
