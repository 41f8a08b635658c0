"""Minutes per step and when each was first touched, from the times of the turns."""

from dataclasses import dataclass

from app.rubric.rubric import STEPS
from app.scoring.report import Pacing, Segment
from app.transcripts.transcript import Transcript


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Seconds per step and the second of the first touch; None throughout where nothing is timed."""

    seconds: dict[str, float | None]
    first_at: dict[str, float | None]


def step_times(transcript: Transcript, segments: tuple[Segment, ...]) -> StepTimes:
    """A turn's time goes to its segments by their length. Times that run backwards count as none."""
    ends = _ends(transcript)
    if ends is None:
        nothing: dict[str, float | None] = dict.fromkeys(STEPS)
        return StepTimes(nothing, dict(nothing))
    seconds: dict[str, float | None] = dict.fromkeys(STEPS, 0.0)
    first_at: dict[str, float | None] = dict.fromkeys(STEPS)
    for segment in segments:
        turn = transcript.turns[segment.turn]
        end = ends[segment.turn]
        if segment.step not in seconds or turn.at is None or end is None:
            continue
        spent, size = max(end - turn.at, 0.0), max(len(turn.text), 1)
        seconds[segment.step] = (seconds[segment.step] or 0.0) + spent * (
            segment.end - segment.start
        ) / size
        begun = turn.at + spent * segment.start / size
        earliest = first_at[segment.step]
        first_at[segment.step] = begun if earliest is None else min(earliest, begun)
    return StepTimes(
        {step: None if s is None else round(s, 1) for step, s in seconds.items()},
        {step: None if at is None else round(at, 1) for step, at in first_at.items()},
    )


def _ends(transcript: Transcript) -> list[float | None] | None:
    """When each turn ends: at the next timed turn, the last at the recording's end where it is known."""
    if not any(turn.at is not None for turn in transcript.turns):
        return None
    ends: list[float | None] = []
    following = transcript.ends_at
    for turn in reversed(transcript.turns):
        ends.append(following if following is not None else turn.at)
        if turn.at is not None:
            following = turn.at
    return ends[::-1]


def pacing_of(transcript: Transcript, times: StepTimes | None) -> Pacing:
    timed = any(turn.at is not None for turn in transcript.turns)
    if times is None or not timed:
        return Pacing(None, timed)
    touched = list(times.first_at.values())
    if any(at is None for at in touched):
        return Pacing(None, timed)
    return Pacing(max(at for at in touched if at is not None), timed)
