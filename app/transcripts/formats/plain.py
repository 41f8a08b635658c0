"""Plain text: `Name: text` with or without times, and bare paragraphs."""

from app.transcripts.formats import clock
from app.transcripts.formats.headed import (
    Head,
    heading,
    named_heads,
    read_headed,
    spoken,
    timed,
)
from app.transcripts.formats.source import Piece, Reading, Source


def find(line: str) -> Head | None:
    """A head in any notation; a time alone or before the words starts a piece without a name."""
    at = clock.alone(line)
    if at is not None:
        return Head(None, at)
    return spoken(line) or heading(line) or timed(line)


def sniff_named(source: Source) -> bool:
    head = named_heads(source.lines, find)
    return any((h := head(line)) and h.name for line in source.lines if line.strip())


def read_named(source: Source) -> Reading:
    return read_headed(source.lines, named_heads(source.lines, find))


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
