"""Plain text: `Name: text` with or without times, and bare paragraphs."""

import re
from dataclasses import replace

from app.transcripts.formats import clock
from app.transcripts.formats.headed import (
    Head,
    heading,
    named_heads,
    read_headed,
    spoken,
    timed,
)
from app.transcripts.formats.names import role_word
from app.transcripts.formats.source import Piece, Reading, Source
from app.transcripts.transcript import Speaker

ROLE_ALONE = re.compile(
    r"^[#*_> ]{0,8}(?P<name>(?:interviewer|candidate|interviewee|speaker|host|guest)(?: \d{1,2})?)"
    r"[*_: ]{0,6}$",
    re.IGNORECASE,
)
DECORATION = re.compile(r"^(?:[-*>•]|\d{1,3}[.)])[ \t]{1,4}")
DASHED = re.compile(
    r"^(?P<name>interviewer|candidate|interviewee)[ \t]{1,4}[-–—>]{1,2}[ \t]{1,4}(?P<text>\S.*)$",
    re.IGNORECASE,
)
INTRODUCED = {
    "interviewer": Speaker.INTERVIEWER,
    "host": Speaker.INTERVIEWER,
    "candidate": Speaker.CANDIDATE,
    "interviewee": Speaker.CANDIDATE,
}


def find(line: str) -> Head | None:
    """A head in any notation; a time alone or before the words starts a piece without a name."""
    at = clock.alone(line)
    if at is not None:
        return Head(None, at)
    if len(line) < 60 and (role := ROLE_ALONE.match(line.strip())):
        return Head(role["name"])
    return spoken(line) or heading(line) or timed(line) or _decorated(line)


def _decorated(line: str) -> Head | None:
    """'- Interviewer: text', '1. Candidate: text', 'Interviewer - text': roles only."""
    bare = DECORATION.sub("", line.strip(), count=1)
    if dashed := DASHED.match(bare):
        return Head(dashed["name"], None, dashed["text"])
    found = spoken(bare) if bare != line.strip() else None
    return found if found and found.name and role_word(found.name) else None


def sniff_named(source: Source) -> bool:
    head = named_heads(source.lines, find)
    return any((h := head(line)) and h.name for line in source.lines if line.strip())


def read_named(source: Source) -> Reading:
    roles, lines = introductions(source.lines)
    reading = read_headed(lines, named_heads(lines, find))
    pieces = [replace(p, speaker=roles.get(p.name)) if p.name else p for p in reading.pieces]
    return replace(reading, pieces=pieces)


def introductions(lines: list[str]) -> tuple[dict[str, Speaker], list[str]]:
    """`Interviewer: Dana` at the top, where Dana speaks below: her role, and the other lines."""
    roles: dict[str, Speaker] = {}
    for n in [n for n, line in enumerate(lines[:30]) if line.strip()][:8]:
        found = spoken(lines[n])
        role = INTRODUCED.get(found.name.lower()) if found and found.name else None
        if found and role and 0 < len(found.text) <= 60:
            name = _speaking(found.text, lines[n + 1 :])
            if name:
                roles[name] = role
    kept = [line for n, line in enumerate(lines) if n >= 30 or not _introduces(line, roles)]
    return roles, kept


def _speaking(name: str, lines: list[str]) -> str | None:
    """The label of lines below that is this name or its first word."""
    labels = {h.name for line in lines[:400] if (h := find(line)) and h.name}
    return next((label for label in (name, name.split()[0]) if label in labels), None)


def _introduces(line: str, roles: dict[str, Speaker]) -> bool:
    found = spoken(line) if roles else None
    if found is None or (found.name or "").lower() not in INTRODUCED or not found.text:
        return False
    return found.text in roles or found.text.split()[0] in roles and len(found.text.split()) <= 3


def sniff_paragraphs(source: Source) -> bool:
    return bool(source.text.strip())


def read_paragraphs(source: Source) -> Reading:
    """One nameless piece, or one for each time where lines begin with times."""
    stamped = [line for line in source.lines if timed(line) or clock.alone(line) is not None]
    if len(stamped) > 1:
        return read_headed(source.lines, _nameless)
    return Reading([Piece(source.text.strip())])


def _nameless(line: str) -> Head | None:
    at = clock.alone(line)
    return Head(None, at) if at is not None else timed(line)
