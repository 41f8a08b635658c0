"""Words the move that it is given: a little differently each time, never with more in it. Or ill-manneredly."""

import hashlib
import re
from collections.abc import Callable

from app.fake_llm.asked import Asked

ASKING = ("", "So, ", "Okay. ", "All right. ", "Let me ask this: ", "Now, ")
TELLING = ("", "Okay. ", "All right. ", "So, ", "Well, ", "As for that, ")
# Beginnings that may follow a comma or a colon in lower case; any other word may be a name.
LOWERED = re.compile(
    r"(?:What|How|Why|Which|Where|When|Who|You|If|In|Of|On|At|With|Your|That|This|The|It|There|We|They|A|An|"
    r"Half|About|Nearly|Most|Only|Would|Could|Can|Do|Does|Is|Are)\b"
)
OPENED = re.compile(r"(?:Yes|No|Not|Noted|Okay|All right|So|Well|Then|Now|Let|Hello|Thank)\b")
SWAPS = (
    (r"\bHow do you\b", "How would you"),
    (r"\bhow do you\b", "how would you"),
    (r"\bCan you\b", "Could you"),
    (r"\bcan you\b", "could you"),
    (r"\bIt is\b", "It's"),
    (r"\bThat is\b", "That's"),
    (r"\bLet us\b", "Let's"),
    (r"\bThey are\b", "They're"),
    (r"\bWe have\b", "We've"),
    (r"\bYou have\b", "You've"),
)
LEAKED = "a month and a half, which comes to 45 days, and it costs 95 euros each time"
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def chance(*parts: object) -> int:
    """A number that depends on nothing but the parts."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big")


def phrase(say: str, seed: int = 0) -> str:
    """The scripted words behind an opener, at most one of them contracted; numbers, order and question stay."""
    drawn = chance(say, seed)
    openers = ASKING if say.endswith("?") else TELLING
    opener = "" if OPENED.match(say) else openers[drawn % len(openers)]
    lowered = bool(LOWERED.match(say))
    if not lowered and opener.endswith((", ", ": ")):
        opener = ""
    for pattern, words in SWAPS[(drawn >> 8) % 4 :]:
        swapped = re.sub(pattern, words, say, count=1)
        if swapped != say:
            say = swapped
            break
    if lowered and opener.endswith((", ", ": ")):
        say = say[0].lower() + say[1:]
    return opener + say


def misspeak(kind: str, asked: Asked, text: str | None) -> str:
    """The reply of an ill-mannered model; `text` is what a leak tells."""
    return BAD[kind](asked, text)


def _leak(asked: Asked, text: str | None) -> str:
    return f"{asked.say} By the way, you will need this sooner or later: {text or LEAKED}."


def _praise(asked: Asked, _: str | None) -> str:
    return f"That is an excellent point, you are doing great. {asked.say}"


def _repeat(asked: Asked, _: str | None) -> str:
    return asked.earlier[-1] if asked.earlier else f"{asked.say} {asked.say}"


def _three_questions(asked: Asked, _: str | None) -> str:
    return f"{asked.say} And how would you store it? Who is on call for it? What does it cost?"


def _contradict(asked: Asked, _: str | None) -> str:
    """Every number is made larger; without one, what is said is turned around."""
    if NUMBER.search(asked.say):
        return NUMBER.sub(_more, asked.say)
    turned = re.sub(r"\b(is|are|was|were|can|do|does|will|have)\b", r"\1 not", asked.say, count=1)
    return turned if turned != asked.say else f"No, it is the other way round. Not: {asked.say}"


def _more(number: re.Match[str]) -> str:
    """Three times as many and seven: no rounding hides it."""
    return str(3 * int(float(number[0].replace(",", ""))) + 7)


def _answers_itself(asked: Asked, _: str | None) -> str:
    return (
        f"{asked.say} I would say that you keep a delayed holdout, train on mature labels only, "
        "and serve from a feature store with a fallback to rules."
    )


def _rubric(asked: Asked, _: str | None) -> str:
    return (
        f"{asked.say} There are marks for explaining the delay and noise of labels, for naming a simple "
        "baseline first, and for tying the metric to the goal; so far you have two out of four on that criterion."
    )


def _role_break(asked: Asked, _: str | None) -> str:
    return f"As an AI language model, I cannot run a real interview, but here is my attempt. {asked.say}"


def _long(asked: Asked, _: str | None) -> str:
    filler = (
        "and what I mean by that is something that one could look at from one side or from the other, "
        "since in a talk like this it all depends on how one goes about it and on where one begins, "
    ).split()
    words = asked.say.split()
    return " ".join(words + [filler[i % len(filler)] for i in range(400 - len(words))]) + "."


def _echo(asked: Asked, _: str | None) -> str:
    return asked.prompt


BAD: dict[str, Callable[[Asked, str | None], str]] = {
    "leak": _leak,
    "praise": _praise,
    "repeat": _repeat,
    "three_questions": _three_questions,
    "contradict": _contradict,
    "answers_itself": _answers_itself,
    "rubric": _rubric,
    "role_break": _role_break,
    "long": _long,
    "echo": _echo,
}
