"""A bank of 5,000 generated questions: listing, searching, comparing and linting it, each beside its limit.

A generated question is one of the bank's own with other words and other figures, so that what is rare in a real bank is
rare in it too. Linting all of them from nothing would take minutes: it is measured on the bank's own.
"""

import os
import random
import re
import statistics
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from app.bank.asking import load_asking
from app.bank.bank import Kept, Shelf, find_questions, load_question
from app.bank.card import Card, card_of, outline_of, words_in
from app.bank.question import Question
from app.bank.search import Cards, Wanted
from app.bank.sheet import FactSheet
from app.bank.similar import Alike, Told, told_of
from app.commands import linting
from app.concepts.words import Reader
from app.content import read_text
from app.rubric.load import Rubric
from app.rubric.shelf import get_rubric
from app.storage.files import Noted, find_places, recall, remember

QUESTIONS = 5_000
SEED = 6
OTHER_WORDS = 0.5  # share of the words that a generated question says in its own way
COPIES = 50
LIST, SEARCH, LINT = 0.02, 0.05, 20.0  # seconds
WORD = re.compile(r"[a-z]{5,}")
FIGURE = re.compile(r"\d[\d,.]*\d|\d")
SYLLABLES = "ba ko li mer ta sun dro fi ga pel ro vi ne zo kar thi".split()
WANTED = {
    "all": Wanted(),
    "one domain": Wanted(domain="search", seniority="L5"),
    "by coverage, page 40": Wanted(order="step", page=40),
    "fraud": Wanted(text="fraud"),
    "fruad (a typo)": Wanted(text="fruad"),
    "two words, a typo": Wanted(text="recomender videos"),
    "the of and you": Wanted(text="the of and you"),
}


def lines() -> Iterator[str]:
    rubric = get_rubric()
    kept = list(Shelf(None).all().values())
    cards = [card_of(one.question, one.sha256, rubric) for one in kept]
    told = [told_of(one.question) for one in kept]
    yield f"A bank of {QUESTIONS:,} generated questions, from {len(kept)}"
    yield from searching(list(many_cards(cards)))
    yield from starting(kept)
    yield from comparing(told, Reader(rubric.lexicon))
    yield from asked([one.question for one in kept], rubric)
    yield from linted()


