"""AssemblyAI's JSON: utterances where there are some, else words; times in milliseconds.

https://www.assemblyai.com/docs/api-reference/transcripts/get
"""

from typing import Any

from app.transcripts.formats.runs import runs, speaker_name
from app.transcripts.formats.source import Piece, Reading, Source, entries, scaled, words_of


def sniff(source: Source) -> bool:
    value = source.json
    if not isinstance(value, dict) or "segments" in value:
        return False
    known = {"audio_url", "acoustic_model", "language_model", "audio_duration", "utterances"}
    return bool(known & value.keys()) and bool(value.keys() & {"words", "utterances", "text"})


def read(source: Source) -> Reading:
    value = source.json
    utterances = entries(value.get("utterances"))
    if utterances:
        return Reading([_piece(u) for u in utterances])
    words = entries(value.get("words"))
    if words:
        return Reading(runs(_piece(w) for w in words))
    return Reading([Piece(words_of(value.get("text")))])


def _piece(entry: dict[str, Any]) -> Piece:
    name = speaker_name(entry.get("speaker"))
    start, end = scaled(entry.get("start"), 0.001), scaled(entry.get("end"), 0.001)
    return Piece(words_of(entry.get("text")), name, start, end)
