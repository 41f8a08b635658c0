"""A participant's place in a live room: what may come from there, and what is shown there."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from app.interview.commands import Command, Finish, Pause, Refused, Resume, Say, Start, Write
from app.interview.events import Advised, Driver, Heard, LiveRole
from app.interview.leading import (
    Ask,
    Cover,
    Dismiss,
    Drive,
    Focus,
    LetObservers,
    Note,
    Prolong,
    SetStep,
)
from app.interview.roles import SEES, may
from app.interview.session import MINUTE
from app.live.room import Room
from app.storage.log import Logged
from app.storage.tickets import Guest
from app.web.line import Fragment
from app.web.live.panels import Panels
from app.web.live.room_views import mirror_fragment, turn_fragment
from app.web.seats import NOTICES, Body, Nothing, Words, Written, body_of, clean
from app.web.sessions import SPEAKS, THINKS
from app.web.views.room import doing_fragment, notice_fragment

Id = Annotated[str, Field(min_length=1, max_length=100)]
OF_TIME = "time:"  # suggestions about the time are no follow-ups of the question


class Asked(Body):
    """The interviewer's words, with what of the sheet they tell or ask."""

    text: str
    facts: Annotated[list[Id], Field(max_length=20)] = []
    follow_up: Id | None = None
    criterion: Id | None = None
    twist: Id | None = None


class Minutes(Body):
    minutes: Annotated[int, Field(ge=1, le=60)]


class Quiet(Body):
    """None ends it."""

    minutes: Annotated[int, Field(ge=1, le=15)] | None


class Driven(Body):
    driver: Driver


class Jotted(Body):
    """A note under an id that its page made up; `at_ms` is the moment that it is about."""

    note: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
    text: str
    at_ms: Annotated[int, Field(ge=0, le=86_400_000)] | None = None
    bookmark: bool = False


class Marking(Body):
    criterion: Id
    heard: Heard


class At(Body):
    step: Id | None


class Unwanted(Body):
    suggestion: Annotated[str, Field(min_length=1, max_length=200)]


class Switch(Body):
    on: bool


BODIES: dict[LiveRole, dict[str, type[Body]]] = {
    "candidate": {"say": Words, "document": Written},
    "interviewer": {
        "start": Nothing,
        "ask": Asked,
        "pause": Nothing,
        "resume": Nothing,
        "prolong": Minutes,
        "finish": Nothing,
        "drive": Driven,
        "focus": Quiet,
        "note": Jotted,
        "cover": Marking,
        "step": At,
        "dismiss": Unwanted,
        "observers": Switch,
    },
    "observer": {},
}


