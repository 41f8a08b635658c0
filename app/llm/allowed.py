"""What may be said in a move, as words: those of the script, of what was told and of the talk so far, and words that
anybody uses. Beside it what must not be: every untold fact, prepared question and line of the guide."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.bank.sheet import FactSheet
from app.concepts.quantities import (
    BYTES,
    BYTES_LATER,
    DAILY,
    LEAST,
    MONEY,
    MOST,
    RATES,
    SHARE,
    TIME,
    Quantity,
)
from app.concepts.words import WORD
from app.content import as_model, content_folders, read_yaml
from app.errors import InvalidContent
from app.interview.manners import RUN, TITLE, same
from app.interview.move import ASKING, Move
from app.interview.session import Session
from app.llm.patterns import CLAUSE
from app.rubric.load import Rubric
from app.rubric.rubric import Authored, Slug

TOKEN = re.compile(rf"{WORD.pattern}|[.,;:!?–—]|\s-\s")
BREAK = "."  # stands for every mark between words
FOLD = re.compile(r"\w+fold$")
NUMBERISH = frozenset(
    "twice thrice double doubled doubles triple tripled triples quadruple dozen dozens hundreds thousands "
    "millions billions trillion trillions half halves third thirds quarters fifth tenth handful couple nightly "
    "daily weekly hourly monthly yearly annual annually quarterly zero percentage pair".split()
)
UNITS = frozenset(
    word
    for table in (TIME, SHARE, BYTES, BYTES_LATER, RATES, DAILY)
    for words in table
    for word in words.split()
) | frozenset(MONEY)
PLURALS = frozenset(f"{word}s" for word in UNITS)
COMPARING = frozenset([*MOST, *LEAST, "above", "beyond", "almost", "nearly"])
NEGATING = frozenset(
    "not no never none nothing nobody neither nor without hardly barely cannot nowhere only scarcely seldom "
    "rarely dont doesnt didnt wont isnt arent wasnt cant havent hasnt".split()
)
KEPT_TEXTS = 4_000
KEPT_PARTS = 400
KEPT_BACKGROUNDS = 64


class Vocabulary(Authored):
    id: Slug
    version: int
    words: str


@dataclass(frozen=True, slots=True)
class Text:
    """`tokens` holds words and breaks, `joined` the words between blanks. `stems` are of terms and of single words,
    `content` of what carries meaning and is no number, in order."""

    text: str
    tokens: tuple[str, ...]
    joined: str
    stems: frozenset[str]
    content: tuple[str, ...]
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Hidden:
    """`owner` is what must have been said for it to be public; `least` so many of its own words in one reply are
    no chance, None where only a run of words counts."""

    kind: str
    owner: str
    text: Text
    least: int | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A clause: what it is about, and whether it denies that."""

    matter: frozenset[str]
    denied: bool


