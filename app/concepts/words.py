"""A text as a row of words in normal form, each with its offsets: what every later stage reads.

Punctuation and case are dropped on purpose: a recogniser gives neither, and the same interview must get
the same marks with or without them. Inflection goes (Snowball), spoken numbers become digits, fillers go,
and terms that are written or heard in several ways become one term.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from app.concepts.lexicon import Lexicon
from app.concepts.numbers import STARTS, read_number
from app.matching import Slips, Spelling

WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|[%$€£]")
SYMBOLS = {"%": "percent", "$": "dollar", "€": "euro", "£": "pound"}
SUFFIXES = ("'s", "'re", "'ll", "'ve", "'d", "'m")
MEMORY = 200_000
# A stemmer holds the word that it works on: two threads would mix theirs.
STEMMER, STEMMING = snowballstemmer.stemmer("english"), threading.Lock()


# stem, value where it is a number, whether it is a function word, start, end
Entry = tuple[str, float | None, bool, int, int]
Joins = dict[str, list[tuple[tuple[str, ...], str]]]


@dataclass(frozen=True, slots=True)
class Words:
    """Parallel rows: `stems[i]` stands at `starts[i]:ends[i]` of the text (code points).

    `numbers[i]` is the value where the word is a number. `content` holds the places of the words that
    carry meaning, negators among them.
    """

    text: str
    stems: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    numbers: tuple[float | None, ...]
    content: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.stems)


class Reader:
    """Turns text into Words by one lexicon. Remembers words it has met; the memory never changes a result."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._stems: dict[str, str] = {}
        self._spelling: Spelling | Slips | None = None
        self._irregular = {
            form: word for word, forms in lexicon.irregular.items() for form in forms
        }
        for word in lexicon.distinct:
            self._stems[word] = self._stems[f"{word}s"] = word
        self._contractions = {
            short: tuple(long.split()) for short, long in lexicon.contractions.items()
        }
        self._function = frozenset(lexicon.function_words)
        self._parts: dict[str, tuple[str, ...]] = {}
        self._plain: dict[str, tuple[tuple[str, bool], ...]] = {}
        self._written: dict[str, str | None] = {}
        self._fillers: Joins = {}
        self._terms: Joins = {}
        for filler in lexicon.fillers:
            self._add(self._fillers, filler, "")
        for term, ways in lexicon.aliases.items():
            for way in ways:
                self._add(self._terms, way, self.stem(term))
        for sequences in (*self._fillers.values(), *self._terms.values()):
            sequences.sort(key=lambda entry: (-len(entry[0]), entry[0]))
        self.negators = frozenset(self.stem(w) for w in lexicon.negators if " " not in w)

    def _add(self, joins: Joins, phrase: str, term: str) -> None:
        words = [part for word in WORD.findall(phrase.lower()) for part in self.split(word)]
        stems = tuple([stem for stem, *_ in self._numbered(words)])
        joins.setdefault(stems[0], []).append((stems, term))

    def learn_spelling(self, words: Iterable[str]) -> None:
        """From here on a word never met before is read as the one of these that it is a slip for."""
        self._spelling = Spelling(words)

    def learn_slips(self, words: Iterable[str], real: Iterable[str]) -> None:
        """As learn_spelling, but only a single slip is mended, and never in a word that is `real`."""
        self._spelling = Slips(words, real)

    def stem(self, word: str) -> str:
        found = self._stems.get(word)
        if found is None:
            found = self._irregular.get(word)
            if found is None:
                found = self._spelling.find(word) or word if self._spelling else word
            if len(found) > 2:
                found = stemmed(found)
            if len(self._stems) < MEMORY:
                self._stems[word] = found
        return found

    def term(self, written: str) -> str | None:
        """The last word with content of a short text, in normal form; None where there is none."""
        if written not in self._written:
            content = [entry[0] for entry in self._row(written) if not entry[2]]
            self._written[written] = content[-1] if content else None
        return self._written[written]

    def split(self, word: str) -> tuple[str, ...]:
        """The words inside one written word: "don't" is do + not, "it's" is it, "%" is percent."""
        found = self._parts.get(word)
        if found is None:
            found = self._split(word)
            if len(self._parts) < MEMORY:
                self._parts[word] = found
        return found

    def _split(self, word: str) -> tuple[str, ...]:
        if word in SYMBOLS:
            return (SYMBOLS[word],)
        if not word.isascii():
            word = plain_letters(word)
        bare = word.replace("'", "")
        if bare in self._contractions:
            return self._contractions[bare]
        if bare == word:
            return (word,)
        if word.endswith("n't"):
            return (word[:-3], "not")
        for suffix in SUFFIXES:
            if word.endswith(suffix):
                return (word[: -len(suffix)],)
        return (bare,)

    def read(self, text: str) -> Words:
        row = self._row(text)
        if not row:
            return Words(text, (), (), (), (), ())
        stems, numbers, empty, starts, ends = zip(*row, strict=True)
        content = tuple([place for place, is_empty in enumerate(empty) if not is_empty])
        return Words(text, stems, starts, ends, numbers, content)

    def _row(self, text: str) -> list[Entry]:
        """Join spoken numbers, drop the fillers, then join what is one term."""
        row: list[Entry] = []
        plain = self._plain
        for match in WORD.finditer(text):
            parts = plain.get(word := match.group().lower()) or self._meet(word)
            if parts is None:
                row = self._with_numbers(text)
                break
            start, end = match.span()
            for stem, is_empty in parts:
                row.append((stem, None, is_empty, start, end))
        return joined(joined(row, self._fillers), self._terms)

    def _meet(self, written: str) -> tuple[tuple[str, bool], ...] | None:
        """What stands in one written word, each with whether it is a function word; None where a number may begin."""
        parts: list[tuple[str, bool]] = []
        for word in self.split(written):
            if word:
                if word in STARTS or word[0].isdigit():
                    return None
                parts.append((self.stem(word), word in self._function))
        found = tuple(parts)
        if max(len(self._plain), len(self._stems)) < MEMORY:
            self._plain[written] = found
        return found

    def _with_numbers(self, text: str) -> list[Entry]:
        words: list[str] = []
        spans: list[tuple[int, int]] = []
        for match in WORD.finditer(text):
            for part in self.split(match.group().lower()):
                if part:
                    words.append(part)
                    spans.append(match.span())
        return [
            (
                stem,
                value,
                value is None and words[first] in self._function,
                spans[first][0],
                spans[end - 1][1],
            )
            for stem, value, first, end in self._numbered(words)
        ]

    def _numbered(self, words: list[str]) -> Iterator[tuple[str, float | None, int, int]]:
        """Each word's stem or each number, its value, and which words it is made of, as in words[first:end]."""
        i = 0
        while i < len(words):
            word = words[i]
            may_be = word in STARTS or word[0].isdigit()
            if may_be and (number := read_number(words, i)) is not None:
                value, used = number
                yield f"{value:g}", value, i, i + used
                i += used
            else:
                yield self.stem(word), None, i, i + 1
                i += 1


