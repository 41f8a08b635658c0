"""Questions that are one problem told twice: found by what their prompts and facts say and by the figures in them.

Not the same domain: two questions on holiday homes share their nouns, a copy shares its facts. Words are compared as
stems weighed by how few questions use them, figures by dimension and size, so that "40 million payments a day" meets
"38 million transactions daily". Of thousands of questions only those are compared in full that share rare words or
rare figures.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.bank.question import Question
from app.concepts.quantities import Quantities
from app.concepts.words import Reader

NEAR = 0.13  # figures that differ by less, as a logarithm, may be one figure changed a little
FIGURE_STEP = 2 * NEAR
COMMON = frozenset({1.0, 2.0, 3.0})  # small counts stand everywhere
FEW, MOST_SHARING = (
    64,
    0.1,
)  # a feature that more questions, or a larger share of them, have leads nowhere
CANDIDATES = 8
LEAST_SHARED = 0.1  # of the weight of the smaller one's features
SHOWN = 4
# Fitted on half of tests/bank/rewritten and of the bank's own pairs; tests/bank/test_similar.py measures both halves.
WEIGHTS = {"prompt": 2.6, "words": 7.5, "figures": 10.5}
BIAS = -6.5
THRESHOLD = 0.6


@dataclass(frozen=True, slots=True)
class Part:
    """A text of one question beside the text of the other that it resembles; `where` is "prompt" or a fact's id."""

    where: str
    text: str
    other_where: str
    other_text: str
    score: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions that are probably one. `score` is a probability; `parts` are what is most alike."""

    slug: str
    other: str
    score: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What is compared of a question: the prompt, and what its facts answer, by id."""

    slug: str
    prompt: str
    facts: Mapping[str, str]


def told_of(question: Question) -> Told:
    return Told(question.slug, question.prompt, {f.id: f.answer for f in question.facts})


@dataclass(slots=True)
class Read:
    """A text as stems and figures."""

    where: str
    text: str
    stems: frozenset[str]
    figures: tuple[tuple[str, float], ...]
    weight: float = 0.0
    weighed_among: int = -1


@dataclass(slots=True)
class Sheet:
    """A question as it is compared."""

    slug: str
    prompt: Read
    facts: list[Read]
    features: frozenset[str] = field(default_factory=frozenset)
    weight: float = 0.0
    weighed_among: int = -1


