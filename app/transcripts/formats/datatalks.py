"""DataTalks.Club podcasts: the front matter of their pages, and the rendered page as text.

https://github.com/DataTalksClub/datatalksclub.github.io/tree/main/_podcast
"""

import re
from typing import Any

import yaml

from app.errors import TooLarge, UnreadableTranscript
from app.transcripts.formats.clock import CLOCK, seconds
from app.transcripts.formats.headed import Head, named_heads, spoken
from app.transcripts.formats.source import Piece, Reading, Source, entries, number, words_of

YAML_LIMIT = 400_000  # characters; episodes have 70,000, and PyYAML without libyaml is slow
DEEPEST = 10  # lists and mappings inside one another; a page has 3
# SafeLoader in C where PyYAML was built with libyaml: ten times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ENTRY = re.compile(rf"^(?P<head>.{{1,60}}?): .*\((?P<at>{CLOCK})\)$")
CLOSING = re.compile(rf"\((?P<at>{CLOCK})\)$")
PAGE = re.compile(r"DataTalks\.?Club|^The transcripts are edited for clarity")


def sniff_yaml(source: Source) -> bool:
    start = source.text[:4]
    return start == "---\n" and "\ntranscript:" in source.text


def read_yaml(source: Source) -> Reading:
    """`line`, `sec` and `who` of every entry; `header` entries are not speech."""
    page = _front_matter(source.text)
    listed = [e for e in entries(page.get("transcript")) if words_of(e.get("line"))]
    pieces = [
        Piece(words_of(e["line"]), words_of(e.get("who")) or None, _moment(e)) for e in listed
    ]
    return Reading(pieces, words_of(page.get("short") or page.get("title")) or None)


def _moment(entry: dict[str, Any]) -> float | None:
    at, written = number(entry.get("sec")), words_of(entry.get("time"))
    if at is None and re.fullmatch(CLOCK, written):
        return seconds(written)
    return at


def _front_matter(text: str) -> dict[str, Any]:
    block = text[4:].split("\n---", 1)[0]
    if len(block) > YAML_LIMIT:
        raise TooLarge(f"The YAML of this page is over {YAML_LIMIT:,} characters.")
    try:
        _refuse_traps(block)
        page = yaml.load(block, Loader=LOADER)
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        raise UnreadableTranscript("The YAML of this page is broken and cannot be read.") from exc
    return page if isinstance(page, dict) else {}


def _refuse_traps(block: str) -> None:
    """Looks at events before anything is built: libyaml's builder crashes on deep nesting."""
    depth = 0
    for event in yaml.parse(block, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or getattr(event, "anchor", None):
            raise UnreadableTranscript(
                "The YAML of this page uses anchors or very deep nesting; a transcript has none."
            )


def sniff_page(source: Source) -> bool:
    marked = any(PAGE.search(line) for line in source.head[:8])
    return marked and any(ENTRY.match(line) for line in source.head)


def read_page(source: Source) -> Reading:
    """Paragraphs that end in a time are speech; headings and the page's furniture have none."""
    pieces: list[Piece] = []
    lines = source.lines[_first_entry(source.lines) :]
    head = named_heads(lines, spoken)
    for line in lines:
        start, closing = head(line), CLOSING.search(line.strip()[-14:])
        if start or closing:
            pieces.append(_paragraph(line.strip(), start, closing))
        elif pieces and _is_sentence(line):
            pieces.append(Piece(line.strip()))
    titles = [line for line in source.head[:4] if not PAGE.search(line) and len(line) < 100]
    return Reading(_without_footer(pieces), next((t for t in titles if "!" not in t), None))


def _first_entry(lines: list[str]) -> int:
    """Above the first entry stand the page's menu, its title and its advertising."""
    return next((n for n, line in enumerate(lines) if ENTRY.match(line.strip())), 0)


def _paragraph(line: str, start: Head | None, closing: re.Match[str] | None) -> Piece:
    text = start.text if start else line
    at = seconds(closing["at"]) if closing else None
    if closing:
        text = text[: text.rindex("(")].strip()
    return Piece(text, start.name if start else None, at)


def _is_sentence(line: str) -> bool:
    return line.strip()[-1:] in (".", "!") and not PAGE.search(line)


def _without_footer(pieces: list[Piece]) -> list[Piece]:
    """The invitation under the last entry has neither a name nor a time."""
    while pieces and pieces[-1].name is None and pieces[-1].at is None:
        pieces.pop()
    return pieces
