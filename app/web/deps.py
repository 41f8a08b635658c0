"""What a route is given: the application's state, typed, and a page in the visitor's theme."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, TypeVar

import anyio.to_thread
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine
from starlette.requests import HTTPConnection

from app.endpoint import Endpoint
from app.errors import Conflict, InvalidInput
from app.live.cast import Cast
from app.live.judging import Judging
from app.live.rooms import Rooms
from app.llm.models import Models
from app.rubric.load import Rubric
from app.scoring.knowledge import Knowledge
from app.storage import reports
from app.storage.db import transaction
from app.storage.desk import Desk
from app.storage.reports import KeptReport
from app.storage.spending import SqlLedger
from app.web.asgi import theme_of
from app.web.standards import Standards
from app.web.templating import render

NO_MODEL = (
    "No model is set up here, so there is nobody to ask; the settings page says how to set one up."
)
OLDER = "The rubric of this report is of an older form; score the transcript again first."


@dataclass(frozen=True, slots=True)
class Home:
    """Built by create_app, the same for every request. `models` and their `ledger` are there where an endpoint is
    set up."""

    engine: Engine
    standards: Standards
    desk: Desk
    now: Callable[[], datetime]
    models: Models | None = None
    ledger: SqlLedger | None = None

    @property
    def endpoint(self) -> Endpoint | None:
        return None if self.models is None else self.models.endpoint

    def rubric_of(self, kept: KeptReport) -> Rubric:
        """As it was when the report was made."""
        named = kept.report.rubric
        if named.id in self.standards.ids():
            current = self.standards.rubric(named.id)
            if current.sha256 == named.sha256:
                return current
        with transaction(self.engine) as db:
            return reports.find_rubric(db, named.sha256) or self.standards.rubric()

    def cast_of(self, sha256: str) -> Cast | None:
        """The interviewers of a rubric as it was when a session began; None where that is not kept."""
        if sha256 == self.standards.rubric().sha256:
            return self.standards.cast()
        with transaction(self.engine) as db:
            rubric = reports.find_rubric(db, sha256)
        return None if rubric is None else self.standards.cast_with(rubric)

    def knowledge_of(self, kept: KeptReport) -> Knowledge:
        """Of the rubric as it was when the report was made. Raises InvalidInput where that can no longer be read."""
        named = kept.report.rubric
        rubric = self.rubric_of(kept)
        if rubric.sha256 != named.sha256:
            raise InvalidInput(OLDER)
        current = named.id in self.standards.ids() and self.standards.rubric(named.id) == rubric
        return self.standards.knowledge(named.id) if current else Knowledge(rubric)


T = TypeVar("T")


def own(connection: HTTPConnection, name: str, make: Callable[[], T]) -> T:
    """What one application keeps for itself in memory under a name, made when it is first wanted."""
    state = connection.app.state
    if not hasattr(state, name):
        setattr(state, name, make())
    kept: T = getattr(state, name)
    return kept


def get_home(connection: HTTPConnection) -> Home:
    home: Home = connection.app.state.home
    return home


Deps = Annotated[Home, Depends(get_home)]


async def get_rooms(connection: HTTPConnection) -> Rooms:
    """Once the sessions of before a restart have been given back their time."""
    rooms: Rooms = connection.app.state.rooms
    await rooms.ready.wait()
    return rooms


Live = Annotated[Rooms, Depends(get_rooms)]


def get_judging(connection: HTTPConnection) -> Judging:
    """Raises Conflict where no endpoint is set up."""
    judging: Judging | None = connection.app.state.judging
    if judging is None:
        raise Conflict(NO_MODEL)
    return judging


Judge = Annotated[Judging, Depends(get_judging)]


def page(request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    home: Home = request.app.state.home
    sent_to = home.endpoint.host if home.endpoint else ""
    given = {"theme": theme_of(request.scope), "path": request.url.path, "sent_to": sent_to}
    html = render(template, **given, **context)
    return HTMLResponse(html, status)


async def in_thread(work: Callable[..., Any], *given: object, **named: object) -> Any:
    """Reading and scoring take up to a second and must not hold up others."""
    return await anyio.to_thread.run_sync(partial(work, *given, **named))
