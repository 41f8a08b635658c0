"""Sevenstep's own JSON (docs/reference.md), and JSON Lines of a candidate's timed turns."""

import json
from typing import Any

from app.errors import UnreadableTranscript
from app.transcripts.formats.source import Piece, Reading, Source
from app.transcripts.transcript import SCHEMA, Speaker

LINE_KEYS = frozenset(("at", "end", "text", "speaker", "name"))
ROLES = frozenset(str(role) for role in Speaker)


def sniff(source: Source) -> bool:
    return isinstance(source.json, dict) and "turns" in source.json


def read(source: Source) -> Reading:
    value = source.json
    if not isinstance(value, dict) or not isinstance(value.get("turns"), list):
        raise UnreadableTranscript('A native transcript is a JSON object with a list "turns".')
    if value.get("schema", SCHEMA) != SCHEMA:
        raise UnreadableTranscript(
            f"This transcript says schema {value['schema']!r:.40}; only {SCHEMA} can be read."
        )
    pieces = [_turn(turn, f"Turn {n}") for n, turn in enumerate(value["turns"])]
    question, title = _optional(value, "question"), _optional(value, "title")
    return Reading(pieces, title, question, as_given=True)


def _turn(turn: Any, where: str) -> Piece:
    if not isinstance(turn, dict):
        raise UnreadableTranscript(f"{where} is not a JSON object.")
    if not isinstance(turn.get("text"), str):
        raise UnreadableTranscript(f'{where} needs its words under "text".')
    speaker = turn.get("speaker")
    if speaker is not None and not isinstance(speaker, str):
        raise UnreadableTranscript(f'The "speaker" of {where.lower()} is not a text.')
    name = turn.get("name")
    if name is not None and not isinstance(name, str):
        raise UnreadableTranscript(f'The "name" of {where.lower()} is not a text.')
    role = Speaker(speaker) if speaker in ROLES else None
    label = name or (speaker if role is None else None)
    return Piece(turn["text"], label or None, _moment(turn.get("at"), where), speaker=role)


def _moment(at: Any, where: str) -> float | None:
    if at is None:
        return None
    if isinstance(at, bool) or not isinstance(at, (int, float)) or not 0 <= at < 1e7:
        raise UnreadableTranscript(
            f'The "at" of {where.lower()} must be seconds since the start, or null.'
        )
    return float(at)


def _optional(value: dict[str, Any], key: str) -> str | None:
    text = value.get(key)
    if text is not None and not isinstance(text, str):
        raise UnreadableTranscript(f'The "{key}" of a transcript is a text or null.')
    return text or None


def sniff_lines(source: Source) -> bool:
    """Every line is an object of its own, and the first holds words and nothing foreign."""
    first = source.head[0] if source.head else ""
    if (
        not first.startswith("{")
        or '"text"' not in first
        or len(source.head) > 1
        and not (source.head[1].startswith("{"))
    ):
        return False
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "text" in value and value.keys() <= LINE_KEYS


def read_lines(source: Source) -> Reading:
    """Who says nothing of a speaker is the candidate."""
    pieces = []
    for n, line in enumerate(source.lines, start=1):
        if line.strip():
            piece = _turn(_line(line, n), f"Line {n}")
            unsaid = piece.speaker is None and piece.name is None
            pieces.append(
                Piece(piece.text, None, piece.at, speaker=Speaker.CANDIDATE) if unsaid else piece
            )
    return Reading(pieces, as_given=True)


def _line(line: str, n: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise UnreadableTranscript(f"Line {n} is not a JSON object.") from exc
