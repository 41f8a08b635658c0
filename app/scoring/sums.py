"""Faults that only arithmetic finds: products and rates that do not add up, a latency budget overspent."""

from dataclasses import dataclass

from app.concepts.words import Reader, Words

ARITHMETIC = "arithmetic-does-not-add-up"
LATENCY = "latency-budget-overspent"
WHY = {
    ARITHMETIC: "The numbers do not give the result that was said; a reader will doubt the others too.",
    LATENCY: "The parts take longer than the time that is there, so the design cannot answer in time.",
}
STEP = {ARITHMETIC: "requirements", LATENCY: "serving"}
SECONDS_A_DAY = 86_400
PRODUCT_SLACK = 2.0  # people round as they speak
RATE_SLACK = 12.0  # a peak may be ten times the mean
BUDGET_SLACK = 1.2
NEAR = 4
RATE_REACH = 16


@dataclass(frozen=True, slots=True)
class Fault:
    """Places `first` to `last` of the words that do not add up."""

    id: str
    first: int
    last: int


class Sums:
    """Checks one turn at a time; remembers the tightest budget in milliseconds that was agreed."""

    def __init__(self, reader: Reader) -> None:
        def stems(words: str) -> frozenset[str]:
            return frozenset(reader.stem(word) for word in words.split())

        self._times = stems("times x multiplied")
        self._gives = stems("is are makes gives equals that's so about roughly around be")
        self._per = stems("per a each every")
        self._day = stems("day daily")
        self._second = stems("second sec")
        self._ms = stems("ms millisecond millis milliseconds")
        self._bound = stems("within budget under limit most least have allowed maximum deadline")
        self.budget: float | None = None

    def hear_budget(self, words: Words) -> None:
        for place, value in enumerate(words.numbers):
            if value and self._unit(words, place, self._ms):
                around = words.stems[max(0, place - 6) : place + 5]
                if self._bound & set(around):
                    self.budget = value if self.budget is None else min(self.budget, value)

    def check(self, words: Words) -> list[Fault]:
        places = [place for place, value in enumerate(words.numbers) if value]
        return [
            *self._products(words, places),
            *self._rates(words, places),
            *self._spent(words, places),
        ]

    def _unit(self, words: Words, place: int, unit: frozenset[str]) -> bool:
        return bool(unit & set(words.stems[place + 1 : place + 2]))

    def _value(self, words: Words, place: int) -> float:
        return words.numbers[place] or 0.0

    def _products(self, words: Words, places: list[int]) -> list[Fault]:
        """ "forty times three hundred is five thousand" """
        found = []
        for a, b, c in zip(places, places[1:], places[2:], strict=False):
            if b - a > NEAR or c - b > NEAR + 2:
                continue
            if not (self._times & set(words.stems[a + 1 : b])):
                continue
            if self._times & set(words.stems[max(0, a - NEAR) : a]):
                continue  # a longer chain of factors
            if not (self._gives & set(words.stems[b + 1 : c])):
                continue
            said = self._value(words, c)
            real = self._value(words, a) * self._value(words, b)
            if self._plain(words, (a, b, c)) and off(said, real, PRODUCT_SLACK):
                found.append(Fault(ARITHMETIC, a, c))
        return found

    def _plain(self, words: Words, places: tuple[int, ...]) -> bool:
        """No units that would rescale: "40 times 3 hours is 5 days" is not checked."""
        scaled = self._day | self._second | self._ms | {"hour", "minut", "week", "month", "percent"}
        return not any(
            set(words.stems[place + 1 : place + 3]) & (scaled | self._per) for place in places
        )

    def _rates(self, words: Words, places: list[int]) -> list[Fault]:
        """ "a hundred million a day, so five a second" """
        found = []
        for a, b in zip(places, places[1:], strict=False):
            if b - a > RATE_REACH:
                continue
            if self._rate(words, a, self._day) and self._rate(words, b, self._second):
                real = self._value(words, a) / SECONDS_A_DAY
                if off(self._value(words, b), real, RATE_SLACK):
                    found.append(Fault(ARITHMETIC, a, b))
        return found

    def _rate(self, words: Words, place: int, unit: frozenset[str]) -> bool:
        after = words.stems[place + 1 : place + 5]
        return any(
            one in self._per and two in unit for one, two in zip(after, after[1:], strict=False)
        )

    def _spent(self, words: Words, places: list[int]) -> list[Fault]:
        """Three or more parts in milliseconds in one breath that together exceed the budget."""
        if self.budget is None:
            return []
        parts: list[int] = []
        for place in places:
            if not self._unit(words, place, self._ms):
                continue
            if parts and place - parts[-1] > 12:
                parts = []
            parts.append(place)
            total = sum(self._value(words, part) for part in parts)
            single = max(self._value(words, part) for part in parts)
            if len(parts) >= 3 and single < self.budget and total > BUDGET_SLACK * self.budget:
                return [Fault(LATENCY, parts[0], parts[-1])]
        return []


def off(said: float, real: float, slack: float) -> bool:
    return real > 0 and said > 0 and not 1 / slack <= said / real <= slack
