"""The podcast namespace's JSON transcript.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/transcripts/transcripts.md
"""

from app.transcripts.formats.runs import speaker_name
from app.transcripts.formats.source import Piece, Reading, Source, entries, number, words_of


def sniff(source: Source) -> bool:
    value = source.json
    segments = entries(value.get("segments")) if isinstance(value, dict) else []
    return bool(segments) and "body" in segments[0]


def read(source: Source) -> Reading:
    return Reading(
        [
            Piece(
                words_of(s.get("body")),
                speaker_name(s.get("speaker")),
                number(s.get("startTime")),
                number(s.get("endTime")),
            )
            for s in entries(source.json["segments"])
        ]
    )
