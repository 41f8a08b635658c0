"""Text in which a line names the speaker (and the time) of what follows: shared by many formats."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.transcripts.formats import clock, names
from app.transcripts.formats.clock import STAMP
from app.transcripts.formats.source import Piece, Reading

NAME = r"[^\W\d_][^:：\n\[\]{}<>|]{0,58}?"
GAP = r"[ \t]{0,8}"
COLON = r"[:：]"
# 'Name (00:12): text', '[00:12] Name: text', 'Name: [00:12] text', 'Name: text'
SPOKEN = (
    re.compile(rf"^(?P<name>{NAME}){GAP}(?P<at>{STAMP}){GAP}{COLON}(?:{GAP}(?P<text>.*))?$"),
    re.compile(
        rf"^(?P<at>{STAMP}){GAP}[-–—|]?{GAP}(?P<name>{NAME}){GAP}{COLON}(?:[ \t](?P<text>.*))?$"
    ),
    re.compile(
        rf"^(?P<name>{NAME}){GAP}{COLON}{GAP}(?P<at>\[{clock.CLOCK}\]|\({clock.CLOCK}\))"
        rf"{GAP}(?P<text>.*)$"
    ),
    re.compile(rf"^(?P<name>{NAME}){GAP}{COLON}(?:[ \t](?P<at>)(?P<text>.*))?$"),
)
# 'Name 00:12', 'Name (00:12)', '[00:12] Name' on a line of their own
HEADING = (
    re.compile(rf"^(?P<name>{NAME}){GAP}[-–—|,]?{GAP}(?P<at>{STAMP}){GAP}$"),
    re.compile(rf"^(?P<at>{STAMP}){GAP}[-–—|]?{GAP}(?P<name>{NAME}){GAP}$"),
)
# '[00:12] text': words with a time and no name
TIMED = re.compile(
    rf"^(?P<at>\[{clock.CLOCK}\]|\({clock.CLOCK}\)|\d{{1,2}}:\d{{2}}:\d{{2}})"
    rf"{GAP}[-–—|]?{GAP}(?P<text>\S.*)$"
)
ASKED = re.compile(r"^(?:question|prompt|problem|topic) ?: ?(?P<text>.{3,400})$", re.IGNORECASE)
LONG_PREAMBLE = 40  # words; fewer before the first speaker are a title or a page's furniture


@dataclass(frozen=True, slots=True)
class Head:
    """A line that starts a piece. `name` None: the speaker before goes on."""

    name: str | None
    at: float | None = None
    text: str = ""


def spoken(line: str) -> Head | None:
    return _first_match(SPOKEN, line)


def heading(line: str) -> Head | None:
    return _first_match(HEADING, line) if len(line) < 100 else None


def _first_match(patterns: Sequence[re.Pattern[str]], line: str) -> Head | None:
    for pattern in patterns:
        if found := pattern.match(line.strip()):
            at = found["at"]
            text = found.groupdict().get("text") or ""
            return Head(found["name"].strip(), clock.seconds(at) if at else None, text.strip())
    return None


def timed(line: str) -> Head | None:
    found = TIMED.match(line.strip())
    return Head(None, clock.seconds(found["at"]), found["text"]) if found else None


def read_headed(
    lines: Sequence[str],
    head: Callable[[str], Head | None],
    skip: Callable[[str], bool] = lambda line: False,
) -> Reading:
    """Every head starts a piece; other lines go on with it, or come before all of them."""
    preamble: list[str] = []
    blocks: list[tuple[Head, list[str]]] = []
    for line in lines:
        if skip(line):
            continue
        if found := head(line):
            blocks.append((found, [found.text]))
        elif blocks:
            blocks[-1][1].append(line.strip())
        else:
            preamble.append(line.strip())
    pieces = [
        Piece("\n".join(body).strip(), start.name, start.at)
        for start, body in blocks
        if start.name or start.at is not None or any(body)
    ]
    return _with_preamble(_carry_times(pieces), preamble)


def _carry_times(pieces: list[Piece]) -> list[Piece]:
    """A time on a line of its own belongs to the piece after it."""
    carried: list[Piece] = []
    pending: float | None = None
    for piece in pieces:
        if not piece.text and piece.name is None:
            pending = piece.at
            continue
        carried.append(piece if piece.at is not None else replace(piece, at=pending))
        pending = None
    return carried


def _with_preamble(pieces: list[Piece], preamble: list[str]) -> Reading:
    said = [line for line in preamble if line]
    question = next((m["text"] for line in said if (m := ASKED.match(line))), None)
    title = said[0].lstrip("# ") if said and len(said[0]) <= 120 else None
    if title and ASKED.match(title):
        title = None
    if sum(len(line.split()) for line in said) > LONG_PREAMBLE:
        return Reading([Piece("\n".join(preamble).strip()), *pieces], None, question)
    return Reading(pieces, title, question)


def named_heads(
    lines: Sequence[str], find: Callable[[str], Head | None]
) -> Callable[[str], Head | None]:
    """`find`, narrowed to the labels that are speakers in this text."""
    filled = [line for line in lines if line.strip()]
    labels = [found.name for line in filled if (found := find(line)) and found.name]
    speakers = names.speakers_among(labels, len(filled))

    def head(line: str) -> Head | None:
        start = find(line)
        return start if start and (start.name is None or start.name in speakers) else None

    return head