class Background:
    """Of a question and a rubric; built once (some 50 ms) and shared by all sessions on them."""

    def __init__(self, sheet: FactSheet, rubric: Rubric, extra: Path | None = None) -> None:
        self.sheet = sheet
        self._texts: dict[str, Text] = {}
        self._parts: dict[str, Text] = {}
        self._claims: dict[str, Claim] = {}
        reader = sheet.reader
        self.negators = frozenset(reader.stem(word) for word in NEGATING - {"only"})
        words = _load_vocabulary(extra).words.replace("-", " ").split()
        self.general = frozenset(self.text(" ".join(words)).stems) | frozenset(
            reader.stem(word) for word in rubric.lexicon.function_words
        )
        self.terms = frozenset(
            stem for term in rubric.lexicon.aliases for stem in [reader.stem(term)]
        ) - frozenset(reader.stem(word) for word in ORDINARY)
        self.hidden = [*self._facts(), *self._prepared(), *self._guide(), *_titles(rubric, self)]
        self.runs: dict[tuple[str, ...], list[Hidden]] = defaultdict(list)
        self.by_stem: dict[str, list[Hidden]] = defaultdict(list)
        for hidden in self.hidden:
            own = hidden.text.joined.split()
            size = min(RUN, len(own)) if hidden.kind == "rubric" else RUN
            for run in {tuple(own[i : i + size]) for i in range(len(own) - size + 1)}:
                self.runs[run].append(hidden)
            if hidden.least is not None:
                for stem in set(hidden.text.content) - self.general:
                    self.by_stem[stem].append(hidden)
        self.run_sizes = sorted({len(run) for run in self.runs})
        self.openings = {run[: RUN - 1] for run in self.runs}

    def _facts(self) -> Iterator[Hidden]:
        for fact in self.sheet.question.facts:
            yield Hidden("leak", fact.id, self.text(fact.answer), 2)

    def _prepared(self) -> Iterator[Hidden]:
        question = self.sheet.question
        for twist in question.twists:
            text = self.text(twist.says)
            yield Hidden("prepared", twist.id, text, max(3, round(0.4 * len(set(text.content)))))
        asks = [(f.id, f.ask) for f in question.follow_ups] + [
            (t.id, t.ask) for t in question.traps
        ]
        for id, ask in asks:
            text = self.text(ask)
            yield Hidden("prepared", id, text, max(4, round(0.6 * len(set(text.content)))))

    def _guide(self) -> Iterator[Hidden]:
        question = self.sheet.question
        texts = [said for expected in question.expects.values() for said in expected.says]
        texts += question.reference.model_dump().values()
        texts += question.bars.model_dump().values()
        texts += [question.baseline, question.no_ml_when, *(trap.what for trap in question.traps)]
        for text in texts:
            yield Hidden("leak", "", self.text(text), None)

    def text(self, text: str) -> Text:
        """Read once: turns come again with every move."""
        found = self._texts.get(text)
        if found is None:
            if len(self._texts) >= KEPT_TEXTS:
                self._texts.clear()
            found = self._texts[text] = self._read(text)
        return found

    def part(self, text: str) -> Text:
        """As `text`, for pieces of a reply, which are soon forgotten."""
        found = self._parts.get(text)
        if found is None:
            if len(self._parts) >= KEPT_PARTS:
                self._parts.clear()
            found = self._parts[text] = self._read(text)
        return found

    def _read(self, text: str) -> Text:
        reader = self.sheet.reader
        tokens = tokens_of(text)
        written = [token for token in tokens if token != BREAK]
        words = reader.read(text)
        single = {reader.stem(part) for word in written for part in reader.split(word) if part}
        return Text(
            text,
            tokens,
            f" {' '.join(written)} ",
            frozenset(words.stems) | single,
            tuple(words.stems[i] for i in words.content if words.numbers[i] is None),
            tuple(self.sheet.quantities.find(words)),
        )

    def claim(self, clause: str) -> Claim:
        found = self._claims.get(clause)
        if found is None:
            if len(self._claims) >= KEPT_TEXTS:
                self._claims.clear()
            read = self._read(clause)
            found = Claim(self.matter(read), bool(read.stems & self.negators))
            self._claims[clause] = found
        return found

    def matter(self, read: Text) -> frozenset[str]:
        """What a clause is about: its words of meaning and its amounts, denials left out."""
        amounts = {f"{q.dimension}:{q.amount:.6g}" for q in read.quantities}
        return frozenset(set(read.content) - self.negators | amounts)

    def stems_of(self, word: str) -> list[str]:
        reader = self.sheet.reader
        return [reader.stem(part) for part in reader.split(word) if part]


def background_of(sheet: FactSheet, rubric: Rubric, extra: Path | None = None) -> Background:
    """Built when it is first asked for. A background holds its sheet, so the sheet's identity stays its own."""
    key = (id(sheet), rubric.sha256, extra)
    found = _backgrounds.get(key)
    if found is None:
        if len(_backgrounds) >= KEPT_BACKGROUNDS:
            _backgrounds.clear()
        found = _backgrounds[key] = Background(sheet, rubric, extra)
    return found


_backgrounds: dict[tuple[int, str, Path | None], Background] = {}

# Aliases of the lexicon that are no method and no measure.
ORDINARY = (
    "api gpu cpu lookup dropoff speedup warmup startup ontop upfront inadvance ondevice ondemand "
    "oncall newsfeed "
    "webpage doublecheck signoff realtime online offline dashboard timeout chargeback rollout ml gdpr pii"
).split()


