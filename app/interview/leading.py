"""What a person who leads an interview, and those who are with them, may do: commands, and the events they make.

Pure, like commands.py, which hands these on to `lead`. `by` and `name` are set by the server, never by a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from app.interview.events import (
    Advised,
    Answered,
    Chose,
    Consented,
    Covered,
    Dismissed,
    Driver,
    Drove,
    Event,
    Focused,
    Heard,
    Joined,
    LiveRole,
    Marked,
    Noted,
    ObserversSee,
    Shared,
    Speaking,
    Spoke,
    Stage,
    StepSet,
    Swapped,
)
from app.interview.refused import Refused
from app.interview.session import MINUTE, Session
from app.rubric.rubric import STEPS

NOTICE = 1  # the version of the notice that participants agree to
LONGEST_TURN = 20_000
LONGEST_NOTE = 4_000
LONGEST_REASON = 2_000
LONGEST_ADVICE = 8_000
MOST_FOCUS = 15 * MINUTE
MOST_ADDED = 60 * MINUTE
DEEPEST = 4
PARTS = ("transcript", "document", "marks", "evidence", "feedback")
"""What an interviewer may share with the candidate."""


@dataclass(frozen=True, slots=True)
class Join:
    participant: str
    role: LiveRole
    name: str


@dataclass(frozen=True, slots=True)
class Consent:
    participant: str
    notice: int = NOTICE


@dataclass(frozen=True, slots=True)
class Ask:
    """The interviewer's own words; what they tell or ask of the sheet, where they do."""

    text: str
    name: str
    facts: tuple[str, ...] = ()
    follow_up: str | None = None
    criterion: str | None = None
    twist: str | None = None


@dataclass(frozen=True, slots=True)
class Caption:
    """Words that a meeting's captions bring."""

    speaker: Speaking
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Drive:
    driver: Driver


@dataclass(frozen=True, slots=True)
class Focus:
    """Quiet for so many milliseconds from now; None ends it."""

    ms: int | None


@dataclass(frozen=True, slots=True)
class Prolong:
    ms: int


@dataclass(frozen=True, slots=True)
class Note:
    """`at_ms` None: now."""

    note: str
    text: str
    by: str
    at_ms: int | None = None
    bookmark: bool = False


@dataclass(frozen=True, slots=True)
class Cover:
    criterion: str
    heard: Heard
    by: str


@dataclass(frozen=True, slots=True)
class SetStep:
    step: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Dismiss:
    suggestion: str


@dataclass(frozen=True, slots=True)
class LetObservers:
    on: bool


@dataclass(frozen=True, slots=True)
class Rate:
    """`machine` are the machine's levels, for final marks: a reason is wanted where they differ by more than one."""

    rater: str
    name: str
    stage: Stage
    levels: Mapping[str, float | None]
    depths: Mapping[str, int | None] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Share:
    parts: tuple[str, ...]
    message: str
    by: str


@dataclass(frozen=True, slots=True)
class Advise:
    """From an interviewer to the candidate."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """From the candidate to the interviewer."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Swap:
    session: str


Leading = (
    Join
    | Consent
    | Ask
    | Caption
    | Drive
    | Focus
    | Prolong
    | Note
    | Cover
    | SetStep
    | Dismiss
    | LetObservers
    | Rate
    | Share
    | Advise
    | Answer
    | Swap
)


def lead(session: Session, command: Leading, now: int) -> tuple[Event, ...]:
    """The events that the command makes; none where nothing is left to do. Raises Refused."""
    if not session.is_live:
        raise Refused("not_live", "This is no live session.")
    led = session.led
    at_ms = session.clock.elapsed(now)
    match command:
        case Join():
            if command.participant in led.people:
                return ()
            return (Joined(command.participant, command.role, command.name),)
        case Consent():
            return _consent(session, command)
        case Ask():
            return _ask(session, command, at_ms)
        case Caption():
            text = _worded(command.text, LONGEST_TURN)
            _running(session)
            return (Spoke(command.speaker, text, at_ms, name=command.name, via="caption"),)
        case Drive():
            _not_ended(session)
            return () if led.driver == command.driver else (Drove(command.driver),)
        case Focus():
            _running(session)
            if command.ms is None:
                return () if led.focus_until is None else (Focused(None),)
            return (Focused(now + _within(command.ms, MOST_FOCUS)),)
        case Note():
            return _note(session, command, at_ms)
        case Cover():
            if command.heard not in get_args(Heard):
                raise Refused("no_mark", "A criterion is met, partly met or missed.")
            return (Covered(command.criterion, command.heard, at_ms, command.by),)
        case SetStep():
            if command.step is not None and command.step not in STEPS:
                raise Refused("no_step", "There is no such step.")
            return (StepSet(command.step, at_ms, command.by),)
        case Dismiss():
            known = command.suggestion in led.dismissed
            return () if known else (Dismissed(command.suggestion[:200]),)
        case LetObservers():
            return () if led.observers_see == command.on else (ObserversSee(command.on),)
        case Rate():
            return _rate(session, command)
        case Share():
            _ended(session)
            parts = tuple(part for part in PARTS if part in command.parts)
            return (Shared(parts, command.message[:LONGEST_ADVICE].strip(), command.by),)
        case Advise():
            _ended(session)
            return (Advised(command.name, _worded(command.text, LONGEST_ADVICE)),)
        case Answer():
            _ended(session)
            return (Answered(command.name, _worded(command.text, LONGEST_ADVICE)),)
        case Swap():
            _ended(session)
            return () if led.next is not None else (Swapped(command.session),)
        case Prolong():
            raise AssertionError("the clock's: commands.py")


