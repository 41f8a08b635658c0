"""What the simulated candidates share: a plan, replies to what was heard, and their own words in a seeded order."""

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from app.bank.question import Fact, Question, Value
from app.candidates.candidate import Act, Leave, Scene, Speak, Wait, time_for
from app.candidates.sayings import sayings
from app.rubric.load import Rubric

POSED = 1  # turns there are when the question has been posed
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
ASKING = re.compile(
    r"^(?:tell|walk|describe|explain|take me|convince|show|suppose)\b", re.IGNORECASE
)
BIG = ((1e9, "billion"), (1e6, "million"))


class Talker(ABC):
    """Replies first where the interviewer said something that it answers, then goes on with its plan."""

    name: ClassVar[str]

    def __init__(self, question: Question, rubric: Rubric, seed: int) -> None:
        self.question = question
        self.rubric = rubric
        self.random = random.Random(f"{self.name} {question.slug} {seed}")
        self._drawn: dict[tuple[str, str], list[str]] = {}
        self._heard = POSED
        self._plan = self.plan()

    @abstractmethod
    def plan(self) -> Iterator[Act]:
        """What it says of its own accord, in order."""

    def reply(self, heard: str) -> Act | None:
        """What it says to the interviewer's latest words; None where it goes on as if nothing had been said."""
        return None

    def act(self, scene: Scene) -> Act:
        if scene.heard is not None and len(scene.turns) > self._heard:
            self._heard = len(scene.turns)
            if (reply := self.reply(scene.heard.text)) is not None:
                return reply
        return next(self._plan, Leave())

    # words --------------------------------------------------------------------------------------
    def draw(self, file: str, key: str, **values: str) -> str:
        """A line of prompts/candidates/, each once before any comes again."""
        left = self._drawn.setdefault((file, key), [])
        if not left:
            left += sayings(file)[key]
            self.random.shuffle(left)
        line = left.pop()
        return line.format(**values) if values else line

    def pause(self, least: float = 3.0, most: float = 20.0) -> Wait:
        return Wait(round(self.random.uniform(least, most), 1))

    def asking(self, fact: Fact) -> Speak:
        """A fact asked for in other words than its author's, more often than not."""
        if self.random.random() < 0.3:
            text = self.draw("manner", "ask_about", about=lowered(fact.about))
        else:
            text = self.draw("manner", "ask_in_words", ask=self.random.choice(fact.ask))
            if self.random.random() < 0.2:
                text = text.removesuffix("?").lower()  # as a recogniser writes it
        return speak(text, asks=(fact.id,))

    def some_facts(self, many: int) -> list[Fact]:
        return self.random.sample(self.question.facts, min(many, len(self.question.facts)))

    def valued_facts(self) -> list[Fact]:
        """Facts of one number, which an assumption can hit or miss, in any order."""
        held = [fact for fact in self.question.facts if len(fact.values) == 1]
        return self.random.sample(held, len(held))

    def criteria(self) -> list[str]:
        """The criteria on which the question's author wrote down an answer, in the order of the steps."""
        return [
            c.id for s in self.rubric.steps for c in s.criteria if c.id in self.question.expects
        ]

    def expected(self, criterion: str) -> str:
        return " ".join(self.question.expects[criterion].says)


def speak(text: str, *, plants: frozenset[str] = frozenset(), asks: tuple[str, ...] = ()) -> Speak:
    return Speak(text, time_for(text), plants, asks)


def lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def sentences(text: str) -> list[str]:
    return SENTENCE.split(text)


def asks(text: str) -> bool:
    """Whether the interviewer wants an answer: it asks, or bids to tell."""
    return "?" in text or any(ASKING.match(part) for part in sentences(text))


def amount(value: Value, times: float) -> str:
    """ "12 million euros", as one says it."""
    number = value.amount * times
    for size, name in BIG:
        if number >= size:
            return f"{number / size:.4g} {name} {value.unit}".strip()
    return (
        f"{number:.4g} {value.unit}".strip()
        if number < 10_000
        else f"{number:,.0f} {value.unit}".strip()
    )
