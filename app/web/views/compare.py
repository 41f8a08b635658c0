"""Two reports on one transcript, side by side: per step and per criterion, with the words that each rests on."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.rubric.load import Rubric
from app.rubric.rubric import Criterion
from app.scoring.gaps import is_far
from app.scoring.report import Mark, Report
from app.transcripts.transcript import Transcript
from app.web.views import words
from app.web.views.report import Quote, Quoting

FAR_APART = "more than a level apart: for a person to look at"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one rater found on a criterion; `word` says it where nothing could be judged, too."""

    depth: int | None
    word: str
    prompted: bool
    quotes: tuple[Quote, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class CriterionPair:
    title: str
    core: bool
    offline: Opinion
    judge: Opinion
    far: bool

    @property
    def asks_a_look(self) -> bool:
        return self.far or (self.offline.depth is None) != (self.judge.depth is None)


@dataclass(frozen=True, slots=True)
class StepPair:
    """`apart` are criteria that a reader should look at: far from one another, or judged by one of them only. `near`
    are the others that somebody found something on, `neither` the titles of the rest."""

    id: str
    number: int
    title: str
    offline: float | None
    judge: float | None
    gap: str
    far: bool
    apart: tuple[CriterionPair, ...]
    near: tuple[CriterionPair, ...]
    neither: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    offline: Report
    judge: Report
    lead: str
    far_steps: int
    far_criteria: int
    unjudged: int
    steps: tuple[StepPair, ...]
    notes: tuple[str, ...]


def comparison(
    offline: Report,
    judge: Report,
    transcript: Transcript,
    rubric: Rubric,
    *,
    transcripts_at: tuple[str, str],
) -> Comparison:
    """`transcripts_at` are the addresses at which the quotes of each are marked."""
    quoting = Quoting(transcript, transcripts_at[0]), Quoting(transcript, transcripts_at[1])
    steps = tuple(_steps(offline, judge, rubric, quoting))
    far_criteria = sum(pair.far for step in steps for pair in step.apart)
    far_steps = sum(step.far for step in steps)
    own = [note["message"] for note in judge.notes if note not in offline.notes]
    return Comparison(
        offline=offline,
        judge=judge,
        lead=_lead(far_steps, far_criteria, _both(offline, judge)),
        far_steps=far_steps,
        far_criteria=far_criteria,
        unjudged=sum(mark.depth is None for step in judge.steps for mark in step.criteria),
        steps=steps,
        notes=tuple(map(words.for_page, own)),
    )


def _both(offline: Report, judge: Report) -> int:
    judged = [
        {mark.id for step in report.steps for mark in step.criteria if mark.depth is not None}
        for report in (offline, judge)
    ]
    return len(judged[0] & judged[1])


def _steps(
    offline: Report, judge: Report, rubric: Rubric, quoting: tuple[Quoting, Quoting]
) -> Iterator[StepPair]:
    for number, (step, one, other) in enumerate(
        zip(rubric.steps, offline.steps, judge.steps, strict=True), start=1
    ):
        marks = {mark.id: mark for mark in other.criteria}
        by_id = {mark.id: mark for mark in one.criteria}
        pairs = [
            _pair(criterion, by_id[criterion.id], marks[criterion.id], quoting)
            for criterion in step.criteria
            if criterion.id in by_id and criterion.id in marks
        ]
        silent = [pair for pair in pairs if pair.offline.depth == pair.judge.depth == 0]
        yield StepPair(
            id=step.id,
            number=number,
            title=step.title,
            offline=one.level,
            judge=other.level,
            gap=gap_words(one.level, other.level),
            far=is_far(one.level, other.level),
            apart=tuple(pair for pair in pairs if pair.asks_a_look),
            near=tuple(pair for pair in pairs if not pair.asks_a_look and pair not in silent),
            neither=tuple(pair.title for pair in silent),
        )


def _pair(
    criterion: Criterion, offline: Mark, judge: Mark, quoting: tuple[Quoting, Quoting]
) -> CriterionPair:
    return CriterionPair(
        criterion.title,
        criterion.core,
        _opinion(offline, quoting[0]),
        _opinion(judge, quoting[1]),
        is_far(offline.depth, judge.depth),
    )


def _opinion(mark: Mark, quoting: Quoting) -> Opinion:
    return Opinion(
        depth=mark.depth,
        word="not judged" if mark.depth is None else words.DEPTHS[mark.depth],
        prompted=mark.prompted,
        quotes=tuple(quoting.of(evidence) for evidence in mark.evidence),
        note=mark.note,
    )


def gap_words(offline: float | None, judge: float | None) -> str:
    if offline is None or judge is None:
        return "judged by neither" if offline is judge else "judged by one of them only"
    if is_far(offline, judge):
        return FAR_APART
    gap = round(judge - offline, 1)
    if gap == 0:
        return "the same"
    return f"the model is {abs(gap)} {'higher' if gap > 0 else 'lower'}"


def _lead(steps: int, criteria: int, both: int) -> str:
    """`both` counts the criteria that both could judge."""
    if not both:
        return "There is nothing that both of them could judge."
    if not steps and not criteria:
        return "They agree to within a level wherever both could judge."
    counts = [(steps, "step", "steps"), (criteria, "criterion", "criteria")]
    where = " and ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)
    return f"They are more than a level apart on {where}: a person should look there."
