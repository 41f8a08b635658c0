"""Whisper and its kin: JSON with segments, TSV, the console's lines, LRC.

https://github.com/openai/whisper
"""

import re
from typing import Any

from app.transcripts.formats.clock import CLOCK, seconds
from app.transcripts.formats.cues import labelled_pieces
from app.transcripts.formats.runs import speaker_name
from app.transcripts.formats.source import (
    Piece,
    Reading,
    Source,
    entries,
    number,
    scaled,
    words_of,
)

CONSOLE = re.compile(rf"^\[({CLOCK}) {{0,2}}--> {{0,2}}({CLOCK})\](.*)$")
LYRIC = re.compile(r"^\[(\d{1,3}:\d{2}(?:[.:]\d{1,3})?)\](.*)$")
LYRIC_TAG = re.compile(r"^\[(ti|ar|al|au|by|re|ve|la|length|offset|tool|#):? ?([^\]]{0,200})\]$")


def sniff_json(source: Source) -> bool:
    value = source.json
    segments = entries(value.get("segments")) if isinstance(value, dict) else []
    return bool(segments) and "text" in segments[0]


def read_json(source: Source) -> Reading:
    pieces = [_segment(s) for s in entries(source.json["segments"])]
    return Reading(pieces if any(p.name for p in pieces) else labelled_pieces(pieces))


def _segment(segment: dict[str, Any]) -> Piece:
    name = speaker_name(segment.get("speaker"))
    start, end = number(segment.get("start")), number(segment.get("end"))
    return Piece(words_of(segment.get("text")), name, start, end)


def sniff_tsv(source: Source) -> bool:
    return bool(source.head) and source.head[0].lower().split("\t")[:3] == ["start", "end", "text"]


def read_tsv(source: Source) -> Reading:
    """Times in milliseconds."""
    rows = [line.split("\t", 2) for line in source.lines]
    filled = [row for row in rows if len(row) == 3 and number(row[0]) is not None]
    return Reading(
        labelled_pieces(
            [
                Piece(text.strip(), None, scaled(at, 0.001), scaled(end, 0.001))
                for at, end, text in filled
            ]
        )
    )


def sniff_console(source: Source) -> bool:
    return any(CONSOLE.match(line) for line in source.head[:8])


def read_console(source: Source) -> Reading:
    found = [m for line in source.lines if (m := CONSOLE.match(line.strip()))]
    return Reading(
        labelled_pieces([Piece(m[3].strip(), None, seconds(m[1]), seconds(m[2])) for m in found])
    )


def sniff_lyrics(source: Source) -> bool:
    """Hundredths of a second or a header tag tell it from `[00:12] text`."""
    timed = [line for line in source.head if LYRIC.match(line)]
    tagged = any(LYRIC_TAG.match(line) for line in source.head)
    return bool(timed) and (tagged or all("." in line[:10] for line in timed))


def read_lyrics(source: Source) -> Reading:
    tags = {m[1]: m[2] for line in source.head if (m := LYRIC_TAG.match(line))}
    found = [m for line in source.lines if (m := LYRIC.match(line.strip()))]
    pieces = [Piece(m[2].strip(), None, seconds(m[1])) for m in found if m[2].strip()]
    return Reading(labelled_pieces(pieces), title=tags.get("ti"))
