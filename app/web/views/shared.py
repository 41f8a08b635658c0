"""What an interviewer shares with a candidate: the parts that were chosen, and nothing else is even looked up."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.interview.events import Shared
from app.interview.session import Session
from app.interview.transcript import transcript_of
from app.rubric.load import Rubric
from app.rubric.rubric import STEPS
from app.scoring.cards import Cited, cited
from app.scoring.faces.wording import level_word
from app.scoring.report import Report
from app.web.views.marked import MarkedTurn
from app.web.views.marks import nameless, said
from app.web.views.side_by_side import QuoteView, quote_view

PART_TITLES = {
    "transcript": ("The transcript", "what both sides said, without names"),
    "document": ("The document", "what the candidate wrote"),
    "marks": ("The marks", "the final level of each step, no decision and no reasons"),
    "evidence": ("Evidence", "for each step, the candidate's words that the scorer quotes"),
    "feedback": ("Feedback", "what interviewers wrote to the candidate"),
}
UNJUDGED = "could not be judged"


@dataclass(frozen=True, slots=True)
class SharedStep:
    number: int
    title: str
    level: float | None
    word: str
    quotes: tuple[QuoteView, ...]


@dataclass(frozen=True, slots=True)
class SharedView:
    """A part that was not chosen is empty."""

    parts: tuple[str, ...]
    message: str
    steps: tuple[SharedStep, ...]
    document: tuple[tuple[str, str], ...]
    feedback: tuple[str, ...]
    turns: tuple[MarkedTurn, ...]


def shared_view(
    shared: Shared,
    session: Session,
    levels: Mapping[str, float | None],
    report: Report,
    rubric: Rubric,
) -> SharedView:
    parts = shared.parts
    titles: dict[str, str] = {step.id: step.title for step in rubric.steps}
    written = [(titles[id], session.document.get(id, "").strip()) for id in STEPS]
    return SharedView(
        parts=parts,
        message=shared.message,
        steps=_steps(parts, session, levels, report, rubric),
        document=tuple((title, text) for title, text in written if text)
        if "document" in parts
        else (),
        feedback=tuple(advice.text for advice in session.led.advice) if "feedback" in parts else (),
        turns=_turns(session, report, parts) if "transcript" in parts else (),
    )


def _steps(
    parts: tuple[str, ...],
    session: Session,
    levels: Mapping[str, float | None],
    report: Report,
    rubric: Rubric,
) -> tuple[SharedStep, ...]:
    if not {"marks", "evidence"} & set(parts):
        return ()
    transcript, scores = transcript_of(session), {step.id: step for step in report.steps}
    found = []
    for number, step in enumerate(rubric.steps, start=1):
        level = levels.get(step.id) if "marks" in parts else None
        quotes = cited(scores[step.id], rubric, transcript) if "evidence" in parts else ()
        found.append(
            SharedStep(
                number=number,
                title=step.title,
                level=level,
                word=UNJUDGED if level is None else level_word(level),
                quotes=tuple(_quote(quote, parts, len(session.turns)) for quote in quotes),
            )
        )
    return tuple(found)


def _quote(quote: Cited, parts: tuple[str, ...], turns: int) -> QuoteView:
    """It leads to its place where that is shared; what the scorer heard in it is not said."""
    shown = quote_view(quote)
    leads = quote.turn < turns and "transcript" in parts
    return QuoteView(shown.text, shown.href if leads else "", shown.at, "")


def _turns(session: Session, report: Report, parts: tuple[str, ...]) -> tuple[MarkedTurn, ...]:
    """What was said, without the document that follows it; quotes are marked only where they are shared too."""
    turns = said(session, report if "evidence" in parts else None)
    return nameless(turns[: len(session.turns)])
