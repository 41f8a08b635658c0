"""Was this said? A quote counts where it stands in one turn of the candidate, and then the transcript's own words do.

First the same words in the same order, as written or in normal form. Else nearly the same: one word in eight may
differ, at neither end, and none of them is a negation, a number (spoken ones count too) or a turning word such as
"more" or "before"; those also stand before the same word as they did. Letter-by-letter likeness alone accepts 99 %
of quotes into which a "not" was put, so it decides nothing by itself. docs/prompts.md has the figures.
"""

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from app.concepts.clauses import ClauseCutter
from app.concepts.words import WORD, Words
from app.matching import aligned, alike
from app.scoring.echo import Echo
from app.scoring.gates import listed
from app.scoring.heard import Heard
from app.scoring.knowledge import Knowledge
from app.scoring.listen import covered
from app.scoring.quotes import evidence_of, quote_bounds
from app.scoring.report import Evidence
from app.scoring.view import TurnView
from app.transcripts.transcript import Speaker, Transcript

Reason = Literal[
    "not_found",
    "too_short",
    "order",
    "foreign",
    "echo",
    "reused",
    "no_quote",
    "undecided",
    "unreadable",
]
# Why a quote, or the vote that rests on it, does not count. Each goes on "could not be judged: ...".
VOID: dict[Reason, str] = {
    "not_found": "the words quoted for it are not the candidate's",
    "too_short": "too few words were quoted for it",
    "order": "the words quoted for it are addressed to the judge",
    "foreign": "the words quoted for it are no English sentence, and no terms that the rubric knows",
    "echo": "the words quoted for it repeat the interviewer or the question",
    "reused": "the same words were quoted for too many criteria",
    "no_quote": "no words were quoted for it",
    "undecided": "the judge could not tell",
    "unreadable": "the judge's answer was not in the form that was asked for",
}

LEAST_EXACT = 4  # words
LEAST_NEAR = 5
LEAST_CONTENT = 2  # words that carry meaning, in a quote of fewer than SHORT words
SHORT = 6
LONGEST_NEAR = 80
COVERED = 0.80
ALIKE = 85.0
EDGE = 3  # words at either end that must stand as they are
GAP = 2  # words in a row that only one side has; two joined places leave more
WORDS_A_SLIP = 8
SLACK = 4  # a window is longer than its quote by one word in SLACK
WINDOWS = 3
NEGATED_BEFORE = 3  # words before a quote in which a negation belongs to it
MOSTLY = 0.5

# Words on which a meaning turns, beside the negations of the rubric's lexicon and numbers.
TURNING = (
    "hardly barely seldom rarely instead rather except unless fail stop without "
    "one half third quarter twice double triple dozen hundreds thousands millions billions first second fourth fifth "
    "more less fewer higher lower high low above below over under before after increase decrease rise fall up down "
    "always ever only all some any best worst better worse faster slower big small large early late last same "
    "different true false positive negative offline online win lose gain loss accept reject allow block include "
    "exclude with add remove keep drop start begin end most least cheap expensive "
    "falsepositive falsenegative truepositive truenegative"
)
TURNED_BY = ("un", "in", "im", "ir", "il", "dis", "non", "mis", "de")

