"""A report laid out for reading: verdict, what to do next, then step by step."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.rubric.load import Rubric
from app.rubric.rubric import Criterion, Step
from app.scoring.advice import Advice, next_best
from app.scoring.report import Evidence, Mark, RaisedFlag, Report, StepScore
from app.transcripts.transcript import Transcript
from app.web.views import words
from app.web.views.charts import Timeline, timeline
from app.web.views.marked import anchor

ARGUED = 3


@dataclass(frozen=True, slots=True)
class Quote:
    text: str
    href: str
    at: float | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A criterion that was met; `next_time` where it could go deeper."""

    title: str
    depth: int
    word: str
    prompted: bool
    note: str | None
    quotes: tuple[Quote, ...]
    next_time: str | None


@dataclass(frozen=True, slots=True)
class FlagView:
    title: str
    why: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class StepView:
    id: str
    number: int
    title: str
    about: str
    level: float | None
    word: str
    summary: str
    judged: float
    share: float
    seconds: float | None
    first_at: float | None
    rests_on_one: bool
    shown: tuple[Shown, ...]
    missing_core: tuple[Criterion, ...]
    missing: tuple[Criterion, ...]
    unjudged: tuple[str, ...]
    other: tuple[Quote, ...]
    flags: tuple[FlagView, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    report: Report
    reason: str
    rubric_title: str
    rater: str
    verdict: str
    lead: str
    seniority: str
    next_best: tuple[Advice, ...]
    steps: tuple[StepView, ...]
    timeline: Timeline
    remarks: tuple[tuple[str, Quote | None], ...]


def report_view(
    report: Report, transcript: Transcript, rubric: Rubric, *, transcript_at: str
) -> ReportView:
    """`transcript_at` is the address of the transcript's page, empty where it is on the same."""
    quoting = Quoting(transcript, transcript_at)
    verdict, lead = words.DECISIONS.get(report.decision or "", ("Not judged", ""))
    return ReportView(
        report=report,
        reason=words.for_page(report.reason or ""),
        rubric_title=rubric.about.title,
        rater=words.RATERS.get(report.rater.kind, report.rater.kind),
        verdict=verdict,
        lead=lead,
        seniority=words.SENIORITY.get(report.seniority or "", ""),
        next_best=next_best(report, rubric),
        steps=tuple(
            _step(number, step, score, report, rubric, quoting)
            for number, (step, score) in enumerate(
                zip(rubric.steps, report.steps, strict=True), start=1
            )
        ),
        timeline=timeline(report, transcript),
        remarks=tuple(_remarks(report, quoting)),
    )


@dataclass(frozen=True, slots=True)
class Quoting:
    """Makes quotes that lead to their words."""

    transcript: Transcript
    page: str

    def of(self, evidence: Evidence | RaisedFlag) -> Quote:
        return Quote(
            evidence.quote,
            f"{self.page}#{anchor(evidence.turn, evidence.start)}",
            self.transcript.turns[evidence.turn].at,
        )

    def turn(self, number: int) -> Quote:
        at = self.transcript.turns[number].at
        return Quote(f"turn {number + 1}", f"{self.page}#turn-{number}", at)


def _step(
    number: int,
    step: Step,
    score: StepScore,
    report: Report,
    rubric: Rubric,
    quoting: Quoting,
) -> StepView:
    by_id = {criterion.id: criterion for criterion in step.criteria}
    pairs = [(by_id[mark.id], mark) for mark in score.criteria if mark.id in by_id]
    met = sorted((p for p in pairs if p[1].depth), key=lambda p: -(p[1].depth or 0))
    missing = [criterion for criterion, mark in pairs if mark.depth == 0]
    flags = {flag.id: flag for flag in rubric.flags}
    quotes = {(e.turn, e.start) for _, mark in met for e in mark.evidence}
    return StepView(
        id=step.id,
        number=number,
        title=step.title,
        about=step.about,
        level=score.level,
        word="not judged" if score.level is None else words.level_word(score.level),
        summary=score.summary,
        judged=score.judged,
        share=score.share,
        seconds=score.seconds,
        first_at=score.first_at,
        rests_on_one=len(quotes) == 1 and not score.other,
        shown=tuple(_shown(criterion, mark, quoting) for criterion, mark in met),
        missing_core=tuple(c for c in missing if c.core),
        missing=tuple(c for c in missing if not c.core),
        unjudged=tuple(criterion.title for criterion, mark in pairs if mark.depth is None),
        other=tuple(quoting.of(evidence) for evidence in score.other),
        flags=tuple(
            FlagView(flags[raised.id].title, raised.why, quoting.of(raised))
            for raised in report.flags
            if raised.id in flags and flags[raised.id].step == step.id
        ),
    )


def _shown(criterion: Criterion, mark: Mark, quoting: Quoting) -> Shown:
    depth = mark.depth or 0
    return Shown(
        title=criterion.title,
        depth=depth,
        word=words.DEPTHS[depth],
        prompted=mark.prompted,
        note=mark.note,
        quotes=tuple(quoting.of(evidence) for evidence in mark.evidence),
        next_time=criterion.next_time if depth < ARGUED else None,
    )


def _remarks(report: Report, quoting: Quoting) -> Iterator[tuple[str, Quote | None]]:
    for note in report.notes:
        yield words.for_page(note["message"]), None
    for advisory in report.advisories:
        place = None if advisory.turn is None else quoting.turn(advisory.turn)
        yield advisory.message, place
