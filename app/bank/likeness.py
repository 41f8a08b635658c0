"""How likely it is that a question asks for a fact: its words against every way that the authors foresaw.

Each fact has a sum of a few signs, and so has "nothing on this sheet"; the sums become probabilities together, so
that two facts that are as likely leave too little to either. What a sign is worth stands in
question_bank/_likeness.yaml, with how it was found.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fact's ways of asking, its forms as rows of slots, and its answer, all read."""

    ways: tuple[Gist, ...]
    forms: tuple[Slots, ...]
    answer: Gist


@dataclass(frozen=True, slots=True)
class Signs:
    """What there is of each sign, for one fact and one question."""

    same: float
    near: float
    alone: float
    odds: float
    form: float
    shape: float
    other_shape: float


class Matcher:
    """All facts of one sheet."""

    def __init__(
        self,
        facts: Sequence[Wanted],
        idle: frozenset[str],
        loose: frozenset[str],
        weights: Likeness,
    ) -> None:
        self._facts = facts
        self._values = weights
        self._idle, self._loose = idle, loose
        self._stems = [Counter(s for way in f.ways for s in stems_of(way)) for f in facts]
        self._groups = [Counter(g for way in f.ways for g in groups_of(way)) for f in facts]
        self._in_forms = [
            frozenset(s for form in f.forms for slot in form for s in slot) for f in facts
        ]
        self._in_answer = [(stems_of(f.answer), groups_of(f.answer)) for f in facts]
        self._used = Counter(stem for stems in self._stems for stem in stems)
        self._grouped = Counter(group for groups in self._groups for group in groups)
        self._shapes = [Counter(s for way in f.ways for s in way.shapes) for f in facts]
        self._way_of: list[int] = []  # piece -> way
        self._weight_of: list[float] = []
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_group: dict[str, list[int]] = defaultdict(list)
        self._totals: list[float] = []
        self._fact_of: list[int] = []
        for number, fact in enumerate(facts):
            for way in fact.ways:
                self._add(number, way)

    def _add(self, fact: int, way: Gist) -> None:
        place = len(self._totals)
        self._fact_of.append(fact)
        total = 0.0
        for piece in way.pieces:
            key = len(self._way_of)
            weight = self.weight(piece)
            self._way_of.append(place)
            self._weight_of.append(weight)
            total += weight
            self._by_name[name_of(piece)].append(key)
            for group in piece.groups:
                self._by_group[group].append(key)
        self._totals.append(total)

    def known(self, stem: str) -> bool:
        """Whether a fact is asked for with this word."""
        return stem in self._used

    def weight(self, piece: Piece) -> float:
        """By how few of the facts use the word; words of talk say little."""
        facts = len(self._facts)
        if not piece.stem:
            fewest = min(max(self._grouped[group], 1) for group in piece.groups)
            return ONLY_GROUP * math.log(1 + facts / fewest)
        used = self._used[piece.stem]
        weight = math.log(1 + facts / max(used, 1)) * (1 if used else UNKNOWN)
        return weight * IDLE if self._is_idle(piece.stem) else weight

    def _is_idle(self, stem: str) -> bool:
        return stem in self._idle or (stem in self._loose and stem not in self._used)

    def probabilities(self, gist: Gist) -> list[float]:
        """One for each fact, in the order of the sheet; what is left is for nothing on it."""
        signs, strangers = self.signs(gist)
        sums = [self._sum(sign) for sign in signs]
        nothing = self._values.nothing + self._values.stranger * strangers
        highest = max([nothing, *sums])
        shares = [math.exp(value - highest) for value in sums]
        whole = math.exp(nothing - highest) + sum(shares)
        return [share / whole for share in shares]

    def _sum(self, sign: Signs) -> float:
        v = self._values
        return (
            v.same * sign.same
            + v.near * sign.near
            + v.alone * sign.alone
            + v.odds * sign.odds
            + v.form * sign.form
            + v.shape * sign.shape
            + v.other_shape * sign.other_shape
        )

    def signs(self, gist: Gist) -> tuple[list[Signs], int]:
        """Of each fact; and how many words are strange to all of them."""
        pieces = gist.pieces
        weights = [self.weight(piece) for piece in pieces]
        total = sum(weights)
        if not total:
            return [], 0
        rows = [
            [self._said_of(fact, piece) for piece in pieces] for fact in range(len(self._facts))
        ]
        sums = [sum(column) for column in zip(*rows, strict=True)]
        near = self._near(pieces, weights, total)
        stems = frozenset(piece.stem for piece in pieces if piece.stem)
        found = [
            self._signs(number, row, weights, total, sums, near[number], stems, gist.shapes)
            for number, row in enumerate(rows)
        ]
        strangers = sum(
            not said and piece.stem not in self._idle and piece.stem not in self._loose
            for piece, said in zip(pieces, sums, strict=True)
        )
        return found, min(strangers, MOST_STRANGERS)

    def _signs(
        self,
        number: int,
        row: list[float],
        weights: list[float],
        total: float,
        sums: list[float],
        near: list[float],
        stems: frozenset[str],
        shapes: frozenset[str],
    ) -> Signs:
        facts, ways = len(self._facts), len(self._facts[number].ways)
        alone = odds = 0.0
        for said, weight, whole in zip(row, weights, sums, strict=True):
            if whole:
                alone += weight * said / whole
            odds += weight * math.log((said + SMOOTH) / (whole / facts + SMOOTH))
        most = max((self._shapes[number][shape] for shape in shapes), default=0)
        return Signs(
            same=float(near[0] >= SAME),
            near=sum(near[:NEAREST]) / NEAREST,
            alone=alone / total,
            odds=odds,
            form=max((filled(form, stems) for form in self._facts[number].forms), default=0.0),
            shape=most / ways,
            other_shape=float(bool(shapes) and not most),
        )

    def _said_of(self, fact: int, piece: Piece) -> float:
        """How far the author of a fact used the word, from 0 to 1."""
        ways = len(self._facts[fact].ways)
        stems, groups = self._in_answer[fact]
        said = 0.0
        if piece.stem:
            if count := self._stems[fact].get(piece.stem, 0):
                said = min(1.0, ONCE + EACH * count / ways)
            else:
                said = IN_FORM if piece.stem in self._in_forms[fact] else 0.0
                if piece.stem in stems:
                    said = max(said, IN_ANSWER)
        own = self._groups[fact]
        for group in piece.groups:
            if count := own.get(group, 0):
                said = max(said, worth(group) * min(1.0, GROUP_ONCE + EACH * count / ways))
            elif group in groups:
                said = max(said, TOPIC_IN_ANSWER)
        return said

    def _near(
        self, pieces: Sequence[Piece], weights: list[float], total: float
    ) -> list[list[float]]:
        """For each fact how near its ways of asking are, the nearest first."""
        asked: dict[int, float] = defaultdict(float)  # way -> weight of the question that it has
        found: dict[int, float] = {}  # piece of a way -> how far the question has it
        for piece, weight in zip(pieces, weights, strict=True):
            here: dict[int, float] = {}
            for group in piece.groups:
                value = worth(group)
                for key in self._by_group.get(group, ()):
                    way = self._way_of[key]
                    if here.get(way, 0.0) < value:
                        here[way] = value
                    if found.get(key, 0.0) < value:
                        found[key] = value
            for key in self._by_name.get(name_of(piece), ()):
                here[self._way_of[key]] = found[key] = 1.0
            for way, value in here.items():
                asked[way] += weight * value
        for key, value in found.items():
            asked[self._way_of[key]] += self._weight_of[key] * value
        near: list[list[float]] = [[0.0] * NEAREST for _ in self._facts]
        for way, common in asked.items():
            near[self._fact_of[way]].append(common / (total + self._totals[way]))
        return [sorted(values, reverse=True) for values in near]


def name_of(piece: Piece) -> str:
    """What is the same in two of them: the word, or else all its groups."""
    return piece.stem or "+".join(piece.groups)


def stems_of(gist: Gist) -> frozenset[str]:
    return frozenset(piece.stem for piece in gist.pieces if piece.stem)


def groups_of(gist: Gist) -> frozenset[str]:
    return frozenset(group for piece in gist.pieces for group in piece.groups)


def worth(group: str) -> float:
    return SYNONYM if group[0] == "=" else TOPIC


def filled(form: Slots, stems: frozenset[str]) -> float:
    """Share of the slots that the words fill, wherever they stand."""
    share = sum(not slot.isdisjoint(stems) for slot in form) / len(form)
    return share if len(form) > 1 else share * ONE_SLOT
