"""Spelling, and how long a text takes to say.

Only what is spoken or shown is proofread. A word is told where it is unknown, seldom used and one letter from a word
that everybody knows: names, terms of the trade and rare words pass, since a linter that cries wolf is turned off.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Protocol

from app.bank.question import Question
from app.concepts.words import american
from app.matching import near_words
from app.rubric.load import Rubric

WORD = re.compile(r"(?<![\w@#/.*-])[a-z]+(?:['’][a-z]+)?(?![\w@#/*-])")
SPOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’-][^\W\d_]+)*|[%€$£]")
LEAST_LETTERS = 5
OFTEN = 3  # a word that an author uses so many times is meant
WELL_KNOWN = 300  # times in the list's own corpus, in which "the" stands 76 million times
WORDS_A_MINUTE = 150
LONGEST = {"prompt": 50, "facts": 25, "twists": 30}  # seconds
SUFFIXES = ("'s", "’s", "'d", "'ll", "'re", "'ve", "’d", "’ll", "’re", "’ve")
# British ways of writing that the American list lacks, as (written, how the list has it).
BRITISH = (
    (r"our(?=$|s$|ed$|ing$|ite|able|ful|less|hood|er)", "or"),
    (r"is(?=e$|es$|ed$|ing$|er$|ers$|ation)", "iz"),
    (r"ys(?=e$|es$|ed$|ing$|er$)", "yz"),
    (r"(?<=[tbd])re(?=$|s$|d$)", "er"),
    (r"enc(?=e$|es$|eless|eman)", "ens"),
    (r"ll(?=ed$|ing$|er$|ers$|or$|ors$|ings$)", "l"),
    (r"pp(?=ed$|ing$|er$)", "p"),
    (r"ogue(?=$|s$)", "og"),
    (r"ae|oe", "e"),
    (r"mme(?=$|s$)", "m"),
    (r"l(?=ment|ful|$)", "ll"),
    (r"gement", "gment"),
    (r"(?<=[a-z])eing$", "ing"),
    (r"ould", "old"),
    (r"ise$", "ize"),
)
WHOLE = frozenset(
    "grey tyre tyres kerb cheque cheques plough sceptical scepticism aluminium pyjamas whilst amongst towards "
    "afterwards storey storeys mum mums maths lorry lorries aeroplane jewellery moustache cosy draught draughts "
    "tonne tonnes learnt spelt burnt dreamt leant spoilt catalogue practise practised licence licences defence".split()
)


class Dictionary(Protocol):
    """What is used of a spelling library."""

    def __contains__(self, word: str) -> bool: ...

    def __getitem__(self, word: str) -> int: ...

    def candidates(self, word: str) -> set[str] | None: ...


@cache
def dictionary() -> Dictionary:
    """Read when a first text is proofread: a fifth of a second that no page and no plain lint should wait for."""
    from spellchecker import SpellChecker

    found: Dictionary = SpellChecker(language="en", distance=1)
    return found


class Proofreader:
    """`known` are words that need no list: the rubric's own, and those of question_bank/_words.yaml."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known) | WHOLE
        self._terms = sorted(word for word in self._known if len(word) >= LEAST_LETTERS)
        self._judged: dict[str, str | None] = {}

    def slips(self, question: Question) -> list[tuple[str, str]]:
        """(word, sentence) for each word that looks misspelt."""
        own = {
            word
            for term, ways in question.words.items()
            for word in words_of(" ".join((term.replace("-", " "), *ways)).lower())
        }
        counts: Counter[str] = Counter()
        where: dict[str, str] = {}
        for place, text in shown(question):
            for word in words_of(text):
                counts[word] += 1
                where.setdefault(word, place)
        return [
            (word, f"{where[word]}: '{word}' may be meant as {meant}")
            for word, count in counts.items()
            if count < OFTEN and word not in own and (meant := self.meant(word))
        ]

    def meant(self, word: str) -> str | None:
        """The well-known word that this unknown one is a letter away from, or None."""
        if word not in self._judged:
            self._judged[word] = self._meant(word)
        return self._judged[word]

    def _meant(self, word: str) -> str | None:
        if len(word) < LEAST_LETTERS or self.is_known(word):
            return None
        near = [w for w in dictionary().candidates(word) or () if dictionary()[w] >= WELL_KNOWN]
        near = near or near_words(word, self._terms, 1)
        near = [w for w in near if w[0] == word[0] and not is_form_of(word, w)]
        return max(near, key=lambda w: (dictionary()[w], w), default=None)

    def is_known(self, word: str) -> bool:
        return any(w in self._known or w in dictionary() for w in ways_to_write(word))


