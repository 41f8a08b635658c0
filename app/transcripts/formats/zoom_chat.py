"""Zoom's saved chat: `10:12:34 From Anna to Everyone : text`."""

import re

from app.transcripts.formats.clock import seconds, since_first
from app.transcripts.formats.headed import Head, read_headed
from app.transcripts.formats.source import Piece, Reading, Source

HEAD = re.compile(
    r"^(?:\d{4}-\d{2}-\d{2} )?(?P<at>\d{1,2}:\d{2}:\d{2})[ \t]{1,4}(?:From[ \t]{1,4})?"
    r"(?P<name>\S.{0,60}?)[ \t]{1,4}[Tt]o[ \t]{1,4}"
    r"(?P<to>\S.{0,60}?)[ \t]{0,2}(?:\([Dd]irect [Mm]essage\)|\(Privately\))?[ \t]{0,2}:"
    r"(?P<text>.*)$"
)
PLAIN = re.compile(
    r"^(?P<at>\d{1,2}:\d{2}:\d{2})[ \t]{1,4}From[ \t]{1,4}(?P<name>\S.{0,60}?)[ \t]?:"
    r"(?P<text>.*)$"
)


def head(line: str) -> Head | None:
    found = HEAD.match(line.strip()) or PLAIN.match(line.strip())
    if found is None:
        return None
    return Head(found["name"].strip(), seconds(found["at"]), found["text"].strip())


def sniff(source: Source) -> bool:
    return any(" From " in line[:40].replace("\t", " ") and head(line) for line in source.head[:10])


def read(source: Source) -> Reading:
    """The wall clock becomes seconds since the first message."""
    pieces = [p for p in read_headed(source.lines, head).pieces if p.at is not None]
    moments = since_first([p.at or 0.0 for p in pieces])
    return Reading([Piece(p.text, p.name, at) for p, at in zip(pieces, moments, strict=True)])
