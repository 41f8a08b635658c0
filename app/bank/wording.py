"""What a question says, whatever the sheet: its words, the groups that they belong to, the shape of answer wanted."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.bank.asking import Asking
from app.concepts.lexicon import Lexicon
from app.concepts.words import Reader, Words

LETTERS = re.compile(r"[^\W\d_]+")
REMEMBERED = 4  # pairs of asking and lexicon; a bank has one

Stems = tuple[str, ...]
Groups = dict[Stems, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A word with its groups, in alphabetical order; `stem` is empty where only function words say it."""

    stem: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gist:
    """What a question says, in order and each thing once."""

    pieces: tuple[Piece, ...]
    shapes: frozenset[str]


class Wording:
    """The groups of _asking.yaml as rows of normal forms, shared by all sheets."""

    def __init__(self, asking: Asking, lexicon: Lexicon) -> None:
        reader = Reader(lexicon)
        self.groups = grouped(reader, {"=": asking.synonyms, "~": asking.topics})
        self.shapes = grouped(reader, {"": asking.shapes})
        self.idle = frozenset(reader.stem(word) for word in asking.idle)
        self.loose = frozenset(reader.stem(word) for word in asking.loose)
        self.general = words_of(
            [
                *lexicon.function_words,
                *(word for ways in lexicon.classes.values() for word in ways),
                *(way for term, ways in lexicon.aliases.items() for way in (term, *ways)),
                *(way for ways in asking.synonyms.values() for way in ways),
                *(way for ways in asking.topics.values() for way in ways),
                *(way for ways in asking.shapes.values() for way in ways),
                *(*asking.requests, *asking.assuming, *asking.agreeing),
                *(*asking.idle, *asking.loose),
            ]
        )
        self._reader = reader

    def under(self, terms: Mapping[str, Iterable[str]], reader: Reader) -> "Grouping":
        """For a question's own terms: a term belongs to the groups of every way to say it."""
        own: dict[str, set[str]] = defaultdict(set)
        for term, ways in terms.items():
            for way in (term, *ways):
                own[reader.stem(term)].update(self.groups.get(self._reader.read(way).stems, ()))
        return Grouping(self, {term: tuple(sorted(groups)) for term, groups in own.items()})


class Grouping:
    """A wording for the reader of one sheet."""

    def __init__(self, wording: Wording, own: Mapping[str, tuple[str, ...]]) -> None:
        self._groups = {**wording.groups}
        for term, groups in own.items():
            self._groups[(term,)] = tuple(sorted({*self._groups.get((term,), ()), *groups}))
        self._lengths = lengths(self._groups)
        self._shapes = wording.shapes
        self._shape_lengths = lengths(wording.shapes)

    def gist(self, words: Words) -> Gist:
        stems, numbers = words.stems, words.numbers
        content = [place for place in words.content if numbers[place] is None]
        held = frozenset(content)
        at: dict[int, set[str]] = {place: set() for place in content}
        between: list[set[str]] = []
        for first, size in spans(stems, self._lengths):
            groups = self._groups.get(stems[first : first + size])
            if groups is None:
                continue
            inside = [place for place in range(first, first + size) if place in held]
            for place in inside:
                at[place].update(groups)
            if not inside:
                between.append(set(groups))
        pieces: dict[str, Piece] = {}
        for place in content:
            pieces.setdefault(stems[place], Piece(stems[place], tuple(sorted(at[place]))))
        out = list(pieces.values())
        out += [
            Piece("", tuple(sorted(groups)))
            for groups in between
            if not any(groups <= set(piece.groups) for piece in out)
        ]
        shapes = {
            shape
            for first, size in spans(stems, self._shape_lengths)
            for shape in self._shapes.get(stems[first : first + size], ())
        }
        return Gist(tuple(out), frozenset(shapes))


def grouped(reader: Reader, kinds: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Groups:
    """Row of normal forms -> the groups it belongs to, each name behind the sign of its kind."""
    found: dict[Stems, set[str]] = defaultdict(set)
    for sign, groups in kinds.items():
        for name, ways in groups.items():
            for way in ways:
                if stems := reader.read(way).stems:
                    found[stems].add(sign + name)
    return {stems: tuple(sorted(groups)) for stems, groups in found.items()}


def lengths(groups: Groups) -> dict[str, tuple[int, ...]]:
    """First word -> how long the rows are that begin with it."""
    found: dict[str, set[int]] = defaultdict(set)
    for stems in groups:
        found[stems[0]].add(len(stems))
    return {first: tuple(sorted(sizes)) for first, sizes in found.items()}


def spans(stems: Stems, sizes: Mapping[str, tuple[int, ...]]) -> Iterable[tuple[int, int]]:
    for first, stem in enumerate(stems):
        for size in sizes.get(stem, ()):
            if first + size <= len(stems):
                yield first, size


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """As they are written, without the signs of the form language."""
    return frozenset(word for text in texts for word in LETTERS.findall(text.lower()))


_MADE: dict[tuple[int, int], tuple[Asking, Lexicon, Wording]] = {}


def wording_of(asking: Asking, lexicon: Lexicon) -> Wording:
    """One for all sheets that are made from the same two."""
    key = (id(asking), id(lexicon))
    found = _MADE.get(key)
    if found is None or found[0] is not asking or found[1] is not lexicon:
        if len(_MADE) >= REMEMBERED:
            _MADE.clear()
        found = _MADE[key] = (asking, lexicon, Wording(asking, lexicon))
    return found[2]
