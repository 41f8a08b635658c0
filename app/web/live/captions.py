"""Captions of a meeting, as they are pasted into a room: whose words they are, by the names of those who are there."""

import re

from app.errors import InvalidInput
from app.interview.events import Speaking
from app.interview.leading import Caption
from app.interview.session import Session
from app.transcripts.read import read_transcript

MOST = 200  # turns of one paste
LINE = re.compile(r"([^:]{1,60}):[ \t]+(\S.*)")
SIDES: dict[str, Speaking] = {"candidate": "candidate", "interviewer": "interviewer"}


def captions_of(session: Session, text: str) -> tuple[Caption, ...]:
    """In any form that a transcript may have; each turn under the name that it came with. A name is that of somebody
    in the room, or their first name, or the role itself: nobody's words are taken for another's on a guess.
    Raises InvalidInput, UnreadableTranscript or TooLarge."""
    turns = _lines(text) or [
        (turn.name or "", turn.text)
        for turn in read_transcript(text.encode("utf-8", "replace")).turns
    ]
    if len(turns) > MOST:
        raise InvalidInput(f"That is more than {MOST} turns; paste them in parts.")
    sides = dict(SIDES)
    for person in session.led.people.values():
        if person.role in SIDES:
            for name in (person.name, person.name.split()[0]):
                sides.setdefault(name.casefold(), SIDES[person.role])
    found: list[Caption] = []
    unknown: dict[str, None] = {}
    for named, words in turns:
        name = named.strip()
        side = sides.get(name.casefold())
        if side is None:
            unknown[name or "a line without a name"] = None
        else:
            found.append(Caption(side, words, "" if name.casefold() in SIDES else name[:40]))
    if unknown:
        names = ", ".join(list(unknown)[:5])
        raise InvalidInput(
            f"Nobody in this room is called {names}. Write each line as Name: words, with the name as it stands "
            "under who is here, or Candidate: and Interviewer:"
        )
    return tuple(found)


def _lines(text: str) -> list[tuple[str, str]]:
    """Name and words, where every line has both; a few lines are too little for the readers of transcripts."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [LINE.fullmatch(line) for line in lines]
    return [(match[1], match[2]) for match in found if match] if all(found) else []
