"""Candidates who design: a strong one covers every step, a typical one about half, some of it only by name."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from app.bank.question import Question
from app.candidates.candidate import Act, Wait
from app.candidates.talker import Talker, amount, asks, lowered, sentences, speak
from app.rubric.load import Rubric

LIKE = 0.6  # shared words, rare ones counting more, at which a question is taken to be about a criterion
LETTERS = 4  # shorter words say nothing of the topic
LAST = re.compile(r"one thing you would|still change or add|last word", re.IGNORECASE)


class Strong(Talker):
    """Asks first, pauses between thoughts, and answers what it is pressed on."""

    name: ClassVar[str] = "strong"
    least_asked, most_asked = 4, 7
    least_assumed, most_assumed = 2, 3
    knows = 1.0  # how often it has an answer to what it is asked

    def __init__(self, question: Question, rubric: Rubric, seed: int) -> None:
        super().__init__(question, rubric, seed)
        self._said: set[str] = set()
        self._topics = {c: topic(self.expected(c)) for c in self.criteria()}
        used = Counter(word for words in self._topics.values() for word in words)
        self._rarity = {word: 1 / count for word, count in used.items()}

    def plan(self) -> Iterator[Act]:
        yield self.pause(4, 12)
        if self.random.random() < 0.5:
            yield speak(self.draw("manner", "hello"))
        yield from self._asked()
        yield from self._assumed()
        if self.random.random() < 0.5:
            yield speak(self.draw("manner", "where"))
        planned = self.covered()
        for number, (criterion, text) in enumerate(planned):
            if criterion in self._said:
                continue
            yield self.said(criterion, text)
            yield self.pause()
            if number == len(planned) // 2:
                yield speak(self.draw("manner", "time"))
        yield speak(self.draw("manner", "done"))
        yield self.pause(10, 20)

    def covered(self) -> list[tuple[str, str]]:
        """What it will say on which criterion."""
        return [(c, self.expected(c)) for c in self.criteria()]

    def said(self, criterion: str, text: str) -> Act:
        self._said.add(criterion)
        return speak(text, plants=frozenset({criterion}))

    def _asked(self) -> Iterator[Act]:
        facts = self.some_facts(self.random.randint(self.least_asked, self.most_asked))
        while facts:
            first = self.asking(facts.pop())
            if facts and self.random.random() < 0.25:
                second = self.asking(facts.pop())
                first = speak(f"{first.text} {second.text}", asks=first.asks + second.asks)
            yield first
            yield self.pause(3, 9)

    def _assumed(self) -> Iterator[Act]:
        for fact in self.valued_facts()[
            : self.random.randint(self.least_assumed, self.most_assumed) - 1
        ]:
            number = amount(fact.values[0], self.random.choice((1.0, 1.0, 1.1, 5.0)))
            yield speak(
                self.draw("manner", "assume_number", number=number, about=lowered(fact.about))
            )
            yield self.pause(3, 9)
        yield speak(self.draw("manner", "assume_own"))
        yield self.pause(3, 9)

    def reply(self, heard: str) -> Act | None:
        if LAST.search(heard):
            return speak(self.draw("manner", "last_word"))
        if not asks(heard):
            return speak(self.draw("manner", "thanks")) if self.random.random() < 0.1 else None
        criterion = self._about(heard) if self.random.random() < self.knows else None
        if criterion is None:
            return speak(self.draw("manner", "honest"))
        if criterion in self._said:
            again = sentences(self.expected(criterion))[-1]
            return speak(self.draw("manner", "said_already", said=again))
        return self.said(criterion, self.expected(criterion))

    def _about(self, question: str) -> str | None:
        """The criterion whose expected answer shares most with the question."""
        words = topic(question)

        def likeness(criterion: str) -> float:
            return sum(self._rarity[word] for word in sorted(words & self._topics[criterion]))

        best = max(self._topics, key=likeness, default=None)
        return best if best is not None and likeness(best) >= LIKE else None


class Typical(Strong):
    """Covers about half, a part of it by a bare mention, and has not thought of everything it is asked."""

    name = "typical"
    least_asked, most_asked = 2, 5
    knows = 0.5

    def pause(self, least: float = 8.0, most: float = 45.0) -> Wait:
        return super().pause(least, most)

    def covered(self) -> list[tuple[str, str]]:
        known = set(self.random.sample(self.criteria(), len(self.criteria()) // 2))
        mentioned = set(self.random.sample(sorted(known), len(known) // 3))
        return [
            (
                c,
                self.random.choice(self.rubric.criteria[c][1].examples.mentioned)
                if c in mentioned
                else self.expected(c),
            )
            for c in self.criteria()
            if c in known
        ]

    def said(self, criterion: str, text: str) -> Act:
        if text != self.expected(criterion):
            return speak(text)  # naming it is not covering it
        return super().said(criterion, text)


def topic(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[a-z]+", text.lower()) if len(word) >= LETTERS)
