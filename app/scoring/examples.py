"""Run what authors wrote as examples: each utterance must get exactly the depth that it stands under."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.rubric.load import Rubric
from app.rubric.rubric import Criterion, Flag
from app.scoring.heard import Heard
from app.scoring.knowledge import Knowledge
from app.scoring.listen import Listener
from app.transcripts.transcript import Speaker, Turn


@dataclass(frozen=True, slots=True)
class Example:
    """An utterance and the depth that its author expects for `criterion`."""

    criterion: str
    expected: int
    said: str
    after: str | None = None


def hear_alone(knowledge: Knowledge, said: str, after: str | None = None) -> Heard:
    listener = Listener(knowledge)
    if after:
        listener.hear(0, Turn(Speaker.INTERVIEWER, after))
    listener.hear(1, Turn(Speaker.CANDIDATE, said))
    return listener.heard


def depth_of(knowledge: Knowledge, example: Example) -> int:
    heard = hear_alone(knowledge, example.said, example.after)
    return max((f.depth for f in heard.findings if f.criterion == example.criterion), default=0)


def examples_of(criterion: Criterion) -> Iterator[Example]:
    for depth, texts in criterion.examples.by_depth().items():
        for said in texts:
            yield Example(criterion.id, depth, said)
    for nothing in criterion.examples.nothing:
        yield Example(criterion.id, 0, nothing.said, nothing.after)


def raises(knowledge: Knowledge, flag: Flag, said: str) -> bool:
    return any(sign.id == flag.id for sign in hear_alone(knowledge, said).flags)


def run_examples(rubric: Rubric, knowledge: Knowledge) -> list[str]:
    """One sentence per example that did not get its depth, and per flag that was or was not raised."""
    problems = []
    for step in rubric.steps:
        for criterion in step.criteria:
            for example in examples_of(criterion):
                got = depth_of(knowledge, example)
                if got != example.expected:
                    problems.append(
                        f"{step.id} > {criterion.id}: expected depth {example.expected}, got {got}: "
                        f"{example.said}"
                    )
    for flag in rubric.flags:
        for said in flag.examples:
            if not raises(knowledge, flag, said):
                problems.append(f"flags > {flag.id}: not raised by: {said}")
        for said in flag.counter_examples:
            if raises(knowledge, flag, said):
                problems.append(f"flags > {flag.id}: wrongly raised by: {said}")
    return problems
