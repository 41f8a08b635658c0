"""Descript's exports: `[00:00:12] Name: text`, the name bold where it is Markdown."""

import re

from app.transcripts.formats.clock import seconds
from app.transcripts.formats.headed import NAME, Head, named_heads, read_headed, timed
from app.transcripts.formats.source import Reading, Source

HEAD = re.compile(
    rf"^\[(?P<at>\d{{2}}:\d{{2}}:\d{{2}})\][ \t]{{1,4}}(?:\*\*)?(?P<name>{NAME}):"
    r"(?:\*\*)?(?:[ \t](?P<text>.*))?$"
)


def find(line: str) -> Head | None:
    found = HEAD.match(line.strip())
    if found is None:
        return None
    return Head(found["name"].strip(), seconds(found["at"]), (found["text"] or "").strip())


def sniff(source: Source) -> bool:
    head = named_heads(source.head, find)
    return any(head(line) for line in source.head)


def read(source: Source) -> Reading:
    """`[00:00:40] text` without a name goes on with the speaker before."""
    named = named_heads(source.lines, find)
    return read_headed(source.lines, lambda line: named(line) or timed(line))
