"""What may be done to a session and when: a command and the session's state make events, or a refusal.

Pure, so that storage can ask it again inside the transaction that writes.
"""

from dataclasses import dataclass, replace
from typing import Literal

from app.interview.events import (
    AskedHint,
    Chose,
    Created,
    Ended,
    Ending,
    Event,
    Extended,
    Paused,
    Pauser,
    Predicted,
    Published,
    Resumed,
    Spoke,
    Started,
    VoiceChanged,
    Worded,
    Wrote,
)
from app.interview.leading import (
    LONGEST_TURN,
    MOST_ADDED,
    Leading,
    Prolong,
    lead,
)
from app.interview.refused import Refused as Refused
from app.interview.session import MINUTE, Session
from app.rubric.rubric import STEPS

EXTENSION = 5 * MINUTE
MOST_EXTRA = 12  # extensions
GRACE = MINUTE  # a turn that was being composed when the time was up may still be sent
LONGEST_SECTION = 40_000
MINUTES = (30, 45, 60, 90)


@dataclass(frozen=True, slots=True)
class Create:
    created: Created


@dataclass(frozen=True, slots=True)
class Start:
    """The clock begins and the question is posed in these words."""

    pose: str


@dataclass(frozen=True, slots=True)
class Say:
    """`name` where several people may speak."""

    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class AskHint:
    pass


@dataclass(frozen=True, slots=True)
class Pause:
    by: Pauser = "candidate"


@dataclass(frozen=True, slots=True)
class Resume:
    pass


@dataclass(frozen=True, slots=True)
class Extend:
    pass


@dataclass(frozen=True, slots=True)
class Credit:
    """The service was down for so long."""

    ms: int


