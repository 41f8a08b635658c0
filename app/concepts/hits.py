"""Find which forms stand in a row of words, and where: the concept machinery of scorer and interviewer.

Forms are indexed by their rarest slot, so a turn is looked at once per word and not once per form.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

from app.concepts.forms import Form, Phrase
from app.concepts.lexicon import Lexicon
from app.concepts.words import Reader, Words

Owner = TypeVar("Owner", bound=Hashable)
UNIT_REACH = 2


@dataclass(frozen=True, slots=True)
class Hit(Generic[Owner]):
    """`owner`'s form was found in words `first` to `last` (places in Words, both included)."""

    owner: Owner
    form: Form | Phrase
    first: int
    last: int
    places: tuple[int, ...]


class NumberKinds:
    """Which `@number` classes the number at a place belongs to, by the unit that follows it."""

    def __init__(self, lexicon: Lexicon, reader: Reader) -> None:
        units = lexicon.units
        self._kinds = {
            kind: frozenset(reader.stem(word) for word in words)
            for kind, words in (
                ("@duration", units.duration),
                ("@money", units.money),
                ("@percent", units.percent),
                ("@amount", units.other),
            )
        }

    def of(self, words: Words, place: int) -> tuple[str, ...]:
        near = set(words.stems[place + 1 : place + 1 + UNIT_REACH])
        if place and words.stems[place - 1] in self._kinds["@money"]:
            near.add(words.stems[place - 1])
        return ("@number", *(kind for kind, units in self._kinds.items() if near & units))


class Index(Generic[Owner]):
    """All forms of many owners, ready to be looked for."""

    def __init__(self, forms: Iterable[tuple[Owner, Form | Phrase]], kinds: NumberKinds) -> None:
        everything = list(forms)
        self._kinds = kinds
        common: Counter[str] = Counter()
        for _, form in everything:
            if isinstance(form, Form):
                common.update(stem for slot in form.slots for stem in slot)
        self._forms: dict[str, list[tuple[Owner, Form, tuple[frozenset[str], ...]]]] = defaultdict(
            list
        )
        self._words: dict[str, list[tuple[Owner, Phrase]]] = defaultdict(list)
        self._pairs: dict[tuple[str, str], list[tuple[Owner, Phrase]]] = defaultdict(list)
        for owner, form in everything:
            if isinstance(form, Form):
                rarest, *others = sorted(form.slots, key=lambda slot: sum(common[s] for s in slot))
                for stem in rarest:
                    self._forms[stem].append((owner, form, tuple(others)))
            elif len(form.stems) == 1:
                for stem in form.stems[0]:
                    self._words[stem].append((owner, form))
            else:
                for pair in product(form.stems[0], form.stems[1]):
                    self._pairs[pair].append((owner, form))
        self.vocabulary = frozenset(common)

    def find(self, words: Words) -> list[Hit[Owner]]:
        where: dict[str, list[int]] = {}
        for rank, place in enumerate(words.content):
            where.setdefault(words.stems[place], []).append(rank)
            if words.numbers[place] is not None:
                for kind in self._kinds.of(words, place):
                    where.setdefault(kind, []).append(rank)
        present = frozenset(where)
        hits = self._literal(words)
        for stem, ranks in where.items():
            for owner, form, others in self._forms.get(stem, ()):
                if not others:
                    hits += [self._hit(owner, form, words, (rank,)) for rank in ranks]
                    continue
                for slot in others:
                    if slot.isdisjoint(present):
                        break
                else:
                    choices = [slot & present for slot in others]
                    for rank in ranks:
                        if found := _nearest(rank, choices, where, form.reach):
                            hits.append(self._hit(owner, form, words, found))
        return hits

    @staticmethod
    def _hit(owner: Owner, form: Form, words: Words, ranks: tuple[int, ...]) -> Hit[Owner]:
        places = tuple(sorted(words.content[rank] for rank in ranks))
        return Hit(owner, form, places[0], places[-1], places)

    def _literal(self, words: Words) -> list[Hit[Owner]]:
        hits = []
        stems = words.stems
        for place, pair in enumerate(zip(stems, stems[1:], strict=False)):
            for owner, phrase in self._pairs.get(pair, ()):
                n = len(phrase.stems)
                if n == 2 or (
                    place + n <= len(stems)
                    and all(stems[place + k] in phrase.stems[k] for k in range(2, n))
                ):
                    places = tuple(range(place, place + n))
                    hits.append(Hit(owner, phrase, place, place + n - 1, places))
        for place, stem in enumerate(stems):
            for owner, phrase in self._words.get(stem, ()):
                hits.append(Hit(owner, phrase, place, place, (place,)))
        return hits


def _nearest(
    anchor: int, choices: list[frozenset[str]], where: dict[str, list[int]], reach: int
) -> tuple[int, ...] | None:
    """One rank for every slot, as near to the anchor as can be, all within `reach`; or None."""
    taken = [anchor]
    low = high = anchor
    for alternatives in choices:
        best, distance = -1, reach
        for stem in alternatives:
            ranks = where[stem]
            at = bisect_left(ranks, anchor)
            for rank in ranks[max(0, at - 2) : at + 3]:
                gap = abs(rank - anchor)
                # of two as near the earlier one, so that the order of a set decides nothing
                nearer = gap < distance or (gap == distance and rank < best)
                if nearer and rank not in taken:
                    best, distance = rank, gap
        if best < 0:
            return None
        taken.append(best)
        low, high = min(low, best), max(high, best)
        if high - low >= reach:
            return None
    return tuple(taken)
