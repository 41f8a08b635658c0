"""Deepgram's JSON: utterances where there are some, else words.

https://developers.deepgram.com/docs/utterances
"""

from typing import Any

from app.transcripts.formats.runs import runs, speaker_name
from app.transcripts.formats.source import Piece, Reading, Source, entries, number, words_of


def sniff(source: Source) -> bool:
    results = source.json.get("results") if isinstance(source.json, dict) else None
    return isinstance(results, dict) and ("channels" in results or "utterances" in results)


def read(source: Source) -> Reading:
    results = source.json["results"]
    utterances = entries(results.get("utterances"))
    if utterances:
        return Reading([_piece(u, words_of(u.get("transcript"))) for u in utterances])
    channels = entries(results.get("channels"))
    return Reading([piece for n, channel in enumerate(channels) for piece in _channel(channel)])


def _channel(channel: dict[str, Any]) -> list[Piece]:
    for best in entries(channel.get("alternatives"))[:1]:
        words = entries(best.get("words"))
        if words:
            return runs(
                _piece(w, words_of(w.get("punctuated_word") or w.get("word"))) for w in words
            )
        return [Piece(words_of(best.get("transcript")))]
    return []


def _piece(entry: dict[str, Any], text: str) -> Piece:
    name = speaker_name(entry.get("speaker"))
    return Piece(text, name, number(entry.get("start")), number(entry.get("end")))
