"""Cards by facets and words: every facet a link with its count, words found in spite of typos.

A set of cards is one integer, a bit for each card, so that counting what every facet would show is a few operations.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, reduce
from itertools import islice, takewhile
from operator import or_
from typing import Any, get_args

from app.bank.card import Card, words_in
from app.bank.question import Domain, Seniority, Status
from app.matching import near_words
from app.rubric.rubric import STEPS

ON_A_PAGE = 50
LITTLE = 4  # facts and follow-ups on a step, together
LONGEST = 200  # characters of a search
MOST_WORDS = 12
MOST_SLIPS = {
    4: 1,
    5: 1,
    6: 1,
    7: 1,
}  # by a word's length; longer ones may have two, shorter ones none
LEAST_START = 3  # letters that find what begins with them
SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Where a word stands, and what it is worth there; a beginning of a word half, a typo a quarter of it.
WORTH = {"title": 16, "slug": 12, "tags": 12, "kind": 8, "prompt": 4, "hidden": 1}
WHOLE, BEGINS, SLIPPED = 4, 2, 1
KEYS: dict[str, Callable[[Card], Any]] = {
    "title": lambda card: (card.title.casefold(), card.slug),
    "version": lambda card: -card.version,
    "difficulty": lambda card: card.difficulty,
    "step": lambda card: card.steps[card.thinnest].total,
    "domain": lambda card: card.domain,
}
ORDERS = tuple(KEYS)
FACETS = ("domain", "category", "seniority", "status", "tag", "step")
MARKS = (*FACETS, *WORTH)
Rank = tuple[int, int]  # whether a word was found whole, and what it is worth where it stands


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; `category` is a family, `step` one that has little on it, `order` empty the best hit
    first, or by title where no text is searched for."""

    text: str = ""
    domain: str = ""
    category: str = ""
    seniority: str = ""
    status: str = ""
    tag: str = ""
    step: str = ""
    order: str = ""
    page: int = 1

    @classmethod
    def from_query(cls, pairs: Iterable[tuple[str, str]]) -> "Wanted":
        """From a page's address. What cannot be meant is left out, so that an old link still shows something."""
        known: dict[str, Sequence[str]] = {
            "domain": get_args(Domain),
            "seniority": get_args(Seniority),
            "status": get_args(Status),
            "step": STEPS,
            "order": ORDERS,
        }
        names = {field.name for field in fields(cls)}
        given: dict[str, str] = {}
        for name, value in pairs:
            value = " ".join(value.split())[:LONGEST]
            if name in names - {"page"} and value and value in known.get(name, (value,)):
                given[name] = value
        page = next((value for name, value in pairs_of(pairs, "page")), "1")
        number = int(page) if re.fullmatch(r"[0-9]{1,5}", page) else 1
        return cls(**given, page=max(1, number))

    def to_query(self, **changes: object) -> str:
        """The address of this search with some of it changed, on its first page unless a page is named."""
        changed = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        pairs = [(f.name, getattr(changed, f.name)) for f in fields(changed)]
        return "&".join(
            f"{name}={escaped(str(value))}"
            for name, value in pairs
            if value and (name, value) != ("page", 1)
        )


