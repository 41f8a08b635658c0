"""What the report of a session says beyond its marks: minutes, facts, follow-ups, the guess, the reference.

Everything is read from the finished session, its question and its report; nothing is judged anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.bank.question import Question, Source
from app.interview.events import Chose
from app.interview.session import Session
from app.live.voice import REASONS
from app.llm.breaches import BREACHES
from app.llm.model import FAULTS
from app.rubric.load import Rubric
from app.rubric.rubric import STEPS
from app.scoring.report import Report
from app.transcripts.transcript import Transcript

WIDTH = 1000
PLAN = 45  # minutes that the rubric's steps are planned for
NEAR = 0.5  # a guess this close was right
SCRIPT = "the script"
PUSHES = {"press": "follow-up", "probe": "follow-up", "twist": "twist"}
TOLD = {"agree": "guessed right", "correct": "corrected", None: "asked"}
Spoken = tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class StepTime:
    """Seconds on a step against its budget; `spent_width` and `budget_x` are the bar's shapes."""

    title: str
    budget: int
    spent: float | None
    first_at: float | None
    spent_width: int
    budget_x: int


@dataclass(frozen=True, slots=True)
class Guess:
    title: str
    guessed: float | None
    given: float | None
    words: str


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact of the question; `at` is None where it never came up."""

    about: str
    answer: str
    how: str
    at: float | None


@dataclass(frozen=True, slots=True)
class Push:
    """A question of the interviewer's own, and whether the words after it met what it was about."""

    kind: str
    text: str
    about: str
    at: float
    answered: bool


@dataclass(frozen=True, slots=True)
class LineMade:
    """How one of the interviewer's lines came about where a model was asked for it. `checks` says what was found in
    each try; moments are seconds, `first_ms` and `whole_ms` None where nothing came."""

    at: float
    text: str
    by: str
    checks: tuple[str, ...]
    cut: bool
    prompt: str
    first_ms: int | None
    whole_ms: int | None
    tokens: int
    cost: float


@dataclass(frozen=True, slots=True)
class SessionReport:
    """`hints` are moments and words. `prompted` and `own` are titles of criteria that were met."""

    id: str
    mode: str
    minutes: int | None
    last_minute: int
    all_touched: str
    times: tuple[StepTime, ...]
    asked: tuple[FactLine, ...]
    never: tuple[FactLine, ...]
    pushes: tuple[Push, ...]
    hints: Spoken
    own: tuple[str, ...]
    prompted: tuple[str, ...]
    guesses: tuple[Guess, ...]
    traps: tuple[str, ...]
    reference: tuple[tuple[str, str], ...]
    baseline: str
    no_ml_when: str
    sources: tuple[Source, ...]
    lines: tuple[LineMade, ...] = ()

    @property
    def by_model(self) -> int:
        return sum(line.by != SCRIPT for line in self.lines)

    @property
    def ducked(self) -> int:
        return sum(not push.answered for push in self.pushes)


def session_report(
    id: str,
    session: Session,
    question: Question,
    report: Report,
    rubric: Rubric,
    transcript: Transcript,
) -> SessionReport:
    """`transcript` is the one that `report` judges; its times are the interview's, in seconds."""
    spec = session.spec
    asked = {line.about: line for line in _asked(session, question)}
    spent = session.clock.elapsed(session.last_at) // 60_000
    met = [(m.id, m.prompted) for s in report.steps for m in s.criteria if m.depth]
    titles = {id: criterion.title for id, (_, criterion) in rubric.criteria.items()}
    return SessionReport(
        id=id,
        mode=spec.mode if spec else "practice",
        minutes=spec.minutes if spec else None,
        last_minute=max(spent, 0),
        all_touched=_all_touched(report, rubric),
        times=_times(report, rubric, spec.minutes if spec else None),
        asked=tuple(asked.values()),
        never=tuple(
            FactLine(fact.about, fact.answer, "", None)
            for fact in question.facts
            if fact.about not in asked
        ),
        pushes=tuple(_pushes(session, question, titles, _heard(report, transcript))),
        hints=tuple((t.at_ms / 1000, t.text) for t in session.turns if t.hint),
        own=tuple(titles[id] for id, prompted in met if id in titles and not prompted),
        prompted=tuple(titles[id] for id, prompted in met if id in titles and prompted),
        guesses=_guesses(session.predicted, report),
        traps=_traps(session, question, report),
        reference=tuple((step.capitalize(), getattr(question.reference, step)) for step in STEPS),
        baseline=question.baseline,
        no_ml_when=question.no_ml_when,
        sources=question.sources,
        lines=tuple(_lines(session)),
    )


