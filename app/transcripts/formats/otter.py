"""Otter's text export: `Name  0:12` above the words."""

import re

from app.transcripts.formats.clock import CLOCK, seconds
from app.transcripts.formats.headed import NAME, Head, read_headed
from app.transcripts.formats.source import Reading, Source

HEAD = re.compile(rf"^(?P<name>{NAME})[ \t]{{2,8}}(?P<at>{CLOCK})$")
FURNITURE = re.compile(r"^(?:Transcribed by|SUMMARY KEYWORDS|SPEAKERS$|https?://otter\.ai)")


def head(line: str) -> Head | None:
    found = HEAD.match(line.strip()) if len(line) < 100 else None
    return Head(found["name"].strip(), seconds(found["at"])) if found else None


def sniff(source: Source) -> bool:
    return any(head(line) for line in source.head)


def read(source: Source) -> Reading:
    return read_headed(source.lines, head, lambda line: bool(FURNITURE.match(line.strip())))