def joined(row: list[Entry], joins: Joins) -> list[Entry]:
    """The row with every sequence of `joins` as one entry, or gone where its term is empty."""
    firsts = [place for place, entry in enumerate(row) if entry[0] in joins]
    if not firsts:
        return row
    stems = tuple([entry[0] for entry in row])
    out: list[Entry] = []
    done = 0
    for first in firsts:
        if first < done:
            continue
        for sequence, term in joins[stems[first]]:
            end = first + len(sequence)
            if stems[first:end] == sequence:
                out += row[done:first]
                if term:
                    out.append((term, None, False, row[first][3], row[end - 1][4]))
                done = end
                break
    return out + row[done:]


@lru_cache(maxsize=MEMORY)
def stemmed(word: str) -> str:
    """Shared by all readers: most of building one is stemming the same words."""
    with STEMMING:
        stem: str = STEMMER.stemWord(american(word))
    return stem


def american(word: str) -> str:
    """One spelling for the stemmer: -ise and -our words as they are written in American English."""
    if len(word) > 6:
        for british, spelt in (("isation", "ization"), ("ising", "izing"), ("ised", "ized")):
            if word.endswith(british):
                return word[: -len(british)] + spelt
        if word.endswith(("ise", "ises")):
            return word.replace("ise", "ize")
    if word.endswith("our") and len(word) > 5:
        return word[:-3] + "or"
    if "our" in word[3:] and word.startswith(("behav", "neighb", "fav", "lab", "col", "hon")):
        return word.replace("our", "or", 1)
    return word


def plain_letters(word: str) -> str:
    word = word.replace("’", "'").replace("ʼ", "'")
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
