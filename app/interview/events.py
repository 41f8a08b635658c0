"""What can happen in a session. The type of an event decides its stream; nobody names a stream from outside.

`main` is what the candidate may see. `staff` is the interviewer's side: which move was made, and why.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Literal

Stream = Literal["main", "staff"]
Mode = Literal["practice", "exam", "live"]
Speaking = Literal["candidate", "interviewer"]
Pauser = Literal["candidate", "absence", "interviewer"]
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
    reason: Literal["candidate", "outage", "interviewer"]


@dataclass(frozen=True, slots=True)
class Spoke:
    """A committed turn. `at_ms` is the interview's time, pauses left out; `hint` marks words given as a hint,
    `late` what was sent in the minute after the end. `name` is who spoke, where several people may; `via` is "caption"
    for words that a meeting's captions brought."""

    type: ClassVar[str] = "turn.committed"
    stream: ClassVar[Stream] = "main"
    speaker: Speaking
    text: str
    at_ms: int
    hint: bool = False
    late: bool = False
    name: str = ""
    via: Literal["typed", "caption"] = "typed"


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
    the interviewer's own where it spoke; `trigger` says what made it choose, "human" where a person did. `facts` were
    told, `offered` only asked back about."""

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
    offered: tuple[str, ...] = ()


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


# Live sessions, led by a person ------------------------------------------------------------------
LiveRole = Literal["interviewer", "candidate", "observer"]
Driver = Literal["human", "script", "model"]
Heard = Literal["met", "partly", "missed", ""]
Stage = Literal["blind", "final"]


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody was let in, for the first time. `participant` is the actor of what they do."""

    type: ClassVar[str] = "participant.joined"
    stream: ClassVar[Stream] = "main"
    participant: str
    role: LiveRole
    name: str


@dataclass(frozen=True, slots=True)
class Consented:
    """They were told that the session is recorded and scored, by this version of the notice, and agreed."""

    type: ClassVar[str] = "consent.given"
    stream: ClassVar[Stream] = "main"
    participant: str
    notice: int


@dataclass(frozen=True, slots=True)
class Drove:
    """Who puts the questions from here on: a person, the script, or the model that words it."""

    type: ClassVar[str] = "driver.changed"
    stream: ClassVar[Stream] = "main"
    driver: Driver


@dataclass(frozen=True, slots=True)
class Focused:
    """Quiet minutes, in which the interviewer does not speak: until then by the server's clock (ms), None: over."""

    type: ClassVar[str] = "focus.set"
    stream: ClassVar[Stream] = "main"
    until: int | None


@dataclass(frozen=True, slots=True)
class Swapped:
    """The two change sides: they go on in this session, which is scored apart."""

    type: ClassVar[str] = "roles.swapped"
    stream: ClassVar[Stream] = "main"
    session: str


@dataclass(frozen=True, slots=True)
class Advised:
    """What an interviewer wants the candidate to read at the end."""

    type: ClassVar[str] = "feedback.candidate"
    stream: ClassVar[Stream] = "main"
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What the candidate wants the interviewer to read at the end."""

    type: ClassVar[str] = "feedback.interviewer"
    stream: ClassVar[Stream] = "staff"
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A private note as it now stands, by its own id; without text it was taken back. `at_ms` is the moment of the
    interview that it is about."""

    type: ClassVar[str] = "note.written"
    stream: ClassVar[Stream] = "staff"
    note: str
    text: str
    at_ms: int
    by: str
    bookmark: bool = False


@dataclass(frozen=True, slots=True)
class Covered:
    """What a person heard of a criterion: it stands above what the scorer heard; "" takes it back. No evidence."""

    type: ClassVar[str] = "criterion.marked"
    stream: ClassVar[Stream] = "staff"
    criterion: str
    heard: Heard
    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class StepSet:
    """Where the interview is, said by a person; None: as the scorer hears it."""

    type: ClassVar[str] = "step.set"
    stream: ClassVar[Stream] = "staff"
    step: str | None
    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A suggestion that is not wanted: the id of a follow-up, trap or twist, or `criterion:ID`."""

    type: ClassVar[str] = "suggestion.dismissed"
    stream: ClassVar[Stream] = "staff"
    suggestion: str


@dataclass(frozen=True, slots=True)
class ObserversSee:
    """Whether observers read the interviewer's side as well."""

    type: ClassVar[str] = "observers.see"
    stream: ClassVar[Stream] = "staff"
    on: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """A rater's marks: step -> level 0 to 4, criterion -> depth 0 to 4, None where it could not be judged. `blind`
    ones were given before the machine's were shown; `final` ones have a reason for every step that differs from the
    machine's by more than a level."""

    type: ClassVar[str] = "marks.given"
    stream: ClassVar[Stream] = "staff"
    rater: str
    name: str
    stage: Stage
    levels: dict[str, float | None]
    depths: dict[str, int | None]
    reasons: dict[str, str]


@dataclass(frozen=True, slots=True)
class Shared:
    """What the candidate may read under a link: parts of a closed list (app/interview/leading.py), and a message."""

    type: ClassVar[str] = "report.shared"
    stream: ClassVar[Stream] = "staff"
    parts: tuple[str, ...]
    message: str
    by: str


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
    | Joined
    | Consented
    | Drove
    | Focused
    | Swapped
    | Advised
    | Answered
    | Noted
    | Covered
    | StepSet
    | Dismissed
    | ObserversSee
    | Marked
    | Shared
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
        Joined,
        Consented,
        Drove,
        Focused,
        Swapped,
        Advised,
        Answered,
        Noted,
        Covered,
        StepSet,
        Dismissed,
        ObserversSee,
        Marked,
        Shared,
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
    for name in ("facts", "offered", "checks", "parts"):
        if name in given:
            given[name] = tuple(given[name])
    return kind(**given)
