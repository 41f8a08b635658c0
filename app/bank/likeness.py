"""How likely it is that a question asks for a fact: its words against every way that the authors foresaw.

Each fact has a sum of a few signs, and so has "nothing on this sheet"; the sums become probabilities together, so
that two facts that are as likely leave too little to either. What a sign is worth stands in
question_bank/_likeness.yaml, with how it was found.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import add

from app.bank.asking import Likeness
from app.bank.wording import Gist, Piece

SYNONYM, TOPIC = 0.75, 0.5  # what a word of the same group is worth beside the word itself
IN_FORM, IN_ANSWER, TOPIC_IN_ANSWER = 0.55, 0.4, 0.15  # and one the author used elsewhere
ONCE, EACH = 0.6, 1.5  # a word in one way of asking; and with every further one
GROUP_ONCE = 0.5
UNKNOWN = 0.75  # a word that no author used, beside one that a single fact is asked for with
IDLE = 0.35
ONLY_GROUP = 0.8
NEAREST = 3  # ways of asking
SMOOTH = 0.1
ONE_SLOT = 0.7  # a form of a single slot says less
SAME = 0.999
MOST_STRANGERS = 3

Slots = Sequence[frozenset[str]]
Held = dict[int, float]  # a piece of a way, or a way, -> how far a question has it
MEMORY = 2_000  # words of questions; all ways of asking for a sheet's facts have some 550


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fact's ways of asking, its forms as rows of slots, and its answer, all read."""

    ways: tuple[Gist, ...]
    forms: tuple[Slots, ...]
    answer: Gist


@dataclass(frozen=True, slots=True)
class Told:
    """What a word says by itself. `alone` and `odds` have a number for each fact; a stranger is a word of none."""

    weight: float
    alone: list[float]
    odds: list[float]
    is_stranger: bool


