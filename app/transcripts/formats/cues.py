"""Cues of WebVTT and SubRip: the timing line and the lines under it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.transcripts.formats.clock import CLOCK, seconds
from app.transcripts.formats.headed import Head, named_heads, spoken
from app.transcripts.formats.source import Piece

TIMING = re.compile(rf"^[ \t]{{0,8}}({CLOCK})[ \t]{{0,8}}-{{1,3}}>[ \t]{{0,8}}({CLOCK})")
TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,80}>|<[\d:.]{1,16}>|\{\\[^{}\n]{1,60}\}")


@dataclass(frozen=True, slots=True)
class Cue:
    at: float
    end: float
    lines: list[str]


def read_cues(lines: Sequence[str], *, blank_ends: bool) -> list[Cue]:
    """Cues in order. WebVTT ends a cue at an empty line; SubRip writers put empty lines inside."""
    cues: list[Cue] = []
    is_open = False
    for line in lines:
        if timing := TIMING.match(line):
            if is_open:
                _drop_number(cues[-1].lines)
            cues.append(Cue(seconds(timing[1]), seconds(timing[2]), []))
            is_open = True
        elif is_open and (line or not blank_ends):
            cues[-1].lines.append(line.strip())
        else:
            is_open = False
    return cues


def _drop_number(lines: list[str]) -> None:
    """The number above a timing line is no speech, nor are the empty lines above it."""
    if lines and lines[-1].isdigit():
        lines.pop()
    while lines and not lines[-1]:
        lines.pop()


def without_tags(text: str) -> str:
    return TAG.sub("", text)


def labelled_pieces(pieces: list[Piece]) -> list[Piece]:
    """`Name: text` at the start of cues, split where the name is a speaker's."""
    head = named_heads([piece.text for piece in pieces], _label)
    return [_labelled(piece, head(piece.text)) for piece in pieces]


def _label(text: str) -> Head | None:
    """`Name: text`, `[Name]: text` (WhisperX) or `- Name: text`; times come from the cue."""
    bare = text[:200].removeprefix("- ").removeprefix(">> ")
    if bare.startswith("[") and "]:" in bare[:70]:
        bare = bare[1:].replace("]:", ":", 1)
    found = spoken(bare + text[200:])
    return found if found and found.at is None else None


def _labelled(piece: Piece, head: Head | None) -> Piece:
    if head is None:
        return piece
    return Piece(head.text, head.name, piece.at, piece.end)