def _consent(session: Session, command: Consent) -> tuple[Event, ...]:
    person = session.led.people.get(command.participant)
    if person is None:
        raise Refused("not_here", "You are not in this room yet.")
    if command.notice != NOTICE:
        raise Refused("old_notice", "This page is too old for the server; reload it.")
    return () if person.consented == NOTICE else (Consented(command.participant, NOTICE),)


def _ask(session: Session, command: Ask, at_ms: int) -> tuple[Event, ...]:
    """What was said last by the candidate counts as answered, so that a script that takes over does not answer it."""
    text = _worded(command.text, LONGEST_TURN)
    _running(session)
    kind = "twist" if command.twist else "answer" if command.facts else "press"
    if kind == "press" and not (command.follow_up or command.criterion):
        kind = "say"
    chose = Chose(
        kind,
        "human",
        answers=session.unanswered,
        turn=len(session.turns),
        facts=command.facts,
        follow_up=command.follow_up,
        criterion=command.criterion,
        twist=command.twist,
    )
    return (Spoke("interviewer", text, at_ms, name=command.name), chose)


def _note(session: Session, command: Note, at_ms: int) -> tuple[Event, ...]:
    text = command.text.strip()
    if len(text) > LONGEST_NOTE:
        raise Refused("too_long", f"A note holds {LONGEST_NOTE:,} characters.")
    before = session.led.notes.get(command.note)
    if before is None and not text:
        return ()
    if before is not None:
        at_ms, bookmark = before.at_ms, before.bookmark
    else:
        at_ms, bookmark = at_ms if command.at_ms is None else command.at_ms, command.bookmark
    return (Noted(command.note, text, at_ms, command.by, bookmark),)


def _rate(session: Session, command: Rate) -> tuple[Event, ...]:
    """Blind marks are given once; final ones may be corrected, each time as a new event."""
    _ended(session)
    levels = {step: command.levels.get(step) for step in STEPS}
    depths = dict(command.depths)
    if any(not _is_mark(level) for level in (*levels.values(), *depths.values())):
        raise Refused("levels", "A mark is from 0 to 4, or left out.")
    given = session.led.marks
    if command.stage == "blind":
        if (command.rater, "blind") in given:
            raise Refused("rated", "Your own marks are already written down.")
        reasons: dict[str, str] = {}
    else:
        if (command.rater, "blind") not in given:
            raise Refused("not_blind", "Give your own marks first, before you see the others.")
        reasons = {step: text.strip()[:LONGEST_REASON] for step, text in command.reasons.items()}
        for step, level in levels.items():
            machine = command.machine.get(step)
            apart = level is not None and machine is not None and abs(level - machine) > 1
            if apart and not reasons.get(step):
                raise Refused(
                    "no_reason",
                    f"Your mark for {step} is more than a level from the machine's: say why in a sentence.",
                )
    return (Marked(command.rater, command.name, command.stage, levels, depths, reasons),)


def _is_mark(level: float | None) -> bool:
    return level is None or 0 <= level <= DEEPEST


def _worded(text: str, longest: int) -> str:
    text = text.strip()
    if not text:
        raise Refused("empty", "There is nothing to send yet.")
    if len(text) > longest:
        raise Refused("too_long", f"This holds {longest:,} characters; send it in parts.")
    return text


def _within(ms: int, most: int) -> int:
    if not 0 < ms <= most:
        raise Refused("too_long", f"That may be up to {most // MINUTE} minutes.")
    return ms


def _running(session: Session) -> None:
    if session.state == "draft":
        raise Refused("not_started", "The interview has not begun.")
    if session.state == "paused":
        raise Refused("paused", "The clock is paused; resume to go on.")
    _not_ended(session)


def _not_ended(session: Session) -> None:
    if session.state == "ended":
        raise Refused("ended", "The session has ended.")


def _ended(session: Session) -> None:
    if session.state != "ended":
        raise Refused("not_ended", "The session is still running.")
