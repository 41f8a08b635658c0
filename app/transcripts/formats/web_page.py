"""HTML transcript pages: `<cite><time><p>` of the podcast namespace, and any other page's text.

Our own scan of tags, not html.parser: that takes quadratic time on unclosed comments.
"""

import re
from collections.abc import Iterator

from app.transcripts.decode import without_entities
from app.transcripts.formats import clock, plain
from app.transcripts.formats.source import Piece, Reading, Source, refuse_endless

START = re.compile(
    r"<(?:!doctype html|html|body|head|cite|p|div|time|article|span)\b", re.IGNORECASE
)
TAG = re.compile(r"<(/?)([A-Za-z!?][A-Za-z0-9]{0,20})[^<>]{0,4000}>")
BLOCKS = frozenset("p div li br tr h1 h2 h3 h4 h5 h6 section article blockquote dt dd td".split())
MARKS = frozenset(("cite", "time", "title"))
SILENT = frozenset("script style nav footer noscript template svg".split())

Line = tuple[str, str]  # the mark it stood in ("cite", "time", "title" or "text"), and the words


def sniff(source: Source) -> bool:
    return START.match(source.text[:2000].lstrip()) is not None


def read(source: Source) -> Reading:
    lines = list(lines_of(source.text))
    refuse_endless(len(lines))
    title = next((text[:200] for mark, text in lines if mark == "title"), None)
    body = [line for line in lines if line[0] != "title"]
    if any(mark == "cite" for mark, _ in body):
        return Reading(cited(body), title)
    again = Source(source.name, b"", "\n".join(text for _, text in body))
    reading = plain.read_named(again) if plain.sniff_named(again) else plain.read_paragraphs(again)
    return Reading(reading.pieces, title or reading.title, reading.question)


def cited(lines: list[Line]) -> list[Piece]:
    """A <cite> names the speaker of the paragraphs after it, a <time> dates the next."""
    found: list[Piece] = []
    name: str | None = None
    at: float | None = None
    for mark, text in lines:
        if mark == "cite":
            name = text.rstrip(": ")[:80] or None
        elif mark == "time" and (moment := clock.alone(text)) is not None:
            at = moment
        else:
            found.append(Piece(text, name, at))
            at = None
    return found


def lines_of(page: str) -> Iterator[Line]:
    """The words of the page, a line for each block; scripts, menus and footers left out."""
    mark, silent = "text", ""
    words: list[str] = []
    for text, closing, tag in _tokens(_without_comments(page)):
        if not silent:
            words.append(text)
        if silent:
            silent = "" if closing and tag == silent else silent
        elif tag in BLOCKS or tag in MARKS or tag in SILENT or not tag:
            if line := " ".join(without_entities("".join(words)).split()):
                yield mark, line
            words = []
            silent = tag if tag in SILENT and not closing else ""
            if tag in MARKS:
                mark = "text" if closing else tag


def _tokens(page: str) -> Iterator[tuple[str, bool, str]]:
    """The words before each tag, whether it closes, and its name; at the end no name."""
    last = 0
    for found in TAG.finditer(page):
        yield page[last : found.start()], bool(found[1]), found[2].lower()
        last = found.end()
    yield page[last:], False, ""


def _without_comments(page: str) -> str:
    kept: list[str] = []
    at = 0
    while (start := page.find("<!--", at)) >= 0:
        kept.append(page[at:start])
        end = page.find("-->", start)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, page[at:]])
