"""Markdown with bold speakers, `**Name:** text`; times may stand as \\[mm:ss\\] inside the text.

As in https://github.com/thechangelog/transcripts and the exports of several note takers.
"""

import re

from app.transcripts.formats.clock import CLOCK, seconds
from app.transcripts.formats.headed import Head, named_heads, read_headed, spoken
from app.transcripts.formats.source import Piece, Reading, Source

BOLD = re.compile(
    rf"^(?P<before>\[{CLOCK}\][ \t]{{0,4}})?(?:\*\*|__)(?P<head>[^*_\n]{{1,80}})(?:\*\*|__)"
    r"(?P<text>.*)$"
)
DATED = re.compile(rf"^[ \t]{{1,4}}([(\[]{CLOCK}[)\]])[ \t]{{0,4}}(:.*)$")
INLINE = re.compile(rf"\[({CLOCK})\]")
ESCAPE = re.compile(r"\\([\[\]()*_#.!-])")
PAUSES = frozenset(("break", "music", "[music]", "intro", "outro"))


def find(line: str) -> Head | None:
    found = BOLD.match(line.strip())
    if found is None:
        return None
    head, text = found["head"].strip(), found["text"]
    if dated := DATED.match(text):  # '**Name** (00:12): text'
        head, text = f"{head} {dated[1]}", dated[2]
    if not head.endswith(":") and not text.lstrip().startswith(":"):
        return None
    text = text.lstrip().removeprefix(":")
    return spoken(f"{found['before'] or ''}{head.removesuffix(':')}: {text.strip()}")


def sniff(source: Source) -> bool:
    lines = [unescaped(line) for line in source.lines if line.strip()]
    head = named_heads(lines, find)
    named = sum(1 for line in lines if head(line))
    return named > 1 or (named == 1 and len(lines) < 4)


def read(source: Source) -> Reading:
    lines = [unescaped(line) for line in source.lines if not is_pause(line)]
    reading = read_headed(lines, named_heads(lines, find))
    pieces = [part for piece in reading.pieces for part in split_at_stamps(piece)]
    return Reading(pieces, reading.title, reading.question)


def unescaped(line: str) -> str:
    return ESCAPE.sub(r"\1", line)


def is_pause(line: str) -> bool:
    """`**Break:** \\[14:19\\]` is nobody speaking."""
    found = find(unescaped(line)) or _bare(line)
    return found is not None and (found.name or "").lower() in PAUSES


def _bare(line: str) -> Head | None:
    found = BOLD.match(unescaped(line.strip()))
    return Head(found["head"].strip(": ")) if found else None


def split_at_stamps(piece: Piece) -> list[Piece]:
    """A time inside the words starts a new piece, so that the time is kept and the words are clean.

    Every part keeps the name: joining makes one turn of them again.
    """
    parts = INLINE.split(piece.text)
    first = Piece(parts[0].strip(), piece.name, piece.at)
    later = [
        Piece(text.strip(), piece.name, seconds(at))
        for at, text in zip(parts[1::2], parts[2::2], strict=True)
    ]
    return [part for part in (first, *later) if part.text]
