"""What a session led by a person has besides the interview: who is there, notes, marks. A fold, like the session."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from app.interview.events import (
    Advised,
    Answered,
    Consented,
    Covered,
    Dismissed,
    Driver,
    Drove,
    Event,
    Focused,
    Joined,
    LiveRole,
    Marked,
    Noted,
    ObserversSee,
    Shared,
    StepSet,
    Swapped,
)

EMPTY: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Participant:
    """`consented` is the version of the notice that they agreed to."""

    id: str
    role: LiveRole
    name: str
    consented: int | None = None


@dataclass(frozen=True, slots=True)
class Led:
    """`notes` and `covered` hold what stands now.
    `marks` are by (rater, stage)."""

    driver: Driver = "script"
    people: Mapping[str, Participant] = field(default_factory=lambda: EMPTY)
    notes: Mapping[str, Noted] = field(default_factory=lambda: EMPTY)
    covered: Mapping[str, Covered] = field(default_factory=lambda: EMPTY)
    step: StepSet | None = None
    dismissed: frozenset[str] = frozenset()
    focus_until: int | None = None
    observers_see: bool = False
    marks: Mapping[tuple[str, str], Marked] = field(default_factory=lambda: EMPTY)
    shared: tuple[Shared, ...] = ()
    advice: tuple[Advised, ...] = ()
    answers: tuple[Answered, ...] = ()
    next: str | None = None

    def of_role(self, role: LiveRole) -> tuple[Participant, ...]:
        return tuple(person for person in self.people.values() if person.role == role)

    @property
    def has_consent(self) -> bool:
        """Of every candidate, and there is one."""
        candidates = self.of_role("candidate")
        return bool(candidates) and all(person.consented is not None for person in candidates)


def apply_led(led: Led, event: Event) -> Led:
    """Events that are not about this leave it as it is."""
    match event:
        case Joined():
            joined = Participant(event.participant, event.role, event.name)
            return replace(led, people=_with(led.people, event.participant, joined))
        case Consented():
            person = led.people.get(event.participant)
            if person is None:
                return led
            agreed = replace(person, consented=event.notice)
            return replace(led, people=_with(led.people, event.participant, agreed))
        case Drove():
            return replace(led, driver=event.driver)
        case Focused():
            return replace(led, focus_until=event.until)
        case Noted():
            return replace(led, notes=_with(led.notes, event.note, event if event.text else None))
        case Covered():
            covered = _with(led.covered, event.criterion, event if event.heard else None)
            return replace(led, covered=covered)
        case StepSet():
            return replace(led, step=event if event.step else None)
        case Dismissed():
            return replace(led, dismissed=led.dismissed | {event.suggestion})
        case ObserversSee():
            return replace(led, observers_see=event.on)
        case Marked():
            return replace(led, marks=_with(led.marks, (event.rater, event.stage), event))
        case Shared():
            return replace(led, shared=(*led.shared, event))
        case Advised():
            return replace(led, advice=(*led.advice, event))
        case Answered():
            return replace(led, answers=(*led.answers, event))
        case Swapped():
            return replace(led, next=event.session)
    return led


def _with(kept: Mapping[Any, Any], key: Any, value: object | None) -> Mapping[Any, Any]:
    """With the key's new value, or without it."""
    rest = {known: held for known, held in kept.items() if known != key or value is not None}
    if value is not None:
        rest[key] = value
    return MappingProxyType(rest)
