"""Candidates who are against it: one contradicts what was told and said, one insults."""

from collections.abc import Iterator

from app.candidates.candidate import Act
from app.candidates.sayings import pairs
from app.candidates.talker import Talker, amount, lowered, speak

DISPUTED = 5
FACTORS = (0.2, 4.0, 10.0)
INSULTS = 34


class Contradicts(Talker):
    """Asks for a number, takes another, claims to have been told a third, asks again; then the same with its own
    design."""

    name = "contradicts"

    def plan(self) -> Iterator[Act]:
        yield self.pause(4, 12)
        for fact in self.valued_facts()[:DISPUTED]:
            about = lowered(fact.about)
            takes, disputes = (
                amount(fact.values[0], self.random.choice(FACTORS)) for _ in range(2)
            )
            yield self.asking(fact)
            yield self.pause()
            yield speak(self.draw("contradicts", "takes", number=takes, about=about))
            yield self.pause()
            yield speak(self.draw("contradicts", "disputes", number=disputes, about=about))
            yield self.pause()
            yield self.asking(fact)
            yield self.pause()
        for one, other in self.random.sample(
            pairs("contradicts", "pairs"), len(pairs("contradicts", "pairs"))
        ):
            criterion = self.random.choice(self.criteria())
            yield speak(one)
            yield self.pause()
            yield speak(self.expected(criterion), plants=frozenset({criterion}))
            yield self.pause()
            yield speak(other)
            yield self.pause(10, 60)


class Abusive(Talker):
    name = "abusive"

    def plan(self) -> Iterator[Act]:
        for number in range(INSULTS):
            yield speak(self.draw("abusive", "lines"))
            yield self.pause(10, 80)
            if number % 6 == 5:
                fact = self.random.choice(self.question.facts)
                yield self.asking(fact)
                yield self.pause(5, 30)

    def reply(self, heard: str) -> Act | None:
        if "?" in heard and self.random.random() < 0.7:
            return speak(self.draw("abusive", "lines"))
        return None
