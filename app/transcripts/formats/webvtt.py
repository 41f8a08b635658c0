"""WebVTT: voices, Zoom's `Name: text`, Teams and Stream, YouTube's rolling captions.

https://www.w3.org/TR/webvtt1/
"""

import re

from app.transcripts.decode import without_entities
from app.transcripts.formats.cues import Cue, labelled_pieces, read_cues, without_tags
from app.transcripts.formats.source import Piece, Reading, Source

VOICE = re.compile(r"<v(?:\.[\w.-]{1,60})?[ \t]([^<>\n]{1,80})>")
WORD_TIME = re.compile(r"<\d{1,2}:\d{2}:\d{2}\.\d{3}>")
ROLLING_SHARE = 0.3  # of the cues repeat a line of the cue before; speech hardly ever does


def sniff(source: Source) -> bool:
    return source.text.lstrip()[:6].upper() == "WEBVTT"


def read(source: Source) -> Reading:
    cues = read_cues(source.lines, blank_ends=True)
    ends_at = cues[-1].end if cues else None
    if any(VOICE.search(line) for cue in cues for line in cue.lines):
        return Reading([piece for cue in cues for piece in voices(cue)], ends_at=ends_at)
    if is_rolling(cues):
        cues = unrolled(cues)
    pieces = [Piece(plain(" ".join(cue.lines)), None, cue.at, cue.end) for cue in cues]
    return Reading(labelled_pieces([p for p in pieces if p.text]), ends_at=ends_at)


def plain(text: str) -> str:
    return " ".join(without_entities(without_tags(text)).split())


def voices(cue: Cue) -> list[Piece]:
    """One piece for each <v Name> in the cue; words before the first belong to who spoke last."""
    parts = VOICE.split(" ".join(cue.lines))
    before = Piece(plain(parts[0]), None, cue.at, cue.end)
    named = [
        Piece(plain(text), without_entities(name).strip(), cue.at, cue.end)
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
    ]
    return [piece for piece in (before, *named) if piece.text]


def is_rolling(cues: list[Cue]) -> bool:
    if any(WORD_TIME.search(line) for cue in cues[:20] for line in cue.lines):
        return True
    repeats = sum(
        1
        for before, cue in zip(cues, cues[1:], strict=False)
        if cue.lines and before.lines and cue.lines[0] == before.lines[-1] != ""
    )
    return len(cues) >= 4 and repeats >= ROLLING_SHARE * len(cues)


def unrolled(cues: list[Cue]) -> list[Cue]:
    """Each line once: a rolling caption shows the line before above the new one."""
    shown = ""
    once: list[Cue] = []
    for cue in cues:
        fresh: list[str] = []
        for line in (plain(line) for line in cue.lines):
            if line and line != shown:
                fresh.append(line)
                shown = line
        if fresh:
            once.append(Cue(cue.at, cue.end, fresh))
    return once