def pairs_of(pairs: Iterable[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    return [pair for pair in pairs if pair[0] == name]


def escaped(value: str) -> str:
    """For an address: what is no plain letter or number as %XX."""
    return "".join(chr(b) if b in SAFE else f"%{b:02X}" for b in value.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet and how many cards it would leave under the other facets chosen."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of what was found; `slugs` are of all pages."""

    cards: tuple[Card, ...]
    slugs: tuple[str, ...]
    page: int
    pages: int
    facets: dict[str, tuple[Choice, ...]]

    @property
    def total(self) -> int:
        return len(self.slugs)


class Cards:
    """All cards at hand, indexed once. `hidden` is slug -> text that only a curator's search may look into."""

    def __init__(self, cards: Iterable[Card], hidden: Mapping[str, str] | None = None) -> None:
        self._cards = [(card, (hidden or {}).get(card.slug, "")) for card in cards]
        self._numbers = {card.slug: number for number, (card, _) in enumerate(self._cards)}
        self._everything = (1 << len(self._cards)) - 1
        listed: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in MARKS}
        for number, (card, text) in enumerate(self._cards):
            for name, values in _marks(card, text):
                numbers_of = listed[name]
                for value in values:
                    numbers_of[value].append(number)
        self._masks = {
            name: {value: _mask(numbers) for value, numbers in found.items()}
            for name, found in listed.items()
        }

    def changed(self, put: Iterable[tuple[Card, str]], gone: Iterable[str]) -> "Cards":
        """These with some cards in the place of those of their slugs, or new, each with its hidden text, and without
        the slugs that are gone. What stays is not indexed again."""
        new = Cards(())
        new._cards, new._numbers = list(self._cards), dict(self._numbers)
        new._everything = self._everything
        new._masks = {name: dict(found) for name, found in self._masks.items()}
        for slug in gone:
            new._take_out(new._numbers.pop(slug))
        for card, text in put:
            number = new._numbers.setdefault(card.slug, len(new._cards))
            if number == len(new._cards):
                new._cards.append((card, text))
            else:
                new._take_out(number)
                new._cards[number] = (card, text)
            new._everything |= 1 << number
            for name, values in _marks(card, text):
                masks = new._masks[name]
                masks.update({value: masks.get(value, 0) | 1 << number for value in values})
        return new

    def _take_out(self, number: int) -> None:
        """Its number stays empty."""
        self._everything &= ~(1 << number)
        for name, values in _marks(*self._cards[number]):
            masks = self._masks[name]
            for value in values:
                masks[value] &= ~(1 << number)
                if not masks[value]:
                    del masks[value]

    def find(self, wanted: Wanted) -> Shown:
        ranks = self._ranks(wanted.text)
        said = self._everything
        for levels in ranks:
            said &= _any(levels)
        chosen = {name: self._chosen(name, getattr(wanted, name)) for name in FACETS}
        facets = {}
        for name in FACETS:
            others = said
            for other, mask in chosen.items():
                others &= self._everything if other == name else mask
            facets[name] = self._choices(name, getattr(wanted, name), others)
        found = said
        for mask in chosen.values():
            found &= mask
        numbers = self._in_order(found, wanted.order, ranks)
        pages = max(1, -(-len(numbers) // ON_A_PAGE))
        page = min(wanted.page, pages)
        shown = numbers[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
        cards = tuple(self._cards[number][0] for number in shown)
        slugs = tuple(self._cards[number][0].slug for number in numbers)
        return Shown(cards, slugs, page, pages, facets)

    def _chosen(self, name: str, value: str) -> int:
        return self._masks[name].get(value, 0) if value else self._everything

    def _choices(self, name: str, chosen: str, others: int) -> tuple[Choice, ...]:
        """Values in the order of their lists, or of the alphabet; those that would leave nothing only where chosen."""
        values = self._masks[name]
        ordered = self._values[name]
        if chosen and chosen not in values:
            ordered = _in_place([*ordered, chosen], name)
        return tuple(
            Choice(value, count, value == chosen)
            for value in ordered
            if (count := (values.get(value, 0) & others).bit_count()) or value == chosen
        )

    @cached_property
    def _values(self) -> dict[str, list[str]]:
        return {name: _in_place(self._masks[name], name) for name in FACETS}

    @cached_property
    def _vocabulary(self) -> list[str]:
        return sorted(set().union(*(self._masks[field] for field in WORTH)))

    def _ranks(self, text: str) -> list[list[tuple[Rank, int]]]:
        """For each word of a search its ranks, the best first, and which cards have it at that rank and no better."""
        asked = list(dict.fromkeys(words_in(text)))[:MOST_WORDS]
        return [self._ranks_of(word) for word in asked]

    def _ranks_of(self, word: str) -> list[tuple[Rank, int]]:
        at: dict[Rank, int] = defaultdict(int)
        for known, manner in self._meant(word).items():
            for field, worth in WORTH.items():
                if mask := self._masks[field].get(known):
                    at[int(manner == WHOLE), worth * manner] |= mask
        levels, better = [], 0
        for rank in sorted(at, reverse=True):
            levels.append((rank, at[rank] & ~better))
            better |= at[rank]
        return levels

    def _meant(self, word: str) -> dict[str, int]:
        """Known words that this one can stand for; typos are thought of only where nothing else fits."""
        meant: dict[str, int] = {}
        if len(word) >= LEAST_START:
            stem = word.removesuffix("s")
            begin = bisect_left(self._vocabulary, stem)
            known = islice(self._vocabulary, begin, None)
            meant |= dict.fromkeys(takewhile(lambda k: k.startswith(stem), known), BEGINS)
        for form in {word, f"{word}s", word.removesuffix("s") if len(word) > LEAST_START else word}:
            if any(form in self._masks[field] for field in WORTH):
                meant[form] = WHOLE
        slips = MOST_SLIPS.get(len(word), 2 if len(word) > max(MOST_SLIPS) else 0)
        if not meant and slips:
            meant = {known: SLIPPED for known in near_words(word, self._vocabulary, slips)}
        return meant

    def _in_order(
        self, found: int, order: str, ranks: Sequence[Sequence[tuple[Rank, int]]]
    ) -> list[int]:
        """The best first where words are searched for and no other order is asked for."""
        there = set(_numbers(found))
        ordered = [number for number in self._ordered(order or "title") if number in there]
        if order or not ranks:
            return ordered
        worth = dict.fromkeys(ordered, (0, 0))
        for levels in ranks:
            for (whole, value), mask in levels:
                for number in _numbers(mask & found):
                    before = worth[number]
                    worth[number] = (before[0] + whole, before[1] + value)
        return sorted(ordered, key=worth.__getitem__, reverse=True)

    def _ordered(self, name: str) -> list[int]:
        if name not in self._orders:
            key = KEYS[name]
            known = sorted(self._numbers.values()) if name == "title" else self._ordered("title")
            self._orders[name] = sorted(known, key=lambda number: key(self._cards[number][0]))
        return self._orders[name]

    @cached_property
    def _orders(self) -> dict[str, list[int]]:
        return {}


def _any(levels: Iterable[tuple[Rank, int]]) -> int:
    return reduce(or_, (mask for _, mask in levels), 0)


def _in_place(values: Iterable[str], facet: str) -> list[str]:
    order = STEPS if facet == "step" else get_args(Status) if facet == "status" else ()
    return sorted(values, key=lambda value: (order.index(value) if value in order else 0, value))


def _marks(card: Card, hidden: str) -> Iterator[tuple[str, set[str]]]:
    """Everything that a card is found by: values of facets, and words by where they stand."""
    yield "domain", {card.domain}
    yield "category", {card.family}
    yield "status", {card.status}
    yield "seniority", set(card.seniority)
    yield "tag", set(card.tags)
    yield "step", {step for step, on_it in card.steps.items() if on_it.total <= LITTLE}
    yield "title", set(words_in(card.title))
    yield "slug", set(words_in(card.slug))
    yield "tags", set(words_in(" ".join(card.tags)))
    yield "kind", set(words_in(f"{card.domain} {card.category} {card.family} {card.modality}"))
    yield "prompt", set(words_in(card.prompt))
    yield "hidden", set(words_in(hidden))


def _mask(numbers: Iterable[int]) -> int:
    """Bits are set in bytes: one integer shifted for each card would cost its whole length each time."""
    ordered = list(numbers)
    bits = bytearray(max(ordered, default=0) // 8 + 1)
    for number in ordered:
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def _numbers(mask: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    for place, byte in enumerate(mask.to_bytes((mask.bit_length() + 7) // 8, "little")):
        while byte:
            lowest = byte & -byte
            yield place * 8 + lowest.bit_length() - 1
            byte ^= lowest
