"""Amounts with their dimension: "two hundred ms", "40 million a day", "0.2 %", brought to one unit each.

seconds for time, per second for rates, a share of one for percentages, bytes for sizes, the currency as it is
(an interview's euro is its dollar), and plain counts with the words that follow them.
"""

from dataclasses import dataclass
from typing import Literal

from app.concepts.words import Reader, Words

Dimension = Literal["time", "rate", "share", "money", "bytes", "count"]
Bound = Literal["about", "most", "least"]

TIME = {
    "ms msec millisecond": 0.001,
    "s sec second": 1.0,
    "min minute": 60.0,
    "h hr hour": 3600.0,
    "day": 86400.0,
    "week": 604800.0,
    "month": 2629800.0,
    "quarter": 7889400.0,
    "year": 31557600.0,
}
SHARE = {"percent pct": 0.01, "bp bps": 0.0001, "permille": 0.001}
BYTES = {"kb kilobyte": 1e3, "mb megabyte": 1e6, "gb gigabyte": 1e9, "tb terabyte": 1e12}
BYTES_LATER = {"petabyte pb": 1e15}
MONEY = "eur euro usd dollar buck pound gbp cent".split()
RATES = {"qps": 1.0, "rps": 1.0, "tps": 1.0, "fps": 1.0, "hz": 1.0}
DAILY = {"daily": 86400.0, "hourly": 3600.0, "weekly": 604800.0, "monthly": 2629800.0}
PER = frozenset("per a an each every".split())
MILLION = frozenset({"m", "mn", "mil"})
SCALES = frozenset({1e3, 1e6, 1e9})
PARTS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25}
ARTICLES = frozenset({"a", "an"})
NEAR = 5  # words after a number in which its unit and its "per day" stand
BEFORE = 3
ROUGH = {"couple": 2.0, "few": 3.0, "several": 5.0}  # "a couple of hundred"
ROUND = (100.0, 1e3, 1e6, 1e9)
MOST = "under below within most maximum max less fewer up ceiling limit".split()
LEAST = "over above least minimum more exceeding beyond".split()


@dataclass(frozen=True, slots=True)
class Quantity:
    """`amount` in the base unit of `dimension`; `nouns` are the stems around a count."""

    amount: float
    dimension: Dimension
    bound: Bound
    nouns: frozenset[str]
    first: int
    last: int


