"""Asking back: which facts a question may have meant where none is sure, and which of them the candidate then takes.

A wrong fact misleads and a refusal of what one knows wastes the question; a person asks "do you mean this, or that?".
Only what a fact is about is named, never its answer. Nothing is taken by a word that may belong to the design: "first,
I would ..." is no choice of the first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.bank.question import Fact
from app.bank.sheet import FactSheet, Found

LEAST = 0.07  # likelihood of the first; below it the honest answer is that nothing is known
BESIDE = 0.35  # of the first's likelihood, from which the second is named too
LONGEST = 14  # words of a reply that says in words what was meant
SAID = 0.2  # likelihood of an offered fact by the words of such a reply

_LEAD = r"(?:(?:oh|ah|um|uh|well|so|sorry|ok|okay|hm+|and)[\s,]+)*"
_YES = r"(?:yes|yeah|yep|yup|exactly|correct|precisely|indeed)"
_POLITE = (
    r"(?:[\s,.!]+(?:please|thanks|thank you|exactly|right|indeed|sure|just that|"
    r"that(?:['’]s| is)? (?:it|right|one)))*"
)
_PLACE = r"(?:the )?(first|former|1st|second|latter|last|2nd|other)(?: one| thing| question)?(?: of (?:the|those) two)?"
_MEANT = r"(?:(?:yes|yeah)[\s,]+)?(?:i (?:mean|meant|was after|am after) )?"
PLACE = re.compile(rf"{_LEAD}{_MEANT}{_PLACE}{_POLITE}\W*", re.I)
NOT_PLACE = re.compile(rf"{_LEAD}(?:no[\s,.]+)?not {_PLACE}\W*", re.I)
BOTH = re.compile(
    rf"{_LEAD}{_MEANT}(?:both|either)(?: of (?:them|those|these))?(?: (?:is|would be) (?:fine|good))?{_POLITE}\W*",
    re.I,
)
NO = re.compile(
    rf"{_LEAD}(?:no|nope|nah|neither|none|not)(?:[\s,.]+(?:no|not|none|neither|of|that|those|these|them|really|quite|"
    r"exactly|both|either|thanks|thank|you|never|mind|it|what|i|mean|meant|was|asking|is))*\W*",
    re.I,
)
YES = re.compile(
    rf"{_LEAD}{_YES}{_POLITE}(?=\W|$)(?:[\s,.!;:]+(?:and|but|also|so)\b)?[\s,.!;:–—-]*", re.I
)
ASSENT = re.compile(
    rf"{_LEAD}(?:right|sure|please|go on|tell me|i do|i did|that one|that(?:['’]s| is) (?:it|right|the one|"
    rf"what i(?: mean|['’]m asking|['’]d like to know)?)|i mean(?:t)? that){_POLITE}\W*",
    re.I,
)
IN_WORDS = re.compile(
    rf"{_LEAD}(?:i (?:mean|meant|am|was|['’]m) |more |rather |just |only |about |the |how |what |which |whether |who )",
    re.I,
)
DESIGN = re.compile(
    r"\b(?:i|we)(?:['’](?:d|ll|ve)| will| would| could| can| should| use| have| go| take)\b", re.I
)
SECOND = frozenset(("second", "latter", "last", "2nd", "other"))


@dataclass(frozen=True, slots=True)
class Taken:
    """`facts` that a reply takes, none where it refuses what was offered; `rest` is what it says besides."""

    facts: tuple[Fact, ...]
    rest: str = ""


def likely(ranked: Sequence[Found]) -> tuple[Fact, ...]:
    """The one or two facts to ask back about, the likelier first."""
    if not ranked or ranked[0].score < LEAST:
        return ()
    return tuple(f.fact for f in ranked[:2] if f.score >= BESIDE * ranked[0].score)


def named(facts: Sequence[Fact]) -> str:
    """ "the peak load, or how many users there are"."""
    return ", or ".join(_lowered(" ".join(fact.about.split())) for fact in facts)


def taken(text: str, offered: Sequence[Fact], sheet: FactSheet) -> Taken | None:
    """What a turn takes of what was offered just before it; None where it is no reply to that."""
    said = text.strip()
    if not offered or not said:
        return None
    if match := NOT_PLACE.fullmatch(said):
        return Taken((offered[1 - _place(match)],) if len(offered) > 1 else ())
    if NO.fullmatch(said):
        return Taken(())
    if len(offered) > 1 and (match := PLACE.fullmatch(said)):
        return Taken((offered[_place(match)],))
    if BOTH.fullmatch(said) or ASSENT.fullmatch(said):
        return Taken(tuple(offered))
    if match := YES.match(said):
        return Taken(tuple(offered), said[match.end() :])
    best = _in_words(said, offered, sheet)
    return None if best is None else Taken((best,))


def _in_words(said: str, offered: Sequence[Fact], sheet: FactSheet) -> Fact | None:
    """ "I mean the ones of last year": the offered fact that is likeliest of all by these words, and likely enough."""
    words = sheet.reader.read(said)
    if len(words) > LONGEST or not IN_WORDS.match(said) or DESIGN.search(said):
        return None
    ranked = sheet.rank(words)
    best = ranked[0] if ranked else None
    if best is None or best.score < SAID:
        return None
    return next((fact for fact in offered if fact.id == best.fact.id), None)


def _place(match: re.Match[str]) -> int:
    return int(match.group(1).lower() in SECOND)


def _lowered(about: str) -> str:
    """As it goes on within a sentence; "GPUs" keep their capitals."""
    first = about.split()[0]
    return about[:1].lower() + about[1:] if first[1:].islower() or first == "A" else about
