"""A candidate who says given turns at given times: somebody's transcript, played through the interviewer."""

import json

from app.candidates.candidate import Act, Leave, Scene, Speak, Wait, time_for
from app.errors import InvalidInput
from app.transcripts.transcript import Speaker, Transcript

Line = tuple[float, str]


class Scripted:
    """Begins to compose each turn as late as its length allows, but not before the turn before it is sent."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._next = 0

    def act(self, scene: Scene) -> Act:
        if self._next >= len(self._lines):
            return Leave()
        at, text = self._lines[self._next]
        begins = at - time_for(text)
        if scene.now < begins:
            return Wait(begins - scene.now)
        self._next += 1
        return Speak(text, max(at - scene.now, 0.0))


def lines_of(transcript: Transcript) -> list[Line]:
    """The candidate's turns with their times; turns without a time follow one another at speaking pace."""
    lines: list[Line] = []
    at = 0.0
    for turn in transcript.turns:
        if turn.at is not None:
            at = max(at, turn.at)
        if turn.speaker is Speaker.CANDIDATE and turn.text.strip():
            if turn.at is None:
                at += time_for(turn.text)
            lines.append((at, turn.text))
        elif turn.at is None:
            at += time_for(turn.text)
    if not lines:
        raise InvalidInput("No turn of this transcript is the candidate's.")
    return lines


def json_lines(text: str) -> list[Line] | None:
    """`{"at": 12.0, "text": "..."}` on each line; None where the text is something else. Raises InvalidInput
    naming the first line that is wrong."""
    rows = [(n, row) for n, row in enumerate(text.splitlines(), start=1) if row.strip()]
    first = _object(rows[0][1]) if rows else None
    if first is None or "turns" in first or "text" not in first:
        return None
    lines: list[Line] = []
    for number, row in rows:
        value = _object(row)
        at, said = (value or {}).get("at"), (value or {}).get("text")
        if not isinstance(at, (int, float)) or not isinstance(said, str) or not said.strip():
            raise InvalidInput(f'Line {number} is not {{"at": seconds, "text": "..."}}.')
        lines.append((max(float(at), lines[-1][0] if lines else 0.0), said))
    return lines


def _object(row: str) -> dict[str, object] | None:
    try:
        value = json.loads(row)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
