"""Slack: the JSON of an export, and a conversation copied from the window.

https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports
"""

import re
from typing import Any

from app.transcripts.decode import without_entities
from app.transcripts.formats.clock import of_day, since_first
from app.transcripts.formats.headed import NAME, Head, read_headed
from app.transcripts.formats.source import Piece, Reading, Source, entries, number, words_of

HEAD = re.compile(
    rf"^(?P<name>{NAME})(?: ?APP)?[ \t]{{1,6}}"
    r"\[?(?P<at>\d{1,2}:\d{2}) ?(?P<half>[AaPp][Mm])\]?$"
)
ALONE = re.compile(r"^\[?(?P<at>\d{1,2}:\d{2}) ?(?P<half>[AaPp][Mm])\]?$")
YEAR = re.compile(r"\b\d{4}\b")
DAY = re.compile(
    r"^(?:-{2,20} ?)?(?:Today|Yesterday|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    r".{0,30})(?: ?-{2,20})?$"
)
FURNITURE = re.compile(r"^(?:\d{1,3} repl(?:y|ies)|:[a-z0-9_+-]{1,40}:|\(edited\)|New|\d{1,3})$")
MARK = re.compile(r"<(?:@|#|!)?([^<>|]{1,200})(?:\|([^<>]{1,200}))?>")


def sniff_json(source: Source) -> bool:
    messages = _messages(source.json)
    return bool(messages) and "ts" in messages[0] and "text" in messages[0]


def _messages(value: Any) -> list[dict[str, Any]]:
    return entries(value.get("messages") if isinstance(value, dict) else value)


def read_json(source: Source) -> Reading:
    """In the order of time; joins, leaves and topic changes have a subtype and are left out."""
    said = [m for m in _messages(source.json) if _is_said(m)]
    said.sort(key=lambda m: number(m["ts"]) or 0.0)
    start = number(said[0]["ts"]) or 0.0 if said else 0.0
    return Reading(
        [
            Piece(
                _plain(words_of(m.get("text"))),
                _author(m),
                round((number(m["ts"]) or start) - start, 3),
            )
            for m in said
        ]
    )


def _is_said(message: dict[str, Any]) -> bool:
    kept = message.get("subtype") in (None, "bot_message", "thread_broadcast", "me_message")
    return kept and number(message.get("ts")) is not None and bool(words_of(message.get("text")))


def _author(message: dict[str, Any]) -> str | None:
    profile = message.get("user_profile")
    named = (
        [profile.get(key) for key in ("display_name", "real_name", "name")]
        if isinstance(profile, dict)
        else []
    )
    found = [*named, message.get("username"), message.get("user"), message.get("bot_id")]
    return next((name.strip() for name in found if isinstance(name, str) and name.strip()), None)


def _plain(text: str) -> str:
    return without_entities(MARK.sub(lambda m: m[2] or m[1], text))


def sniff_paste(source: Source) -> bool:
    lines = source.head
    split = any(ALONE.match(line) for line in lines) and not _half(lines[0])
    return any(_head(line) for line in lines) or split


def _half(line: str) -> bool:
    return ALONE.match(line) is not None


def read_paste(source: Source) -> Reading:
    """`Name  10:12 AM`, or the time on the line below the name; the clock becomes seconds."""
    lines = _on_one_line([line.strip() for line in source.lines if line.strip()])
    reading = read_headed(lines, _head, lambda line: bool(DAY.match(line) or FURNITURE.match(line)))
    pieces = [p for p in reading.pieces if p.at is not None]
    moments = since_first([p.at or 0.0 for p in pieces])
    return Reading(
        [Piece(piece.text, piece.name, at) for piece, at in zip(pieces, moments, strict=True)],
        reading.title,
    )


def _on_one_line(lines: list[str]) -> list[str]:
    joined: list[str] = []
    for line in lines:
        if joined and _half(line) and len(joined[-1]) < 60:
            joined[-1] += "  " + line
        else:
            joined.append(line)
    return joined


def _head(line: str) -> Head | None:
    found = HEAD.match(line) if len(line) < 100 else None
    if found and YEAR.search(found["name"]):  # 'May 3, 2024, 10:00 AM' heads a page, not a message
        return None
    return Head(found["name"].strip(), of_day(found["at"], found["half"])) if found else None