def searching(cards: list[Card]) -> Iterator[str]:
    start = time.perf_counter()
    found = Cards(cards)
    whole = time.perf_counter() - start
    yield f"  index of cards           {whole:7.2f} s, once"
    other = replace(cards[QUESTIONS // 2], title="Quite another title")
    spent = best(lambda: found.changed([(other, "")], ()).find(Wanted()))
    yield (
        f"  list after one change    {spent * 1000:7.1f} ms; {spent / LIST:.2f} x of {LIST * 1000:.0f} ms, "
        f"1/{whole / spent:.0f} of indexing all"
    )
    for name, wanted in WANTED.items():
        limit = SEARCH if wanted.text else LIST
        spent = best(lambda wanted=wanted: found.find(wanted))
        total = found.find(wanted).total
        yield f"  {name:24} {spent * 1000:7.1f} ms for {total:,}; {spent / limit:.2f} x of {limit * 1000:.0f} ms"


def starting(kept: list[Kept]) -> Iterator[str]:
    """What a first list after a start waits for: once for every text, from then on for what is remembered."""
    paths = find_questions()
    start = time.perf_counter()
    for path in paths.values():
        one = load_question(path)
        outline_of(one.question, one.sha256)
    whole = (time.perf_counter() - start) / len(paths) * QUESTIONS
    outlines = [outline_of(one.question, one.sha256) for one in kept]
    with tempfile.TemporaryDirectory(prefix="bank-") as folder:
        bank, memory = Path(folder) / "question_bank", Path(folder) / "outlines"
        bank.mkdir()
        for number in range(QUESTIONS):
            (bank / f"q-{number}.yaml").touch()
        looking = best(lambda: find_places(Path(folder)))
        places = find_places(Path(folder))
        remember(
            memory,
            (Noted(place, outlines[n % len(outlines)]) for n, place in enumerate(places.values())),
        )
        recalling = best(lambda: recall(memory), 3)
    yield f"  a first start            {whole:7.1f} s, {whole / QUESTIONS * 1000:.0f} ms a text"
    yield f"  what is remembered of it {recalling:7.1f} s, 1/{whole / recalling:.0f} of the first"
    yield f"  looking for changes      {looking * 1000:7.1f} ms, each time; {looking / LIST:.2f} x of {LIST:.2f} s"


def comparing(told: list[Told], reader: Reader) -> Iterator[str]:
    """As many copies, lightly changed, lie among them as are looked for."""
    questions = list(many_told(told))
    draw = random.Random(SEED)
    originals = draw.sample(questions, COPIES)
    copies = [copy_of(one, draw) for one in originals]
    start = time.perf_counter()
    alike = Alike(reader, [*questions, *copies])
    read = time.perf_counter() - start
    pairs = alike.pairs()
    spent = time.perf_counter() - start
    planted = {(f"{one.slug}-copy", one.slug) for one in originals}
    found = {(pair.slug, pair.other) for pair in pairs}
    yield f"  near-duplicates of all   {spent:7.1f} s, of which {read:.1f} s reading"
    yield (
        f"  copies found             {len(planted & found)} of {COPIES}; {len(found - planted)} other pairs"
    )


def asked(questions: list[Question], rubric: Rubric) -> Iterator[str]:
    """Processor time, of the bank's own: other work on the machine is not in it."""
    asking = load_asking()
    FactSheet(questions[0], rubric.lexicon, asking)  # what all sheets share
    start = time.process_time()
    sheets = [FactSheet(question, rubric.lexicon, asking) for question in questions]
    built = time.process_time() - start
    ways = [(sheet, way) for sheet in sheets for fact in sheet.question.facts for way in fact.ask]
    start = time.process_time()
    for sheet, way in ways:
        sheet.find(sheet.reader.read(way))
    found = time.process_time() - start
    yield f"  a sheet of facts         {built / len(sheets) * 1000:7.1f} ms to build"
    yield f"  the fact asked for       {found / len(ways) * 1000:7.2f} ms to find, of {len(ways):,} ways of asking"


def linted() -> Iterator[str]:
    paths = find_questions()
    processes = os.cpu_count() or 1
    start = time.perf_counter()
    linting.lint_all(paths, None, cached=False)
    each = (time.perf_counter() - start) / len(paths)
    whole = each * QUESTIONS
    yield (
        f"  lint, nothing remembered {each * 1000:7.0f} ms a question in {processes} processes; "
        f"{whole:,.0f} s for all, {whole / LINT:.0f} x of {LINT:.0f} s"
    )
    with tempfile.TemporaryDirectory(prefix="bank-") as folder, cache_in(Path(folder)):
        files = dict(many_files(Path(folder), paths))
        with nothing_found():
            linting.lint_all(files, None, processes=1)
        start = time.perf_counter()
        linting.lint_all(files, None)
        spent = time.perf_counter() - start
    yield f"  lint, nothing changed    {spent:7.1f} s for all; {spent / LINT:.2f} x of {LINT:.0f} s"


def best(do: Callable[[], object], runs: int = 7) -> float:
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        do()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


class Dialect:
    """A question's own words and figures: the same word always becomes the same other one."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._draw = random.Random(number)

    def text(self, text: str) -> str:
        return FIGURE.sub(self._figure, WORD.sub(self._word, text))

    def _word(self, match: re.Match[str]) -> str:
        word = match.group()
        drawn = zlib.crc32(f"{self._number % 997} {word}".encode())
        if drawn % 1000 >= OTHER_WORDS * 1000:
            return word
        return "".join(SYLLABLES[drawn >> shift & 15] for shift in (4, 8, 12))

    def _figure(self, match: re.Match[str]) -> str:
        written = match.group().replace(",", "")
        try:
            amount = float(written) * self._draw.choice((0.1, 0.3, 0.5, 0.7, 1.6, 2.5, 4, 12))
        except ValueError:
            return match.group()
        return f"{amount:.0f}" if amount > 20 else f"{amount:.2g}"


def many_cards(cards: list[Card]) -> Iterator[Card]:
    words = [word for card in cards for word in words_in(card.prompt)]
    draw = random.Random(SEED)
    for number in range(QUESTIONS):
        card = cards[number % len(cards)]
        prompt = " ".join(draw.choices(words, k=70))
        title = f"{card.title} {draw.choice(words)}"
        yield replace(card, slug=f"{card.slug}-{number}", title=title, prompt=prompt)


def many_told(told: list[Told]) -> Iterator[Told]:
    """Facts of several questions each."""
    draw = random.Random(SEED)
    facts = [text for one in told for text in one.facts.values()]
    for number in range(QUESTIONS):
        dialect = Dialect(number)
        chosen = draw.sample(facts, 24)
        prompt = dialect.text(told[number % len(told)].prompt)
        yield Told(f"q-{number}", prompt, {f"f{i}": dialect.text(f) for i, f in enumerate(chosen)})


def copy_of(told: Told, draw: random.Random) -> Told:
    """Half of the words and all figures a little different."""

    def changed(text: str) -> str:
        said = [word if draw.random() < 0.6 else f"{word[:3]}o" for word in text.split()]
        return FIGURE.sub(lambda m: _moved(m.group(), draw), " ".join(said))

    return Told(
        f"{told.slug}-copy", changed(told.prompt), {i: changed(t) for i, t in told.facts.items()}
    )


def _moved(written: str, draw: random.Random) -> str:
    try:
        amount = float(written.replace(",", "")) * draw.uniform(0.93, 1.07)
    except ValueError:
        return written
    return f"{amount:.0f}" if amount > 20 else f"{amount:.2f}"


def many_files(folder: Path, paths: dict[str, Path]) -> Iterator[tuple[str, Path]]:
    texts = list(paths.items())
    for number in range(QUESTIONS):
        slug, path = texts[number % len(texts)]
        file = folder / f"{slug}-{number}.yaml"
        file.write_text(
            read_text(path).replace(f"slug: {slug}", f"slug: {slug}-{number}", 1), "utf-8"
        )
        yield file.stem, file


@contextmanager
def cache_in(folder: Path) -> Iterator[None]:
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_CACHE_HOME"]
        else:
            os.environ["XDG_CACHE_HOME"] = before


@contextmanager
def nothing_found() -> Iterator[None]:
    """What a first lint leaves behind, without its minutes."""
    real = linting._lint_one
    linting._lint_one = lambda task: linting.Linted("published")  # type: ignore[assignment]
    try:
        yield
    finally:
        linting._lint_one = real
