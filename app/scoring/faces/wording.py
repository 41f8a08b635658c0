"""What the text faces share: the verdict in one sentence, clock times, and marks with what they show."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.rubric.load import Rubric
from app.rubric.rubric import Criterion, Step
from app.scoring.gaps import gaps
from app.scoring.report import Evidence, Mark, Report, StepScore
from app.transcripts.transcript import Transcript

DEPTHS = ("not heard", "mentioned", "explained", "justified", "grounded")
LEVELS = ("absent", "mentioned", "adequate", "strong", "outstanding")
VERDICTS = {
    "strong_no": "a strong no",
    "no": "a no",
    "lean_no": "leaning to no",
    "lean_yes": "leaning to yes",
    "yes": "a yes",
    "strong_yes": "a strong yes",
}
UNSCORED = "This could not be scored."
PROMPTED = "after the interviewer raised it"
FAR_APART = "more than a level apart: for a person to look at"


@dataclass(frozen=True, slots=True)
class Part:
    """A step of the report beside what the rubric says about it: what was shown, what was not."""

    step: Step
    score: StepScore
    shown: tuple[tuple[Criterion, Mark], ...]
    missing: tuple[tuple[Criterion, Mark], ...]
    unjudged: tuple[Criterion, ...]


def parts(report: Report, rubric: Rubric) -> Iterator[Part]:
    """A mark of a criterion that this rubric does not have is left out; core criteria come first."""
    steps: dict[str, Step] = {step.id: step for step in rubric.steps}
    for score in report.steps:
        known = [(rubric.criteria[m.id][1], m) for m in score.criteria if m.id in rubric.criteria]
        shown = [(c, m) for c, m in known if m.depth]
        missing = [(c, m) for c, m in known if m.depth == 0]
        yield Part(
            steps[score.id],
            score,
            tuple(sorted(shown, key=lambda pair: -(pair[1].depth or 0))),
            tuple(sorted(missing, key=lambda pair: (not pair[0].core, -pair[0].weight))),
            tuple(c for c, m in known if m.depth is None),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """What two raters make of a step (its levels) or of a criterion (its depths), in words."""

    title: str
    here: str
    beside: str
    far: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A step by both raters: its levels, and the criteria of which at least one of them says more than "not heard"."""

    level: Row
    criteria: tuple[Row, ...]


def pairs(report: Report, beside: Report, rubric: Rubric) -> Iterator[Pair]:
    far = {(gap.step, gap.criterion) for gap in gaps(report, beside)}
    steps: dict[str, Step] = {step.id: step for step in rubric.steps}
    for here, other in zip(report.steps, beside.steps, strict=True):
        depths = {mark.id: mark.depth for mark in other.criteria}
        levels = level(here.level), level(other.level)
        yield Pair(
            Row(steps[here.id].title, *levels, (here.id, None) in far),
            tuple(
                Row(
                    rubric.criteria[mark.id][1].title.rstrip("."),
                    depth_word(mark.depth),
                    depth_word(depths[mark.id]),
                    (here.id, mark.id) in far,
                )
                for mark in here.criteria
                if mark.id in rubric.criteria and (mark.depth != 0 or depths[mark.id] != 0)
            ),
        )


def depth_word(depth: int | None) -> str:
    return "not judged" if depth is None else DEPTHS[depth]


def apart(report: Report, beside: Report) -> str:
    found = gaps(report, beside)
    steps = sum(gap.criterion is None for gap in found)
    criteria = len(found) - steps
    if not found:
        return "They agree to within a level everywhere."
    counts = ((steps, "step", "steps"), (criteria, "criterion", "criteria"))
    where = " and ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)
    return f"They are more than a level apart on {where}: a person should look there."


def verdict(report: Report) -> str:
    if not report.scorable:
        return UNSCORED
    if report.overall is None:
        return "Too few steps could be judged to say how this interview went."
    said = VERDICTS.get(report.decision or "", "no decision")
    seniority = report.seniority or "no level"
    met = "no bar yet, L4 being the first" if seniority == "below-L4" else f"the bar of {seniority}"
    return f"{report.overall:.0f} of 100: {said} for a senior (L5) engineer; it meets {met}."


def level(value: float | None) -> str:
    return "not judged" if value is None else f"{value:.1f} {level_word(value)}"


def level_word(value: float) -> str:
    """2.5 is still adequate: a word is reached with its whole level."""
    return "touched on" if 0 < value < 1 else LEVELS[int(value)]


def clock(seconds: float | None) -> str:
    """1:02:03 or 4:05; empty where there is no time."""
    if seconds is None:
        return ""
    minutes, second = divmod(int(max(seconds, 0)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def place(number: int, transcript: Transcript) -> str:
    """ "turn 3, 4:05"; the number is the one of the JSON report, counted from 0."""
    known = 0 <= number < len(transcript.turns)
    at = clock(transcript.turns[number].at) if known else ""
    return f"turn {number}, {at}" if at else f"turn {number}"


def quoted(evidence: Evidence, longest: int) -> str:
    return shortened(evidence.quote, longest)


def shortened(said: str, longest: int) -> str:
    """On one line, without control characters, cut at a word."""
    text = " ".join(visible(said).split())
    if len(text) <= longest:
        return text
    head, space, _ = text[:longest].rpartition(" ")
    return (head if space else text[: longest - 1]) + "…"


def visible(text: str) -> str:
    """What a transcript may hide, escape codes and direction marks, never reaches a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def minutes(score: StepScore) -> str:
    share = f"{100 * score.share:.0f} % of the words"
    return f"{clock(score.seconds)} min, {share}" if score.seconds is not None else share


def rater(report: Report) -> str:
    """A judge is named by the model that was asked, so its name is somebody else's words."""
    return visible(f"{report.rater.name} ({report.rater.kind})")


def made_by(report: Report) -> str:
    rubric = report.rubric
    beside = f", beside {rater(report.beside)}," if report.beside else ""
    rated = f"Rated by {rater(report)}{beside}"
    return f"{rated} under {rubric.id}, version {rubric.version} ({rubric.sha256[:12]})."