class Matcher:
    """All facts of one sheet. Remembers what words say, which many questions share; the memory never changes a
    result."""

    def __init__(
        self,
        facts: Sequence[Wanted],
        idle: frozenset[str],
        loose: frozenset[str],
        weights: Likeness,
        memory: int = MEMORY,
    ) -> None:
        self._facts = len(facts)
        self._memory = memory
        self._values = weights
        self._idle, self._loose = idle, loose
        self._told: dict[Piece, Told] = {}
        self._by_groups: dict[tuple[str, ...], tuple[Held, Held]] = {}
        self._used: Counter[str] = Counter()  # word -> facts that are asked for with it
        self._grouped: Counter[str] = Counter()
        # word or group -> fact -> how far its author used it, from 0 to 1
        self._said: dict[str, dict[int, float]] = defaultdict(dict)
        self._shapes: dict[str, list[float]] = {}  # shape -> share of the ways, for each fact
        self._forms: list[tuple[int, int]] = []  # fact, slots
        self._slots: dict[str, list[tuple[int, int]]] = defaultdict(list)  # word -> form, slot
        for number, fact in enumerate(facts):
            self._add_fact(number, fact)
        self._fact_of: list[int] = []  # way -> fact
        self._totals: list[float] = []
        self._way_of: list[int] = []  # piece -> way
        self._weight_of: list[float] = []
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_group: dict[str, list[int]] = defaultdict(list)
        weighed: dict[str, float] = {}
        for number, fact in enumerate(facts):
            for way in fact.ways:
                self._add_way(number, way, weighed)

    def _add_fact(self, number: int, fact: Wanted) -> None:
        """Of what is said in several places the last counts that is set here."""
        said, ways = self._said, len(fact.ways)
        for stem in stems_of(fact.answer):
            said[stem][number] = IN_ANSWER
        for group in groups_of(fact.answer):
            said[group][number] = TOPIC_IN_ANSWER
        for form in fact.forms:
            for place, slot in enumerate(form):
                for stem in slot:
                    said[stem][number] = IN_FORM
                    self._slots[stem].append((len(self._forms), place))
            self._forms.append((number, len(form)))
        stems = Counter([piece.stem for way in fact.ways for piece in way.pieces if piece.stem])
        for stem, count in stems.items():
            said[stem][number] = min(1.0, ONCE + EACH * count / ways)
        groups = Counter([group for way in fact.ways for group in groups_of(way)])
        for group, count in groups.items():
            said[group][number] = worth(group) * min(1.0, GROUP_ONCE + EACH * count / ways)
        self._used.update(stems.keys())
        self._grouped.update(groups.keys())
        shapes = Counter(shape for way in fact.ways for shape in way.shapes)
        for shape, count in shapes.items():
            self._shapes.setdefault(shape, [0.0] * self._facts)[number] = count / ways

    def _add_way(self, fact: int, way: Gist, weighed: dict[str, float]) -> None:
        place = len(self._totals)
        self._fact_of.append(fact)
        total = 0.0
        for piece in way.pieces:
            key, name = len(self._weight_of), name_of(piece)
            weight = weighed.get(name)
            if weight is None:
                weight = weighed[name] = self.weight(piece)
            self._weight_of.append(weight)
            self._way_of.append(place)
            total += weight
            self._by_name[name].append(key)
            for group in piece.groups:
                self._by_group[group].append(key)
        self._totals.append(total)

    def known(self, stem: str) -> bool:
        """Whether a fact is asked for with this word."""
        return stem in self._used

    def _tell(self, piece: Piece) -> Told:
        told = self._told.get(piece)
        if told is None:
            if len(self._told) >= self._memory:
                self._told.clear()
            told = self._told[piece] = self._read(piece)
        return told

    def _read(self, piece: Piece) -> Told:
        row: dict[int, float] = {}
        for sign in (piece.stem, *piece.groups):
            for fact, value in self._said.get(sign, {}).items():
                if value > row.get(fact, 0.0):
                    row[fact] = value
        whole, weight = sum([row[fact] for fact in sorted(row)]), self.weight(piece)
        usual = whole / self._facts + SMOOTH
        # most facts do not say it: one logarithm for all of them
        alone, odds = [0.0] * self._facts, [weight * math.log(SMOOTH / usual)] * self._facts
        for fact, said in row.items():
            alone[fact] = weight * said / whole
            odds[fact] = weight * math.log((said + SMOOTH) / usual)
        is_stranger = not row and piece.stem not in self._idle and piece.stem not in self._loose
        return Told(weight, alone, odds, is_stranger)

    def weight(self, piece: Piece) -> float:
        """By how few of the facts use the word; words of talk say little."""
        if not piece.stem:
            fewest = min(max(self._grouped[group], 1) for group in piece.groups)
            return ONLY_GROUP * math.log(1 + self._facts / fewest)
        used = self._used[piece.stem]
        weight = math.log(1 + self._facts / max(used, 1)) * (1 if used else UNKNOWN)
        return weight * IDLE if self._is_idle(piece.stem) else weight

    def _is_idle(self, stem: str) -> bool:
        return stem in self._idle or (stem in self._loose and stem not in self._used)

    def probabilities(self, gist: Gist) -> list[float]:
        """One for each fact, in the order of the sheet; what is left is for nothing on it."""
        if not gist.pieces or not self._facts:
            return []
        told = [self._tell(piece) for piece in gist.pieces]
        total = sum([one.weight for one in told])
        alone = odds = [0.0] * self._facts
        for one in told:
            alone = list(map(add, alone, one.alone))
            odds = list(map(add, odds, one.odds))
        same, near = self._near(gist.pieces, told, total)
        v, is_shaped = self._values, bool(gist.shapes)
        v_same, v_near, v_alone, v_odds = v.same, v.near, v.alone, v.odds
        v_form, v_shape, v_other_shape = v.form, v.shape, v.other_shape
        sums = [
            v_same * is_same
            + v_near * nearest
            + v_alone * (own / total)
            + v_odds * odd
            + v_form * form
            + v_shape * shape
            + v_other_shape * (is_shaped and not shape)
            for is_same, nearest, own, odd, form, shape in zip(
                same,
                near,
                alone,
                odds,
                self._filled(gist.pieces),
                self._shaped(gist.shapes),
                strict=True,
            )
        ]
        strangers = min(sum([one.is_stranger for one in told]), MOST_STRANGERS)
        nothing = v.nothing + v.stranger * strangers
        highest = max([nothing, *sums])
        shares = [math.exp(value - highest) for value in sums]
        whole = math.exp(nothing - highest) + sum(shares)
        return [share / whole for share in shares]

    def _near(
        self, pieces: Sequence[Piece], told: Sequence[Told], total: float
    ) -> tuple[list[bool], list[float]]:
        """For each fact whether it is asked for in the same words, and how near its nearest ways of asking are."""
        asked = [0.0] * len(self._totals)  # way -> weight of the question that it has
        found: Held = {}
        way_of, weight_of = self._way_of, self._weight_of
        for piece, one in zip(pieces, told, strict=True):
            weight = one.weight
            keys, ways = self._held(piece)
            for way, value in ways.items():
                asked[way] += weight * value
            if found.keys().isdisjoint(keys.keys()):
                found |= keys
            else:
                for key, value in keys.items():
                    if found.get(key, 0.0) < value:
                        found[key] = value
        for key, value in found.items():
            asked[way_of[key]] += weight_of[key] * value
        near: list[list[float]] = [[] for _ in range(self._facts)]
        for way in {way_of[key] for key in found}:
            near[self._fact_of[way]].append(asked[way] / (total + self._totals[way]))
        same, mean = [False] * self._facts, [0.0] * self._facts
        for fact, values in enumerate(near):
            if values:
                values.sort(reverse=True)
                same[fact] = values[0] >= SAME
                mean[fact] = sum(values[:NEAREST]) / NEAREST
        return same, mean

    def _held(self, piece: Piece) -> tuple[Held, Held]:
        """The pieces of ways, and the ways, that have a word or a group of it."""
        keys, ways = self._held_in(piece.groups)
        if own := self._by_name.get(name_of(piece)):
            keys, ways = keys.copy(), ways.copy()
            for key in own:
                keys[key] = ways[self._way_of[key]] = 1.0
        return keys, ways

    def _held_in(self, groups: tuple[str, ...]) -> tuple[Held, Held]:
        held = self._by_groups.get(groups)
        if held is None:
            keys: Held = {}
            ways: Held = {}
            for group in groups:
                value = worth(group)
                for key in self._by_group.get(group, ()):
                    way = self._way_of[key]
                    if keys.get(key, 0.0) < value:
                        keys[key] = value
                    if ways.get(way, 0.0) < value:
                        ways[way] = value
            if len(self._by_groups) >= self._memory:
                self._by_groups.clear()
            held = self._by_groups[groups] = keys, ways
        return held

    def _filled(self, pieces: Sequence[Piece]) -> list[float]:
        """For each fact the share of slots that the words fill in its fullest form, wherever they stand."""
        slots = {slot for piece in pieces for slot in self._slots.get(piece.stem, ())}
        filled: dict[int, int] = {}
        for form, _ in slots:
            filled[form] = filled.get(form, 0) + 1
        most = [0.0] * self._facts
        for form, count in filled.items():
            fact, size = self._forms[form]
            share = count / size if size > 1 else count * ONE_SLOT
            if share > most[fact]:
                most[fact] = share
        return most

    def _shaped(self, shapes: frozenset[str]) -> list[float]:
        """For each fact the share of its ways of asking that want this shape of answer."""
        columns = [self._shapes[shape] for shape in shapes if shape in self._shapes]
        return list(map(max, zip(*columns, strict=True))) if columns else [0.0] * self._facts


def name_of(piece: Piece) -> str:
    """What is the same in two of them: the word, or else all its groups."""
    return piece.stem or "+".join(piece.groups)


def stems_of(gist: Gist) -> frozenset[str]:
    return frozenset(piece.stem for piece in gist.pieces if piece.stem)


def groups_of(gist: Gist) -> frozenset[str]:
    return frozenset(group for piece in gist.pieces for group in piece.groups)


def worth(group: str) -> float:
    return SYNONYM if group[0] == "=" else TOPIC