class LiveSeat:
    """`role` and `actor` are the guest's; `is_in` says whether they were not shown out. An observer reads the
    interviewers' side while they allow it; when that changes the place is given up, so that the page is opened anew
    with what it may show."""

    def __init__(self, guest: Guest, room: Room, is_in: Callable[[str], bool]) -> None:
        if guest.role == "reader":
            raise ValueError("a reader has no place in the room")
        self._role: LiveRole = guest.role
        self.role: str = guest.role
        self.guest = guest
        self.actor = guest.id
        self.sees_staff = sees_staff(self._role, room)
        self._is_in = is_in
        self.panes = Panels(guest.id, self._role, sees_staff=self.sees_staff)

    # in ---------------------------------------------------------------------------------------
    def command(self, room: Room, type: str, body: dict[str, Any]) -> Command:
        for role, bodies in BODIES.items():
            if role != self.role and type in bodies and type not in BODIES[self._role]:
                raise Refused("role", "That is not yours to do in this room.")
        command = self._command(room, type, body_of(BODIES[self._role], type, body))
        if not may(self._role, command):
            raise Refused("role", "That is not yours to do in this room.")
        return command

    def _command(self, room: Room, type: str, given: Body) -> Command:
        name = self.guest.name
        match type, given:
            case "say", Words():
                return Say(clean(given.text), name)
            case _, Written():
                return Write(given.section, clean(given.text))
            case "start", _:
                return Start(room.interviewer.pose())
            case _, Asked():
                return self._ask(room, given)
            case "pause", _:
                return Pause("interviewer")
            case "resume", _:
                return Resume()
            case "finish", _:
                return Finish("finished", room.closing())
            case _, Minutes():
                return Prolong(given.minutes * MINUTE)
            case _, Quiet():
                return Focus(None if given.minutes is None else given.minutes * MINUTE)
            case _, Driven():
                if given.driver == "model" and room.speaker is None:
                    raise Refused("no_model", "No model may word the questions in this room.")
                return Drive(given.driver)
            case _, Jotted():
                return self._note(room, given)
            case _, Marking():
                if given.criterion not in room.expectations.knowledge.rubric.criteria:
                    raise Refused("bad_frame", "There is no such criterion.")
                return Cover(given.criterion, given.heard, self.actor)
            case _, At():
                return SetStep(given.step, self.actor)
            case _, Unwanted():
                return Dismiss(given.suggestion)
            case _, Switch():
                return LetObservers(given.on)
        raise Refused("role", "That is not yours to do in this room.")

    def _ask(self, room: Room, given: Asked) -> Ask:
        """What it says of the sheet must be on it: the ledger of what was told rests on this."""
        question = room.expectations.sheet.question
        facts = {fact.id for fact in question.facts}
        asked = {follow_up.id for follow_up in question.follow_ups}
        asked |= {trap.id for trap in question.traps}
        right = (
            set(given.facts) <= facts
            and (given.follow_up is None or _is_asked(given.follow_up, asked))
            and (given.twist is None or given.twist in {twist.id for twist in question.twists})
            and given.criterion in {None, *room.expectations.knowledge.rubric.criteria}
        )
        if not right:
            raise Refused("bad_frame", "This page is too old for the server; reload it.")
        return Ask(
            clean(given.text),
            self.guest.name,
            tuple(dict.fromkeys(given.facts)),
            given.follow_up,
            given.criterion,
            given.twist,
        )

    def _note(self, room: Room, given: Jotted) -> Note:
        known = room.session.led.notes.get(given.note)
        if known is not None and known.by != self.actor:
            raise Refused("role", "Another interviewer wrote this note.")
        return Note(given.note, clean(given.text), self.actor, given.at_ms, given.bookmark)

    # out --------------------------------------------------------------------------------------
    def may_stay(self, room: Room) -> bool:
        return self._is_in(self.actor) and self.sees_staff == sees_staff(self._role, room)

    def doing(self, room: Room) -> Fragment:
        """Only of an interviewer who is a machine: who a person is and what they do can be seen."""
        words = ""
        if room.session.state == "running" and room.draft is not None:
            words = SPEAKS if room.draft[1] else THINKS
        return doing_fragment(words)

    def shows(self, room: Room) -> list[Fragment]:
        return []

    def panels(self, room: Room, now: int) -> list[Fragment]:
        return self.panes.draw(room, now)

    def event(self, room: Room, event: Logged) -> list[Fragment]:
        body = event.body
        match event.type:
            case "turn.committed":
                return [turn_fragment(room, event, self.actor)]
            case "document.updated" if self.role != "candidate":
                return [mirror_fragment(room, event)]
            case "clock.started":
                return [notice_fragment("The clock runs."), self.doing(room)]
            case "driver.changed":
                return [notice_fragment(LEADING[str(body["driver"])]), self.doing(room)]
            case "focus.set":
                words = "Quiet time is over." if body["until"] is None else "Quiet time begins."
                return [notice_fragment(words)]
            case "participant.joined" if body["participant"] != self.actor:
                return [notice_fragment(f"{body['name']} ({body['role']}) has joined.")]
            case type if type in NOTICES:
                return [notice_fragment(NOTICES[type]), self.doing(room)]
        return []

    def body(self, event: Logged) -> dict[str, Any]:
        """Feedback is between the candidate and who wrote it: another rater must not read it before they mark."""
        if event.type == Advised.type and self.role != "candidate" and event.actor != self.actor:
            return {}
        return dict(event.body)


LEADING = {
    "human": "The interviewer asks in person now.",
    "script": "The scripted interviewer asks now.",
    "model": "A model words the questions now.",
}


def sees_staff(role: LiveRole, room: Room) -> bool:
    return "staff" in SEES[role] or (role == "observer" and room.session.led.observers_see)


def _is_asked(follow_up: str, known: set[str]) -> bool:
    return follow_up in known or follow_up.startswith(OF_TIME)
