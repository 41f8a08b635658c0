"""Remarks about how things were said. An advisory never changes a mark; what it names already has."""

from collections.abc import Iterator

from app.scoring.heard import Heard
from app.scoring.report import Advisory

ADVISORIES = {
    "keyword-list": "Terms were listed one after another without saying what they do; a list counts as a "
    "mention at most.",
    "repetition": "Whole sentences were said again; what is repeated counts once.",
    "word-salad": "The words are in an order that nobody speaks; nothing could be credited.",
    "instruction": "A sentence is addressed to whoever grades; it was read as words and changed nothing.",
    "parroting": "Much of this turn repeats the interviewer's or the question's words; those were not credited.",
}


def advise(heard: Heard, *, shuffled: bool) -> tuple[Advisory, ...]:
    return tuple(_advisories(heard, shuffled))


def _advisories(heard: Heard, shuffled: bool) -> Iterator[Advisory]:
    if shuffled:
        yield Advisory("word-salad", None, ADVISORIES["word-salad"])
    for id, turns in (
        ("keyword-list", heard.listed_turns),
        ("repetition", heard.repeated_turns),
        ("instruction", heard.ordered_turns),
        ("parroting", heard.echoing_turns),
    ):
        for turn in dict.fromkeys(turns):
            yield Advisory(id, turn, ADVISORIES[id])
