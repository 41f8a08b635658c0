"""Numbers in a text, said in another way or made wrong."""

import random
import re
from dataclasses import dataclass

SMALL = 12  # a bare count up to this is anybody's
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
# unit -> (what it is said as, how many of the unit make one of that)
UNITS = {
    "milliseconds": ("seconds", 1000),
    "ms": ("seconds", 1000),
    "seconds": ("minutes", 60),
    "minutes": ("hours", 60),
    "hours": ("days", 24),
    "days": ("weeks", 7),
    "weeks": ("months", 4.345),
    "months": ("years", 12),
    "years": ("months", 1 / 12),
    "euros": ("cents", 1 / 100),
    "dollars": ("cents", 1 / 100),
    "metres": ("kilometres", 1000),
    "kilometres": ("metres", 1 / 1000),
    "percent": ("in a thousand", 1 / 10),
}
SINGULAR = {unit.removesuffix("s"): unit for unit in UNITS if unit.endswith("s")}
AMOUNT = re.compile(
    r"(?<![\w.])(\d+(?:,\d{3})*(?:\.\d+)?)(?:[ -](thousand|million|billion)\b)?"
    rf"(?:[ -]?({'|'.join([*UNITS, *SINGULAR])})\b)?"
)
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
# Ways of saying a whole number of days that hide it from whoever looks for digits.
IDIOMS = {
    ("days", 14): "a fortnight",
    ("days", 30): "a month",
    ("days", 45): "a month and a half",
    ("days", 60): "two months",
    ("days", 90): "a quarter of a year",
    ("days", 7): "a week",
    ("months", 6): "half a year",
    ("months", 12): "a year",
    ("months", 18): "a year and a half",
    ("hours", 24): "a whole day",
    ("minutes", 30): "half an hour",
    ("minutes", 15): "a quarter of an hour",
    ("milliseconds", 100): "a tenth of a second",
    ("milliseconds", 200): "a fifth of a second",
    ("milliseconds", 50): "a twentieth of a second",
    ("percent", 50): "every second one",
    ("percent", 10): "one in ten",
    ("percent", 5): "one in twenty",
    ("percent", 2): "one in fifty",
    ("percent", 1): "one in a hundred",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """`amount` includes the scale; `text` stands in its text from `start` to `end`."""

    text: str
    start: int
    end: int
    amount: float
    unit: str | None

    @property
    def is_telling(self) -> bool:
        return self.amount > SMALL or self.unit is not None


def amounts_of(text: str) -> list[Amount]:
    found = []
    for match in AMOUNT.finditer(text):
        number, scale, unit = match.groups()
        value = float(number.replace(",", "")) * SCALES.get(scale or "", 1)
        found.append(
            Amount(match[0], match.start(), match.end(), value, SINGULAR.get(unit or "", unit))
        )
    return found


def otherwise(amount: Amount, drawn: random.Random) -> str:
    """The same in other words: an idiom, words for digits, another unit, another scale."""
    ways = [_said(amount)]
    if idiom := IDIOMS.get((amount.unit or "", int(amount.amount))):
        ways += [idiom, idiom]
    if amount.unit:
        name, many = UNITS[amount.unit]
        ways.append(f"{_digits(amount.amount / many)} {name}")
    if amount.amount >= 1e6:
        ways.append(f"{_digits(amount.amount / 1e3)} thousand {amount.unit or ''}".strip())
    elif amount.amount >= 1000:
        ways.append(f"{_digits(amount.amount / 1e3)}k {amount.unit or ''}".strip())
    return drawn.choice(ways)


def changed(amount: Amount, drawn: random.Random) -> str:
    """Another amount, by much more than any rounding; in digits or in words, in the same unit."""
    wrong = amount.amount * drawn.choice((3, 10, 0.1, 0.25)) if amount.amount else 7.0
    wrong = round(wrong) if wrong >= 1 else round(wrong, 3)
    if round(wrong, 3) == round(amount.amount, 3):
        wrong = amount.amount + 7
    number = drawn.choice((_digits, spelled))(wrong)
    return f"{number} {amount.unit or ''}".strip()


def _said(amount: Amount) -> str:
    return f"{spelled(amount.amount)} {amount.unit or ''}".strip()


def _digits(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3f}".rstrip("0").rstrip(".")


def spelled(number: float) -> str:
    """In English words; what is behind the point digit by digit."""
    whole, part = int(number), round(number % 1, 3)
    words = _spelled_whole(whole)
    if part:
        words += " point " + " ".join(ONES[int(d)] for d in f"{part:.3f}"[2:].rstrip("0"))
    return words


def _spelled_whole(number: int) -> str:
    for scale, many in (
        (10**9, "billion"),
        (10**6, "million"),
        (1000, "thousand"),
        (100, "hundred"),
    ):
        if number >= scale:
            rest = number % scale
            more = "" if not rest else f" {'and ' if rest < 100 else ''}{_spelled_whole(rest)}"
            return f"{_spelled_whole(number // scale)} {many}{more}"
    if number < 20:
        return ONES[number]
    ten, one = divmod(number, 10)
    return TENS[ten] + (f"-{ONES[one]}" if one else "")
