"""What a list of questions shows of one: everything a candidate may see, and how much there is of the rest."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

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
WORD = re.compile(r"[^\W_]+")
# what a card says as its question does, under the same names
SHOWN = frozenset(
    "slug version status title prompt domain category modality seniority difficulty minutes tags authors".split()
)


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


@dataclass(frozen=True, slots=True)
class Outline:
    """What is remembered of a question: its card as far as no rubric is needed, how many follow-ups press each
    criterion, and the words of `hidden_text`, each once."""

    card: Card
    pressed: dict[str, int]
    words: str


class Outlined:
    """Stands in for a Question of which there are thousands: what its card shows is at hand, whatever else is asked for
    makes it be read. What was read is not kept here, where it would stay for good; `read` may keep the latest few."""

    __slots__ = ("_read", "outline")

    def __init__(self, outline: Outline, read: Callable[[], Question]) -> None:
        self.outline = outline
        self._read = read

    def whole(self) -> Question:
        return self._read()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # asked for by copy, pickle and the like, of any object
            raise AttributeError(name)
        return getattr(self.outline.card if name in SHOWN else self.whole(), name)

    def __eq__(self, other: object) -> bool:
        return self.whole() == (other.whole() if isinstance(other, Outlined) else other)

    def __hash__(self) -> int:
        return hash((self.outline.card.slug, self.outline.card.version))


def outline_of(question: Question | Outlined, sha256: str) -> Outline:
    if isinstance(question, Outlined):
        return question.outline
    words = " ".join(sorted(set(words_in(hidden_text(question)))))
    return Outline(_card(question, sha256), _pressed(question), words)


def card_of(question: Question | Outlined, sha256: str, rubric: Rubric | None = None) -> Card:
    """The rubric knows which step a follow-up presses; without it only facts are counted by step."""
    if isinstance(question, Outlined):
        card, pressed = question.outline.card, question.outline.pressed
    else:
        card, pressed = _card(question, sha256), _pressed(question)
    return card if rubric is None else card_under(rubric, card, pressed)


def card_under(rubric: Rubric, card: Card, pressed: Mapping[str, int]) -> Card:
    """With follow-ups counted by step; `pressed` is criterion -> how many press it."""
    on: Counter[str] = Counter()
    for criterion, count in pressed.items():
        if criterion in rubric.criteria:
            on[rubric.criteria[criterion][0].id] += count
    steps = {step: OnStep(one.facts, on[step]) for step, one in card.steps.items()}
    return replace(card, steps=steps)


def _pressed(question: Question) -> dict[str, int]:
    return dict(Counter(follow_up.criterion for follow_up in question.follow_ups))


def _card(question: Question, sha256: str) -> Card:
    facts: Counter[str] = Counter(fact.step for fact in question.facts)
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
        steps={step: OnStep(facts[step], 0) for step in STEPS},
    )


def hidden_text(question: Question) -> str:
    """What a curator may search beyond the card: facts, follow-ups, twists, traps, reference."""
    parts = [f"{fact.id} {fact.about} {fact.answer}" for fact in question.facts]
    parts += [f"{f.id} {f.criterion} {f.ask}" for f in question.follow_ups]
    parts += [twist.says for twist in question.twists]
    parts += [f"{trap.what} {trap.ask}" for trap in question.traps]
    parts += [str(text) for text in question.reference.model_dump().values()]
    return "\n".join([*parts, question.baseline, question.no_ml_when])


def words_in(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def family_of(category: str) -> str:
    """Which of FAMILIES a category belongs to: the kind that is named first in it."""
    found = [
        (match.start(), number, kind)
        for number, (kind, words) in enumerate(FAMILIES.items())
        if (match := re.search(words, category.lower()))
    ]
    return min(found)[2] if found else OTHER