def is_form_of(word: str, other: str) -> bool:
    """An ending more or less: "tills" for "till" is no slip."""
    long, short = sorted((word, other), key=len, reverse=True)
    return long.removesuffix("s") == short or long.removesuffix("d") == short


def ways_to_write(word: str) -> Iterator[str]:
    """The word, and as an American list has it, without common endings."""
    bare = next((word.removesuffix(s) for s in SUFFIXES if word.endswith(s)), word)
    for form in (bare, bare.removesuffix("s"), bare.removesuffix("ly"), bare.removeprefix("un")):
        yield form
        yield american(form)
        for written, listed in BRITISH:
            yield re.sub(written, listed, form)
    for part in ("over", "under", "re", "pre", "non", "mis", "sub", "out", "up", "down"):
        if bare.startswith(part) and len(bare) > len(part) + 3:
            yield bare.removeprefix(part)


def words_of(text: str) -> list[str]:
    """Words in small letters: names and abbreviations are nobody's slips."""
    return WORD.findall(text)


def shown(question: Question) -> Iterator[tuple[str, str]]:
    """(where, text) of everything that is spoken or shown."""
    yield "title", question.title
    yield "prompt", question.prompt
    for fact in question.facts:
        yield f"facts > {fact.id}", f"{fact.about}. {fact.answer}"
    for follow_up in question.follow_ups:
        yield f"follow-ups > {follow_up.id}", follow_up.ask
    for twist in question.twists:
        yield f"twists > {twist.id}", twist.says
    for trap in question.traps:
        yield f"traps > {trap.id}", f"{trap.what}. {trap.ask}"
    for criterion, expected in question.expects.items():
        yield f"expects > {criterion}", " ".join(expected.says)
    for name in ("bars", "reference"):
        for part, text in getattr(question, name).model_dump().items():
            yield f"{name} > {part}", text
    yield "baseline", question.baseline
    yield "no_ml_when", question.no_ml_when


def slow(question: Question) -> Iterator[str]:
    """What takes longer to say than anybody listens to."""
    spoken = [
        ("prompt", "prompt", question.prompt),
        *(("facts", f"facts > {f.id}", f.answer) for f in question.facts),
        *(("twists", f"twists > {t.id}", t.says) for t in question.twists),
    ]
    for kind, where, text in spoken:
        seconds = seconds_of(text)
        if seconds > LONGEST[kind]:
            yield f"{where}: takes {seconds:.0f} seconds to say; {LONGEST[kind]} can be listened to"


def seconds_of(text: str) -> float:
    """A long number is several words when it is spoken."""
    words = sum(1 + len(w) // 3 if w.isdigit() else 1 for w in SPOKEN.findall(text))
    return words * 60 / WORDS_A_MINUTE


def words_of_rubric(rubric: Rubric) -> frozenset[str]:
    """Every word in the lexicon, the criteria and the talk of a rubric."""
    texts: list[str] = []
    gather(rubric.lexicon.model_dump(), texts)
    gather([step.model_dump() for step in rubric.steps], texts)
    gather(rubric.talk.model_dump(), texts)
    return frozenset(re.findall(r"[a-z]+", " ".join(texts).lower()))


def gather(value: object, into: list[str]) -> None:
    """Every text inside a plain value."""
    if isinstance(value, str):
        into.append(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            gather(key, into)
            gather(item, into)
    elif isinstance(value, list | tuple):
        for item in value:
            gather(item, into)
