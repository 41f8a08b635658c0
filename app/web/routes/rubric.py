"""The rubric to read: what is judged, why, and what each depth sounds like."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.errors import NotFound
from app.web.deps import Deps, page
from app.web.principal import Asker
from app.web.views.words import DEPTHS, LEVEL_MEANING, LEVELS

router = APIRouter(prefix="/rubric", include_in_schema=False)


@router.get("")
def show(request: Request, home: Deps, asker: Asker) -> Response:
    return page(
        request,
        "rubric/show.html",
        rubric=home.standards.rubric(),
        levels=list(zip(LEVELS, LEVEL_MEANING, strict=True)),
        curates=asker.may_curate,
    )


@router.get("/{step}")
def show_step(request: Request, step: str, home: Deps) -> Response:
    rubric = home.standards.rubric()
    found = next((s for s in rubric.steps if s.id == step), None)
    if found is None:
        raise NotFound("The rubric has no such step.")
    flags = [flag for flag in rubric.flags if flag.step == step]
    return page(request, "rubric/step.html", rubric=rubric, step=found, flags=flags, depths=DEPTHS)
