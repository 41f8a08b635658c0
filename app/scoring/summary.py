"""One or two plain sentences per step, from its marks."""

from app.rubric.rubric import Criterion, Step
from app.scoring.report import Mark

SHOWN = 2


def summarise(step: Step, level: float | None, marks: list[Mark], other: int) -> str:
    if level is None:
        return "Could not be judged."
    titles = {criterion.id: criterion for criterion in step.criteria}
    strong = [mark for mark in marks if (mark.depth or 0) >= 3]
    some = [mark for mark in marks if mark.depth in (1, 2)]
    missing = [mark for mark in marks if mark.depth == 0 and titles[mark.id].core]
    parts = []
    if strong:
        parts.append(f"Argued: {_names(strong, titles)}.")
    if some and len(strong) < SHOWN:
        parts.append(f"Said, but not argued: {_names(some, titles)}.")
    if not strong and not some:
        parts.append("Nothing on this step was heard." if not other else "Touched in passing only.")
    if missing:
        parts.append(f"Not heard: {_names(missing, titles)}.")
    if len(strong) + len(some) == 1 and not other:
        parts.append("This level rests on a single point.")
    return " ".join(parts)


def _names(marks: list[Mark], titles: dict[str, Criterion]) -> str:
    names = [titles[mark.id].title.rstrip(".") for mark in marks]
    shown = "; ".join(name[0].lower() + name[1:] for name in names[:SHOWN])
    more = len(names) - SHOWN
    return f"{shown} (and {more} more)" if more > 0 else shown
