"""What a route is given: the application's state, typed, and a page in the visitor's theme."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import anyio.to_thread
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Engine
from starlette.requests import HTTPConnection

from app.live.rooms import Rooms
from app.rubric.load import Rubric
from app.storage import reports
from app.storage.db import transaction
from app.storage.reports import KeptReport
from app.web.asgi import theme_of
from app.web.standards import Standards
from app.web.templating import render


@dataclass(frozen=True, slots=True)
class Home:
    """Built by create_app, the same for every request."""

    engine: Engine
    standards: Standards
    now: Callable[[], datetime]

    def rubric_of(self, kept: KeptReport) -> Rubric:
        """As it was when the report was made."""
        named = kept.report.rubric
        if named.id in self.standards.ids():
            current = self.standards.rubric(named.id)
            if current.sha256 == named.sha256:
                return current
        with transaction(self.engine) as db:
            return reports.find_rubric(db, named.sha256) or self.standards.rubric()


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


def page(request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    html = render(template, theme=theme_of(request.scope), path=request.url.path, **context)
    return HTMLResponse(html, status)


async def in_thread(work: Callable[..., Any], *given: object, **named: object) -> Any:
    """Reading and scoring take up to a second and must not hold up others."""
    return await anyio.to_thread.run_sync(partial(work, *given, **named))
