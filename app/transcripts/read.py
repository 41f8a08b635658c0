"""The public door: the bytes of a transcript in any format to a Transcript with roles and notes."""

from dataclasses import replace

from app.errors import TooLarge, UnreadableTranscript
from app.transcripts.decode import decode
from app.transcripts.formats import FORMATS, detect
from app.transcripts.formats.source import Reading, Source, refuse_endless
from app.transcripts.formats.teams import docx_text
from app.transcripts.joining import ends_at, turns_of
from app.transcripts.quality import check
from app.transcripts.roles import assign_roles
from app.transcripts.transcript import Transcript, Turn

BYTES_LIMIT = 5_000_000  # an hour of talk is under 100,000 bytes of text, 1,000,000 as word JSON
TURNS_PER_HOUR = 2_000  # people take 100 to 600; a shorter recording may use the whole hour's
TURNS_LIMIT = 10_000  # whatever the length, and where there are no times


def read_transcript(
    data: bytes,
    *,
    name: str | None = None,
    as_format: str | None = None,
    speaker: str | None = None,
) -> Transcript:
    """Read, join, guess who is who, and note what a reader of the report should know."""
    if len(data) > BYTES_LIMIT:
        raise TooLarge("This file is over 5 MB; an hour of talk is a fiftieth of that as text.")
    format_id, reading = _read(data, name, as_format)
    turns = turns_of(reading)
    if not any(any(c.isalnum() for c in turn.text) for turn in turns):
        raise UnreadableTranscript("There are no words in this file.")
    last = ends_at(reading)
    _refuse_too_many(turns, last)
    roled, notes = assign_roles(turns, speaker)
    transcript = Transcript(
        roled, reading.question, reading.title, format=format_id, notes=notes, ends_at=last
    )
    return replace(transcript, notes=(*notes, *check(transcript)))


def _read(data: bytes, name: str | None, as_format: str | None) -> tuple[str, Reading]:
    if as_format is not None and as_format not in FORMATS:
        raise UnreadableTranscript(
            f"There is no format {as_format!r:.60}; the formats are {', '.join(FORMATS)}."
        )
    packed = FORMATS["docx"].sniff(Source(name, data, ""))
    if packed and as_format not in (None, "docx"):
        data, packed = docx_text(data).encode(), False
    source = Source(name, data, "" if packed else decode(data))
    if not packed and not source.text.strip():
        raise UnreadableTranscript("This file is empty.")
    if not source.is_json:
        refuse_endless(source.text.count("\n"))
    found = as_format or detect(source)
    try:
        return found, FORMATS[found].read(source)
    except (AttributeError, KeyError, TypeError) as exc:
        raise UnreadableTranscript(f"This file cannot be read in the format {found}.") from exc


def _refuse_too_many(turns: tuple[Turn, ...], last: float | None) -> None:
    starts = [turn.at for turn in turns if turn.at is not None]
    hours = max(1.0, ((last or 0.0) - min(starts)) / 3600) if starts else None
    allowed = TURNS_LIMIT if hours is None else min(TURNS_LIMIT, int(TURNS_PER_HOUR * hours))
    if len(turns) > allowed:
        raise TooLarge(
            f"This transcript has {len(turns):,} turns; {allowed:,} is the limit for its length."
        )
