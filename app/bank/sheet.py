"""Which fact a candidate's question asks for, and which one a statement is about.

Likeness is counted over features: normal forms, and the groups of question_bank/_asking.yaml ("how quick" and
"latency" are one), each weighted by how few of the sheet's facts use it. A form of the fact found in the words
counts beside it. Below a floor, or with two facts too near one another, the honest answer is: not on the sheet.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.bank.asking import Asking
from app.bank.question import Fact, Question
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
WIDESPREAD = 3  # facts that ask for a word
LETTERS = re.compile(r"[^\W\d_]+")
GROUP = 0.8  # a group is a weaker sign than the word itself
UNKNOWN = 0.75  # a word that no fact's author used, beside one that a single author used
FORM = 0.22  # a form of the fact stands in the words
SECOND_FORM = 0.08
FORM_MORE = 0.05  # for each slot beyond the second
FLOOR = 0.40
DISTINCT = ("experience", "business", "evening")  # whose stems are those of experiment, busy, even
MARGIN = 0.05
LEAST_KNOWN = (
    0.5  # with more of the question in words that are not the fact's, it must be the likelier
)
STRANGE = 0.4


@dataclass(frozen=True, slots=True)
class Found:
    """A fact and how likely it is the one that was meant."""

    fact: Fact
    score: float
    by_form: bool
    known: float = 1.0  # share of the question's weight that the fact's author used in asking


@dataclass(frozen=True, slots=True)
class Held:
    """A value of a fact, with the forms that say which quantity is meant."""

    fact: Fact
    quantity: Quantity
    tolerance: float
    of: str


class FactSheet:
    """A question's facts, ready to be asked for. Built once for a question (a few milliseconds)."""

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
        self._groups = Sequences(
            {f"~{group}": (group, *ways) for group, ways in asking.synonyms.items()}, reader
        )
        self.manner = Sequences(
            {
                "request": asking.requests,
                "assuming": asking.assuming,
                "agreeing": asking.agreeing,
            },
            reader,
        )
        kinds = NumberKinds(self.lexicon, reader)
        self._forms = self._index({f.id: f.forms for f in question.facts}, kinds)
        self._agrees = self._index({f.id: f.agrees for f in question.facts}, kinds)
        self._contradicts = self._index({f.id: f.contradicts for f in question.facts}, kinds)
        self._values: list[Held] = []
        of: dict[str, tuple[str, ...]] = {}
        for fact in question.facts:
            for number, value in enumerate(fact.values):
                key = f"{fact.id}#{number}"
                of[key] = value.of
                read = self.quantities.of(value.amount, value.unit)
                self._values.append(Held(fact, read, value.tolerance, key if value.of else ""))
        self._of = self._index(of, kinds)
        written = [
            way
            for fact in question.facts
            for way in (*fact.ask, *fact.forms, *fact.agrees, *fact.contradicts, fact.answer)
        ]
        general = [
            *lexicon.function_words,
            *(word for ways in lexicon.classes.values() for word in ways),
            *(way for term, ways in aliases.items() for way in (term, *ways)),
            *(way for ways in asking.synonyms.values() for way in ways),
            *(*asking.requests, *asking.assuming, *asking.agreeing, question.prompt),
        ]
        reader.learn_slips(words_of([*written, *general]), words_of(general))
        self._ways = {
            fact.id: [self.features(reader.read(way)) for way in (*fact.ask, fact.about)]
            for fact in question.facts
        }
        self._answers = {
            f.id: self.features(reader.read(f"{f.about} {f.answer}")) for f in question.facts
        }
        seen: Counter[str] = Counter()
        self._known: dict[str, dict[str, float]] = {}
        for fact in question.facts:
            own = Counter(feature for way in self._ways[fact.id] for feature in way)
            seen.update(own.keys())
            most = max(own.values(), default=1)
            self._known[fact.id] = {f: min(1.0, 0.6 + count / most) for f, count in own.items()}
        total = len(question.facts)
        self._weights = {f: math.log(1 + total / count) for f, count in seen.items()}
        self._unseen = UNKNOWN * math.log(1 + total)
        self.denied = [
            (fact, stems)
            for fact in question.facts
            for match in DENIED.finditer(fact.answer.lower())
            if (stems := content_of(reader.read(match.group(1)))) and self._is_special(stems)
        ]

    def _index(self, forms: dict[str, tuple[str, ...]], kinds: NumberKinds) -> Index[str]:
        compiled: list[tuple[str, Form | Phrase]] = [
            (owner, compile_form(text, self.reader, self.lexicon))
            for owner, texts in forms.items()
            for text in texts
        ]
        return Index(compiled, kinds)

    def _is_special(self, stems: tuple[str, ...]) -> bool:
        """Not one of the words that the whole sheet is about."""
        return len(stems) > 1 or self.weight(stems[0]) >= math.log(
            1 + len(self.question.facts) / WIDESPREAD
        )

    def features(self, words: Words) -> frozenset[str]:
        """Normal forms of what carries meaning, and the groups they belong to."""
        groups = self._groups.find(words)
        grouped = {
            place
            for spans in groups.values()
            for first, last in spans
            for place in range(first, last + 1)
        }
        stems = {
            words.stems[i] for i in words.content if words.numbers[i] is None and i not in grouped
        }
        named = {words.stems[i] for i in words.content if words.numbers[i] is None and i in grouped}
        return frozenset(stems | named | groups.keys())

    def weight(self, feature: str) -> float:
        known = self._weights.get(feature)
        if feature.startswith("~"):
            return GROUP * (known if known is not None else self._unseen)
        return known if known is not None else self._unseen

    def rank(self, words: Words) -> list[Found]:
        """All facts with anything in common, the likeliest first; ties in the order of the sheet."""
        asked = self.features(words)
        total = sum(map(self.weight, asked))
        forms: dict[str, list[Form | Phrase]] = defaultdict(list)
        for hit in self._forms.find(words):
            if hit.form not in forms[hit.owner]:
                forms[hit.owner].append(hit.form)
        found = []
        for fact in self.question.facts:
            known = self._known[fact.id]
            if not total:
                break
            best = max(
                (self._likeness(asked, total, way) for way in self._ways[fact.id]), default=0.0
            )
            share = sum(self.weight(f) * known[f] for f in asked if f in known) / total
            score = 0.45 * best + 0.30 * share + form_weight(forms[fact.id])
            if score > 0:
                had = sum(self.weight(f) for f in asked if f in known) / total
                found.append(Found(fact, score, bool(forms[fact.id]), had))
        return sorted(found, key=lambda f: -f.score)

    def _likeness(self, asked: frozenset[str], total: float, way: frozenset[str]) -> float:
        common = sum(map(self.weight, asked & way))
        return 2 * common / (total + sum(map(self.weight, way))) if common else 0.0

    def find(self, words: Words) -> Fact | None:
        """The fact that is asked for, or None where the sheet does not hold it or two are as likely."""
        return self.pick(self.rank(words))

    @staticmethod
    def pick(ranked: list[Found]) -> Fact | None:
        """The first, where it is likely enough and likelier than the second."""
        if not ranked or ranked[0].score < FLOOR + STRANGE * max(
            0.0, LEAST_KNOWN - ranked[0].known
        ):
            return None
        if len(ranked) > 1 and ranked[0].score - ranked[1].score < MARGIN:
            # with one of its forms said, a fact need not be much ahead of one without
            if not ranked[0].by_form or ranked[1].by_form:
                return None
        return ranked[0].fact

    def known(self, stem: str) -> bool:
        """Whether any fact's author used this word."""
        return stem in self._weights

    def statements(self, words: Words) -> tuple[list[Hit[str]], list[Hit[str]]]:
        """Where a statement says what a fact's author foresaw as right, and as wrong."""
        return self._agrees.find(words), self._contradicts.find(words)

    def share_in_answer(self, words: Words, fact: Fact) -> float:
        """How much of a statement's weight stands in the fact's own answer."""
        stated = [f for f in self.features(words) if not f.startswith("~")]
        total = sum(map(self.weight, stated)) or 1.0
        return sum(self.weight(f) for f in stated if f in self._answers[fact.id]) / total

    def held(self, words: Words) -> list[Held]:
        """Values that a number in these words may be meant for: those whose `of` is not said go last."""
        said = {hit.owner for hit in self._of.find(words)}
        return sorted(self._values, key=lambda held: bool(held.of) and held.of not in said)

    def nearness(self, words: Words) -> dict[str, float]:
        """How near a statement is to each fact, its answer's words counted too."""
        stated = self.features(words)
        total = sum(map(self.weight, stated)) or 1.0
        ranked = {found.fact.id: found.score for found in self.rank(words)}
        return {
            fact.id: ranked.get(fact.id, 0.0)
            + 0.3 * sum(map(self.weight, stated & self._answers[fact.id])) / total
            for fact in self.question.facts
        }


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """As they are written, without the signs of the form language."""
    return frozenset(word for text in texts for word in LETTERS.findall(text.lower()))


def content_of(words: Words) -> tuple[str, ...]:
    return tuple(words.stems[i] for i in words.content)


def form_weight(forms: list[Form | Phrase]) -> float:
    """The best form counts most: longer ones say more; a second one says a little more."""
    if not forms:
        return 0.0
    slots = max(len(f.slots) if isinstance(f, Form) else len(f.stems) for f in forms)
    return FORM + FORM_MORE * max(0, slots - 2) + (SECOND_FORM if len(forms) > 1 else 0.0)
