"""What a list of questions shows of one: everything a candidate may see, and how much there is of the rest."""

import re
from collections import Counter
from dataclasses import dataclass

from app.bank.question import Question
from app.rubric.load import Rubric
from app.rubric.rubric import STEPS

# The author's words on what kind of model is wanted, gathered into few kinds.
FAMILIES = {
    "language": r"retrieval.augmented|generat|translat|llm|language|summari|dialog|extraction",
    "vision": r"detection|segmentation|pose|tracking|image|video|vision|ocr|liveness|verification",
    "speech": r"speech|spotting|audio|voice|acoustic",
    "ranking": r"rank|recommend|personali",
    "retrieval": r"retriev|search|nearest|embedding|expansion|look-?alike",
    "linking": r"link|entity|dedup|matching|resolution|duplicate",
    "forecasting": r"forecast|regression|demand|survival|time.series|estimation|quantile|distribution",
    "decisions": r"causal|uplift|optimi[sz]|bandit|reinforce|policy|allocation|bidding|control|assign",
    "anomalies": r"anomal|outlier|novelty|unsupervised",
    "probability": r"probabilit|calibrat|win.rate",
    "classification": r"classif|risk|scor|triage|alert|label|sequence|rating",
    "platforms": r"platform|model routing|active learning|curation|evaluation",
}
OTHER = "other"


@dataclass(frozen=True, slots=True)
class OnStep:
    """How much the author wrote for one step."""

    facts: int
    follow_ups: int

    @property
    def total(self) -> int:
        return self.facts + self.follow_ups


@dataclass(frozen=True, slots=True)
class Card:
    """Counts stand for the hidden world; none of its words are here."""

    slug: str
    version: int
    status: str
    title: str
    prompt: str
    domain: str
    category: str
    family: str
    modality: str
    seniority: tuple[str, ...]
    difficulty: int
    minutes: int
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    sha256: str
    facts: int
    follow_ups: int
    twists: int
    traps: int
    expects: int
    steps: dict[str, OnStep]

    @property
    def thinnest(self) -> str:
        """The step with the least on it, the first of them in the interview's order."""
        return min(self.steps, key=lambda step: self.steps[step].total)


def card_of(question: Question, sha256: str, rubric: Rubric | None = None) -> Card:
    """The rubric knows which step a follow-up presses; without it only facts are counted by step."""
    facts: Counter[str] = Counter(fact.step for fact in question.facts)
    criteria = rubric.criteria if rubric else {}
    pressed: Counter[str] = Counter(
        criteria[f.criterion][0].id for f in question.follow_ups if f.criterion in criteria
    )
    return Card(
        slug=question.slug,
        version=question.version,
        status=question.status,
        title=question.title,
        prompt=question.prompt,
        domain=question.domain,
        category=question.category,
        family=family_of(question.category),
        modality=question.modality,
        seniority=tuple(question.seniority),
        difficulty=question.difficulty,
        minutes=question.minutes,
        tags=question.tags,
        authors=question.authors,
        sha256=sha256,
        facts=len(question.facts),
        follow_ups=len(question.follow_ups),
        twists=len(question.twists),
        traps=len(question.traps),
        expects=len(question.expects),
        steps={step: OnStep(facts[step], pressed[step]) for step in STEPS},
    )


def family_of(category: str) -> str:
    """Which of FAMILIES a category belongs to: the kind that is named first in it."""
    found = [
        (match.start(), number, kind)
        for number, (kind, words) in enumerate(FAMILIES.items())
        if (match := re.search(words, category.lower()))
    ]
    return min(found)[2] if found else OTHER
