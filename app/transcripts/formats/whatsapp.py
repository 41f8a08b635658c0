"""WhatsApp's exported chat, in brackets (iPhone) or with a dash (Android), any date order."""

import re
from datetime import datetime

from app.transcripts.formats.clock import of_day
from app.transcripts.formats.source import Piece, Reading, Source

STAMP = (
    r"(?P<a>\d{1,4})[./-](?P<b>\d{1,2})[./-](?P<c>\d{1,4}),? (?P<clock>\d{1,2}[:.]\d{2}"
    r"(?:[:.]\d{2})?)(?: ?(?P<half>[AaPp])\.? ?[Mm]\.?)?"
)
MESSAGE = re.compile(rf"^(?:\[{STAMP}\]".replace("?P<", "?P<i") + rf"|{STAMP} [-–]) (?P<rest>.*)$")
SAID = re.compile(r"^(?P<name>[^:\n]{1,80}):(?P<text>.*)$")
FURNITURE = re.compile(
    r"^<?(?:media|image|video|audio|sticker|gif|document) omitted>?$|^(?:this message was deleted"
    r"|you deleted this message|missed (?:voice|video) call)\.?$"
    r"|^messages and calls are end-to-end",
    re.IGNORECASE,
)
ORDERS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}  # where year, month, day stand


def sniff(source: Source) -> bool:
    return any(MESSAGE.match(line) for line in source.head[:5])


def read(source: Source) -> Reading:
    """System messages have no `Name:` and are left out; other lines go on with the message."""
    stamps: list[tuple[tuple[int, int, int], float]] = []
    said: list[tuple[str, list[str]] | None] = []
    for line in source.lines:
        if found := MESSAGE.match(line.strip()):
            stamps.append(_stamp(found))
            message = SAID.match(found["rest"])
            said.append((message["name"].strip(), [message["text"]]) if message else None)
        elif said and (last := said[-1]):
            last[1].append(line)
    moments = _moments(stamps)
    pieces = [
        Piece(text, name, at)
        for (name, text), at in _spoken(said, moments)
        if text and not FURNITURE.match(text)
    ]
    start = pieces[0].at or 0.0 if pieces else 0.0
    return Reading([Piece(p.text, p.name, round((p.at or 0.0) - start, 3)) for p in pieces])


def _spoken(
    said: list[tuple[str, list[str]] | None], moments: list[float]
) -> list[tuple[tuple[str, str], float]]:
    return [
        ((message[0], "\n".join(message[1]).strip()), at)
        for message, at in zip(said, moments, strict=True)
        if message
    ]


def _stamp(found: re.Match[str]) -> tuple[tuple[int, int, int], float]:
    i = "i" if found["ia"] else ""
    date = (int(found[f"{i}a"]), int(found[f"{i}b"]), int(found[f"{i}c"]))
    return date, of_day(found[f"{i}clock"], found[f"{i}half"])


def _moments(stamps: list[tuple[tuple[int, int, int], float]]) -> list[float]:
    """In seconds, by the order of day, month and year that fits all dates and runs forward."""
    tried = [_in_order(stamps, order) for order in ORDERS]
    fitting = [moments for moments in tried if moments is not None]
    if not fitting:
        return [clock for _, clock in stamps]
    return min(fitting, key=_steps_back)


def _in_order(stamps: list[tuple[tuple[int, int, int], float]], order: str) -> list[float] | None:
    year, month, day = ORDERS[order]
    moments = []
    for date, clock in stamps:
        try:
            full = date[year] + 2000 if date[year] < 100 else date[year]
            midnight = datetime(full, date[month], date[day])  # noqa: DTZ001  (a chat has no zone)
        except ValueError:
            return None
        moments.append(midnight.toordinal() * 86_400 + clock)
    return moments


def _steps_back(moments: list[float]) -> int:
    return sum(1 for before, after in zip(moments, moments[1:], strict=False) if after < before)