def _lines(session: Session) -> Iterator[LineMade]:
    for worded in session.wordings:
        if worded.turn >= len(session.turns):
            continue
        turn = session.turns[worded.turn]
        yield LineMade(
            at=turn.at_ms / 1000,
            text=turn.text,
            by=worded.model if worded.by == "model" else SCRIPT,
            checks=tuple(map(check_words, worded.checks)),
            cut=worded.cut,
            prompt=f"{worded.prompt}, version {worded.prompt_version}" if worded.prompt else "",
            first_ms=worded.first_ms or None,
            whole_ms=worded.whole_ms or None,
            tokens=worded.tokens_in + worded.tokens_out,
            cost=worded.cost,
        )


def check_words(check: str) -> str:
    """What was found in one try: in order, a fault, or breaches with spaces between them."""
    known = {**REASONS, **FAULTS, **{id: f"it {words}" for id, words in BREACHES.items()}}
    if check == "ok":
        return "in order"
    return "; ".join(known.get(part, part) for part in check.split())


def _times(report: Report, rubric: Rubric, minutes: int | None) -> tuple[StepTime, ...]:
    scale = (minutes or PLAN) / PLAN
    budgets = [max(round(step.minutes * scale), 1) for step in rubric.steps]
    longest = max([*(60.0 * b for b in budgets), *(s.seconds or 0.0 for s in report.steps)])
    return tuple(
        StepTime(
            step.id.capitalize(),
            budget,
            score.seconds,
            score.first_at,
            round(WIDTH * (score.seconds or 0.0) / longest),
            round(WIDTH * 60 * budget / longest),
        )
        for step, budget, score in zip(rubric.steps, budgets, report.steps, strict=True)
    )


def _all_touched(report: Report, rubric: Rubric) -> str:
    missing = [s.id.capitalize() for s in report.steps if s.first_at is None and not s.share]
    if missing:
        return f"Never touched: {', '.join(missing)}."
    at = report.pacing.first_pass_at
    return "" if at is None else f"All seven steps were touched by minute {int(at // 60) + 1}."


def _asked(session: Session, question: Question) -> Iterator[FactLine]:
    facts = {fact.id: fact for fact in question.facts}
    for move in session.moves:
        at = _at(session, move)
        for id in move.facts:
            if id in facts and at is not None and move.kind in ("answer", "assumption"):
                how = TOLD.get(move.verdict, "asked")
                yield FactLine(facts[id].about, facts[id].answer, how, at)


def _at(session: Session, move: Chose) -> float | None:
    if move.turn is None or move.turn >= len(session.turns):
        return None
    return session.turns[move.turn].at_ms / 1000


def _heard(report: Report, transcript: Transcript) -> Mapping[str, Sequence[float]]:
    """criterion -> the seconds at which words of it were said; the document has no times."""
    return {
        mark.id: [at for e in mark.evidence if (at := transcript.turns[e.turn].at) is not None]
        for step in report.steps
        for mark in step.criteria
    }


def _pushes(
    session: Session,
    question: Question,
    titles: Mapping[str, str],
    heard: Mapping[str, Sequence[float]],
) -> Iterator[Push]:
    """Met, where evidence of a criterion it was about came before the next question of its own."""
    twists = {twist.id: twist for twist in question.twists}
    moves = [(m, at) for m in session.moves if (at := _at(session, m)) is not None]
    pushing = [(move, at) for move, at in moves if move.kind in PUSHES]
    for (move, at), (_, until) in pairwise([*pushing, (None, float("inf"))]):
        assert move is not None and move.turn is not None
        twist = twists.get(move.twist or "")
        about = twist.tests if twist else (move.criterion,) if move.criterion else ()
        yield Push(
            PUSHES[move.kind],
            session.turns[move.turn].text,
            "; ".join(titles[id] for id in about if id in titles),
            at,
            any(at <= said < until for id in about for said in heard.get(id, ())),
        )


def _guesses(predicted: Mapping[str, float | None] | None, report: Report) -> tuple[Guess, ...]:
    if predicted is None or all(level is None for level in predicted.values()):
        return ()
    return tuple(
        Guess(step.id.capitalize(), guessed, step.level, compared(guessed, step.level))
        for step in report.steps
        for guessed in [predicted.get(step.id)]
    )


def compared(guessed: float | None, given: float | None) -> str:
    if guessed is None:
        return "no guess"
    if given is None:
        return "not judged"
    if abs(guessed - given) <= NEAR:
        return "as you thought"
    gap = f"{abs(guessed - given):.1f}".removesuffix(".0")
    return f"{gap} {'lower' if given < guessed else 'higher'} than you thought"


def _traps(session: Session, question: Question, report: Report) -> tuple[str, ...]:
    """Pressed because their signs were heard, or raised as a fault by the report."""
    flags = {flag.id for flag in report.flags}
    return tuple(
        trap.what for trap in question.traps if trap.id in session.asked or trap.flag in flags
    )
