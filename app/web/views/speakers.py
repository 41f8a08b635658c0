"""Who is who: the people of a transcript, what they say first, and the choice of a candidate."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.transcripts.quality import check
from app.transcripts.roles import swap_roles
from app.transcripts.transcript import Note, Speaker, Transcript, Turn
from app.web.views.words import for_page

FIRST_WORDS = 160
SETTLED = ("roles-guessed", "no-candidate")  # what the user's choice answers


@dataclass(frozen=True, slots=True)
class Person:
    label: str
    role: Speaker
    turns: int
    words: int
    share: int
    first: str


def label_of(turn: Turn) -> str:
    return turn.name or ("No name" if turn.speaker is Speaker.UNKNOWN else str(turn.speaker))


def people_of(transcript: Transcript) -> tuple[Person, ...]:
    """In the order in which they first speak."""
    said: dict[str, list[Turn]] = {}
    for turn in transcript.turns:
        said.setdefault(label_of(turn), []).append(turn)
    total = max(sum(_words(turns) for turns in said.values()), 1)
    return tuple(
        Person(
            label,
            turns[0].speaker,
            len(turns),
            _words(turns),
            round(100 * _words(turns) / total),
            _first(turns),
        )
        for label, turns in said.items()
    )


def _words(turns: list[Turn]) -> int:
    return sum(len(turn.text.split()) for turn in turns)


def _first(turns: list[Turn]) -> str:
    text = next((turn.text for turn in turns if len(turn.text.split()) > 3), turns[0].text)
    return text if len(text) <= FIRST_WORDS else text[:FIRST_WORDS].rsplit(" ", 1)[0] + " …"


def guess_of(transcript: Transcript) -> str | None:
    """Why somebody was taken for the candidate."""
    found = [note.message for note in transcript.notes if note.id == "roles-guessed"]
    return for_page(found[0]) if found else None


def cast(transcript: Transcript, candidate: str | None) -> Transcript:
    """With the chosen candidate; the guessed one takes the other place. Notes are made anew."""
    people = {person.label: person.role for person in people_of(transcript)}
    if candidate not in people:
        return transcript
    if people[candidate] is not Speaker.CANDIDATE:
        transcript = _seat(transcript, candidate)
    kept = [note for note in transcript.notes if note.id not in SETTLED]
    return replace(transcript, notes=tuple(_anew(transcript, kept)))


def _seat(transcript: Transcript, candidate: str) -> Transcript:
    others = {label_of(t) for t in transcript.turns if t.speaker is not Speaker.OBSERVER}
    if len(others) == 2 and candidate in others:
        swapped = swap_roles(transcript)
        if any(t.speaker is Speaker.CANDIDATE for t in swapped.turns):
            return swapped
    turns = tuple(
        replace(turn, speaker=_role(turn, label_of(turn) == candidate)) for turn in transcript.turns
    )
    return replace(transcript, turns=turns)


def _role(turn: Turn, chosen: bool) -> Speaker:
    if chosen:
        return Speaker.CANDIDATE
    return Speaker.OBSERVER if turn.speaker is Speaker.OBSERVER else Speaker.INTERVIEWER


def _anew(transcript: Transcript, kept: list[Note]) -> Iterator[Note]:
    """Notes of the words depend on whose words they are."""
    fresh = check(transcript)
    about_words = {"too-short", "not-english", "gibberish", "truncated", "times-missing"}
    yield from (n for n in kept if n.id not in about_words | {note.id for note in fresh})
    yield from fresh
