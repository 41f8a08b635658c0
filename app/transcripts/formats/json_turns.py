"""Any other JSON with a list of objects that hold words: chat logs, meeting bots, own files."""

from typing import Any

from app.transcripts.formats.runs import speaker_name
from app.transcripts.formats.source import Piece, Reading, Source, entries, number, words_of

LISTS = (
    "transcript",
    "messages",
    "utterances",
    "segments",
    "results",
    "entries",
    "sentences",
    "items",
    "data",
    "conversation",
    "dialogue",
    "monologues",
    "words",
)
WORDS = ("text", "content", "transcript", "body", "message", "sentence", "line", "words", "value")
WHO = (
    "speaker",
    "name",
    "speaker_name",
    "speakerName",
    "role",
    "who",
    "author",
    "user",
    "from",
    "participant",
    "speaker_label",
    "sender",
)
START = (
    "at",
    "t",
    "start",
    "start_time",
    "startTime",
    "start_timestamp",
    "timestamp",
    "time",
    "sec",
    "begin",
    "offset",
)
END = ("end", "end_time", "endTime", "end_timestamp")


def sniff(source: Source) -> bool:
    listed = _listed(source.json)
    return any(_first(item, WORDS) for item in listed[:20])


def read(source: Source) -> Reading:
    return Reading([_piece(item) for item in _listed(source.json) if _first(item, WORDS)])


def _listed(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return next((found for key in LISTS if (found := entries(value.get(key)))), [])
    return entries(value)


def _piece(item: dict[str, Any]) -> Piece:
    who = next((item[key] for key in WHO if isinstance(item.get(key), (str, int, dict))), None)
    if isinstance(who, dict):
        who = who.get("name") or who.get("label") or who.get("id")
    start = next((at for key in START if (at := number(item.get(key))) is not None), None)
    end = next((at for key in END if (at := number(item.get(key))) is not None), None)
    name = speaker_name(who)
    return Piece(_first(item, WORDS), name[:80] if name else None, start, end)


def _first(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := words_of(item.get(key)))), "")
