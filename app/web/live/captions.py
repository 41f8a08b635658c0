"""Captions of a meeting, as they are pasted into a room: whose words they are, by the names of those who are there."""

import re
from collections.abc import Mapping

from app.errors import InvalidInput
from app.interview.events import Speaking
from app.interview.leading import Caption
from app.interview.session import Session
from app.storage.people import known_as
from app.transcripts.read import read_transcript

MOST = 200  # turns of one paste
LINE = re.compile(r"([^:]{1,60}):[ \t]+(\S.*)")
HOW = "Write each line as Name: words, with the name as it stands under who is here, or Candidate: and Interviewer:"
SIDES: dict[str, Speaking] = {"candidate": "candidate", "interviewer": "interviewer"}


def captions_of(session: Session, text: str) -> tuple[Caption, ...]:
    """In any form that a transcript may have; each turn under the name that it came with. A name is the role itself,
    that of somebody in the room, or a first name that one of them alone has: nobody's words are taken for another's on
    a guess.
    Raises InvalidInput, UnreadableTranscript or TooLarge."""
    turns = _lines(text) or [
        (turn.name or "", turn.text)
        for turn in read_transcript(text.encode("utf-8", "replace")).turns
    ]
    if len(turns) > MOST:
        raise InvalidInput(f"That is more than {MOST} turns; paste them in parts.")
    sides = _sides(session)
    found: list[Caption] = []
    unknown: dict[str, None] = {}
    shared: dict[str, None] = {}
    for named, words in turns:
        name = known_as(named)
        side = sides.get(name.casefold())
        if side is not None:
            found.append(Caption(side, words, "" if name.casefold() in SIDES else name))
        elif name.casefold() in sides:
            shared[name] = None
        else:
            unknown[name or "a line without a name"] = None
    if unknown:
        raise InvalidInput(f"Nobody in this room is called {_listed(unknown)}. {HOW}")
    if shared:
        raise InvalidInput(f"It is not clear who is meant by {_listed(shared)}. {HOW}")
    return tuple(found)


def _sides(session: Session) -> Mapping[str, Speaking | None]:
    """Whose words a name's are; None where that is open, or they are an observer's."""
    full: dict[str, set[Speaking | None]] = {}
    for person in session.led.people.values():
        # one who came back by another link is there twice, under the same name
        full.setdefault(person.name.casefold(), set()).add(SIDES.get(person.role))
    first: dict[str, set[str]] = {}
    for name in full:
        first.setdefault(name.split()[0], set()).add(name)
    sides = {name: _only(of) for name, of in full.items()}
    for name, whole in first.items():
        sides.setdefault(name, sides[next(iter(whole))] if len(whole) == 1 else None)
    return sides | SIDES


def _only(of: set[Speaking | None]) -> Speaking | None:
    return next(iter(of)) if len(of) == 1 else None


def _listed(names: Mapping[str, None]) -> str:
    return ", ".join(list(names)[:5])


def _lines(text: str) -> list[tuple[str, str]]:
    """Name and words, where every line has both; a few lines are too little for the readers of transcripts."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [LINE.fullmatch(line) for line in lines]
    return [(match[1], match[2]) for match in found if match] if all(found) else []
