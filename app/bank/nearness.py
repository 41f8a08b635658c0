"""How near a statement is to each fact: by the words that it is asked for with, and by those of its answer.

A number, not a probability: what is assumed is compared with bounds (app/interview/ear.py).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from app.bank.likeness import Wanted
from app.bank.wording import Gist
from app.concepts.forms import Form, Phrase
from app.concepts.hits import Index
from app.concepts.words import Words

WIDESPREAD = 3  # facts that ask for a word
TOPIC = 0.8  # a topic is a weaker sign than the word itself
UNKNOWN = 0.75  # a word that no fact's author used, beside one that a single author used
BEST, SHARE, ANSWER = 0.45, 0.30, 0.30
FORM = 0.22  # a form of the fact stands in the words
SECOND_FORM = 0.08
FORM_MORE = 0.05  # for each slot beyond the second

Features = frozenset[str]


class Nearness:
    """The facts of one sheet, by their ids."""

    def __init__(self, facts: Mapping[str, Wanted], forms: Index[str]) -> None:
        self._forms = forms
        self._ways = {id: [features_of(way) for way in fact.ways] for id, fact in facts.items()}
        self._answers = {id: features_of(fact.answer) for id, fact in facts.items()}
        seen: Counter[str] = Counter()
        self._known: dict[str, dict[str, float]] = {}
        for id, ways in self._ways.items():
            own = Counter(feature for way in ways for feature in way)
            seen.update(own.keys())
            most = max(own.values(), default=1)
            self._known[id] = {f: min(1.0, 0.6 + count / most) for f, count in own.items()}
        self._facts = len(facts)
        self._weights = {f: math.log(1 + self._facts / count) for f, count in seen.items()}
        self._unseen = UNKNOWN * math.log(1 + self._facts)
        self._totals = {id: [self._sum(way) for way in ways] for id, ways in self._ways.items()}

    def _weight(self, feature: str) -> float:
        known = self._weights.get(feature, self._unseen)
        return TOPIC * known if feature[0] == "~" else known

    def _sum(self, features: Iterable[str]) -> float:
        """Exactly rounded, so that the order of a set decides nothing."""
        return math.fsum(map(self._weight, features))

    def is_special(self, stem: str) -> bool:
        """Not one of the words that the whole sheet is about."""
        return self._weight(stem) >= math.log(1 + self._facts / WIDESPREAD)

    def of(self, stated: Features, words: Words) -> dict[str, float]:
        total = self._sum(stated) or 1.0
        forms: dict[str, list[Form | Phrase]] = defaultdict(list)
        for hit in self._forms.find(words):
            if hit.form not in forms[hit.owner]:
                forms[hit.owner].append(hit.form)
        near: dict[str, float] = {}
        for id, known in self._known.items():
            best = max(
                (
                    2 * self._sum(stated & way) / (total + whole)
                    for way, whole in zip(self._ways[id], self._totals[id], strict=True)
                    if stated & way
                ),
                default=0.0,
            )
            share = math.fsum(self._weight(f) * known[f] for f in stated if f in known) / total
            told = self._sum(stated & self._answers[id]) / total
            near[id] = BEST * best + SHARE * share + form_weight(forms[id]) + ANSWER * told
        return near

    def share_in_answer(self, stated: Features, id: str) -> float:
        """How much of a statement's weight stands in the fact's own answer."""
        words = frozenset(feature for feature in stated if feature[0] != "~")
        return self._sum(words & self._answers[id]) / (self._sum(words) or 1.0)


def features_of(gist: Gist) -> Features:
    """Words and topics."""
    return frozenset(
        feature
        for piece in gist.pieces
        for feature in (piece.stem, *piece.groups)
        if feature and feature[0] != "="
    )


def form_weight(forms: list[Form | Phrase]) -> float:
    """The best form counts most: longer ones say more; a second one says a little more."""
    if not forms:
        return 0.0
    slots = max(len(f.slots) if isinstance(f, Form) else len(f.stems) for f in forms)
    return FORM + FORM_MORE * max(0, slots - 2) + (SECOND_FORM if len(forms) > 1 else 0.0)
