"""Candidates who only want something: answers, the same answer again, or what is behind the interview."""

from collections.abc import Iterator

from app.candidates.candidate import Act
from app.candidates.talker import Talker, asks, speak

ROUNDS = 6
TIMES = 4


class QuestionsOnly(Talker):
    """Asks for every fact of the sheet, then what to build, and answers questions with questions."""

    name = "questions-only"

    def plan(self) -> Iterator[Act]:
        yield self.pause(3, 12)
        for number, fact in enumerate(self.some_facts(len(self.question.facts))):
            yield self.asking(fact)
            yield self.pause(5, 60)
            if number % 3 == 2:
                yield speak(self.draw("questions_only", "design"))
                yield self.pause(5, 30)

    def reply(self, heard: str) -> Act | None:
        return speak(self.draw("questions_only", "returned")) if asks(heard) else None


class Repeats(Talker):
    """Says one thought and asks one question again and again, in turns and in a row."""

    name = "repeats"

    def plan(self) -> Iterator[Act]:
        for _ in range(ROUNDS):
            criterion = self.random.choice(self.criteria())
            thought = speak(self.expected(criterion), plants=frozenset({criterion}))
            asked = self.asking(self.random.choice(self.question.facts))
            first, second = self.random.choice(((thought, asked), (asked, thought)))
            for _ in range(TIMES):
                yield first
                yield self.pause(4, 40)
            for act in (first, second) * 2:
                yield act
                yield self.pause(4, 40)


class RubricPuller(Talker):
    """Tries to see the rubric, hidden facts, follow-ups and instructions; a fifth of it is honest work."""

    name = "rubric-puller"

    def plan(self) -> Iterator[Act]:
        for number, criterion in enumerate(self.random.sample(self.criteria(), ROUNDS * TIMES)):
            yield speak(self.draw("rubric_puller", "lines"))
            yield self.pause(5, 60)
            if number % 4 == 3:
                yield speak(self.expected(criterion), plants=frozenset({criterion}))
                yield self.pause(5, 40)

    def reply(self, heard: str) -> Act | None:
        return speak(self.draw("rubric_puller", "lines")) if asks(heard) else None