@dataclass(frozen=True, slots=True)
class Finish:
    reason: Ending = "finished"
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Expire:
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Predict:
    levels: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Publish:
    report: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The interviewer's move; `text` is empty where it listens. `worded` where a model was asked for the words;
    `reason` why the script had to say it."""

    move: Chose
    text: str
    worded: Worded | None = None
    reason: str = ""


Command = (
    Create
    | Start
    | Say
    | Write
    | AskHint
    | Pause
    | Resume
    | Extend
    | Credit
    | Finish
    | Expire
    | Predict
    | Publish
    | Reply
    | Leading
)


def decide(session: Session, command: Command, now: int) -> tuple[Event, ...]:
    """The events that the command makes; none where it has nothing left to do. Raises Refused."""
    match command:
        case Create():
            return (command.created,)
        case Start():
            return _start(session, command)
        case Say():
            return _say(session, command, now)
        case Write():
            return _write(session, command, now)
        case AskHint():
            _running(session)
            if _is_exam(session):
                raise Refused("exam", "There are no hints in exam mode.")
            return (AskedHint(),)
        case Pause():
            return _pause(session, command.by)
        case Resume():
            if session.state != "paused":
                raise Refused("not_paused", "The clock is not paused.")
            return (Resumed(),)
        case Extend():
            return _extend(session)
        case Prolong():
            return _prolong(session, command.ms)
        case Credit():
            return (Extended(command.ms, "outage"),) if session.state == "running" else ()
        case Finish():
            return _finish(session, command, now)
        case Expire():
            due = session.clock.due_at
            if session.state != "running" or due is None or now < due:
                return ()
            return (*_closing(session, command.closing, now), Ended("expired"))
        case Predict():
            return _predict(session, command.levels)
        case Publish():
            return (Published(command.report),)
        case Reply():
            return _reply(session, command, now)
        case _:
            return lead(session, command, now)


def _start(session: Session, command: Start) -> tuple[Event, ...]:
    if session.state != "draft":
        raise Refused("started", "This session has already begun.")
    if session.is_live and not session.led.has_consent:
        raise Refused(
            "no_consent", "The candidate has not agreed to the recording yet.", retry=False
        )
    posed = Chose("pose", "start", turn=len(session.turns))
    return (Started(), Spoke("interviewer", command.pose, 0), posed)


def _running(session: Session) -> None:
    if session.state == "draft":
        raise Refused("not_started", "The session has not begun; press start.")
    if session.state == "paused":
        raise Refused("paused", "The clock is paused; resume to go on.")
    if session.state == "ended":
        raise Refused("ended", "The session has ended.")


def _is_exam(session: Session) -> bool:
    return session.spec is not None and session.spec.mode == "exam"


def _in_grace(session: Session, now: int) -> bool:
    ended = session.ended
    return (
        ended is not None
        and ended.reason == "expired"
        and session.ended_at is not None
        and now <= session.ended_at + GRACE
        and session.report is None
        and not any(turn.late for turn in session.turns)
    )


def _say(session: Session, command: Say, now: int) -> tuple[Event, ...]:
    text = command.text.strip()
    if not text:
        raise Refused("empty", "There is nothing to send yet.")
    if len(text) > LONGEST_TURN:
        raise Refused("too_long", f"A turn holds {LONGEST_TURN:,} characters; send it in parts.")
    late = _in_grace(session, now)
    if not late:
        _running(session)
    elapsed = session.clock.elapsed(now)
    return (Spoke("candidate", text, elapsed, late=late, name=command.name),)


def _write(session: Session, command: Write, now: int) -> tuple[Event, ...]:
    if command.section not in STEPS:
        raise Refused("no_section", "The document has no such section.")
    if len(command.text) > LONGEST_SECTION:
        raise Refused("too_long", f"A section holds {LONGEST_SECTION:,} characters.")
    if session.state == "draft" or (session.state == "ended" and not _in_grace(session, now)):
        _running(session)
    if session.document.get(command.section, "") == command.text:
        return ()
    return (Wrote(command.section, command.text, session.clock.elapsed(now)),)


def _pause(session: Session, by: Pauser) -> tuple[Event, ...]:
    goes_on = session.is_live or _is_exam(session)
    if by == "absence" and (session.state != "running" or goes_on):
        return ()
    _running(session)
    if _is_exam(session):
        raise Refused("exam", "The clock does not pause in exam mode.")
    return (Paused(by),)


def _extend(session: Session) -> tuple[Event, ...]:
    if session.state == "ended":
        raise Refused("ended", "The session has ended.")
    if _is_exam(session):
        raise Refused("exam", "Exam mode keeps the time that was chosen.")
    if session.clock.limit is None:
        raise Refused("untimed", "No time is set in this session.")
    chosen = (session.spec.minutes or 0) * MINUTE if session.spec else 0
    if session.clock.limit >= chosen + MOST_EXTRA * EXTENSION:
        raise Refused("too_long", "An hour has been added already; finish and try again.")
    return (Extended(EXTENSION, "candidate"),)


def _prolong(session: Session, ms: int) -> tuple[Event, ...]:
    if not session.is_live:
        raise Refused("not_live", "This is no live session.")
    if session.state == "ended":
        raise Refused("ended", "The session has ended.")
    if session.clock.limit is None:
        raise Refused("untimed", "No time is set in this session.")
    chosen = (session.spec.minutes or 0) * MINUTE if session.spec else 0
    if ms <= 0 or session.clock.limit + ms > chosen + MOST_ADDED:
        raise Refused("too_long", "An hour may be added in all.")
    return (Extended(ms, "interviewer"),)


def _closing(session: Session, text: str, now: int) -> tuple[Event, ...]:
    if not text:
        return ()
    spoken = Spoke("interviewer", text, session.clock.elapsed(now))
    return (spoken, Chose("end", "time", turn=len(session.turns)))


def _finish(session: Session, command: Finish, now: int) -> tuple[Event, ...]:
    if session.state == "ended":
        return ()
    closing = command.closing if session.state != "draft" else ""
    return (*_closing(session, closing, now), Ended(command.reason))


def _predict(session: Session, levels: dict[str, float | None]) -> tuple[Event, ...]:
    if session.state != "ended":
        raise Refused("not_ended", "The session is still running.")
    if session.predicted is not None:
        raise Refused("predicted", "Your marks are already written down.")
    if set(levels) - set(STEPS) or any(
        level is not None and not 0 <= level <= 4 for level in levels.values()
    ):
        raise Refused("levels", "A mark is from 0 to 4 for each of the seven steps.")
    return (Predicted({step: levels.get(step) for step in STEPS}),)


def _reply(session: Session, command: Reply, now: int) -> tuple[Event, ...]:
    """Dropped where the session has gone on meanwhile: another process answered, or the time is up."""
    move = command.move
    if session.state != "running":
        return ()
    if move.answers is not None and session.unanswered != move.answers:
        return ()
    if not command.text:
        return (move,)
    if move.turn != len(session.turns):
        if move.answers is None and move.trigger != "hint":
            return ()  # the silence that it would have broken is over
        move = replace(move, turn=len(session.turns))
    spoken = Spoke(
        "interviewer", command.text, session.clock.elapsed(now), hint=move.kind == "hint"
    )
    made: tuple[Event, ...] = (spoken, move)
    if (worded := command.worded) is not None:
        made += (replace(worded, turn=len(session.turns)),)
        # a word that was cut off tells nothing about the next one
        if not worded.cut and worded.by != session.voice:
            made += (VoiceChanged(worded.by, command.reason),)
    return made


Refusal = Literal[
    "exam",
    "not_paused",
    "started",
    "not_started",
    "paused",
    "ended",
    "empty",
    "too_long",
    "no_section",
    "untimed",
    "not_ended",
    "predicted",
    "levels",
    "not_live",
    "no_consent",
    "not_here",
    "old_notice",
    "no_mark",
    "no_step",
    "rated",
    "not_blind",
    "no_reason",
]
