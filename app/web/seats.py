"""Who sits where in a room, and what may come from there."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from app.interview.commands import (
    AskHint,
    Command,
    Extend,
    Finish,
    Pause,
    Refused,
    Resume,
    Say,
    Start,
    Write,
)
from app.live.connection import CANDIDATE
from app.live.room import Room
from app.storage.log import Logged
from app.web.line import Fragment, Seat
from app.web.sessions import doing_of, room_turn, stepper_of, voice_of
from app.web.views.room import (
    doing_fragment,
    notice_fragment,
    stepper_fragment,
    turn_fragment,
    voice_fragments,
)

NOTICES = {
    "clock.paused": "The clock is paused.",
    "clock.resumed": "The clock runs again.",
    "clock.extended": "Time was added.",
    "session.ended": "The interview is over.",
}


class Body(BaseModel):
    """A command's own fields: who sends it, and in which role, is known already."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Nothing(Body):
    pass


class Words(Body):
    text: str


class Written(Body):
    """`base` is the event that the section was last saved by, as its page knew it."""

    section: str
    text: str
    base: int = 0


BODIES: dict[str, type[Body]] = {
    "say": Words,
    "document": Written,
    "hint": Nothing,
    "start": Nothing,
    "pause": Nothing,
    "resume": Nothing,
    "extend": Nothing,
    "finish": Nothing,
}


def body_of(bodies: dict[str, type[Body]], type: str, body: dict[str, Any]) -> Body:
    """Raises Refused for a type that is not there, and for a body without what it needs, or with more."""
    try:
        if type in bodies:
            return bodies[type].model_validate(body)
    except ValidationError:
        pass
    raise Refused("bad_frame", "This page is too old for the server; reload it.")


def clean(text: str) -> str:
    """Without what no store takes: NUL, lone halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


class PractiseSeat:
    """A candidate who practises: holds the clock, and sees the coverage but in an exam."""

    role = "candidate"
    actor = CANDIDATE
    sees_staff = False

    def command(self, room: Room, type: str, body: dict[str, Any]) -> Command:
        given = body_of(BODIES, type, body)
        match type, given:
            case _, Words():
                return Say(clean(given.text))
            case _, Written():
                return Write(given.section, clean(given.text))
            case "hint", _:
                return AskHint()
            case "start", _:
                return Start(room.interviewer.pose())
            case "pause", _:
                return Pause()
            case "resume", _:
                return Resume()
            case "extend", _:
                return Extend()
            case _:
                return Finish("finished", room.interviewer.closing(room.session))

    def may_stay(self, room: Room) -> bool:
        return True

    def doing(self, room: Room) -> Fragment:
        return doing_fragment(doing_of(room))

    def shows(self, room: Room) -> list[Fragment]:
        spec = room.session.spec
        if spec is None or spec.mode != "practice":
            return []
        return [stepper_fragment(stepper_of(room), spec.mode)]

    def panels(self, room: Room, now: int) -> list[Fragment]:
        return []

    def event(self, room: Room, event: Logged) -> list[Fragment]:
        return shown(room, event, self)

    def body(self, event: Logged) -> dict[str, Any]:
        return dict(event.body)


def shown(room: Room, event: Logged, seat: Seat) -> list[Fragment]:
    """What everybody is shown of an event of `main`."""
    if event.type == "turn.committed":
        number = sum(e.type == event.type for e in room.main[: event.seq]) - 1
        turn = room.session.turns[number]
        return [turn_fragment(room_turn(number, turn))]
    if event.type == "interviewer.voice":
        return voice_fragments(voice_of(room, event.body["voice"], event.body["reason"]))
    if event.type in NOTICES:
        return [notice_fragment(NOTICES[event.type]), seat.doing(room)]
    if event.type == "clock.started":
        return [seat.doing(room)]
    return []
