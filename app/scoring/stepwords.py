"""Which step a word speaks for, learned from the rubric's own sentences (its talk, cues, examples, forms).

A multinomial model with a Dirichlet prior (Monroe, Colaresi and Quinn 2008 call its weights log-odds): small
enough to print, the same on every machine, and it grows with the rubric and not with a test set.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from app.concepts.words import Reader
from app.rubric.load import Rubric
from app.rubric.rubric import STEPS

TOPICS = (*STEPS, "other")
PRIOR = 0.6
LIMIT = 2.2
WEIGHT_OF = {"cues": 3.0, "talk": 0.5, "examples": 0.8, "forms": 0.4, "titles": 2.0, "probes": 1.0}


@dataclass(frozen=True, slots=True)
class StepWords:
    """word -> one weight per step, in the order of TOPICS, each within LIMIT; pairs of words likewise."""

    weights: dict[str, tuple[float, ...]]

    def of(self, stems: Iterable[str]) -> list[float]:
        total = [0.0] * len(TOPICS)
        for stem in stems:
            if (weight := self.weights.get(stem)) is not None:
                total = [a + b for a, b in zip(total, weight, strict=True)]
        return total


def learn_step_words(rubric: Rubric, reader: Reader) -> StepWords:
    counts: dict[str, Counter[str]] = {topic: Counter() for topic in TOPICS}
    for topic in TOPICS:
        for said in getattr(rubric.talk, topic):
            for feature in features(reader, said):
                counts[topic][feature] += WEIGHT_OF["talk"]  # type: ignore[assignment]
    for step in rubric.steps:
        texts: list[tuple[str, float]] = [(text, WEIGHT_OF["talk"]) for text in step.talk]
        texts += [(text, WEIGHT_OF["cues"]) for text in step.cues]
        for criterion in step.criteria:
            texts.append((criterion.title, WEIGHT_OF["titles"]))
            texts += [(probe, WEIGHT_OF["probes"]) for probe in criterion.probes]
            texts += [
                (form.replace("|", " "), WEIGHT_OF["forms"])
                for form in criterion.all_forms()
                if "@" not in form
            ]
            for depth, said in criterion.examples.by_depth().items():
                texts += [(text, WEIGHT_OF["examples"]) for text in said if depth]
        for text, weight in texts:
            for feature in features(reader, text):
                counts[step.id][feature] += weight  # type: ignore[assignment]
    return weigh(counts)


def features(reader: Reader, text: str) -> list[str]:
    words = reader.read(text)
    return step_features([words.stems[i] for i in words.content if words.numbers[i] is None])


def step_features(content: list[str]) -> list[str]:
    """Content words and neighbouring pairs of them."""
    return content + [f"{a} {b}" for a, b in zip(content, content[1:], strict=False)]


def weigh(counts: dict[str, Counter[str]]) -> StepWords:
    """Log-odds of each feature in one step against the mean of all, shrunk where it was rarely seen."""
    totals = {step: sum(counts[step].values()) or 1.0 for step in TOPICS}
    seen: dict[str, float] = defaultdict(float)
    for step in TOPICS:
        for feature, n in counts[step].items():
            seen[feature] += n
    weights: dict[str, tuple[float, ...]] = {}
    for feature in sorted(seen):
        if seen[feature] < 0.9:
            continue
        rates = [
            (counts[step][feature] + PRIOR / len(TOPICS)) / (totals[step] + PRIOR)
            for step in TOPICS
        ]
        mean = sum(log(rate) for rate in rates) / len(rates)
        weights[feature] = tuple(
            round(max(-LIMIT, min(LIMIT, log(rate) - mean)), 4) for rate in rates
        )
    return StepWords(weights)
