"""The events of a session up to a minute, as the beginning of another one."""

from collections.abc import Iterable

from app.interview.events import (
    Chose,
    Created,
    Event,
    Extended,
    Paused,
    Spoke,
    Started,
    Wrote,
    event_of,
)
from app.interview.session import Session, apply
from app.storage.log import Logged


def branch_of(created: Created, history: Iterable[Logged], limit: int) -> list[Event]:
    """What was said, written and added to the time until `limit` (ms of interview), with the moves that led to
    it; then a pause. The words that closed the session are none of it."""
    past = [
        (event, logged.at)
        for logged in history
        if (event := event_of(logged.type, dict(logged.body))) is not None
    ]
    closing = {event.turn for event, _ in past if isinstance(event, Chose) and event.kind == "end"}
    kept: list[Event] = []
    turns = 0
    session = Session()
    for event, at in past:
        number = len(session.turns)
        session = apply(session, event, at)
        match event:
            case Spoke() if event.at_ms <= limit and not event.late and number not in closing:
                kept.append(event)
                turns += 1
            case Wrote() if event.at_ms <= limit:
                kept.append(event)
            case Extended(reason="candidate") if session.clock.elapsed(at) <= limit:
                kept.append(event)
            case Chose() if event.kind != "end" and _before(event, turns):
                kept.append(event)
    return [created, Started(), *kept, Paused("candidate")]


def _before(move: Chose, turns: int) -> bool:
    """Its own turn and the one that it answers are kept."""
    return all(number is None or number < turns for number in (move.turn, move.answers)) and (
        move.turn is not None or move.answers is not None
    )
