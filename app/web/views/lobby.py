"""What an interviewer sees of who may come into the room: who waits, who is here, which links are out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.interview.led import Participant
from app.storage.tickets import Guest, Ticket

ROLE_WORDS = {
    "interviewer": "interviewer",
    "candidate": "candidate",
    "observer": "observer",
    "captions": "captions",
    "reader": "reader",
}
OFFERED = (
    ("candidate", "the candidate"),
    ("interviewer", "a co-interviewer"),
    ("observer", "an observer"),
    ("captions", "a meeting’s captions"),
)
TITLES = dict(OFFERED)


@dataclass(frozen=True, slots=True)
class LobbyGuest:
    """`status` says in words how far they are; `is_you` is who looks at the page. `stays`: they did not come by a
    link, so nobody can show them out. `seen_at`: when they met the question before, where that is known."""

    id: str
    name: str
    role: str
    status: str
    is_you: bool = False
    stays: bool = False
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LobbyLink:
    id: str
    role: str
    until: datetime


@dataclass(frozen=True, slots=True)
class LobbyView:
    """For live/_lobby.html."""

    id: str
    waiting: tuple[LobbyGuest, ...]
    here: tuple[LobbyGuest, ...]
    links: tuple[LobbyLink, ...]
    offered: tuple[tuple[str, str], ...] = OFFERED


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link as it is shown once. `only_here`: it leads to an address that no other machine has."""

    id: str
    role: str
    title: str
    secret: str
    address: str
    only_here: bool


def lobby_view(
    id: str,
    guests: Sequence[Guest],
    tickets: Sequence[Ticket],
    people: dict[str, Participant],
    present: Collection[str],
    you: str,
    now: datetime,
    seen: Mapping[str, datetime],
) -> LobbyView:
    """`people` have agreed or are about to, by their ids; `present` are those who are connected."""
    admitted = [guest for guest in guests if guest.state == "admitted" and guest.role != "reader"]
    return LobbyView(
        id=id,
        waiting=tuple(
            LobbyGuest(
                guest.id,
                guest.name,
                ROLE_WORDS[guest.role],
                "waits to be let in",
                seen_at=seen.get(guest.id),
            )
            for guest in guests
            if guest.state == "waiting"
        ),
        here=tuple(
            LobbyGuest(
                guest.id,
                guest.name,
                ROLE_WORDS[guest.role],
                _status(people.get(guest.id), guest.id in present or guest.id == you),
                guest.id == you,
                guest.ticket is None,
                seen.get(guest.id),
            )
            for guest in admitted
        ),
        links=tuple(
            LobbyLink(ticket.id, ROLE_WORDS[ticket.role], ticket.expires_at)
            for ticket in tickets
            if ticket.is_good(now)
        ),
    )


def _status(person: Participant | None, is_present: bool) -> str:
    if person is None or person.consented is None:
        return "let in, reads the notice"
    return "here, has agreed" if is_present else "has agreed, not connected"
