"""What was marked in a live session: who gave what and when, what the machine made of it, and the card of it all.

Nothing here looks at the machine's report before it is asked to, and the routes ask only for raters who have given
their own marks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from app.interview.events import (
    Covered,
    Event,
    Joined,
    Marked,
    Published,
    Stage,
    Started,
    StepSet,
    event_of,
)
from app.interview.led import Participant
from app.live.room import Room
from app.live.rooms import Rooms
from app.rubric.load import Rubric
from app.rubric.rubric import STEPS
from app.scoring.cards import Card, Given, Interview, Note, Person, Settled, make_card
from app.scoring.report import DECISIONS, Report
from app.storage import reports
from app.storage.db import transaction
from app.storage.log import Logged
from app.transcripts.transcript import Transcript
from app.web.deps import Home
from app.web.sessions import publish
from app.web.views.marks import as_chosen
from app.web.views.side_by_side import Final

DECISION, SUMMARY = "decision", "overall"
"""Besides the steps, final marks hold in their reasons what was decided, and why on the whole."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The session's report, the latest second opinion beside it, and what both are about."""

    report: Report
    judge: Report | None
    transcript: Transcript
    rubric: Rubric
    address: str


async def machine_of(home: Home, room: Room) -> Machine:
    """The report is made by the first who may see it."""
    return await run_in_threadpool(_machine, home, await publish(home, room))


def _machine(home: Home, id: str) -> Machine:
    with transaction(home.engine) as db:
        kept = reports.get_report(db, id)
        beside = [line for line in reports.second_opinions(db, id) if line.scorable]
        judge = reports.get_report(db, beside[0].id).report if beside else None
    rubric = home.rubric_of(kept)
    return Machine(kept.report, judge, kept.source.transcript, rubric, f"/reports/{id}")


def see(address: str) -> Response:
    return RedirectResponse(address, 303)


async def over(rooms: Rooms, id: str) -> Room | None:
    """The room, once its interview has ended."""
    room = await rooms.get(id)
    return room if room.session.state == "ended" else None


def events(logged: Iterable[Logged]) -> Iterator[tuple[Event, int]]:
    for one in logged:
        event = event_of(one.type, dict(one.body))
        if event is not None:
            yield event, one.at


def marks(room: Room, stage: Stage) -> list[tuple[Marked, int]]:
    """In the order in which they were given, each with its time (ms)."""
    found = ((event, at) for event, at in events(room.staff) if isinstance(event, Marked))
    return [(event, at) for event, at in found if event.stage == stage]


def has_marked(room: Room, rater: str) -> bool:
    return (rater, "blind") in room.session.led.marks


def final_of(room: Room) -> tuple[Marked, int] | None:
    """The room's: the latest that any rater gave."""
    given = marks(room, "final")
    return given[-1] if given else None


def taps(room: Room, rater: str) -> dict[str, Covered]:
    """What the rater marked in the room themselves, as they left it."""
    found: dict[str, Covered] = {}
    for event, _ in events(room.staff):
        if isinstance(event, Covered) and event.by == rater:
            found[event.criterion] = event
    return {criterion: tap for criterion, tap in found.items() if tap.heard}


def steps_set(room: Room) -> list[StepSet]:
    return [event for event, _ in events(room.staff) if isinstance(event, StepSet)]


def interviewers(room: Room) -> tuple[Participant, ...]:
    return room.session.led.of_role("interviewer")


def awaited(room: Room) -> list[str]:
    """Interviewers who were here and have not given their own marks yet."""
    left = (one for one in interviewers(room) if not has_marked(room, one.id))
    return [one.name for one in left if not came_late(room, one.id)]


def came_late(room: Room, rater: str) -> bool:
    """Into the room, after the scorer's marks were first shown in it."""
    for event, _ in events(room.main):
        if isinstance(event, Joined) and event.participant == rater:
            return False
        if isinstance(event, Published):
            return True
    return False


def raters(room: Room, reader: str) -> list[tuple[str, Marked]]:
    """What to call each, the reader first."""
    given = [marked for marked, _ in marks(room, "blind")]
    own = [("You", marked) for marked in given if marked.rater == reader]
    return own + [(marked.name, marked) for marked in given if marked.rater != reader]


def standing(room: Room, rater: str) -> Final:
    """What the form for the final marks begins with: the room's final marks, else the rater's own."""
    final = final_of(room)
    marked = final[0] if final else room.session.led.marks[rater, "blind"]
    return Final(
        levels={step: as_chosen(marked.levels.get(step)) for step in STEPS},
        reasons={step: marked.reasons.get(step, "") for step in STEPS},
        decision=marked.reasons.get(DECISION, ""),
        summary=marked.reasons.get(SUMMARY, ""),
    )


def interview_of(room: Room) -> Interview:
    session = room.session
    spec = session.spec
    began = [at for event, at in events(room.main) if isinstance(event, Started)]
    people = [one for one in session.led.people.values() if one.role != "observer"]
    return Interview(
        title=spec.title if spec else "",
        question=spec.slug if spec else None,
        started=as_moment(began[0]) if began else None,
        ended=None if session.ended_at is None else as_moment(session.ended_at),
        minutes=spec.minutes if spec else None,
        seconds=session.clock.elapsed(session.last_at) / 1000,
        people=tuple(
            Person(one.name, one.role) for one in sorted(people, key=lambda p: p.role, reverse=True)
        ),
    )


def as_moment(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).isoformat().replace("+00:00", "Z")


def card_of(room: Room, machine: Machine, author: str, chosen: Iterable[str] = ()) -> Card | None:
    """None before anybody settled the marks. `chosen` are ids of notes of the author's that go on it: no others do."""
    final = final_of(room)
    if final is None:
        return None
    marked, at = final
    decision = marked.reasons.get(DECISION, "")
    settled = Settled(
        name=marked.name,
        at=as_moment(at),
        levels=marked.levels,
        reasons={step: marked.reasons.get(step, "") for step in STEPS},
        decision=decision if decision in DECISIONS else None,
        summary=marked.reasons.get(SUMMARY, ""),
    )
    wanted = set(chosen)
    people = room.session.led.people
    notes = [
        Note(people[note.by].name if note.by in people else "", note.at_ms / 1000, note.text)
        for note in room.session.led.notes.values()
        if note.note in wanted and note.by == author and note.text
    ]
    return make_card(
        interview_of(room),
        settled,
        [Given(given.name, given.levels, given.depths) for given, _ in marks(room, "blind")],
        machine.report,
        machine.judge,
        machine.transcript,
        machine.rubric,
        notes,
    )
