"""What changed between two texts, line by line and within the lines."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

AROUND = 2  # lines of both that are shown beside a change
ALIKE = 0.5  # two lines that are at least so alike are shown as one that was changed
MOST_LINES = 20_000
LONGEST_LINE = 2_000


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """`before` and `after` count from 1; None where the line is not in that text. A gap holds no pieces."""

    kind: Literal["same", "removed", "added", "gap"]
    before: int | None
    after: int | None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Diff:
    lines: tuple[Line, ...]
    added: int
    removed: int

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed)


def diff_of(before: str, after: str) -> Diff:
    old, new = before.splitlines()[:MOST_LINES], after.splitlines()[:MOST_LINES]
    lines = tuple(_lines(old, new))
    return Diff(
        lines,
        added=sum(line.kind == "added" for line in lines),
        removed=sum(line.kind == "removed" for line in lines),
    )


def _lines(old: list[str], new: list[str]) -> Iterator[Line]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if number or group[0][1]:
            yield Line("gap", None, None)
        for kind, first, last, begin, end in group:
            if kind == "equal":
                for offset in range(last - first):
                    text = Piece(old[first + offset])
                    yield Line("same", first + offset + 1, begin + offset + 1, (text,))
            else:
                yield from _changed(old, new, (first, last), (begin, end))


def _changed(
    old: list[str], new: list[str], was: tuple[int, int], now: tuple[int, int]
) -> Iterator[Line]:
    """Lines that stand in for one another are compared by their words."""
    paired = min(was[1] - was[0], now[1] - now[0])
    inner = [_words(old[was[0] + i], new[now[0] + i]) for i in range(paired)]
    for offset, place in enumerate(range(*was)):
        pieces = inner[offset][0] if offset < paired else (Piece(old[place]),)
        yield Line("removed", place + 1, None, pieces)
    for offset, place in enumerate(range(*now)):
        pieces = inner[offset][1] if offset < paired else (Piece(new[place]),)
        yield Line("added", None, place + 1, pieces)


def _words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    before, after = _split(old), _split(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if max(len(old), len(new)) > LONGEST_LINE or matcher.ratio() < ALIKE:
        return (Piece(old),), (Piece(new),)
    left, right = [], []
    for kind, first, last, begin, end in matcher.get_opcodes():
        left.append(Piece("".join(before[first:last]), kind != "equal"))
        right.append(Piece("".join(after[begin:end]), kind != "equal"))
    return tuple(p for p in left if p.text), tuple(p for p in right if p.text)


def _split(line: str) -> list[str]:
    """Words and what stands between them."""
    parts: list[str] = []
    for letter in line:
        if parts and letter.isalnum() and parts[-1][-1].isalnum():
            parts[-1] += letter
        else:
            parts.append(letter)
    return parts
