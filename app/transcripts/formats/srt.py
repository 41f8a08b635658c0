"""SubRip (.srt), with or without `Name:`, and SubStation Alpha (.ass, .ssa) through pysubs2."""

import pysubs2

from app.errors import UnreadableTranscript
from app.transcripts.formats.cues import TIMING, labelled_pieces, read_cues
from app.transcripts.formats.source import Piece, Reading, Source
from app.transcripts.formats.webvtt import plain


def sniff(source: Source) -> bool:
    """A timing line near the start; a number stands above it in most files."""
    return any(TIMING.match(line) for line in source.head[:3])


def read(source: Source) -> Reading:
    cues = read_cues(source.lines, blank_ends=False)
    pieces = [Piece(plain(" ".join(cue.lines)), None, cue.at, cue.end) for cue in cues]
    ends_at = cues[-1].end if cues else None
    return Reading(labelled_pieces([p for p in pieces if p.text]), ends_at=ends_at)


def sniff_substation(source: Source) -> bool:
    return source.text.lstrip()[:13].lower() == "[script info]"


def read_substation(source: Source) -> Reading:
    try:
        events = pysubs2.SSAFile.from_string(source.text, format_="ass").events
    except Exception as exc:  # pysubs2 lets ValueError, KeyError and its own through
        raise UnreadableTranscript("This subtitle file is broken and cannot be read.") from exc
    pieces = [
        Piece(" ".join(e.plaintext.split()), e.name.strip() or None, e.start / 1000, e.end / 1000)
        for e in events
        if e.type == "Dialogue" and e.plaintext.strip()
    ]
    return Reading(labelled_pieces(pieces) if not any(p.name for p in pieces) else pieces)
