"""What the sheet says to something that the candidate assumes: agree, correct, or record where it says nothing."""

from collections.abc import Mapping
from typing import Literal

from app.bank.question import Fact
from app.bank.sheet import FactSheet, Held
from app.concepts.forms import Form, Phrase
from app.concepts.quantities import Quantity, agree
from app.concepts.words import Words

Verdict = Literal["agree", "correct", "record"]

NEGATED = 4
WITHOUT = frozenset({"no", "without", "lack", "missing"})
ALIKE = 0.15  # of rates so near to each other the one whose value was said is meant
COUNTED = 0.20  # the same where a count has the noun of the fact
ABOUT = 0.25  # nearness at which a statement with a number is about a fact
SURELY = 0.62
CONFIRMED = 0.55  # share of an assumption's weight that stands in the fact's answer


class Judge:
    """By one question's sheet. Pure."""

    def __init__(self, sheet: FactSheet) -> None:
        self._sheet = sheet

    def of(self, words: Words) -> tuple[Verdict, Fact | None]:
        stated = self._by_statement(words)
        near = self._sheet.nearness(words)
        if stated is not None and stated[0] == "agree" and self._misses(words, stated[1]):
            return "correct", stated[1]
        judged = stated or self._by_number(words, near) or self._by_denial(words, near)
        if judged is not None:
            return judged
        best = max(self._sheet.question.facts, key=lambda fact: near[fact.id], default=None)
        if best is not None and near[best.id] >= SURELY:
            said = self._sheet.share_in_answer(words, best)
            return ("agree" if said >= CONFIRMED else "correct"), best
        return "record", None

    def _misses(self, words: Words, fact: Fact) -> bool:
        """The right words with a wrong number: an amount like one of the fact's, and near none of them."""
        held = [h for h in self._sheet.held(words) if h.fact is fact]
        for said in self._sheet.quantities.find(words):
            alike = [
                h
                for h in held
                if h.quantity.dimension == said.dimension
                and (said.dimension != "count" or self._same_noun(said, h))
            ]
            if alike and not any(agree(said, h.quantity, h.tolerance) for h in alike):
                return not self._is_denied(words, said)
        return False

    def _by_statement(self, words: Words) -> tuple[Verdict, Fact] | None:
        """A statement the author foresaw, right or wrong; said with a "not" it turns round."""
        agrees, contradicts = self._sheet.statements(words)
        facts = self._sheet.question.facts
        judged: list[tuple[int, Verdict, Fact]] = []
        for found, verdict in ((agrees, True), (contradicts, False)):
            for hit in found:
                holds = verdict
                if self._is_negated(words, hit.first, hit.last) and not self._negates(hit.form):
                    holds = not holds
                fact = next(fact for fact in facts if fact.id == hit.owner)
                judged.append((len(hit.places), "agree" if holds else "correct", fact))
        if not judged:
            return None
        most = max(size for size, _, _ in judged)
        strongest = [(verdict, fact) for size, verdict, fact in judged if size == most]
        # what is wrong is said before what is right
        return next(((v, f) for v, f in strongest if v == "correct"), strongest[0])

    def _negates(self, form: Form | Phrase) -> bool:
        """A "not" may stand in the form, alone or beside words that say the same."""
        slots = form.slots if isinstance(form, Form) else form.stems
        return any(slot & self._sheet.reader.negators for slot in slots)

    def _by_denial(self, words: Words, near: Mapping[str, float]) -> tuple[Verdict, Fact] | None:
        """What the answer says there is none of: assumed to be there, or rightly not."""
        for fact, stems in self._sheet.denied:
            places = [words.stems.index(stem) for stem in stems if stem in words.stems]
            if (
                near[fact.id] < ABOUT
                or len(places) < len(stems)
                or max(places) - min(places) >= NEGATED
            ):
                continue
            first = min(places)
            before = words.stems[max(0, first - NEGATED) : first]
            without = any(s in self._sheet.reader.negators or s in WITHOUT for s in before)
            return ("agree" if without else "correct"), fact
        return None

    def _is_negated(self, words: Words, first: int, last: int) -> bool:
        return any(
            words.stems[place] in self._sheet.reader.negators
            for place in range(max(0, first - NEGATED), last + 1)
        )

    def _by_number(self, words: Words, near: Mapping[str, float]) -> tuple[Verdict, Fact] | None:
        for said in self._sheet.quantities.find(words):
            meant = [
                held
                for held in self._sheet.held(words)
                if held.quantity.dimension == said.dimension
                and near[held.fact.id] >= (COUNTED if self._is_counted(held) else ABOUT)
                and (said.dimension != "count" or self._same_noun(said, held))
            ]
            if not meant:
                continue
            best = max(near[held.fact.id] for held in meant)
            likely = [held for held in meant if near[held.fact.id] >= best - 0.05]
            first = likely[0]
            for held in meant:
                near_too = said.dimension == "rate" and near[held.fact.id] >= best - ALIKE
                close = near_too or self._is_counted(held)
                if close and agree(said, held.quantity, held.tolerance):
                    first = held
                    break
            right = agree(said, first.quantity, first.tolerance) != self._is_denied(words, said)
            return ("agree" if right else "correct"), first.fact
        return None

    def _is_denied(self, words: Words, said: Quantity) -> bool:
        """ "not ten million": a bound turns with its own "not", so only a bare amount is denied."""
        if said.bound != "about":
            return False
        before = words.stems[max(0, said.first - 2) : said.first]
        return any(stem in self._sheet.reader.negators for stem in before)

    @staticmethod
    def _is_counted(held: Held) -> bool:
        return held.quantity.dimension == "count" and bool(held.quantity.nouns)

    @staticmethod
    def _same_noun(said: Quantity, held: Held) -> bool:
        return not held.quantity.nouns or bool(said.nouns & held.quantity.nouns)
