"""Transcripts for the judge's tests, and ways to spoil a quote."""

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.llm.verify import Quotes
from app.llm.votes import Kept
from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import hear
from app.transcripts import Speaker, Transcript, Turn

CORPUS = Path(__file__).parents[1] / "corpus"
SPOKEN_NUMBERS = (
    "two three four five six seven eight nine ten twenty fifty hundred thousand million".split()
)
SHORTEST, LONGEST = 8, 25  # words of a quote
FAR = 12  # words between two places of a splice


@cache
def knowledge() -> Knowledge:
    return Knowledge(get_rubric())


@cache
def interviews(file: str = "authored.jsonl", most: int = 12) -> list[Transcript]:
    rows = [json.loads(line) for line in (CORPUS / file).read_text("utf-8").splitlines()[:most]]
    return [
        Transcript(
            tuple(Turn(Speaker(t["speaker"]), t["text"], None, t["t"]) for t in row["turns"]),
            row["question"],
        )
        for row in rows
    ]


def quotes_of(transcript: Transcript) -> Quotes:
    return Quotes(transcript, knowledge(), hear(transcript, knowledge()))


def cut(transcript: Transcript, rng: random.Random) -> tuple[int, int, list[str]]:
    """(turn, first word, words): a stretch of a candidate's turn."""
    turns = [
        (number, turn.text.split())
        for number, turn in enumerate(transcript.turns)
        if turn.speaker is Speaker.CANDIDATE and len(turn.text.split()) > LONGEST + 1
    ]
    number, words = rng.choice(turns)
    size = rng.randint(SHORTEST, LONGEST)
    first = rng.randrange(len(words) - size)
    return number, first, words[first : first + size]


def spoilt(
    transcript: Transcript, other: Transcript, rng: random.Random
) -> Iterator[tuple[str, str, int]]:
    """(how, the quote, its turn): words that were not said like this."""
    turn, first, words = cut(transcript, rng)
    text = " ".join(words)
    yield "invented", " ".join(cut(other, rng)[2]), turn
    turn_b, first_b, words_b = cut(transcript, rng)
    if turn_b != turn or abs(first_b - first) > len(words) + FAR:
        for share in (0.5, 0.67, 0.8):
            head = round(share * len(words))
            tail = words_b[-max(len(words) - head, 2) :]
            yield "spliced", " ".join([*words[:head], *tail]), turn
    place = rng.randint(1, len(words) - 1)
    for word in ("not", "never"):
        yield "negated", " ".join([*words[:place], word, *words[place:]]), turn
    for pattern, new in (
        (r" not ", " "),
        (r"n't ", " "),
        (r" is ", " isn't "),
        (r" would ", " wouldn't "),
    ):
        if (turned := re.sub(pattern, new, text, count=1)) != text:
            yield "negated", turned, turn
    numbers = [
        m for m in re.finditer(r"\d+|[a-z]+", text) if m[0].isdigit() or m[0] in SPOKEN_NUMBERS
    ]
    if numbers:
        found = rng.choice(numbers)
        new = str(int(found[0]) * 10 + 1) if found[0].isdigit() else _another(found[0])
        yield "another number", text[: found.start()] + new + text[found.end() :], turn
    mixed = words[:]
    rng.shuffle(mixed)
    yield "shuffled", " ".join(mixed), turn


def _another(number: str) -> str:
    return SPOKEN_NUMBERS[(SPOKEN_NUMBERS.index(number) + 3) % len(SPOKEN_NUMBERS)]


def flat(text: str) -> str:
    """Words only: what a recogniser would have written."""
    return f" {' '.join(re.findall(r'[a-z0-9]+', text.lower().replace(chr(8217), '').replace(chr(39), '')))} "


def was_said(transcript: Transcript, text: str) -> bool:
    """A spoilt quote may by chance be what somebody said."""
    spoken = (turn.text for turn in transcript.turns if turn.speaker is Speaker.CANDIDATE)
    return any(flat(text) in flat(turn) for turn in spoken)


class Drawer(dict[str, Kept]):
    """Votes in memory, first answer kept; `asked_for` are the keys that were looked up."""

    def put(self, key: str, kept: Kept) -> None:
        self.setdefault(key, kept)