class Alike:
    """Questions at hand, to which another is compared. What is rare is learnt from all that have been added."""

    def __init__(self, reader: Reader, questions: Iterable[Question | Told] = ()) -> None:
        self._reader = reader
        self._quantities = Quantities(reader)
        self._sheets: list[Sheet] = []
        self._questions_with: Counter[str] = Counter()
        self._holding: dict[str, list[int]] = defaultdict(list)
        self._rarity: dict[str, float] = {}  # until another one is added
        for question in questions:
            self._keep(self.read(question))

    def add(self, question: Question | Told) -> Pair | None:
        """The question that this one most resembles, if it is one told twice; it is at hand from here on."""
        sheet = self.read(question)
        found = self._nearest(sheet, len(self._sheets))
        self._keep(sheet)
        return next(iter(found), None)

    def find(self, question: Question | Told) -> list[Pair]:
        """All that this one resembles, the likeliest first."""
        return self._nearest(self.read(question), len(self._sheets))

    def pairs(self) -> list[Pair]:
        """All of them, the likeliest first."""
        found = [
            pair
            for number, sheet in enumerate(self._sheets)
            for pair in self._nearest(sheet, number)
        ]
        return sorted(found, key=lambda pair: (-pair.score, pair.slug, pair.other))

    def compare(self, one: Question | Told, other: Question | Told) -> Pair:
        """Two questions, whatever their score."""
        return self._pair(self.read(one), self.read(other))

    def read(self, question: Question | Told) -> Sheet:
        told = question if isinstance(question, Told) else told_of(question)
        prompt = self._text("prompt", told.prompt)
        facts = [self._text(id, answer) for id, answer in told.facts.items()]
        features = set(prompt.stems)
        for fact in facts:
            features |= fact.stems
            features |= {
                key for kind, amount in fact.figures for key in steps_of(kind, amount, FIGURE_STEP)
            }
        return Sheet(told.slug, prompt, facts, frozenset(features))

    def _text(self, where: str, text: str) -> Read:
        words = self._reader.read(text)
        stems = frozenset(words.stems[i] for i in words.content if words.numbers[i] is None)
        figures = tuple(
            (quantity.dimension, math.log(quantity.amount))
            for quantity in self._quantities.find(words)
            if quantity.amount > 0
            and (quantity.dimension != "count" or quantity.amount not in COMMON)
        )
        return Read(where, text, stems, figures)

    def _keep(self, sheet: Sheet) -> None:
        number = len(self._sheets)
        self._sheets.append(sheet)
        self._rarity.clear()
        self._questions_with.update(sheet.features)
        for feature in sheet.features:
            self._holding[feature].append(number)

    def rarity(self, feature: str) -> float:
        """Information in a feature: 0 where every question has it."""
        known = self._rarity.get(feature)
        if known is None:
            known = math.log((len(self._sheets) + 2) / (self._questions_with[feature] + 1))
            self._rarity[feature] = known
        return known

    def _nearest(self, sheet: Sheet, before: int) -> list[Pair]:
        """Pairs with questions that were added before."""
        shared: dict[int, float] = defaultdict(float)
        own = 0.0
        most = self._most_sharing()
        for feature in sheet.features:
            holding = self._holding.get(feature, ())
            if len(holding) > most:
                continue
            rarity = self.rarity(feature)
            own += rarity
            for number in holding:
                if number < before:
                    shared[number] += rarity
        likely = sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]
        found = [
            self._pair(sheet, self._sheets[number])
            for number, weight in likely
            if weight >= LEAST_SHARED * min(own, self._rare(self._sheets[number]))
        ]
        return sorted(
            (pair for pair in found if pair.score >= THRESHOLD), key=lambda pair: -pair.score
        )

    def _most_sharing(self) -> int:
        return max(FEW, int(MOST_SHARING * len(self._sheets)))

    def _rare(self, sheet: Sheet) -> float:
        """The weight of all features that lead anywhere."""
        if sheet.weighed_among != len(self._sheets):
            sheet.weighed_among = len(self._sheets)
            most = self._most_sharing()
            sheet.weight = sum(
                self.rarity(feature)
                for feature in sheet.features
                if len(self._holding.get(feature, ())) <= most
            )
        return sheet.weight

    def features(self, one: Sheet, other: Sheet) -> tuple[dict[str, float], list[Part]]:
        """What the score is made of, each between 0 and 1."""
        small, large = sorted((one, other), key=lambda sheet: len(sheet.facts))
        parts = []
        words = figures = weight = 0.0
        for fact in small.facts:
            best = max(
                (self._fact(fact, mate) + (mate,) for mate in large.facts),
                key=lambda found: found[0] + found[1],
                default=None,
            )
            if best is None:
                break
            alike, same, mate = best
            words += alike
            figures += same
            weight += 1
            here, there = (fact, mate) if small is one else (mate, fact)
            parts.append(Part(here.where, here.text, there.where, there.text, alike + same))
        prompt = self._words(one.prompt, other.prompt)
        parts.append(Part("prompt", one.prompt.text, "prompt", other.prompt.text, prompt))
        values = {
            "prompt": prompt,
            "words": words / (weight or 1.0),
            "figures": figures / (weight or 1.0),
        }
        return values, parts

    def _fact(self, one: Read, other: Read) -> tuple[float, float]:
        return self._words(one, other), self._figures(one, other)

    def _words(self, one: Read, other: Read) -> float:
        """Share of the weight of their words that both have."""
        common = sum(map(self.rarity, one.stems & other.stems))
        if not common:
            return 0.0
        return 2 * common / (self._weight(one) + self._weight(other))

    def _weight(self, text: Read) -> float:
        if text.weighed_among != len(self._sheets):
            text.weighed_among = len(self._sheets)
            text.weight = sum(map(self.rarity, text.stems)) or 1.0
        return text.weight

    def _figures(self, one: Read, other: Read) -> float:
        """Share of the figures of one that stand in the other too, each used once."""
        if not one.figures or not other.figures:
            return 0.0
        left = list(other.figures)
        same = 0
        for kind, amount in one.figures:
            near = [f for f in left if f[0] == kind and abs(f[1] - amount) <= NEAR]
            if near:
                left.remove(near[0])
                same += 1
        return 2 * same / (len(one.figures) + len(other.figures))

    def _pair(self, one: Sheet, other: Sheet) -> Pair:
        values, parts = self.features(one, other)
        score = 1 / (1 + math.exp(-BIAS - sum(WEIGHTS[k] * values[k] for k in WEIGHTS)))
        shown = sorted(parts, key=lambda part: -part.score)[:SHOWN]
        return Pair(one.slug, other.slug, round(score, 3), tuple(shown))


def steps_of(kind: str, amount: float, step: float) -> Iterator[str]:
    """Names of the two steps of a scale in which a figure may meet one that is near."""
    place = math.floor(amount / step)
    yield f"#{kind}{place}"
    yield f"#{kind}{place + (1 if amount / step - place > 0.5 else -1)}"


def similar(questions: Iterable[Question | Told], reader: Reader) -> list[Pair]:
    """Pairs that are one question told twice, the likeliest first."""
    return Alike(reader, questions).pairs()
