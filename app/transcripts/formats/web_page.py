"""HTML transcript pages: `<cite><time><p>` of the podcast namespace, and any other page's text."""

import re
from html.parser import HTMLParser

from app.transcripts.formats import clock, plain
from app.transcripts.formats.source import Piece, Reading, Source

BLOCKS = frozenset("p div li br tr h1 h2 h3 h4 h5 h6 section article blockquote dt dd td".split())
SILENT = frozenset("script style head nav footer noscript template svg".split())
TAG = re.compile(r"<(?:!doctype html|html|body|head|cite|p|div|time|article|span)\b", re.IGNORECASE)


def sniff(source: Source) -> bool:
    start = source.text.lstrip()[:300]
    return start.startswith("<") and TAG.match(start) is not None


def read(source: Source) -> Reading:
    page = Page()
    page.feed(source.text)
    page.close()
    page.end_line()
    if page.cited:
        return Reading([p for p in page.pieces() if p.text], page.title or None)
    text = "\n".join(page.lines)
    again = Source(source.name, b"", text)
    reading = plain.read_named(again) if plain.sniff_named(again) else plain.read_paragraphs(again)
    return Reading(reading.pieces, page.title or reading.title, reading.question)


class Page(HTMLParser):
    """Collects lines of text, remembering which came from <cite> and <time>."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.marks: list[tuple[str, str]] = []
        self.title = ""
        self.cited = False
        self._inside: list[str] = []
        self._words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        if tag in ("cite", "time", "title") or tag in BLOCKS:
            self.end_line()
        if tag in ("cite", "time", "title"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in ("cite", "time", "title") or tag in BLOCKS:
            self.end_line()
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent or (self._inside and self._inside[-1] == "title"):
            self._words.append(data)

    def end_line(self) -> None:
        text = " ".join("".join(self._words).split())
        self._words = []
        kind = self._inside[-1] if self._inside else "text"
        if not text:
            return
        if kind == "title":
            self.title = text[:200]
            return
        self.cited = self.cited or kind == "cite"
        self.marks.append((kind, text))
        self.lines.append(text)

    def pieces(self) -> list[Piece]:
        """A <cite> names the speaker of the paragraphs after it, a <time> dates the next."""
        found: list[Piece] = []
        name: str | None = None
        at: float | None = None
        for kind, text in self.marks:
            if kind == "cite":
                name = text.rstrip(": ")[:80] or None
            elif kind == "time" and (moment := clock.alone(text)) is not None:
                at = moment
            else:
                found.append(Piece(text, name, at))
                at = None
        return found
