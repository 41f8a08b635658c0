"""Whether a question finds its fact, what is not on the sheet is honestly declined, and assumptions are judged rightly.

The sets in tests/interview were written without a look at the questions' own wordings; each question is read as
it stands, in lower case without marks, and with two letters of one word swapped.
"""

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from app.bank.asking import load_asking
from app.bank.bank import find_questions, load_question
from app.bank.sheet import FactSheet
from app.interview.ear import Ear
from app.interview.persona import load_small_talk
from app.rubric.shelf import get_rubric

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "interview"
LONG = 5  # letters of a word in which people slip


@dataclass(frozen=True, slots=True)
class Question:
    """`facts` answer it; none where the sheet does not."""

    slug: str
    said: str
    facts: frozenset[str]
    kept_back: bool


@dataclass(frozen=True, slots=True)
class Assumption:
    slug: str
    said: str
    fact: str | None
    verdict: str
    kept_back: bool


def questions() -> list[Question]:
    read = yaml.safe_load((FOLDER / "asked.yaml").read_text("utf-8"))
    return [
        Question(slug, item["said"], _wanted(item), item.get("kept_back", False))
        for slug, sets in read.items()
        for item in sets["on_sheet"] + sets["off_sheet"]
    ]


def _wanted(item: dict) -> frozenset[str]:
    return frozenset(item.get("facts", [item["fact"]] if "fact" in item else []))


def assumptions() -> list[Assumption]:
    read = yaml.safe_load((FOLDER / "assumed.yaml").read_text("utf-8"))
    return [Assumption(**{"kept_back": False, **item}) for item in read]


@cache
def ear(slug: str) -> Ear:
    question = load_question(find_questions()[slug]).question
    sheet = FactSheet(question, get_rubric().lexicon, load_asking())
    return Ear(sheet, load_small_talk().kinds())


def heard(item: Question, said: str) -> str:
    """right, wrong (something else was told), missed; of what is not on the sheet declined, told, unheard."""
    asked = ear(item.slug).understand(said).asked
    told = {one.fact.id for one in asked if one.fact}
    if not item.facts:
        return "told" if told else "declined" if asked else "unheard"
    if told - item.facts:
        return "wrong"
    return "right" if told == item.facts else "missed"


def judged(item: Assumption) -> str:
    """right where the verdict is; otherwise what was made of it."""
    assumed = ear(item.slug).understand(item.said).assumed
    if not assumed:
        return "unheard"
    verdicts = {one.verdict for one in assumed}
    for verdict in ("correct", "agree", "record"):
        if verdict in verdicts:
            return "right" if verdict == item.verdict else verdict
    raise AssertionError(verdicts)


def plain(said: str) -> str:
    """As a recogniser without marks gives it."""
    return " ".join(re.sub(r"[^\w\s'%.]|\.(?!\d)", " ", said.lower()).split())


def slipped(said: str) -> str:
    """Two letters inside one word swapped; which word depends on the words alone."""
    long = [m for m in re.finditer(r"[A-Za-z]+", said) if len(m.group()) >= LONG]
    if not long:
        return said
    word = long[zlib.crc32(said.encode()) % len(long)]
    at = word.start() + 1 + zlib.crc32(word.group().encode()) % (len(word.group()) - 3)
    return said[:at] + said[at + 1] + said[at] + said[at + 2 :]


def same(said: str) -> str:
    return said


MANNERS: dict[str, Callable[[str], str]] = {
    "as written": same,
    "without marks": plain,
    "with a slip": slipped,
}


def asked_rates(items: list[Question], manner: Callable[[str], str] = same) -> dict[str, float]:
    """Shares of the questions on the sheet (right, wrong, missed) and off it (declined, told, unheard)."""
    counts = Counter(heard(item, manner(item.said)) for item in items)
    on = counts["right"] + counts["wrong"] + counts["missed"] or 1
    off = counts["declined"] + counts["told"] + counts["unheard"] or 1
    return {
        **{kind: counts[kind] / on for kind in ("right", "wrong", "missed")},
        **{kind: counts[kind] / off for kind in ("declined", "told", "unheard")},
    }


def verdicts_right(items: list[Assumption]) -> float:
    return sum(judged(item) == "right" for item in items) / (len(items) or 1)


def lines(show: bool = False) -> Iterator[str]:
    """`show` prints what went wrong, of the open items alone."""
    asked, assumed = questions(), assumptions()
    yield "Questions and assumptions (wanted: right 90 %, wrong 2 % at most, declined 95 %, verdicts 90 %)"
    for name, kept in (("open", False), ("kept back", True)):
        chosen = [item for item in asked if item.kept_back == kept]
        for manner, change in MANNERS.items():
            yield f"  {name:9} {manner:13} {row(asked_rates(chosen, change))}"
        verdicts = [item for item in assumed if item.kept_back == kept]
        yield f"  {name:9} verdicts right {verdicts_right(verdicts):.1%} of {len(verdicts)}"
    if show:
        yield from failures(asked, assumed)


def row(rates: dict[str, float]) -> str:
    on = ", ".join(f"{kind} {rates[kind]:5.1%}" for kind in ("right", "wrong", "missed"))
    off = ", ".join(f"{kind} {rates[kind]:5.1%}" for kind in ("declined", "told", "unheard"))
    return f"{on}; off the sheet {off}"


def failures(asked: list[Question], assumed: list[Assumption]) -> Iterator[str]:
    for item in asked:
        if not item.kept_back and (found := heard(item, item.said)) not in ("right", "declined"):
            told = [one.fact and one.fact.id for one in ear(item.slug).understand(item.said).asked]
            yield f"  {item.slug}: {found}: {item.said!r} wants {sorted(item.facts)}, told {told}"
    for thing in assumed:
        if not thing.kept_back and (found := judged(thing)) != "right":
            yield f"  {thing.slug}: {found}: {thing.said!r} wants {thing.verdict} {thing.fact}"
