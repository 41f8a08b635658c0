"""Candidates who give next to nothing: one says hardly a word, one sends turns without content."""

from collections.abc import Iterator
from itertools import count

from app.candidates.candidate import Act, Leave, Speak
from app.candidates.talker import Talker, speak

FEW_WORDS = 4
TRIES = 40


class Silent(Talker):
    """Three small remarks in the whole session, and silence around them until the time is up."""

    name = "silent"

    def plan(self) -> Iterator[Act]:
        yield self.pause(60, 200)
        yield speak(self.draw("manner", "hello"))
        yield self.pause(200, 400)
        criterion = self.random.choice(self.criteria())
        text = " ".join(self.expected(criterion).split()[:FEW_WORDS])
        yield speak(text)
        for _ in count():
            yield self.pause(60, 300)


class Empty(Talker):
    """Blank turns, dots and single syllables."""

    name = "empty"

    def plan(self) -> Iterator[Act]:
        for _ in range(TRIES):
            yield Speak(self.draw("empty", "lines"), self.random.uniform(1, 4))
            yield self.pause(15, 90)
        yield Leave()