LINE_HEAD = re.compile(r"^\s*\[\d+\]\s*(?:candidate|interviewer|observer)?\s*:?\s*", re.IGNORECASE)
# A line of talk that is addressed to whoever judges; the rubric's own phrases (app/scoring/knowledge.py) come on top.
ORDERS = re.compile(
    r"\b(?:ignor|disregard|overrid|bypass|forget)\w*\b.{0,40}\b(?:instructions?|rubric|guidelines|system prompt)\b"
    r"|\b(?:full|top|max(?:imum)?|highest|perfect)\s+(?:marks|grades?|credit)\b"
    r"|\b(?:award|give|grant|assign|grade|mark|rate|score|treat|judge|consider|label|report)\b.{0,50}"
    r"\b(?:this candidate|my answers?|my interview|this (?:interview|transcript)|"
    r"(?:every|each) (?:criterion|criteria|step)|all (?:of )?(?:the )?(?:criteria|steps))\b.{0,50}"
    r"\b(?:grounded|justified|full|top|maximum|highest|perfect|pass|hired?|strong yes|4|four|five)\b"
    r"|\b(?:award|give|grade|mark|rate|score|treat|judge|label)\b.{0,30}\b(?:me|everything)\b.{0,30}"
    r"\b(?:grounded|justified|perfect|passed|strong yes)\b"
    r"|\b(?:criteri(?:on|a)|depths?|verdicts?|steps?)\b.{0,30}\b(?:is|are|as|to|be|=|:)\s*\W?grounded\b"
    r"|\byou are (?:now )?(?:the |a |an )?(?:\w+ )?(?:grader|judge|evaluator|examiner|scorer|assessor)\b"
    r"|\b(?:note|message|memo|reminder|dear|attention|hey|hello|instructions?)(?: to| for)?(?: the| all)? "
    r"(?:grader|judge|evaluator|examiner|scorer|assessor|ai|llm|language model|assistant)s?\b"
    r"|\b(?:judge|grader|examiner|evaluator|scorer|assessor)s? (?:should|must|will|has to|have to|needs? to) (?:now )?"
    r"(?:report|give|award|label|mark|grade|return|answer)\b|\bas your (?:only|final|whole) answer\b"
    r"|\b(?:new|updated|revised|additional|following) instructions?\b|\bend of (?:the )?transcript\b"
    r"|(?:^|[.?!]\s)\s*(?:system|assistant|developer|admin)\s*:|(?-i:\bSYSTEM)\s*[:>]"
    r"|</?\s*(?:system|transcript|step|criterion|instructions?|admin|conversation)\b"
    r"|\[/?INST\]|<\|\w+\|>|#{2,}\s*(?:system|instructions?)"
    r"|[\"']?(?:criteria|depth|quotes|verdict)[\"']\s*:"
    r"|\bas the interviewer,? i\b|\bthe interviewer (?:has )?(?:already )?(?:awarded|graded|decided)\b"
    r"|(?-i:(?=[A-Za-z+/]{0,99}\d)(?=[a-z0-9+/]{0,99}[A-Z])[A-Za-z0-9+/]{24,}={0,2})",
    re.IGNORECASE | re.DOTALL,
)
FOREIGN_ROW = (
    6  # words; talk has hardly ever as many in a row that the rubric's language does not know
)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote that counts. `listed`: terms in a row; `grounds`: holds an amount or ties to what was agreed before."""

    evidence: Evidence
    words: int
    listed: bool
    grounds: bool


@dataclass(frozen=True, slots=True)
class Void:
    reason: Reason


@dataclass(frozen=True, slots=True)
class Row:
    """Words of a turn as one text for searching: each between two blanks, with its code points beside it."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def find(self, words: tuple[str, ...]) -> tuple[int, int] | None:
        """(start, end) code points of the first place where these words stand in a row."""
        at = self.text.find(f" {' '.join(words)} ")
        if at < 0:
            return None
        first = self.text.count(" ", 0, at)
        return self.starts[first], self.ends[first + len(words) - 1]


@dataclass(frozen=True, slots=True)
class Said:
    """One of the candidate's turns, made ready: `orders` are stretches (start, end) addressed to the judge."""

    number: int
    words: Words
    written: Row
    normal: Row
    view: TurnView
    orders: tuple[tuple[int, int], ...]


