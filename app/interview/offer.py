"""Asking back: which facts a question may have meant where none is sure, and which of them the candidate then takes.

A wrong fact misleads and a refusal of what one knows wastes the question; a person asks "do you mean this, or that?".
Only what a fact is about is named, never its answer.
"""

import re
from collections.abc import Sequence

from app.bank.question import Fact
from app.bank.sheet import FactSheet, Found

LEAST = 0.07  # likelihood of the first; below it the honest answer is that nothing is known
BESIDE = 0.35  # of the first's likelihood, from which the second is named too
LONGEST = 14  # words of a reply; in a longer one the candidate has gone on
SPARE = 4  # words beside "yes" or "the second"
SAID = 0.05  # likelihood of an offered fact by the words of the reply

_OPENING = r"^(?:(?:oh|ah|um|uh|well|so|sorry|ok|okay|hm+)[\s,]+)*"
NO = re.compile(rf"{_OPENING}(?:no|nope|nah|neither|none|not (?:that|those|really|quite))\b", re.I)
YES = re.compile(
    rf"{_OPENING}(?:(?:yes|yeah|yep|yup|exactly|correct|precisely|indeed|i (?:do|did)|that one|"
    r"that(?:['’]s| is) (?:it|right|the one|what i mean))\b|(?:right|sure|please|go on|tell me)\W*$)",
    re.I,
)
BOTH = re.compile(r"\bboth\b|\beither\b", re.I)
FIRST = re.compile(r"\b(?:first|former|1st)\b", re.I)
SECOND = re.compile(r"\b(?:second|latter|last|2nd|other)\b(?! thing)", re.I)


def likely(ranked: Sequence[Found]) -> tuple[Fact, ...]:
    """The one or two facts to ask back about, the likelier first."""
    if not ranked or ranked[0].score < LEAST:
        return ()
    return tuple(f.fact for f in ranked[:2] if f.score >= BESIDE * ranked[0].score)


def named(facts: Sequence[Fact]) -> str:
    """ "the peak load, or how many users there are"."""
    return ", or ".join(_lowered(" ".join(fact.about.split())) for fact in facts)


def taken(text: str, offered: Sequence[Fact], sheet: FactSheet) -> tuple[Fact, ...] | None:
    """Which of the offered facts a reply takes; empty where it refuses them, None where it is no reply to an offer."""
    words = sheet.reader.read(text)
    if not offered or len(words) > LONGEST:
        return None
    if BOTH.search(text) and len(words) <= SPARE:
        return tuple(offered)
    if len(offered) > 1 and len(words) <= 2 * SPARE:
        first, second = FIRST.search(text), SECOND.search(text)
        if bool(first) != bool(second):
            return (offered[0 if first else 1],)
    said = {found.fact.id: found.score for found in sheet.rank(words)}
    best = max(offered, key=lambda fact: said.get(fact.id, 0.0))
    if NO.match(text):
        return () if len(words) <= SPARE else None  # "no, I mean how many a day" asks anew
    if said.get(best.id, 0.0) >= SAID and said[best.id] == max(said.values()):
        return (best,)
    if YES.match(text) and len(words) <= 2 * SPARE:
        return tuple(offered)
    return None


def _lowered(about: str) -> str:
    """As it goes on within a sentence; "GPUs" keep their capitals."""
    first = about.split()[0]
    return about[:1].lower() + about[1:] if first[1:].islower() or first == "A" else about