def _titles(rubric: Rubric, background: Background) -> Iterator[Hidden]:
    for _, criterion in rubric.criteria.values():
        for text in (criterion.title, criterion.missed_title, criterion.why):
            read = background.text(text)
            if len(read.joined.split()) >= TITLE:
                yield Hidden("rubric", "", read, None)


def _load_vocabulary(extra: Path | None) -> Vocabulary:
    for shelf in content_folders("prompts", extra):
        path = shelf / "voice" / "vocabulary.yaml"
        if path.is_file():
            return as_model(Vocabulary, read_yaml(path), path.name)
    raise InvalidContent(["voice/vocabulary.yaml is missing from the prompts"])


def tokens_of(text: str) -> tuple[str, ...]:
    """Words in lower case, and BREAK for every mark between them."""
    return tuple(
        match.lower().replace("’", "'") if match[0].isalnum() or match[0] in "%$€£" else BREAK
        for match in TOKEN.findall(text)
    )


def clauses_of(text: str) -> list[str]:
    return [clause for clause in CLAUSE.split(text) if clause and clause.strip()]


def is_numeric(token: str) -> bool:
    return token[0].isdigit() or token in NUMBERISH or token in UNITS or token in PLURALS


class Allowance:
    """What may be said in one move of one session."""

    def __init__(self, background: Background, session: Session, move: Move) -> None:
        self.background = background
        self.move = move
        question = background.sheet.question
        self.say = background.text(move.text)
        self.facts = [question.fact(id) for id in move.facts]
        told = [question.fact(id) for id in session.told if id not in move.facts]
        self.told = [background.text(fact.answer) for fact in told]
        self.asks = move.kind in ASKING
        self.sources = [
            self.say,
            background.text(question.prompt),
            background.text(question.title),
            *self.told,
        ]
        self.talk = [background.text(turn.text) for turn in session.turns]
        self.earlier = [
            background.text(turn.text) for turn in session.turns if turn.speaker == "interviewer"
        ]
        self.public = {*move.facts, *session.told, *session.asked, move.follow_up, move.twist}
        self.source_stems = frozenset().union(*(text.stems for text in self.sources))
        self.talk_stems = frozenset().union(*(text.stems for text in self.talk))
        self.stems = background.general | self.source_stems | self.talk_stems
        self.bigrams = {
            pair
            for text in self.sources
            for tokens in [(BREAK, *text.tokens, BREAK)]
            for pair in zip(tokens, tokens[1:], strict=False)
        }
        self.trigrams = {
            gram
            for text in self.sources
            for tokens in [(BREAK, *text.tokens, BREAK)]
            for gram in zip(tokens, tokens[1:], tokens[2:], strict=False)
        }
        self.salient = [stem for stem in self.say.content if stem not in background.general]

    @cached_property
    def claims(self) -> list[Claim]:
        """What the script and the facts told say, clause by clause."""
        background = self.background
        return [background.claim(part) for text in self.sources for part in clauses_of(text.text)]

    @cached_property
    def amounts(self) -> list[Quantity]:
        """Of the script and what was told; where it asks, of the candidate's words too."""
        texts = self.sources + (self.talk if self.asks or self.move.kind == "reply" else [])
        return [quantity for text in texts for quantity in text.quantities]

    @cached_property
    def earlier_runs(self) -> frozenset[tuple[str, ...]]:
        """Four words in a row of an earlier sentence of its own which the script does not hold."""
        size = RUN - 1
        return frozenset(
            run
            for text in self.earlier[1:]
            for own in [text.joined.split()]
            for i in range(len(own) - size + 1)
            for run in [tuple(own[i : i + size])]
            if f" {' '.join(run)} " not in self.say.joined
        )

    def is_public(self, hidden: Hidden) -> bool:
        return hidden.owner in self.public

    def was_said(self, words: Iterable[str]) -> bool:
        """These words in a row stand in something that may be said."""
        run = f" {' '.join(words)} "
        return any(run in text.joined for text in (*self.sources, *self.talk))

    def holds(self, quantity: Quantity) -> bool:
        return any(same(quantity, known) for known in self.amounts)
