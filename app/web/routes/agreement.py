"""Whether raters agree, of the live sessions that are kept here."""

import asyncio
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.errors import NotFound
from app.storage.db import transaction
from app.storage.ratings import GivenLevels, levels_given
from app.web.deps import Deps, Home, in_thread, own, page
from app.web.principal import Asker
from app.web.views.agreement import HEIGHT, SHOWN, WIDTH, AgreementView, agreement_view

router = APIRouter(include_in_schema=False)
CLOSED = "There is nothing at this address."


@dataclass
class Measurements:
    """The latest figures, and what they were measured from: the same levels are not measured twice."""

    given: list[GivenLevels] = field(default_factory=list)
    view: AgreementView | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, home: Home) -> AgreementView:
        given = await in_thread(_given, home)
        async with self.lock:
            if self.view is None or given != self.given:
                rubric = await in_thread(home.standards.rubric)
                titles: dict[str, str] = {step.id: step.title for step in rubric.steps}
                self.view, self.given = await in_thread(agreement_view, given, titles), given
            return self.view


def _given(home: Home) -> list[GivenLevels]:
    with transaction(home.engine) as db:
        return levels_given(db)


@router.get("/agreement")
async def show(request: Request, home: Deps, asker: Asker) -> Response:
    """For those who lead interviews: it names raters."""
    if not asker.may_lead:
        raise NotFound(CLOSED)
    view = await own(request, "measurements", Measurements).of(home)
    return page(request, "agreement/show.html", view=view, shown=SHOWN, width=WIDTH, height=HEIGHT)
