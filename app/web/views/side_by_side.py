"""The page on which raters see one another's marks and the machine's, and settle the room's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.interview.events import Marked
from app.interview.session import Session
from app.rubric.load import Rubric
from app.rubric.rubric import Step
from app.scoring.cards import Cited, Given, cited, marked_criteria
from app.scoring.gaps import is_far
from app.scoring.report import Report
from app.transcripts.transcript import Transcript
from app.web.views import words
from app.web.views.marked import MarkedTurn, anchor
from app.web.views.marks import level_of, said


@dataclass(frozen=True, slots=True)
class QuoteView:
    """`heard` is what the machine made of it."""

    text: str
    href: str
    at: float | None
    heard: str


@dataclass(frozen=True, slots=True)
class ComparedCriterion:
    """A criterion that somebody marked, in words: each person's, then the scorer's, then the model's."""

    title: str
    words: tuple[str, ...]
    far: bool


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """`marks` are (who, level) of people, own first; `apart` sentences on who is more than a level from whom. `chosen`
    is what the final mark stands at, as in StepForm."""

    id: str
    number: int
    title: str
    marks: tuple[tuple[str, float | None], ...]
    machine: float | None
    summary: str
    judge: float | None
    apart: tuple[str, ...]
    criteria: tuple[ComparedCriterion, ...]
    quotes: tuple[QuoteView, ...]
    judge_quotes: tuple[QuoteView, ...]
    chosen: str
    reason: str
    wants_reason: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """`awaited` are raters who have not given their own marks yet."""

    raters: tuple[str, ...]
    awaited: tuple[str, ...]
    machine: str
    judge: str
    reason: str
    steps: tuple[ComparedStep, ...]
    turns: tuple[MarkedTurn, ...]


@dataclass(frozen=True, slots=True)
class Final:
    """What the form for the final marks holds: of an earlier one, of the rater's own marks, or as it was sent."""

    levels: Mapping[str, str]
    reasons: Mapping[str, str]
    decision: str = ""
    summary: str = ""


def compared(
    session: Session,
    rubric: Rubric,
    raters: Sequence[tuple[str, Marked]],
    awaited: Sequence[str],
    report: Report,
    judge: Report | None,
    transcript: Transcript,
    final: Final,
) -> Compared:
    """`raters` are (what to call them, their marks), the reader first."""
    scores = {step.id: step for step in report.steps}
    seconds = {} if judge is None else {step.id: step for step in judge.steps}
    steps = []
    for number, step in enumerate(rubric.steps, start=1):
        machine, second = scores[step.id], seconds.get(step.id)
        people = tuple((name, marked.levels.get(step.id)) for name, marked in raters)
        sides = [*people, ("the scorer", machine.level)]
        sides += [("the model", second.level)] if second else []
        chosen = final.levels.get(step.id, "")
        steps.append(
            ComparedStep(
                id=step.id,
                number=number,
                title=step.title,
                marks=people,
                machine=machine.level,
                summary=machine.summary,
                judge=second.level if second else None,
                apart=tuple(_apart(sides)),
                criteria=tuple(_criteria(step, raters, report, judge)),
                quotes=tuple(map(quote_view, cited(machine, rubric, transcript))),
                judge_quotes=tuple(map(quote_view, cited(second, rubric, transcript)))
                if second
                else (),
                chosen=chosen,
                reason=final.reasons.get(step.id, ""),
                wants_reason=is_far(level_of(chosen), machine.level),
            )
        )
    return Compared(
        raters=tuple(name for name, _ in raters),
        awaited=tuple(awaited),
        machine=report.rater.name,
        judge=judge.rater.name if judge else "",
        reason=words.for_page(report.reason or ""),
        steps=tuple(steps),
        turns=said(session, report),
    )


def _criteria(
    step: Step, raters: Sequence[tuple[str, Marked]], report: Report, judge: Report | None
) -> Iterable[ComparedCriterion]:
    given = [Given(name, marked.levels, marked.depths) for name, marked in raters]
    for criterion in marked_criteria(step, given, report, judge):
        people = [
            _depth_word(depth) if criterion.id in one.depths else "–"
            for one, depth in zip(given, criterion.given, strict=True)
        ]
        machines = [criterion.machine, criterion.judge] if judge else [criterion.machine]
        depths = [*criterion.given, *machines]
        yield ComparedCriterion(
            criterion.title,
            (*people, *map(_depth_word, machines)),
            any(is_far(here, there) for here, there in combinations(depths, 2)),
        )


def _depth_word(depth: int | None) -> str:
    return "not judged" if depth is None else words.DEPTHS[depth]


def _apart(sides: Sequence[tuple[str, float | None]]) -> Iterable[str]:
    for (one, here), (other, there) in combinations(sides, 2):
        if here is not None and there is not None and is_far(here, there):
            verb = "are" if one == "You" else "is"
            way = "above" if here > there else "below"
            yield f"{one} {verb} more than a level {way} {other}."


def quote_view(quote: Cited) -> QuoteView:
    depth = "" if quote.depth is None else words.DEPTHS[quote.depth]
    heard = "also to the point" if quote.title is None else f"{quote.title.rstrip('.')}: {depth}"
    return QuoteView(quote.quote, f"#{anchor(quote.turn, quote.start)}", quote.at, heard)
