"""Who may do what in a live session, and which stream they read. Closed: what is not listed is refused."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from app.interview.commands import (
    Finish,
    Pause,
    Resume,
    Say,
    Start,
    Write,
)
from app.interview.events import LiveRole, Stream
from app.interview.leading import (
    Advise,
    Answer,
    Ask,
    Caption,
    Consent,
    Cover,
    Dismiss,
    Drive,
    Focus,
    Join,
    LetObservers,
    Note,
    Prolong,
    Rate,
    SetStep,
    Share,
    Swap,
)

Role = LiveRole | Literal["captions"]
MAY: Mapping[Role, frozenset[type]] = MappingProxyType(
    {
        "candidate": frozenset({Join, Consent, Say, Write, Answer}),
        "interviewer": frozenset(
            {Join, Consent, Start, Ask, Pause, Resume, Prolong, Finish, Drive, Focus, Note, Cover}
            | {SetStep, Dismiss, LetObservers, Rate, Share, Advise, Swap}
        ),
        "observer": frozenset({Join, Consent}),
        "captions": frozenset({Caption}),
    }
)
SEES: Mapping[Role, tuple[Stream, ...]] = MappingProxyType(
    {
        "candidate": ("main",),
        "interviewer": ("main", "staff"),
        "observer": ("main",),
        "captions": (),
    }
)


def may(role: Role, command: object) -> bool:
    return type(command) in MAY[role]
