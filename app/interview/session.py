"""One interview as a frozen fold of its events. Everything shown is made from this."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from app.interview.clock import InterviewClock
from app.interview.events import (
    AskedHint,
    Chose,
    Created,
    Ended,
    Event,
    Extended,
    Paused,
    Pauser,
    Predicted,
    Published,
    Resumed,
    Spoke,
    Started,
    Voice,
    VoiceChanged,
    Worded,
    Wrote,
)
from app.interview.led import Led, apply_led

State = Literal["draft", "running", "paused", "ended"]
MINUTE = 60_000
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Session:
    """`turns` is the conversation, `moves` the interviewer's ledger (empty for who may not see it).

    `document` holds the sections as they stand. `last_at` is the time of the latest event. `voice` is who words the
    moves now, `led` what a session led by a person has besides.
    """

    spec: Created | None = None
    state: State = "draft"
    clock: InterviewClock = InterviewClock(None)
    turns: tuple[Spoke, ...] = ()
    moves: tuple[Chose, ...] = ()
    document: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    hints: int = 0
    paused_by: Pauser | None = None
    predicted: Mapping[str, float | None] | None = None
    ended: Ended | None = None
    ended_at: int | None = None
    report: str | None = None
    voice: Voice = "script"
    wordings: tuple[Worded, ...] = ()
    led: Led = Led()
    created_at: int = 0
    last_at: int = 0

    @property
    def told(self) -> dict[str, int]:
        """fact -> the turn in which the interviewer first told it."""
        found: dict[str, int] = {}
        for move in self.moves:
            if move.turn is not None and move.verdict != "agree":
                for fact in move.facts:
                    found.setdefault(fact, move.turn)
        return found

    @property
    def asked(self) -> frozenset[str]:
        """Follow-ups and traps that were pressed, and twists that were told."""
        used = {move.follow_up for move in self.moves} | {move.twist for move in self.moves}
        return frozenset(id for id in used if id)

    @property
    def unanswered(self) -> int | None:
        """The number of the candidate's latest turn, where no move has answered it yet."""
        answered = max((m.answers for m in self.moves if m.answers is not None), default=-1)
        for number in range(len(self.turns) - 1, answered, -1):
            if self.turns[number].speaker == "candidate":
                return number
        return None

    @property
    def is_live(self) -> bool:
        return self.spec is not None and self.spec.mode == "live"

    def count(self, kind: str) -> int:
        return sum(move.kind == kind for move in self.moves)


def apply(session: Session, event: Event, at: int) -> Session:
    """The session after one event that was committed at `at` (ms)."""
    session = replace(session, last_at=max(session.last_at, at))
    clock = session.clock
    match event:
        case Created():
            limit = None if event.minutes is None else event.minutes * MINUTE
            return replace(
                session,
                spec=event,
                clock=InterviewClock(limit, event.spent_ms),
                created_at=at,
                voice=event.voice,
                led=replace(session.led, driver="human") if event.mode == "live" else session.led,
            )
        case Started():
            return replace(session, state="running", clock=clock.started(at))
        case Paused():
            return replace(session, state="paused", clock=clock.paused(at), paused_by=event.by)
        case Resumed():
            return replace(session, state="running", clock=clock.resumed(at), paused_by=None)
        case Extended(reason="outage"):
            return replace(session, clock=clock.credited(event.ms))
        case Extended():
            return replace(session, clock=clock.extended(event.ms))
        case Spoke():
            return replace(session, turns=(*session.turns, event))
        case Wrote():
            document = MappingProxyType({**session.document, event.section: event.text})
            return replace(session, document=document)
        case AskedHint():
            return replace(session, hints=session.hints + 1)
        case Predicted():
            return replace(session, predicted=MappingProxyType(event.levels))
        case Ended():
            stopped = clock.paused(at) if session.state == "running" else clock
            return replace(session, state="ended", clock=stopped, ended=event, ended_at=at)
        case Published():
            return replace(session, report=event.report)
        case Chose():
            return replace(session, moves=(*session.moves, event))
        case VoiceChanged():
            return replace(session, voice=event.voice)
        case Worded():
            return replace(session, wordings=(*session.wordings, event))
        case _:
            return replace(session, led=apply_led(session.led, event))


def fold(events: Iterable[tuple[Event, int]], session: Session | None = None) -> Session:
    """`fold(all) == fold(rest, fold(first))`, wherever it is cut."""
    session = session or Session()
    for event, at in events:
        session = apply(session, event, at)
    return session
