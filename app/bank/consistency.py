"""Facts that contradict one another, and facts that nothing in the question needs.

Contradictions are looked for among what the author wrote to be recognised: a statement that one fact agrees with and
another contradicts, and one quantity with two amounts.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from app.bank.question import Fact, Question
from app.bank.sheet import FactSheet
from app.concepts.forms import FormError, compile_form
from app.concepts.hits import Index, NumberKinds
from app.concepts.quantities import Quantity
from app.rubric.rubric import STEPS

SLOTS = re.compile(r"[ |]")
SAME = 0.1  # relative: two figures that differ by less are one, spoken rounded
SAME_NOUNS = 0.75  # share of the words around two figures
LEAST_NOUNS = 3
NEEDED = (
    0.28  # share of a fact's weight that must stand together in something that is asked or expected
)
NUMBER_NEAR = 0.05
LITERAL = ("=", "@")
DENIES = frozenset("not no never none nobody nothing cannot without".split())


def contradictions(question: Question, sheet: FactSheet) -> Iterator[str]:
    yield from _stated(question, sheet)
    yield from _measured(question, sheet)


def _stated(question: Question, sheet: FactSheet) -> Iterator[str]:
    """A form of `agrees`, said in its first words, that a form of `contradicts` hears."""
    kinds = NumberKinds(sheet.lexicon, sheet.reader)
    wrong = []
    for fact in question.facts:
        for text in fact.contradicts:
            try:
                wrong.append((fact.id, compile_form(text, sheet.reader, sheet.lexicon)))
            except FormError:
                return  # told by the linter
    index = Index(wrong, kinds)
    for fact in question.facts:
        for text in fact.agrees:
            if any(sign in text for sign in LITERAL) or DENIES & set(SLOTS.split(text)):
                continue  # whether a denial holds is heard from a whole sentence
            said = " ".join(slot.split("|")[0] for slot in text.split())
            for owner in sorted({hit.owner for hit in index.find(sheet.reader.read(said))}):
                other = "itself" if owner == fact.id else owner
                yield f"facts > {fact.id}: '{text}' agrees with it and contradicts {other}"


def _measured(question: Question, sheet: FactSheet) -> Iterator[str]:
    """One quantity with two amounts: the same dimension, and nearly the same words around it."""
    found = [
        (fact, quantity, frozenset(n for n in quantity.nouns if not n.isdigit()))
        for fact in question.facts
        for quantity in sheet.quantities.find(sheet.reader.read(fact.answer))
    ]
    for (fact, one, nouns), (other, two, names) in combinations(found, 2):
        if fact.id == other.id or one.dimension != two.dimension or _is_same(one, two):
            continue
        common = nouns & names
        if len(common) >= LEAST_NOUNS and len(common) >= SAME_NOUNS * max(len(nouns), len(names)):
            yield f"facts > {other.id}: gives another figure than {fact.id} for the same thing"


def _is_same(one: Quantity, two: Quantity) -> bool:
    return abs(one.amount - two.amount) <= SAME * max(abs(one.amount), abs(two.amount))


def unneeded(question: Question, sheet: FactSheet) -> Iterator[str]:
    """Facts whose words and figures nothing takes up: no follow-up, twist, trap, expectation, sum or reference."""

    def stems(text: str) -> frozenset[str]:
        words = sheet.reader.read(text)
        return frozenset(words.stems[i] for i in words.content if words.numbers[i] is None)

    texts = list(_asked(question))
    asked = [stems(text) for text in texts]
    figures = [
        (quantity.dimension, quantity.amount)
        for text in texts
        for quantity in sheet.quantities.find(sheet.reader.read(text))
    ]
    summed = set(" ".join(question.sums).replace("*", " ").split())
    own = {fact.id: stems(f"{fact.about}. {fact.answer}") for fact in question.facts}
    known = Counter(stem for one in own.values() for stem in one)
    for fact in question.facts:
        if any(value.name in summed for value in fact.values if value.name):
            continue
        if _has_figure(fact, sheet, figures):
            continue
        weights = {stem: math.log(1 + len(own) / known[stem]) for stem in own[fact.id]}
        total = sum(weights.values()) or 1.0
        best = max((sum(weights.get(s, 0.0) for s in one) / total for one in asked), default=0.0)
        if best < NEEDED:
            yield f"facts > {fact.id}: nothing that is asked, expected or worked out needs it"


def _asked(question: Question) -> Iterator[str]:
    for follow_up in question.follow_ups:
        yield f"{follow_up.ask} {' '.join(follow_up.after)}"
    for twist in question.twists:
        yield twist.says
    for trap in question.traps:
        yield f"{trap.what} {trap.ask}"
    for expected in question.expects.values():
        yield from expected.says
        yield " ".join(expected.forms).replace("|", " ")
    for step in STEPS:
        yield from getattr(question.reference, step).split(". ")
    yield from (question.bars.L4, question.bars.L5, question.bars.L6)
    yield from (question.baseline, question.no_ml_when)


def _has_figure(fact: Fact, sheet: FactSheet, figures: Sequence[tuple[str, float]]) -> bool:
    """A figure of the fact that is cited; small counts are cited everywhere."""
    for value in fact.values:
        held = sheet.quantities.of(value.amount, value.unit)
        if held.dimension == "count" and held.amount <= 12:
            continue
        for dimension, amount in figures:
            if dimension == held.dimension and abs(amount - held.amount) <= NUMBER_NEAR * abs(
                held.amount
            ):
                return True
    return False
