"""Google Meet's transcript document as text: a time alone every few minutes, then `Name: text`."""

import re

from app.transcripts.formats import clock
from app.transcripts.formats.headed import Head, named_heads, read_headed, spoken
from app.transcripts.formats.source import Reading, Source

TITLE = re.compile(r"^.{0,200} [-–] Transcript$")
GENERATED = re.compile(r"^This (?:editable )?transcript was (?:computer|automatically) generated")
ENDED = re.compile(r"^(?:Transcription|Meeting|Transcript) ended (?:after|at) (?P<at>[\d:]{4,8})")


def find(line: str) -> Head | None:
    at = clock.alone(line)
    return Head(None, at) if at is not None else spoken(_bare(line))


def _bare(line: str) -> str:
    return line.replace("**", "") if line.startswith("**") else line


def sniff(source: Source) -> bool:
    marked = any(TITLE.match(line) or GENERATED.match(line) for line in source.head[:12])
    return marked and any(clock.alone(line) is not None for line in source.head)


def read(source: Source) -> Reading:
    """The list of attendees stands before the first time; the end stands in a closing line."""
    stripped = [line.strip().strip("#").strip() for line in source.lines]
    start = next((n for n, line in enumerate(stripped) if clock.alone(line) is not None), 0)
    lines = stripped[start:]
    ended = next((m for line in reversed(lines) if (m := ENDED.match(line))), None)
    title = next((line for line in stripped[:12] if TITLE.match(line)), None)
    reading = read_headed(lines, named_heads(lines, find), _is_furniture)
    ends_at = clock.seconds(ended["at"]) if ended and ":" in ended["at"] else None
    return Reading(reading.pieces, title, None, ends_at)


def _is_furniture(line: str) -> bool:
    return bool(GENERATED.match(line) or ENDED.match(line))
