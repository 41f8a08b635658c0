"""Cards by facets and words: every facet a link with its count, words found in spite of typos.

A set of cards is one integer, a bit for each card, so that counting what every facet would show is a few operations.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import get_args

from app.bank.card import Card
from app.bank.question import Domain, Question, Seniority, Status
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
WORD = re.compile(r"[^\W_]+")
SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Where a word stands, and what it is worth there; a beginning of a word half, a typo a quarter of it.
WORTH = {"title": 16, "slug": 12, "tags": 12, "kind": 8, "prompt": 4, "hidden": 1}
WHOLE, BEGINS, SLIPPED = 4, 2, 1
ORDERS = ("title", "version", "difficulty", "step", "domain")
FACETS = ("domain", "category", "seniority", "status", "tag", "step")


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
        self._cards = sorted(cards, key=lambda card: (card.title.casefold(), card.slug))
        self._everything = (1 << len(self._cards)) - 1
        self._facets: dict[str, dict[str, int]] = {name: defaultdict(int) for name in FACETS}
        index: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in WORTH}
        for number, card in enumerate(self._cards):
            for name, value in _values(card):
                self._facets[name][value] |= 1 << number
            for field, text in _texts(card, (hidden or {}).get(card.slug, "")):
                for word in set(words_in(text)):
                    index[field][word].append(number)
        self._index = {
            field: {word: _mask(numbers) for word, numbers in found.items()}
            for field, found in index.items()
        }
        self._vocabulary = sorted({word for found in self._index.values() for word in found})
        self._orders = {name: self._ordered(name) for name in ORDERS}

    def find(self, wanted: Wanted) -> Shown:
        worth = self._worth(wanted.text)
        said = self._everything if worth is None else _mask(worth)
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
        numbers = self._in_order(found, wanted.order, worth)
        pages = max(1, -(-len(numbers) // ON_A_PAGE))
        page = min(wanted.page, pages)
        shown = numbers[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
        cards = tuple(self._cards[number] for number in shown)
        slugs = tuple(self._cards[number].slug for number in numbers)
        return Shown(cards, slugs, page, pages, facets)

    def _chosen(self, name: str, value: str) -> int:
        return self._facets[name].get(value, 0) if value else self._everything

    def _choices(self, name: str, chosen: str, others: int) -> tuple[Choice, ...]:
        """Values in the order of their lists, or of the alphabet; those that would leave nothing only where chosen."""
        values = dict(self._facets[name])
        if chosen:
            values.setdefault(chosen, 0)
        order = STEPS if name == "step" else get_args(Status) if name == "status" else ()
        return tuple(
            Choice(value, count, value == chosen)
            for value in sorted(values, key=lambda v: (order.index(v) if v in order else 0, v))
            if (count := (values[value] & others).bit_count()) or value == chosen
        )

    def _worth(self, text: str) -> dict[int, tuple[int, int]] | None:
        """number -> (words found whole, worth) of the cards that hold every word; None where no word is given."""
        asked = list(dict.fromkeys(words_in(text)))[:MOST_WORDS]
        if not asked:
            return None
        worth: dict[int, tuple[int, int]] | None = None
        for word in asked:
            one = self._worth_of(word)
            if worth is None:
                worth = one
            else:
                worth = {
                    n: (worth[n][0] + whole, worth[n][1] + value)
                    for n, (whole, value) in one.items()
                    if n in worth
                }
        return worth

    def _worth_of(self, word: str) -> dict[int, tuple[int, int]]:
        found: dict[int, tuple[int, int]] = {}
        for known, manner in self._meant(word).items():
            for field, worth in WORTH.items():
                for number in _numbers(self._index[field].get(known, 0)):
                    value = (int(manner == WHOLE), worth * manner)
                    found[number] = max(found.get(number, value), value)
        return found

    def _meant(self, word: str) -> dict[str, int]:
        """Known words that this one can stand for; typos are thought of only where nothing else fits."""
        meant: dict[str, int] = {}
        if len(word) >= LEAST_START:
            stem = word.removesuffix("s")
            meant |= {k: BEGINS for k in self._vocabulary if k.startswith(stem)}
        for form in {word, f"{word}s", word.removesuffix("s") if len(word) > LEAST_START else word}:
            if any(form in found for found in self._index.values()):
                meant[form] = WHOLE
        slips = MOST_SLIPS.get(len(word), 2 if len(word) > max(MOST_SLIPS) else 0)
        if not meant and slips:
            meant = {known: SLIPPED for known in near_words(word, self._vocabulary, slips)}
        return meant

    def _in_order(
        self, found: int, order: str, worth: Mapping[int, tuple[int, int]] | None
    ) -> list[int]:
        if order in self._orders:
            return [number for number in self._orders[order] if found >> number & 1]
        if worth is None:
            return list(_numbers(found))
        ranked = sorted((-whole, -value, number) for number, (whole, value) in worth.items())
        return [number for _, _, number in ranked if found >> number & 1]

    def _ordered(self, name: str) -> list[int]:
        keys: dict[str, Callable[[Card], object]] = {
            "title": lambda card: 0,
            "version": lambda card: -card.version,
            "difficulty": lambda card: card.difficulty,
            "step": lambda card: card.steps[card.thinnest].total,
            "domain": lambda card: card.domain,
        }
        numbers = range(len(self._cards))
        key = keys[name]
        return sorted(numbers, key=lambda number: (key(self._cards[number]), number))


def hidden_text(question: Question) -> str:
    """What a curator may search beyond the card: facts, follow-ups, twists, traps, reference."""
    parts = [f"{fact.id} {fact.about} {fact.answer}" for fact in question.facts]
    parts += [f"{f.id} {f.criterion} {f.ask}" for f in question.follow_ups]
    parts += [twist.says for twist in question.twists]
    parts += [f"{trap.what} {trap.ask}" for trap in question.traps]
    parts += [str(text) for text in question.reference.model_dump().values()]
    return "\n".join([*parts, question.baseline, question.no_ml_when])


def words_in(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def _values(card: Card) -> Iterator[tuple[str, str]]:
    yield "domain", card.domain
    yield "category", card.family
    yield "status", card.status
    for seniority in card.seniority:
        yield "seniority", seniority
    for tag in card.tags:
        yield "tag", tag
    for step, on_it in card.steps.items():
        if on_it.total <= LITTLE:
            yield "step", step


def _texts(card: Card, hidden: str) -> Iterator[tuple[str, str]]:
    yield "title", card.title
    yield "slug", card.slug
    yield "tags", " ".join(card.tags)
    yield "kind", f"{card.domain} {card.category} {card.family} {card.modality}"
    yield "prompt", card.prompt
    yield "hidden", hidden


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
