"""Ways to disturb a transcript, each with its own seed, so that a figure can be had again."""

import random
import re
from collections.abc import Callable
from dataclasses import replace

from app.transcripts import Speaker, Transcript, Turn

FILLERS = ["um", "uh", "you know", "like", "I mean", "sort of", "kind of", "so yeah"]
ADJECTIVES = ["very robust", "highly scalable", "really elegant", "truly modern"]
CONNECTIVES = ["and then", "therefore", "because of", "which also means", "in order to have"]


def change(transcript: Transcript, edit: Callable[[str], str]) -> Transcript:
    """Of the candidate's turns only."""
    return replace(
        transcript,
        turns=tuple(
            replace(turn, text=edit(turn.text)) if turn.speaker is Speaker.CANDIDATE else turn
            for turn in transcript.turns
        ),
    )


def add(transcript: Transcript, *said: str) -> Transcript:
    extra = tuple(Turn(Speaker.CANDIDATE, text) for text in said)
    return replace(transcript, turns=transcript.turns + extra)


def alone(*said: str, question: str | None = None) -> Transcript:
    return Transcript(tuple(Turn(Speaker.CANDIDATE, text) for text in said), question=question)


def bare(text: str) -> str:
    return re.sub(r"(?<!\d)[.](?!\d)|[.](?!\d)|[^\w\s'.%]", " ", text.lower())


def fillers(text: str) -> str:
    rng = random.Random(len(text))
    return " ".join(
        word if rng.random() > 0.10 else f"{rng.choice(FILLERS)} {word}" for word in text.split()
    )


def shuffled(text: str) -> str:
    words = text.split()
    random.Random(len(text)).shuffle(words)
    return " ".join(words)


def adjectives(text: str) -> str:
    """Before every noun that stands after an article; one in four."""
    rng = random.Random(len(text))

    def dressed(match: re.Match[str]) -> str:
        return f"{match.group()} {rng.choice(ADJECTIVES)}" if rng.random() < 0.25 else match.group()

    return re.sub(r"\b(?:the|our)\b", dressed, text)


def errors(rate: float) -> Callable[[str], str]:
    """A recogniser's faults: a third dropped, a third twice, a third another word of the turn."""

    def edit(text: str) -> str:
        rng, words, out = random.Random(len(text)), text.split(), []
        for word in words:
            if rng.random() >= rate:
                out.append(word)
                continue
            match rng.randrange(3):
                case 1:
                    out += [word, word]
                case 2:
                    out.append(rng.choice(words))
        return " ".join(out)

    return edit


def swapped(transcript: Transcript) -> Transcript:
    other = {
        Speaker.CANDIDATE: Speaker.INTERVIEWER,
        Speaker.INTERVIEWER: Speaker.CANDIDATE,
    }
    return replace(
        transcript,
        turns=tuple(replace(t, speaker=other.get(t.speaker, t.speaker)) for t in transcript.turns),
    )
