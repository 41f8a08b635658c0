"""What was heard of which criterion, by step: the scorer's ear and people's own marks, told apart.

Only the interviewer's side may see it. What a person tapped without the candidate's words is no evidence, and says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.interview.coverage import Coverage, Raised
from app.interview.events import Covered
from app.interview.pressing import PLAN
from app.interview.session import Session
from app.live.room import Room
from app.rubric.rubric import Criterion

MET = 3  # depth: said with its reason; a mention would promise too much
Word = Literal["met", "partly", "not yet", "missed"]
Marks = Mapping[str, Covered]  # by criterion


@dataclass(frozen=True, slots=True)
class Quote:
    """The candidate's words. `turn` is None where they stand in the document."""

    text: str
    turn: int | None
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A criterion. `source` is "heard" for the scorer's ear, "you" for whoever looks, else the name of who marked it
    at `marked_ms`; empty where nothing was heard. `depth` is what the scorer heard, whatever was marked."""

    id: str
    title: str
    core: bool
    word: Word
    source: str
    depth: int
    quote: Quote | None
    marked_ms: int | None = None

    @property
    def is_without_words(self) -> bool:
        """Tapped by a person and never heard: no evidence."""
        return self.marked_ms is not None and self.word in ("met", "partly") and self.quote is None


@dataclass(frozen=True, slots=True)
class Row:
    """A step; `minutes` is its budget in this session. `is_here` where the interview is,
    `is_set` where a person said so."""

    id: str
    title: str
    minutes: int
    spent: float
    is_here: bool
    is_set: bool
    cells: tuple[Cell, ...]

    def count(self, word: Word) -> int:
        return sum(cell.word == word for cell in self.cells)


def matrix(room: Room, viewer: str = "", own: Marks | None = None) -> tuple[Row, ...]:
    """The seven steps; `viewer` is the participant whose own marks are called "you". Where `own` is given, these are
    all the marks that are shown, and the step that another set is not shown either."""
    session, coverage = room.session, room.hearing.coverage()
    rubric = room.expectations.knowledge.rubric
    minutes = session.spec.minutes if session.spec else None
    scale = (minutes or PLAN) / PLAN
    marked: Marks = session.led.covered if own is None else own
    by_hand = session.led.step
    if by_hand is not None and own is not None and by_hand.by != viewer:
        by_hand = None
    chosen = by_hand.step if by_hand else None
    here = chosen or coverage.step
    quotes = _quotes(session, coverage)
    return tuple(
        Row(
            step.id,
            step.title,
            max(round(step.minutes * scale), 1),
            coverage.steps.get(step.id, 0.0) / 60,
            step.id == here,
            step.id == chosen,
            tuple(
                _cell(criterion, session, coverage, quotes, marked, viewer)
                for criterion in step.criteria
            ),
        )
        for step in rubric.steps
    )


def _cell(
    criterion: Criterion,
    session: Session,
    coverage: Coverage,
    quotes: Mapping[str, Quote],
    marked: Marks,
    viewer: str,
) -> Cell:
    depth, quote = coverage.depth(criterion.id), quotes.get(criterion.id)
    mark = marked.get(criterion.id)
    if mark is not None and mark.heard:
        who = "you" if mark.by == viewer else _name(session, mark)
        word: Word = mark.heard
        return Cell(
            criterion.id, criterion.title, criterion.core, word, who, depth, quote, mark.at_ms
        )
    absent: Word = "missed" if session.state == "ended" else "not yet"
    word = "met" if depth >= MET else "partly" if depth else absent
    source = "heard" if depth else ""
    return Cell(criterion.id, criterion.title, criterion.core, word, source, depth, quote)


def _name(session: Session, mark: Covered) -> str:
    person = session.led.people.get(mark.by)
    return person.name if person is not None else "somebody"


def _quotes(session: Session, coverage: Coverage) -> Mapping[str, Quote]:
    """The first words on each criterion."""
    found: dict[str, Quote] = {}
    for raised in coverage.raised:
        if raised.criterion not in found:
            found[raised.criterion] = _quote(session, raised)
    return found


def _quote(session: Session, raised: Raised) -> Quote:
    """The document is heard beside a turn that may not have been said yet."""
    turn = session.turns[raised.turn] if raised.turn < len(session.turns) else None
    if turn is None or turn.speaker != "candidate" or raised.quote not in turn.text:
        return Quote(raised.quote, None, None)
    return Quote(raised.quote, raised.turn, turn.at_ms)
