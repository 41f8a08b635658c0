"""Runs of words: what the word lists of speech services have in common."""

from collections.abc import Iterable
from dataclasses import replace

from app.transcripts.formats.source import Piece


def runs(words: Iterable[Piece]) -> list[Piece]:
    """Words of one speaker in a row, as one piece each."""
    grouped: list[list[Piece]] = []
    for word in words:
        if grouped and grouped[-1][0].name == word.name:
            grouped[-1].append(word)
        else:
            grouped.append([word])
    return [
        replace(run[0], text=" ".join(w.text for w in run if w.text), end=run[-1].end)
        for run in grouped
    ]


def speaker_name(speaker: object) -> str | None:
    """0 and 'A' are what the services say for 'Speaker 0' and 'Speaker A'."""
    if isinstance(speaker, bool) or speaker is None or speaker == "":
        return None
    if isinstance(speaker, (int, float)):
        return f"Speaker {speaker:g}"
    if isinstance(speaker, str):
        label = speaker.strip()
        return f"Speaker {label}" if len(label) <= 2 else label
    return None
