"""What a session's pages and socket show, and the report that is made of it at the end."""

from contextlib import suppress
from functools import partial

from fastapi.concurrency import run_in_threadpool

from app.errors import NotFound
from app.interview.commands import GRACE, Publish
from app.interview.events import Spoke
from app.interview.transcript import transcript_of
from app.live.bundle import Made
from app.live.room import SYSTEM, Room
from app.live.voice import REASONS
from app.scoring.scorer import score_transcript
from app.storage import reports
from app.storage.db import transaction
from app.web.deps import Home
from app.web.views.room import (
    Covered,
    RoomTurn,
    RoomView,
    Section,
    StepperStep,
    Voice,
    sections,
    stepper,
)

LISTENS = "The interviewer is listening."
THINKS = "The interviewer is about to speak."
SPEAKS = "The interviewer is speaking."
JUSTIFIED = 3  # what counts as covered is said with its reason: a mention would promise too much


def stepper_of(room: Room) -> tuple[StepperStep, ...]:
    """Filled by coverage in practice, minutes only in an exam and for those whom a person interviews."""
    spec = room.session.spec
    rubric = room.expectations.knowledge.rubric
    plan = [(step.id, step.minutes) for step in rubric.steps]
    minutes = spec.minutes if spec else None
    if spec is None or spec.mode != "practice":
        return stepper(plan, minutes=minutes)
    coverage = room.hearing.coverage()
    covered: dict[str, Covered] = {
        step.id: Covered(
            sum(coverage.depth(c.id) >= JUSTIFIED for c in step.criteria),
            len(step.criteria),
            coverage.steps.get(step.id, 0) > 0,
        )
        for step in rubric.steps
    }
    return stepper(plan, minutes=minutes, covered=covered, now=coverage.step)


def doing_of(room: Room) -> str:
    if room.session.state != "running":
        return ""
    if room.draft is None:
        return LISTENS
    return SPEAKS if room.draft[1] else THINKS


def voice_of(room: Room, voice: str, reason: str) -> Voice:
    """Where the session stood when the voice went to `voice`. A session whose model cannot be asked is scripted."""
    if voice == "model" and room.host is not None:
        return Voice(room.host)
    return Voice("", REASONS.get(reason or "unset", REASONS["broken"]))


def lasting_voice(room: Room) -> str:
    spec = room.session.spec
    if spec is None or spec.voice != "model":
        return ""
    return voice_of(room, room.session.voice, room.voice_reason).lasting


def room_view(room: Room, persona: str, now: int) -> RoomView:
    """The page at the latest event that this process has folded."""
    session = room.session
    spec = session.spec
    assert spec is not None
    question = room.expectations.sheet.question
    steps = stepper_of(room)
    last = room.main[-1]
    return RoomView(
        id=room.id,
        title=spec.title,
        prompt=" ".join(question.prompt.split()),
        about=(
            question.domain.replace("-", " "),
            question.category,
            f"{spec.minutes} minutes" if spec.minutes else "no clock",
        ),
        persona=persona,
        mode=spec.mode,
        state=session.state,
        minutes=spec.minutes,
        left=session.clock.left(now),
        spent=session.clock.elapsed(now),
        seq=last.seq,
        eid=last.eid,
        stepper=steps,
        turns=tuple(room_turn(number, turn) for number, turn in enumerate(session.turns)),
        sections=written(room, steps),
        doing=doing_of(room),
        voice=lasting_voice(room),
        grace=grace(room, now),
    )


def written(room: Room, steps: tuple[StepperStep, ...]) -> tuple[Section, ...]:
    """The document, each section with the event that it was last saved by."""
    saved = {
        str(event.body["section"]): (str(event.body["text"]), event.seq)
        for event in room.main
        if event.type == "document.updated"
    }
    return sections(steps, saved)


def room_turn(number: int, turn: Spoke) -> RoomTurn:
    return RoomTurn(number, turn.speaker, turn.text, turn.at_ms, hint=turn.hint, late=turn.late)


def grace(room: Room, now: int) -> int:
    """Milliseconds in which a turn that was being composed may still be sent."""
    session = room.session
    if session.ended is None or session.ended.reason != "expired" or session.ended_at is None:
        return 0
    if session.report is not None or any(turn.late for turn in session.turns):
        return 0
    return max(0, session.ended_at + GRACE - now)


async def publish(home: Home, room: Room) -> str:
    """The id of the session's report. The first call makes it, and one after it was deleted makes it anew."""
    async with room.publishing:
        linked = (await room.log.session(room.id)).report_id
        if linked is None:
            linked = await run_in_threadpool(partial(_report, home, room))
        if linked != room.session.report:
            await room.do(Publish(linked), actor=SYSTEM, cmd=f"publish:{linked}")
    return linked


async def attach(home: Home, room: Room, made: Made) -> None:
    """A report that came with a session from elsewhere stays as it was."""
    async with room.publishing:
        linked = await run_in_threadpool(partial(_keep, home, room, made))
        await room.do(Publish(linked), actor=SYSTEM, cmd=f"publish:{linked}")


def made_of(home: Home, report: str | None) -> Made | None:
    """None where there is none, or it was deleted."""
    if report is None:
        return None
    with transaction(home.engine) as db, suppress(NotFound):
        kept = reports.get_report(db, report)
        return Made(report=kept.report, transcript=kept.source.transcript)
    return None


def _report(home: Home, room: Room) -> str:
    knowledge = room.expectations.knowledge
    question = room.expectations.sheet.question
    transcript = transcript_of(room.session)
    report = score_transcript(transcript, knowledge, question_text=question.prompt)
    return _keep(home, room, Made(report=report, transcript=transcript))


def _keep(home: Home, room: Room, made: Made) -> str:
    """The report, kept and linked at once; where another process was quicker, its one."""
    knowledge = room.expectations.knowledge
    name = room.expectations.sheet.question.title
    with transaction(home.engine) as db:
        if (there := reports.report_of_session(db, room.id)) is not None:
            return there
        kept = reports.add_transcript(db, made.transcript, name=name, now=home.now())
        report = reports.add_report(db, kept, made.report, knowledge.rubric, now=home.now())
        reports.link_session(db, room.id, report.id)
        return report.id
