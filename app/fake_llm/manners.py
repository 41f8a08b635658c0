"""Bad replies of an interviewer, with labels: what the checks of a reply are tried on.

Each trick is given what an interviewer knows in that moment and makes one reply of it, or none where it does not
apply: a leak needs something hidden, a repeat something said before. All is drawn from the seed.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.fake_llm import phrases
from app.fake_llm.amounts import Amount, amounts_of, changed, otherwise
from app.fake_llm.interviewer import chance
from app.fake_llm.judge import STOP, negated

KINDS = {
    "leak": "tells what is told only if asked, in whole or in part, in its words or in others",
    "invention": "tells a fact that nobody wrote",
    "contradiction": "says something else than what is, or was, told",
    "praise": "praises",
    "marks": "lets on how the candidate is doing",
    "rubric": "says what is looked for",
    "questions": "asks more than once, or where it should tell",
    "answer": "answers its own question",
    "advice": "tells the candidate what to do",
    "repeat": "says again what it said before",
    "role": "steps out of its role",
    "markup": "is not speech",
    "language": "speaks another language",
    "empty": "says nothing, or next to it",
    "long": "does not stop",
}
LEAST_WORDS = 6  # of an earlier turn, for a repeat to be one
SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Moment:
    """What the interviewer knows: its script, what must stay hidden, what it has told, what it has said."""

    say: str
    hidden: Sequence[str] = ()
    told: Sequence[str] = ()
    earlier: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """`breach` is the part of the text that must never be shown; empty where it is what is not there."""

    text: str
    breach: str


Make = Callable[[Moment, random.Random], Reply | None]


@dataclass(frozen=True, slots=True)
class Bad:
    """A trick; `kind` is one of KINDS, `name` is its own."""

    kind: str
    name: str
    seed: int
    make: Make

    def reply_for(
        self,
        say: str,
        hidden: Sequence[str] = (),
        told: Sequence[str] = (),
        earlier: Sequence[str] = (),
    ) -> Reply | None:
        drawn = random.Random(chance(self.seed, self.name, say, *hidden[:3]))
        return self.make(Moment(say, hidden, told, earlier), drawn)

    def text_for(
        self,
        say: str,
        hidden: Sequence[str] = (),
        told: Sequence[str] = (),
        earlier: Sequence[str] = (),
    ) -> str | None:
        reply = self.reply_for(say, hidden, told, earlier)
        return reply.text if reply else None


def replies(seed: int = 0) -> list[Bad]:
    """All tricks, in an order that the seed draws; more than 500."""
    tricks = [
        *_leaks(),
        *_contradictions(),
        *_repeats(),
        *_empties(),
        *_markups(),
        *_longs(),
    ]
    for kind, sentences in (
        ("praise", phrases.PRAISE),
        ("marks", phrases.MARKS),
        ("rubric", phrases.RUBRIC),
        ("answer", phrases.ANSWERS),
        ("advice", phrases.ADVICE),
        ("role", phrases.ROLE),
        ("invention", phrases.INVENTIONS),
        ("questions", phrases.QUESTIONS),
        ("language", phrases.LANGUAGES),
    ):
        for number, sentence in enumerate(sentences):
            tricks += [
                (kind, f"{kind}-{number}-{place}", _beside(sentence, place))
                for place in PLACES[kind]
            ]
    found = [Bad(kind, name, seed, make) for kind, name, make in tricks]
    random.Random(seed).shuffle(found)
    return found


Trick = tuple[str, str, Make]
PLACES = {
    "praise": ("before", "after"),
    "marks": ("before", "after"),
    "rubric": ("after",),
    "answer": ("answering",),
    "advice": ("after",),
    "role": ("before", "instead"),
    "invention": ("before", "after"),
    "questions": ("asking",),
    "language": ("instead", "after"),
}


def _beside(sentence: str, place: str) -> Make:
    def make(moment: Moment, drawn: random.Random) -> Reply | None:
        say = moment.say
        if place == "before":
            return Reply(f"{sentence} {say}", sentence)
        if place == "instead":
            return Reply(sentence, sentence)
        if place == "answering" and not say.rstrip().endswith("?"):
            return None
        if place == "asking" and "?" not in say:
            # Where the script only tells, two questions are two too many.
            other = drawn.choice([q for q in phrases.QUESTIONS if q != sentence])
            return Reply(f"{say} {sentence} {other}", f"{sentence} {other}")
        return Reply(f"{say} {sentence}", sentence)

    return make


# Leaks ------------------------------------------------------------------------------------------


def _leaks() -> list[Trick]:
    tricks: list[Trick] = []
    for number, frame in enumerate(phrases.FRAMES):
        for part, cut in PARTS.items():
            tricks.append(("leak", f"leak-{part}-{number}", _framed(frame, cut)))
    for name, turn in NUMBERS.items():
        for number, frame in enumerate(phrases.NUMBER_FRAMES):
            tricks.append(("leak", f"leak-number-{name}-{number}", _number(frame, turn)))
    tricks.append(("leak", "leak-inside", _inside))
    tricks.append(("leak", "leak-two", _two))
    return tricks


def _hidden(moment: Moment, drawn: random.Random, least: int = 1) -> str | None:
    """Something hidden that the script itself does not say."""
    open_ = [
        text for text in moment.hidden if text not in moment.say and len(text.split()) >= least
    ]
    return drawn.choice(open_) if open_ else None


def _framed(frame: str, cut: Callable[[str, random.Random], str]) -> Make:
    def make(moment: Moment, drawn: random.Random) -> Reply | None:
        hidden = _hidden(moment, drawn, least=6)
        if hidden is None:
            return None
        part = cut(hidden, drawn)
        return Reply(frame.format(say=moment.say, part=part.rstrip(".")), part.rstrip("."))

    return make


def _whole(text: str, _: random.Random) -> str:
    return _lowered(text)


def _clause(text: str, drawn: random.Random) -> str:
    """Eight words or so in a row, from the beginning of a sentence or a clause."""
    clauses = [c for c in re.split(r"(?<=[.,;:])\s+", text) if len(c.split()) >= 5] or [text]
    return _lowered(" ".join(drawn.choice(clauses).split()[:9]).rstrip(",;:"))


def _reworded(text: str, drawn: random.Random) -> str:
    for pattern, others in phrases.SYNONYMS:
        text = re.sub(rf"\b(?:{pattern})\b", drawn.choice(others), text, flags=re.IGNORECASE)
    return _lowered(text)


def _turned(text: str, _: random.Random) -> str:
    """The later half first."""
    words = text.rstrip(".").split()
    middle = len(words) // 2
    return _lowered(
        f"{' '.join(words[middle:])}, that is to say {_lowered(' '.join(words[:middle]))}"
    )


def _gist(text: str, _: random.Random) -> str:
    """Only its weightiest words."""
    words = [w.strip(".,;:") for w in text.split()]
    heavy = sorted({w for w in words if len(w) > 4 and w.lower() not in STOP}, key=len)[-4:]
    return f"there is something about {' and '.join(w for w in words if w in heavy)}"


def _spelled_out(text: str, drawn: random.Random) -> str:
    """Its numbers in words or in other units."""
    for amount in reversed(amounts_of(text)):
        text = text[: amount.start] + otherwise(amount, drawn) + text[amount.end :]
    return _lowered(text)


def _shouted(text: str, _: random.Random) -> str:
    return text.upper()


PARTS: dict[str, Callable[[str, random.Random], str]] = {
    "whole": _whole,
    "clause": _clause,
    "reworded": _reworded,
    "turned": _turned,
    "gist": _gist,
    "spelled": _spelled_out,
    "shouted": _shouted,
}


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:] if not text.startswith(("I ", "I'")) else text


def _number(frame: str, turn: Callable[[Amount, random.Random], str]) -> Make:
    def make(moment: Moment, drawn: random.Random) -> Reply | None:
        found = [a for text in moment.hidden for a in amounts_of(text) if a.is_telling]
        found = [a for a in found if a.text not in f"{moment.say} {' '.join(moment.told)}"]
        if not found:
            return None
        said = turn(drawn.choice(found), drawn)
        return Reply(frame.format(say=moment.say, number=said), said)

    return make


def _plain(amount: Amount, _: random.Random) -> str:
    return amount.text


def _wide(amount: Amount, _: random.Random) -> str:
    """Digits of another width: to a person the same."""
    return amount.text.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})


def _spaced(amount: Amount, _: random.Random) -> str:
    return re.sub(r"(?<=\d)(?=\d)", " ", amount.text)


NUMBERS: dict[str, Callable[[Amount, random.Random], str]] = {
    "plain": _plain,
    "otherwise": otherwise,
    "wide": _wide,
    "spaced": _spaced,
}


def _inside(moment: Moment, drawn: random.Random) -> Reply | None:
    """In the middle of the script, between commas."""
    hidden = _hidden(moment, drawn, least=6)
    if hidden is None:
        return None
    part = _lowered(hidden.rstrip("."))
    words = moment.say.split()
    middle = max(1, len(words) // 2)
    text = f"{' '.join(words[:middle])}, where {part}, {' '.join(words[middle:])}"
    return Reply(text, part)


def _two(moment: Moment, drawn: random.Random) -> Reply | None:
    """A piece of one and a piece of another."""
    if len(moment.hidden) < 2:
        return None
    one, other = drawn.sample(list(moment.hidden), 2)
    part = f"{_clause(one, drawn)} while {_clause(other, drawn)}"
    return Reply(f"{moment.say} Note that {part}.", part)


# Contradictions ---------------------------------------------------------------------------------


def _contradictions() -> list[Trick]:
    tricks: list[Trick] = []
    for name, turn in WRONG.items():
        tricks.append(("contradiction", f"contradiction-script-{name}", _script_wrong(turn)))
        for number, frame in enumerate(phrases.REMINDERS):
            tricks.append(
                ("contradiction", f"contradiction-told-{name}-{number}", _told_wrong(frame, turn))
            )
    return tricks


def _script_wrong(turn: Callable[[str, random.Random], str | None]) -> Make:
    """Only where the script tells: a question cannot be wrong."""

    def make(moment: Moment, drawn: random.Random) -> Reply | None:
        if "?" in moment.say or len(moment.say.split()) < LEAST_WORDS:
            return None
        wrong = turn(moment.say, drawn)
        return Reply(wrong, wrong) if wrong and wrong != moment.say else None

    return make


def _told_wrong(frame: str, turn: Callable[[str, random.Random], str | None]) -> Make:
    def make(moment: Moment, drawn: random.Random) -> Reply | None:
        told = [text for text in moment.told if len(text.split()) >= LEAST_WORDS]
        wrong = turn(drawn.choice(told), drawn) if told else None
        if not wrong or wrong in told:
            return None
        part = _lowered(wrong.rstrip("."))
        return Reply(frame.format(say=moment.say, part=part), part)

    return make


def _other_number(text: str, drawn: random.Random) -> str | None:
    found = [a for a in amounts_of(text) if a.is_telling]
    if not found:
        return None
    amount = drawn.choice(found)
    return text[: amount.start] + changed(amount, drawn) + text[amount.end :]


def _negated(text: str, _: random.Random) -> str | None:
    turned = negated(text)
    return turned if turned != text else None


def _opposite(text: str, _: random.Random) -> str | None:
    for pattern, other in phrases.OPPOSITES:
        turned = re.sub(rf"\b{pattern}\b", other, text, count=1)
        if turned != text:
            return turned
    return None


WRONG: dict[str, Callable[[str, random.Random], str | None]] = {
    "number": _other_number,
    "negation": _negated,
    "opposite": _opposite,
}


# Repeats ----------------------------------------------------------------------------------------


def _repeats() -> list[Trick]:
    tricks: list[Trick] = []
    for name, edit in EDITS.items():
        for number, frame in enumerate(phrases.AGAIN):
            tricks.append(("repeat", f"repeat-{name}-{number}", _again(frame, edit)))
    return tricks


def _again(frame: str, edit: Callable[[str, random.Random], str]) -> Make:
    def make(moment: Moment, drawn: random.Random) -> Reply | None:
        said = [t for t in moment.earlier if len(t.split()) >= LEAST_WORDS]
        said = [t for t in said if not _is_said_again(t, moment.say)]
        if not said:
            return None
        part = edit(said[-1] if drawn.random() < 0.5 else drawn.choice(said), drawn)
        return Reply(frame.format(say=moment.say, part=part), part)

    return make


def _is_said_again(text: str, say: str) -> bool:
    """The script itself comes back to a sentence of it, so that nothing is wrong with doing so."""
    parts = (part for part in SENTENCE.split(text) if len(part.split()) >= LEAST_WORDS)
    return any(part in say for part in parts)


def _same(text: str, _: random.Random) -> str:
    return text


def _without_a_word(text: str, drawn: random.Random) -> str:
    """One small word less."""
    words = text.split()
    small = [n for n, word in enumerate(words) if word.lower() in ("the", "a", "that", "and", "of")]
    if small:
        del words[drawn.choice(small)]
    return " ".join(words)


def _with_a_word(text: str, drawn: random.Random) -> str:
    words = text.split()
    words.insert(drawn.randrange(1, len(words)), drawn.choice(("really", "then", "actually")))
    return " ".join(words)


def _unpunctuated(text: str, _: random.Random) -> str:
    return re.sub(r"[,;:]", "", text)


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "same": _same,
    "shorter": _without_a_word,
    "longer": _with_a_word,
    "unpunctuated": _unpunctuated,
}


# What is no speech ------------------------------------------------------------------------------


def _empties() -> list[Trick]:
    def only(text: str) -> Make:
        breach = text if any(letter.isalpha() for letter in text) else ""
        return lambda moment, drawn: Reply(text, breach)

    return [("empty", f"empty-{n}", only(text)) for n, text in enumerate(phrases.EMPTY)]


def _markups() -> list[Trick]:
    def marked(frame: str, breach: str) -> Make:
        return lambda moment, drawn: Reply(
            frame.replace("{say}", moment.say).replace("{words}", " ".join(moment.say.split()[:3])),
            breach,
        )

    return [
        ("markup", f"markup-{n}", marked(frame, breach))
        for n, (frame, breach) in enumerate(phrases.MARKUP)
    ]


def _longs() -> list[Trick]:
    def filled(filler: str) -> Make:
        def make(moment: Moment, drawn: random.Random) -> Reply | None:
            more = " ".join([filler] * (240 // len(filler.split())))
            return Reply(f"{moment.say} {more}", f"{filler} {filler}")

        return make

    return [("long", f"long-{n}", filled(filler)) for n, filler in enumerate(phrases.FILLERS)]
