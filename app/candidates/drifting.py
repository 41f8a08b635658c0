"""Candidates who talk past the problem: at great length, about something else, or in no language at all."""

from collections.abc import Iterator

from app.candidates.candidate import Act
from app.candidates.talker import Talker, asks, sentences, speak

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SIGNS = "#%&*/=+~|<>{}^"
TURNS = 40


class Rambling(Talker):
    """Says something true now and then, wrapped in so much else that each turn lasts minutes. Never pauses long."""

    name = "rambling"

    def plan(self) -> Iterator[Act]:
        known = self.random.sample(self.criteria(), len(self.criteria()) // 2)
        while known:
            parts = [self.draw("rambling", "openings")]
            planted = [known.pop() for _ in range(min(len(known), self.random.randint(1, 3)))]
            for criterion in planted:
                for sentence in sentences(self.expected(criterion)):
                    parts += [sentence, *self._asides()]
            yield speak(" ".join(parts), plants=frozenset(planted))
            yield self.pause(1, 11)

    def _asides(self) -> list[str]:
        return [self.draw("rambling", "asides") for _ in range(self.random.randint(0, 2))]

    def reply(self, heard: str) -> Act | None:
        if not asks(heard):
            return None
        return speak(
            " ".join([self.draw("rambling", "openings"), *self._asides(), *self._asides()])
        )


class OffTopic(Talker):
    name = "off-topic"

    def plan(self) -> Iterator[Act]:
        for number in range(TURNS):
            yield speak(self.draw("off_topic", "lines"))
            yield self.pause(5, 60)
            if number % 9 == 8:
                criterion = self.random.choice(self.criteria())
                yield speak(self.expected(criterion), plants=frozenset({criterion}))
                yield self.pause(10, 30)


class Gibberish(Talker):
    """Random letters, words of the prompt in random order, and signs."""

    name = "gibberish"

    def plan(self) -> Iterator[Act]:
        for _ in range(TURNS):
            yield speak(self.random.choice((self._letters, self._salad, self._signs))())
            yield self.pause(10, 60)

    def _letters(self) -> str:
        def word() -> str:
            return "".join(self.random.choices(LETTERS, k=self.random.randint(2, 11)))

        return " ".join(word() for _ in range(self.random.randint(3, 25)))

    def _salad(self) -> str:
        return " ".join(
            self.random.choices(self.question.prompt.split(), k=self.random.randint(5, 30))
        )

    def _signs(self) -> str:
        return "".join(self.random.choices(SIGNS, k=self.random.randint(4, 30)))
