"""Teams: the transcript as a Word document, and as copied from the window.

Any other Word document is read as the text it holds.
"""

import io
import re
import zipfile

import docx
from docx.table import Table

from app.errors import TooLarge, UnreadableTranscript
from app.transcripts.formats import clock, otter
from app.transcripts.formats.headed import NAME, Head, read_headed
from app.transcripts.formats.source import Reading, Source

UNPACKED_LIMIT = 40_000_000  # bytes; an hour of talk unpacks to well under one million
PARTS_LIMIT = 2_000
NOT_TEXT = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
SPAN = re.compile(r"^[\d:.]{5,14} --> [\d:.]{5,14}$")
MARKED = re.compile(r"^.{1,80} (?:started|stopped) transcription$", re.IGNORECASE)
HEAD = re.compile(
    rf"^(?P<name>{NAME})[ \t]{{1,6}}(?P<at>(?:\d{{1,2}} hours? )?(?:\d{{1,3}} minutes? )?"
    r"\d{1,3} (?:seconds?|minutes?|hours?))$"
)


def sniff_docx(source: Source) -> bool:
    return source.data[:4] == b"PK\x03\x04"


def docx_text(data: bytes) -> str:
    """The words of a Word document, a line for each paragraph; refuses bombs and entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _refuse_bombs(packed)
        document = docx.Document(io.BytesIO(data))
    except TooLarge:
        raise
    except Exception as exc:  # zipfile, lxml and python-docx each have their own ways to fail
        raise UnreadableTranscript(
            "This looks like a Word document or another packed file, but it cannot be opened."
        ) from exc
    return "\n".join(
        _table(block) if isinstance(block, Table) else f"{block.text}\n"
        for block in document.iter_inner_content()
    )


def _refuse_bombs(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
        raise TooLarge("This document unpacks to more than 40 MB; a transcript never does.")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")) and NOT_TEXT.search(packed.read(part)):
            raise UnreadableTranscript("This document defines entities of its own.")


def _table(table: Table) -> str:
    return "\n".join(": ".join(dict.fromkeys(c.text for c in row.cells)) for row in table.rows)


def sniff_paste(source: Source) -> bool:
    return any(MARKED.match(x) or SPAN.match(x) or HEAD.match(x[:120]) for x in source.head)


def read_paste(source: Source) -> Reading:
    """`Name 1 minute 12 seconds`, `Name   1:12`, or `0:0:1.2 --> 0:0:4.5` above the name.

    A name alone above such a line, or its time again below, is the same heading once more.
    """
    lines = [line.strip() for line in source.lines if line.strip()]
    if any(SPAN.match(line) for line in lines[:40]):
        return read_headed(_spans_joined(lines), otter.head, _is_furniture)
    named = {h.name for line in lines if (h := _head(line))}
    return read_headed(lines, _head, lambda line: line in named or _is_furniture(line))


def _head(line: str) -> Head | None:
    if len(line) > 120:
        return None
    found = HEAD.match(line)
    if found and (at := clock.spelled(found["at"])) is not None:
        return Head(found["name"].strip(), at)
    return otter.head(line)


def _is_furniture(line: str) -> bool:
    return (
        bool(MARKED.match(line))
        or clock.alone(line) is not None
        or (clock.spelled(line) is not None)
    )


def _spans_joined(lines: list[str]) -> list[str]:
    """`span`, `Name` on two lines as one `Name  start`."""
    joined: list[str] = []
    start: str | None = None
    for line in lines:
        if SPAN.match(line):
            start = _clock(line.split(" ")[0])
        elif start is not None:
            joined.append(f"{line}  {start}")
            start = None
        else:
            joined.append(line)
    return joined


def _clock(loose: str) -> str:
    """'0:0:2.52' as '0:00:02'."""
    parts = [part.split(".")[0] or "0" for part in loose.split(":")]
    return ":".join(part.zfill(2) for part in parts[-3:])
