"""A transcript copied from YouTube: a time, the words, a time, the words."""

import re

from app.transcripts.formats import clock
from app.transcripts.formats.cues import labelled_pieces
from app.transcripts.formats.headed import Head, read_headed
from app.transcripts.formats.source import Reading, Source

# Newer pages write the time twice: '0:1212 seconds', '1:021 minute, 2 seconds'.
DOUBLED = re.compile(r"^(\d{1,2}:\d{2}(?::\d{2})?)(?:\d{1,2} (?:hour|minute|second).{0,40})$")
CHAPTER = re.compile(
    r"^(?:Chapter \d{1,3}: .{1,200}|Transcript|Search in video|Sync to video time)$"
)


def head(line: str) -> Head | None:
    text = line.strip()
    doubled = DOUBLED.match(text)
    at = clock.seconds(doubled[1]) if doubled else clock.alone(text)
    return None if at is None else Head(None, at)


def sniff(source: Source) -> bool:
    """Every second line or so is a time, and the first of them stands near the top."""
    times = [n for n, line in enumerate(source.head) if head(line)]
    return len(times) > 1 and times[0] <= 3 and len(times) >= 0.3 * len(source.head)


def read(source: Source) -> Reading:
    """A spelled-out time under the time, and chapter headings, are not speech."""
    reading = read_headed(source.lines, head, _is_furniture)
    return Reading(labelled_pieces(reading.pieces), reading.title)


def _is_furniture(line: str) -> bool:
    return bool(CHAPTER.match(line.strip())) or clock.spelled(line) is not None
