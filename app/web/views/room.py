"""The room as its page and its live fragments show it; one set of values for both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.web.templating import render

State = Literal["draft", "running", "paused", "ended"]
Mode = Literal["practice", "exam", "live"]
PLAN = 45  # minutes that the rubric's steps and their rest are planned for
COVERED = 0.5  # of a step's criteria
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of a step was heard: criteria met, of how many."""

    done: int = 0
    of: int = 0
    touched: bool = False


@dataclass(frozen=True, slots=True)
class StepperStep:
    id: str
    title: str
    minutes: int
    state: str
    now: bool
    done: int
    of: int

    @property
    def fill(self) -> int:
        """Per cent of the bar: full once the step counts as covered."""
        if self.state == "covered":
            return WHOLE
        return min(round(WHOLE * self.done / max(self.of * COVERED, 1)), WHOLE - 5)


@dataclass(frozen=True, slots=True)
class RoomTurn:
    n: int
    speaker: str
    text: str
    at_ms: int
    hint: bool = False
    late: bool = False

    @property
    def clock(self) -> str:
        return shown(self.at_ms)


@dataclass(frozen=True, slots=True)
class Voice:
    """Who words the lines where a model was asked to: `host`, or the script because of `reason`, a clause."""

    host: str
    reason: str = ""

    @property
    def lasting(self) -> str:
        if self.reason:
            return f"Scripted for now: {self.reason}."
        return f"A model at {self.host} words the lines."

    @property
    def notice(self) -> str:
        if self.reason:
            clause = self.reason[:1].upper() + self.reason[1:]
            return f"{clause}; the scripted interviewer goes on."
        return "The model words the lines again."


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the candidate's document; `base` is the event that it was last saved by."""

    id: str
    title: str
    minutes: int
    text: str = ""
    base: int = 0


@dataclass(frozen=True, slots=True)
class RoomView:
    """`minutes` is None without a clock. `left`, `spent` and `grace` (for a late turn) are milliseconds
    at the event (`seq`, `eid`). `voice` says who words the lines, where a model was asked to."""

    id: str
    title: str
    prompt: str
    about: tuple[str, ...]
    persona: str
    mode: Mode
    state: State
    minutes: int | None
    left: int | None
    spent: int
    seq: int
    eid: str
    stepper: tuple[StepperStep, ...]
    turns: tuple[RoomTurn, ...]
    sections: tuple[Section, ...]
    doing: str = ""
    voice: str = ""
    grace: int = 0

    @property
    def no_turn(self) -> RoomTurn:
        """What a draft is shown in before it is a turn."""
        return RoomTurn(-1, "interviewer", "", 0)

    @property
    def clock(self) -> str:
        return shown(self.spent if self.left is None else self.left)

    @property
    def may_pause(self) -> bool:
        return self.mode == "practice"

    @property
    def hints(self) -> bool:
        return self.mode == "practice"


def shown(ms: int) -> str:
    """Minutes and seconds: 192,000 -> 03:12, an hour and more as 61:05."""
    minutes, seconds = divmod(max(ms, 0) // 1000, 60)
    return f"{minutes:02}:{seconds:02}"


def stepper(
    steps: Sequence[tuple[str, int]],
    *,
    minutes: int | None,
    covered: Mapping[str, Covered] | None = None,
    now: str | None = None,
) -> tuple[StepperStep, ...]:
    """`steps` are ids and minutes of the rubric, stretched to the session's length."""
    scale = (minutes or PLAN) / PLAN
    heard = covered or {}
    return tuple(
        _step(id, max(round(planned * scale), 1), heard.get(id, Covered()), id == now)
        for id, planned in steps
    )


def _step(id: str, minutes: int, heard: Covered, now: bool) -> StepperStep:
    if heard.of and heard.done >= heard.of * COVERED:
        state = "covered"
    elif heard.done:
        state = "partly"
    else:
        state = "touched" if heard.touched else "not yet"
    return StepperStep(id, id.capitalize(), minutes, state, now, heard.done, heard.of)


def sections(
    stepper: Sequence[StepperStep], saved: Mapping[str, tuple[str, int]]
) -> tuple[Section, ...]:
    """`saved` holds text and base by step."""
    return tuple(
        Section(step.id, step.title, step.minutes, *saved.get(step.id, ("", 0))) for step in stepper
    )


def turn_fragment(turn: RoomTurn) -> dict[str, str]:
    """What an event carries for the log."""
    return {"target": "#log", "swap": "append", "html": render("rooms/_turn.html", turn=turn)}


def stepper_fragment(steps: Sequence[StepperStep], mode: Mode) -> dict[str, str]:
    html = render("rooms/_stepper.html", steps=steps, mode=mode)
    return {"target": "#stepper", "swap": "morph", "html": html}


def doing_fragment(words: str) -> dict[str, str]:
    """The line under the conversation: the interviewer listens, is about to speak, speaks."""
    return {"target": "#doing", "swap": "text", "html": words}


def voice_fragments(voice: Voice) -> list[dict[str, str]]:
    """Said once, and left standing."""
    lasting = {"target": "#voice", "swap": "text", "html": voice.lasting}
    return [notice_fragment(voice.notice), lasting]


def notice_fragment(words: str) -> dict[str, str]:
    """Said once, aloud to screen readers: another interviewer has taken over, the clock moved."""
    return {"target": "#notice", "swap": "text", "html": words}
