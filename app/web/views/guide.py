"""A question as its interviewer holds it: by step, with everything that belongs to the step beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.bank.question import Expectation, Fact, FollowUp, Question
from app.bank.sums import Sum, work_out
from app.concepts.words import Reader
from app.rubric.load import Rubric

WHEN = {
    "missing": "not spoken of yet",
    "mentioned": "only named",
    "thin": "no reason given",
}


@dataclass(frozen=True, slots=True)
class GuideFollowUp:
    id: str
    criterion: str
    when: str
    ask: str


@dataclass(frozen=True, slots=True)
class GuideExpectation:
    criterion: str
    core: bool
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuideStep:
    """`minutes` are the rubric's plan for 45."""

    id: str
    title: str
    minutes: float
    facts: tuple[Fact, ...]
    follow_ups: tuple[GuideFollowUp, ...]
    expects: tuple[GuideExpectation, ...]
    reference: str


@dataclass(frozen=True, slots=True)
class GuideTwist:
    id: str
    when: str
    says: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuideView:
    question: Question
    steps: tuple[GuideStep, ...]
    twists: tuple[GuideTwist, ...]
    sums: tuple[Sum, ...]
    seconds: int


def guide_view(question: Question, rubric: Rubric) -> GuideView:
    titles = {id: criterion.title for id, (_, criterion) in rubric.criteria.items()}
    steps = tuple(
        GuideStep(
            step.id,
            step.title,
            step.minutes,
            tuple(fact for fact in question.facts if fact.step == step.id),
            tuple(
                _follow_up(follow_up, titles)
                for follow_up in question.follow_ups
                if _step_of(follow_up.criterion, rubric) == step.id
            ),
            tuple(_expectations(question.expects, step.id, rubric)),
            getattr(question.reference, step.id),
        )
        for step in rubric.steps
    )
    step_titles: Mapping[str, str] = {step.id: step.title.lower() for step in rubric.steps}
    twists = tuple(
        GuideTwist(
            twist.id,
            " or ".join(
                part
                for part in (
                    f"after {twist.when.minute} minutes" if twist.when.minute else "",
                    f"once {step_titles[twist.when.step]} is covered" if twist.when.step else "",
                )
                if part
            ),
            twist.says,
            tuple(titles.get(id, id) for id in twist.tests),
        )
        for twist in question.twists
    )
    sums, _ = work_out(question, Reader(rubric.lexicon))
    seconds = round(len(question.prompt.split()) / 150 * 60)
    return GuideView(question, steps, twists, tuple(sums), seconds)


def _step_of(criterion: str, rubric: Rubric) -> str:
    found = rubric.criteria.get(criterion)
    return found[0].id if found else "requirements"


def _follow_up(follow_up: FollowUp, titles: Mapping[str, str]) -> GuideFollowUp:
    return GuideFollowUp(
        follow_up.id,
        titles.get(follow_up.criterion, follow_up.criterion),
        WHEN[follow_up.when],
        follow_up.ask,
    )


def _expectations(
    expects: Mapping[str, Expectation], step: str, rubric: Rubric
) -> list[GuideExpectation]:
    return [
        GuideExpectation(rubric.criteria[id][1].title, rubric.criteria[id][1].core, expected.says)
        for id, expected in expects.items()
        if id in rubric.criteria and rubric.criteria[id][0].id == step
    ]
