"""The pages on which interviewers mark: alone first, then beside the machine and one another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.interview.events import Covered, Noted, StepSet
from app.interview.session import Session
from app.interview.transcript import transcript_of
from app.rubric.load import Rubric
from app.scoring.report import Report
from app.web.views.marked import MarkedTurn, pieces_of, spans_of

PREFILLED = {"met": 3, "partly": 1, "missed": 0}
"""What a tap in the room stands for until the rater says otherwise: justified, mentioned, not heard."""
UNJUDGED = "could not be judged"
WHOLE = tuple(float(level) for level in range(5))
HALVES = tuple(half / 2 for half in range(9))


@dataclass(frozen=True, slots=True)
class OwnNote:
    """A note or bookmark of the rater's; `turn` is what was being said. `step` as people had set it, or None."""

    id: str
    text: str
    at: float
    turn: int | None
    bookmark: bool
    step: str | None


@dataclass(frozen=True, slots=True)
class CriterionForm:
    """`tapped` says what the rater marked in the room, and when."""

    id: str
    title: str
    core: bool
    chosen: int | None
    tapped: str


@dataclass(frozen=True, slots=True)
class StepForm:
    """`chosen` is "" where nothing is chosen yet, "none" where it could not be judged, else the level."""

    id: str
    number: int
    title: str
    about: str
    chosen: str
    criteria: tuple[CriterionForm, ...]
    notes: tuple[OwnNote, ...]

    @property
    def tapped(self) -> int:
        return sum(bool(criterion.tapped) for criterion in self.criteria)


@dataclass(frozen=True, slots=True)
class BlindView:
    steps: tuple[StepForm, ...]
    loose: tuple[OwnNote, ...]
    turns: tuple[MarkedTurn, ...]
    missing: tuple[str, ...] = ()


def blind_view(
    session: Session,
    rubric: Rubric,
    taps: Mapping[str, Covered],
    steps_set: Sequence[StepSet],
    rater: str,
    chosen: Mapping[str, str],
    missing: Sequence[str] = (),
) -> BlindView:
    """Only what the rater and the two who spoke have made: nothing of the machine's, nothing of other raters."""
    notes = own_notes(session, steps_set, rater)
    return BlindView(
        steps=tuple(
            StepForm(
                id=step.id,
                number=number,
                title=step.title,
                about=step.about,
                chosen=chosen.get(step.id, ""),
                criteria=tuple(
                    CriterionForm(
                        criterion.id,
                        criterion.title,
                        criterion.core,
                        PREFILLED.get(taps[criterion.id].heard) if criterion.id in taps else None,
                        _tapped(taps.get(criterion.id)),
                    )
                    for criterion in step.criteria
                ),
                notes=tuple(note for note in notes if note.step == step.id),
            )
            for number, step in enumerate(rubric.steps, start=1)
        ),
        loose=tuple(note for note in notes if note.step is None),
        turns=said(session),
        missing=tuple(step.title for step in rubric.steps if step.id in missing),
    )


def _tapped(tap: Covered | None) -> str:
    if tap is None or not tap.heard:
        return ""
    word = {"met": "met", "partly": "partly met", "missed": "missed"}[tap.heard]
    return f"{word}, {_minute(tap.at_ms)}"


def _minute(at_ms: int) -> str:
    minutes, seconds = divmod(at_ms // 1000, 60)
    return f"{minutes}:{seconds:02}"


def own_notes(session: Session, steps_set: Sequence[StepSet], rater: str) -> tuple[OwnNote, ...]:
    """In the order of their moments."""
    own = sorted((n for n in session.led.notes.values() if n.by == rater), key=lambda n: n.at_ms)
    return tuple(_note(note, session, steps_set) for note in own)


def _note(note: Noted, session: Session, steps_set: Sequence[StepSet]) -> OwnNote:
    before = [n for n, turn in enumerate(session.turns) if turn.at_ms <= note.at_ms]
    set_before = [one.step for one in steps_set if one.at_ms <= note.at_ms]
    return OwnNote(
        id=note.note,
        text=note.text,
        at=note.at_ms / 1000,
        turn=before[-1] if before else (0 if session.turns else None),
        bookmark=note.bookmark,
        step=set_before[-1] if set_before else None,
    )


def said(session: Session, report: Report | None = None) -> tuple[MarkedTurn, ...]:
    """Everything that was said, by the names of those who said it; with a report its quotes are marked."""
    spans = {} if report is None else spans_of(report)
    names = [turn.name or None for turn in session.turns]
    turns = enumerate(transcript_of(session).turns)
    return tuple(
        MarkedTurn(
            number,
            str(turn.speaker),
            names[number] if number < len(names) else turn.name,
            turn.at,
            pieces_of(turn.text, spans.get(number, set()), number),
        )
        for number, turn in turns
    )


def nameless(turns: Iterable[MarkedTurn]) -> tuple[MarkedTurn, ...]:
    """As a candidate may pass it on: who spoke, but not by name."""
    return tuple(
        replace(turn, name=turn.name if turn.name == "document" else None) for turn in turns
    )


def level_of(chosen: str) -> float | None:
    """Of what a form sent; None for what could not be judged and for what is no level."""
    try:
        level = float(chosen)
    except ValueError:
        return None
    return level if level in HALVES else None


def as_chosen(level: float | None) -> str:
    return "none" if level is None else f"{level:g}"
