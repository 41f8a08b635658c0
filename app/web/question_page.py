"""What every page of one question shows: where it stands, and what can be done with it next."""

from fastapi import Request
from fastapi.responses import Response

from app.storage.desk import NEXT, Standing
from app.web.deps import page

WORDS: dict[str, str] = {
    "submitted": "Send to review",
    "returned": "Send back",
    "published": "Publish",
    "retired": "Retire",
    "reopened": "Work on it again",
}


def question_page(
    request: Request,
    template: str,
    standing: Standing,
    tab: str,
    *,
    curates: bool = True,
    status: int = 200,
    **context: object,
) -> Response:
    return page(
        request,
        f"questions/{template}",
        status=status,
        standing=standing,
        question=standing.latest.question,
        steps=steps_from(standing),
        curates=curates,
        tab=tab,
        **context,
    )


def steps_from(standing: Standing) -> list[tuple[str, str]]:
    """What can be done with it now: (action, its words)."""
    status = standing.latest.question.status
    return [(action, WORDS[action]) for action, (froms, _) in NEXT.items() if status in froms]