class Quotes:
    """Checks quotes against one transcript. Answers are remembered: votes often quote the same words."""

    def __init__(
        self,
        transcript: Transcript,
        knowledge: Knowledge,
        heard: Heard,
        question_text: str | None = None,
    ) -> None:
        self._transcript = transcript
        self._knowledge = knowledge
        reader = knowledge.reader
        self._turning = reader.negators | {reader.stem(word) for word in TURNING.split()}
        self._found: dict[tuple[str, int], Quoted | Void] = {}
        self._said = {
            said.number: said for said in _said(transcript, knowledge, heard, question_text)
        }

    def check(self, text: str, turn: int) -> Quoted | Void:
        """`turn` is where the judge says that it stands; another turn of the candidate will do."""
        key = (text, turn)
        if key not in self._found:
            self._found[key] = self._check(text, turn)
        return self._found[key]

    def find(self, text: str, turn: int) -> Evidence | None:
        """Where it was said, whatever it is worth."""
        plain = LINE_HEAD.sub("", html.unescape(text), count=1)
        if (place := self._exact(plain, turn) or self._near(plain, turn)) is None:
            return None
        said, start, end = place
        start = min(start, self._negation_before(said, start))
        return evidence_of(self._transcript, said.number, start, end)

    def _check(self, text: str, turn: int) -> Quoted | Void:
        evidence = self.find(text, turn)
        if evidence is None:
            few = len(WORD.findall(text)) < LEAST_EXACT
            return Void("too_short" if few else "not_found")
        said = self._said[evidence.turn]
        low, high = _places(said.words, evidence)
        content = said.view.content_between(low, high)
        if any(start < evidence.end and evidence.start < end for start, end in said.orders):
            return Void("order")
        if self._is_foreign(said.words, low, high):
            return Void("foreign")
        if len(content) < LEAST_CONTENT and high - low + 1 < SHORT:
            return Void("too_short")
        if _share(said.view.echoed, low, high) > MOSTLY:
            return Void("echo")
        return Quoted(
            evidence,
            words=high - low + 1,
            listed=_share(said.view.listed, low, high) > MOSTLY,
            grounds=said.view.grounds(low, high),
        )

    def _is_foreign(self, words: Words, low: int, high: int) -> bool:
        """Whether a few words in a row are neither English nor terms: another language, or letters without meaning."""
        content = set(words.content)
        strange = [
            place in content
            and words.stems[place] not in self._knowledge.known
            and words.numbers[place] is None
            for place in range(low, high + 1)
        ]
        size = min(FOREIGN_ROW, len(strange))
        rows = range(len(strange) - size + 1)
        return any(sum(strange[first : first + size]) >= size - 1 for first in rows)

    def _turns(self, named: int) -> Iterator[Said]:
        """The named one first."""
        if named in self._said:
            yield self._said[named]
        yield from (said for number, said in self._said.items() if number != named)

    def _exact(self, text: str, turn: int) -> tuple[Said, int, int] | None:
        written = tuple(_written(match.group()) for match in WORD.finditer(text))
        if len(written) < LEAST_EXACT:
            return None
        normal = self._knowledge.reader.read(text).stems
        for said in self._turns(turn):
            place = said.written.find(written)
            if place is None and len(normal) >= LEAST_EXACT:
                place = said.normal.find(normal)
            if place is not None:
                return said, *place
        return None

    def _near(self, text: str, turn: int) -> tuple[Said, int, int] | None:
        quote = self._knowledge.reader.read(text)
        if not LEAST_NEAR <= len(quote) <= LONGEST_NEAR:
            return None
        for said in self._turns(turn):
            for low, high in _windows(quote, said.words):
                if place := self._aligned(quote, said.words, low, high):
                    first, last = place
                    return said, said.words.starts[first], said.words.ends[last]
        return None

    def _aligned(self, quote: Words, words: Words, low: int, high: int) -> tuple[int, int] | None:
        """Places of the first and last word in `words` where the quote stands nearly as it is."""
        pairs = aligned(quote.stems, words.stems[low:high])
        if len(pairs) < COVERED * len(quote):
            return None
        first, last = low + pairs[0][1], low + pairs[-1][1]
        edges = [*range(EDGE), *range(len(quote) - EDGE, len(quote))]
        if not {place for place, _ in pairs}.issuperset(edges) or self._is_moved(quote, pairs):
            return None
        slips = 0
        for (a, b), (next_a, next_b) in pairwise(pairs):
            ours, theirs = quote.stems[a + 1 : next_a], words.stems[low + b + 1 : low + next_b]
            slips += max(len(ours), len(theirs))
            if max(len(ours), len(theirs)) > GAP or self._turns_on(ours, theirs):
                return None
        if slips > max(1, len(quote) // WORDS_A_SLIP):
            return None
        if alike(" ".join(quote.stems), " ".join(words.stems[first : last + 1])) < ALIKE:
            return None
        return first, last

    def _is_moved(self, quote: Words, pairs: list[tuple[int, int]]) -> bool:
        """Whether a negation or number stands before another word than it did."""
        known = set(pairs)
        return any(
            (quote.stems[a] in self._turning or quote.numbers[a] is not None)
            and a + 1 < len(quote)
            and (a + 1, b + 1) not in known
            for a, b in pairs
        )

    def _turns_on(self, ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
        """Whether these words, which stand on one side only, can turn a meaning round."""
        return _opposites(ours, theirs) or any(
            stem in self._turning or stem[0].isdigit() for stem in (*ours, *theirs)
        )

    def _negation_before(self, said: Said, start: int) -> int:
        """Where a negation begins that stands just before a quote and was cut off; `start` where there is none."""
        words = said.words
        first = bisect_left(words.starts, start)
        for place in range(first - 1, max(first - 1 - NEGATED_BEFORE, -1), -1):
            between = words.text[words.ends[place] : words.starts[place + 1]]
            if any(mark in between for mark in ".?!\n"):
                break
            if words.stems[place] in self._knowledge.reader.negators:
                return words.starts[place]
        return start


def _said(
    transcript: Transcript, knowledge: Knowledge, heard: Heard, question_text: str | None
) -> Iterator[Said]:
    reader, cutter = knowledge.reader, ClauseCutter(knowledge.reader)
    question = question_text or transcript.question
    echo = Echo(reader.read(question) if question else None)
    for number, turn in enumerate(transcript.turns):
        words = reader.read(turn.text)
        if not len(words):
            continue
        if turn.speaker is not Speaker.CANDIDATE:
            echo.hear(words)
            continue
        clauses = cutter.cut(words)
        view = TurnView(knowledge, words, knowledge.markers.find(words), clauses)
        view.echoed = echo.covers(words)
        view.listed = covered(listed(words), len(words))
        orders = [(c.start, c.end) for c in heard.clauses if c.turn == number and c.ordered]
        for match in ORDERS.finditer(turn.text):
            orders.append(_sentences(turn.text, *match.span()))
        yield Said(
            number,
            words,
            _written_row(turn.text),
            Row(f" {' '.join(words.stems)} ", words.starts, words.ends),
            view,
            tuple(orders),
        )


def _sentences(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence of an order and the one behind it, which mostly goes on with it."""
    start, end = quote_bounds(text, start, end, (start, end))
    behind = min(end + 1, len(text))
    return start, quote_bounds(text, behind, behind, (behind, behind))[1]


def _written(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().replace("’", "'").replace("ʼ", "'")


def _written_row(text: str) -> Row:
    found = list(WORD.finditer(text))
    return Row(
        f" {' '.join(_written(match.group()) for match in found)} ",
        tuple(match.start() for match in found),
        tuple(match.end() for match in found),
    )


def _windows(quote: Words, words: Words) -> list[tuple[int, int]]:
    """Stretches (first, last + 1) of the turn that hold most of the quote's words in any order, the fullest first."""
    need, least = Counter(quote.stems), COVERED * len(quote)
    size = len(quote) + max(GAP, len(quote) // SLACK)
    have: Counter[str] = Counter()
    shared, found = 0, []
    for place, stem in enumerate(words.stems):
        if stem in need:
            have[stem] += 1
            shared += have[stem] <= need[stem]
        if place >= size and (gone := words.stems[place - size]) in need:
            shared -= have[gone] <= need[gone]
            have[gone] -= 1
        if shared >= least:
            found.append((shared, max(0, place - size + 1), place + 1))
    found.sort(key=lambda window: (-window[0], window[1]))
    return [(low, high) for _, low, high in found[:WINDOWS]]


def _opposites(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """ "likely" for "unlikely"."""
    return any(
        long == turned + short
        for one in ours
        for other in theirs
        for short, long in ((one, other), (other, one))
        for turned in TURNED_BY
    )


def _places(words: Words, evidence: Evidence) -> tuple[int, int]:
    low = bisect_right(words.ends, evidence.start)
    high = bisect_left(words.starts, evidence.end) - 1
    return min(low, len(words) - 1), max(high, 0)


def _share(row: list[bool], low: int, high: int) -> float:
    inside = row[low : high + 1]
    return sum(inside) / max(len(inside), 1)
