"""Which fact a candidate's question asks for, and which one a statement is about.

A question is compared with every way of asking that the authors foresaw (app/bank/likeness.py) and told the
likeliest fact, where that is likely enough; else the honest answer is: not on the sheet. A statement is compared
with the facts' answers too (app/bank/nearness.py).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.bank.asking import Asking
from app.bank.likeness import Matcher, Wanted
from app.bank.nearness import Nearness, features_of
from app.bank.question import Fact, Question
from app.bank.wording import Gist, wording_of, words_of
from app.concepts.forms import Form, Phrase, compile_form
from app.concepts.hits import Hit, Index, NumberKinds
from app.concepts.lexicon import Lexicon
from app.concepts.quantities import Quantities, Quantity
from app.concepts.sequences import Sequences
from app.concepts.words import Reader, Words

# "There are no GPUs.", "without a feature store": a noun that the answer says there is none of
DENIED = re.compile(
    r"\b(?:no|without(?: an?)?) (?!more|longer|less|lower|reason|one\b)((?:[a-z-]+ ){0,2}?[a-z-]+)"
    r"(?=[,.;]|$| and | so | yet| is | are | was )"
)
DISTINCT = ("experience", "business", "evening")  # whose stems are those of experiment, busy, even
Compiled = dict[str, list[Form | Phrase]]


@dataclass(frozen=True, slots=True)
class Found:
    """A fact and how likely it is the one that is asked for."""

    fact: Fact
    score: float


@dataclass(frozen=True, slots=True)
class Held:
    """A value of a fact, with the forms that say which quantity is meant."""

    fact: Fact
    quantity: Quantity
    tolerance: float
    of: str


class FactSheet:
    """A question's facts, ready to be asked for. Built once for a question (some ten milliseconds)."""

    def __init__(self, question: Question, lexicon: Lexicon, asking: Asking) -> None:
        self.question = question
        aliases = {**lexicon.aliases}
        for term, ways in question.words.items():
            aliases[term] = (*aliases.get(term, ()), *ways)
        distinct = (*lexicon.distinct, *DISTINCT)
        irregular = {**lexicon.irregular}
        irregular["experiment"] = (*irregular.get("experiment", ()), "experimentation")
        self.lexicon = lexicon.model_copy(
            update={"aliases": aliases, "distinct": distinct, "irregular": irregular}
        )
        self.reader = reader = Reader(self.lexicon)
        self.quantities = Quantities(reader)
        self.manner = Sequences(
            {
                "request": asking.requests,
                "assuming": asking.assuming,
                "agreeing": asking.agreeing,
            },
            reader,
        )
        kinds = NumberKinds(self.lexicon, reader)
        forms = self._compiled({f.id: f.forms for f in question.facts})
        self._agrees = index(self._compiled({f.id: f.agrees for f in question.facts}), kinds)
        self._contradicts = index(
            self._compiled({f.id: f.contradicts for f in question.facts}), kinds
        )
        self._values: list[Held] = []
        of: dict[str, tuple[str, ...]] = {}
        for fact in question.facts:
            for number, value in enumerate(fact.values):
                key = f"{fact.id}#{number}"
                of[key] = value.of
                read = self.quantities.of(value.amount, value.unit)
                self._values.append(Held(fact, read, value.tolerance, key if value.of else ""))
        self._of = index(self._compiled(of), kinds)
        wording = wording_of(asking, lexicon)
        written = words_of(
            way
            for fact in question.facts
            for way in (*fact.ask, *fact.forms, *fact.agrees, *fact.contradicts, fact.answer)
        )
        own = [way for term, ways in question.words.items() for way in (term, *ways)]
        general = wording.general | words_of([*own, question.prompt])
        reader.learn_slips(written | general, general)
        self._grouping = wording.under(question.words, reader)
        self._floor = asking.likeness.floor
        self._wanted = wanted = [
            Wanted(
                tuple(self.gist(reader.read(way)) for way in (*fact.ask, fact.about)),
                tuple(slots_of(form) for form in forms[fact.id]),
                self.gist(reader.read(f"{fact.about} {fact.answer}")),
            )
            for fact in question.facts
        ]
        self._matcher = Matcher(wanted, wording.idle, wording.loose, asking.likeness)
        self._nearness = Nearness(
            {fact.id: one for fact, one in zip(question.facts, wanted, strict=True)},
            index(forms, kinds),
        )
        self.denied = [
            (fact, stems)
            for fact in question.facts
            for match in DENIED.finditer(fact.answer.lower())
            if (stems := content_of(reader.read(match.group(1))))
            and (len(stems) > 1 or self._nearness.is_special(stems[0]))
        ]

    def _compiled(self, forms: dict[str, tuple[str, ...]]) -> Compiled:
        return {
            owner: [compile_form(text, self.reader, self.lexicon) for text in texts]
            for owner, texts in forms.items()
        }

    def gist(self, words: Words) -> Gist:
        return self._grouping.gist(words)

    def rank(self, words: Words) -> list[Found]:
        """All facts, the likeliest first; ties in the order of the sheet."""
        shares = self._matcher.probabilities(self.gist(words))
        found = [Found(f, p) for f, p in zip(self.question.facts, shares, strict=False)]
        return sorted(found, key=lambda one: -one.score)

    def find(self, words: Words) -> Fact | None:
        """The fact that is asked for, or None where the sheet does not hold it or two are as likely."""
        return self._found(self.gist(words))

    def lost(self) -> Iterator[tuple[Fact, str, Fact | None]]:
        """Ways of asking, as they were read when the sheet was built, that do not find their own fact: the fact, the
        way, and what it finds. The last that was read of a fact is no way, but what the fact is about."""
        for fact, wanted in zip(self.question.facts, self._wanted, strict=True):
            for way, gist in zip(fact.ask, wanted.ways, strict=False):
                found = self._found(gist)
                if found is None or found.id != fact.id:
                    yield fact, way, found

    def _found(self, gist: Gist) -> Fact | None:
        """As `pick` of what is ranked, without the row of them."""
        shares = self._matcher.probabilities(gist)
        best = max(shares, default=0.0)
        return self.question.facts[shares.index(best)] if shares and best >= self._floor else None

    def pick(self, ranked: list[Found]) -> Fact | None:
        """The first, where it is likely enough."""
        return ranked[0].fact if ranked and ranked[0].score >= self._floor else None

    def known(self, stem: str) -> bool:
        """Whether any fact is asked for with this word."""
        return self._matcher.known(stem)

    def statements(self, words: Words) -> tuple[list[Hit[str]], list[Hit[str]]]:
        """Where a statement says what a fact's author foresaw as right, and as wrong."""
        return self._agrees.find(words), self._contradicts.find(words)

    def share_in_answer(self, words: Words, fact: Fact) -> float:
        """How much of a statement's weight stands in the fact's own answer."""
        return self._nearness.share_in_answer(features_of(self.gist(words)), fact.id)

    def held(self, words: Words) -> list[Held]:
        """Values that a number in these words may be meant for: those whose `of` is not said go last."""
        said = {hit.owner for hit in self._of.find(words)}
        return sorted(self._values, key=lambda held: bool(held.of) and held.of not in said)

    def nearness(self, words: Words) -> dict[str, float]:
        """How near a statement is to each fact, its answer's words counted too."""
        return self._nearness.of(features_of(self.gist(words)), words)


def index(forms: Compiled, kinds: NumberKinds) -> Index[str]:
    return Index([(owner, form) for owner, own in forms.items() for form in own], kinds)


def slots_of(form: Form | Phrase) -> tuple[frozenset[str], ...]:
    return form.slots if isinstance(form, Form) else form.stems


def content_of(words: Words) -> tuple[str, ...]:
    return tuple(words.stems[i] for i in words.content)