class Quantities:
    """Reads the amounts of a row of words; made once for a reader."""

    def __init__(self, reader: Reader) -> None:
        def table(units: dict[str, float]) -> dict[str, float]:
            return {
                stem: size
                for words, size in units.items()
                for word in words.split()
                for stem in {reader.stem(word), word}
            }

        self._reader = reader
        self._time = table(TIME)
        self._share = table(SHARE)
        self._bytes = table({**BYTES, **BYTES_LATER})
        self._rates = table(RATES)
        self._daily = table(DAILY)
        self._money = frozenset(reader.stem(word) for word in MONEY)
        self._cent = reader.stem("cent")
        self._rough = {reader.stem(word): times for word, times in ROUGH.items()}
        self._most = frozenset(reader.stem(word) for word in MOST)
        self._least = frozenset(reader.stem(word) for word in LEAST)
        self._basis = reader.stem("basis")
        self._point = reader.stem("point")
        self._in = reader.stem("in")
        self._one = reader.stem("one")
        self._parts = {reader.stem(word): size for word, size in PARTS.items()}
        self._half = reader.stem("half")
        self._of = reader.stem("of")
        self._out = reader.stem("out")
        self._dozen = reader.stem("dozen")
        self._units = self._time.keys() | self._share.keys() | self._bytes.keys() | self._money
        self._units |= self._rates.keys()
        self._not = reader.stem("not")

    def find(self, words: Words) -> list[Quantity]:
        found: list[Quantity] = []
        done = -1
        for place in range(len(words)):
            if place <= done:
                continue
            amount = self._amount(words, place)
            if amount is None:
                continue
            value, done = amount
            part = self._part(words, place)
            quantity = part or self._at(words, place, value, done)
            if quantity:
                found.append(quantity)
                if part or quantity.dimension == "share":
                    done = max(done, quantity.last)
        return found

    def _amount(self, words: Words, place: int) -> tuple[float, int] | None:
        """What the number that begins here comes to, and the place of its last word."""
        stems, numbers, n = words.stems, words.numbers, len(words)
        value = numbers[place]
        last = place
        if value is None:
            if stems[place] == self._one and place + 1 < n:
                # "one euro", "one in a thousand": elsewhere it is "this one" and "the one that"
                in_many = stems[place + 1] == self._in and any(numbers[place + 2 : place + 4])
                return (1.0, place) if stems[place + 1] in self._units or in_many else None
            if stems[place] == self._dozen:
                return 12.0, place
            return (1.0, place) if stems[place] in self._parts else None
        if value in ROUND:
            for stem in stems[max(0, place - 2) : place]:
                value *= self._rough.get(stem, 1.0)
        after = place + 1
        if after + 1 < n and stems[after] == "and":
            # "two and a half million", "five and half a year"
            half = after + 1 + (stems[after + 1] in ARTICLES)
            if half < n and stems[half] == self._half:
                value, last = value + 0.5, half
        elif after + 1 < n and stems[after] in ("or", "to") and numbers[after + 1] is not None:
            # "seven or eight minutes"
            value, last = (value + (numbers[after + 1] or 0.0)) / 2, after + 1
        if last + 1 < n and numbers[last + 1] in SCALES:
            value, last = value * (numbers[last + 1] or 1.0), last + 1
        elif last + 1 < n and stems[last + 1] == self._dozen:
            value, last = value * 12, last + 1
        return value, last

    def _part(self, words: Words, place: int) -> Quantity | None:
        """ "half a year", "a quarter of a second", "two thirds of them", "half of the orders"."""
        stems, n = words.stems, len(words)
        at = place if words.numbers[place] is None else place + 1
        if at >= n or stems[at] not in self._parts:
            return None
        size = self._parts[stems[at]] * (words.numbers[place] or 1.0)
        unit = at + 1 + (at + 1 < n and stems[at + 1] == self._of)
        unit += unit < n and stems[unit] in ARTICLES
        if unit < n and unit > at + 1 and words.numbers[unit] in SCALES:
            return self._at(words, place, size * (words.numbers[unit] or 1.0), unit)
        if unit < n and unit > at + 1 and stems[unit] in self._units:
            return self._at(words, place, size, unit - 1)
        if at + 1 < n and stems[at + 1] == self._of:
            bound = self._bound(stems, place)
            return Quantity(size, "share", bound, self._nouns(words, place), place, at)
        return None

    @staticmethod
    def _nouns(words: Words, place: int) -> frozenset[str]:
        near = (i for i in words.content if abs(i - place) <= NEAR and words.numbers[i] is None)
        return frozenset(words.stems[i] for i in near)

    def of(self, amount: float, unit: str) -> Quantity:
        """An authored value: its unit is read as if it had been said."""
        words = self._reader.read(f"1 {unit}" if unit else "1")
        read = self._at(words, 0, amount)
        assert read is not None
        return read

    def _at(
        self, words: Words, place: int, value: float, last: int | None = None
    ) -> Quantity | None:
        stems, n = words.stems, len(words)
        after = (place if last is None else last) + 1
        if words.numbers[place] is None and after == place + 1 and stems[place] in self._parts:
            return None  # "the first half", "a third party"
        if after < n and stems[after] in MILLION and stems[after] not in self._time:
            value, after = value * 1e6, after + 1
        ahead = list(range(after, min(after + NEAR, n)))
        bound = self._bound(stems, place)
        nouns = self._nouns(words, place)

        def made(amount: float, dimension: Dimension, last: int) -> Quantity:
            return Quantity(amount, dimension, bound, nouns, place, last)

        link = after + (stems[after : after + 2] == (self._out, self._of))
        many = link + 1 + (link + 1 < n and stems[link + 1] in ARTICLES)
        in_many = many < n and stems[link] in (self._in, self._of)
        if in_many and (words.numbers[many] or 0.0) >= max(value, 1.0):
            # "one in a thousand", "1 in 500", "four out of five"
            return made(value / (words.numbers[many] or 1.0), "share", many)
        if place > 1 and stems[place - 1] == self._in and words.numbers[place - 2] is not None:
            return None
        for i in ahead[:2]:
            if stems[i] in self._share:
                return made(value * self._share[stems[i]], "share", i)
            if stems[i] == self._basis and i + 1 < n and stems[i + 1] == self._point:
                return made(value * 0.0001, "share", i + 1)
        for i in ahead[:2]:
            if stems[i] in self._rates:
                return made(value, "rate", i)
        if ahead and stems[after] in self._bytes:
            return made(value * self._bytes[stems[after]], "bytes", after)
        money = self._money_at(stems, place, after)
        if money is not None:
            return made(value * (0.01 if money == self._cent else 1.0), "money", after)
        if after < n and stems[after] in ARTICLES and stems[after - 1] == self._half:
            after += 1
        if after < n and stems[after] in self._time:
            return made(value * self._time[stems[after]], "time", after)
        for i in ahead:
            if stems[i] in self._daily:
                return made(value / self._daily[stems[i]], "rate", i)
            per = i > after - 1 and stems[i] in PER and i + 1 < n
            if per and stems[i + 1] in self._time:
                return made(value / self._time[stems[i + 1]], "rate", i + 1)
        return made(value, "count", max(place, after - 1))

    def _money_at(self, stems: tuple[str, ...], place: int, after: int) -> str | None:
        for i in (place - 1, after):
            if 0 <= i < len(stems) and stems[i] in self._money:
                return stems[i]
        return None

    def _bound(self, stems: tuple[str, ...], place: int) -> Bound:
        before = stems[max(0, place - BEFORE) : place]
        turned = self._not in before or "no" in before
        for stem in before:
            if stem in self._most:
                return "least" if turned else "most"
            if stem in self._least:
                return "most" if turned else "least"
        return "about"


def agree(said: Quantity, true: Quantity, tolerance: float) -> bool:
    """Whether what was said is near enough to what is true; a bound may leave as much room again."""
    near = abs(said.amount - true.amount) <= tolerance * abs(true.amount) + 1e-12
    if near or said.bound == "about" or not true.amount:
        return near
    ratio = said.amount / true.amount
    if said.bound == "most":
        return 1.0 <= ratio <= 2.0 + tolerance
    return 0.5 / (1.0 + tolerance) <= ratio <= 1.0
