"""Everything wired, visibly. Who serves it: app/serving.py."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app import __doc__ as about
from app.errors import CannotStart, SevenstepError, Unavailable
from app.live.bus import Bus, MemoryBus
from app.live.clock import ServerClock
from app.live.judging import Judging
from app.live.presence import Presence
from app.live.rooms import Rooms
from app.llm.models import Models
from app.settings import Settings
from app.storage.db import Trouble, is_shared, migrate, open_database, open_log
from app.storage.desk import Desk
from app.storage.log import Log
from app.storage.spending import SqlLedger
from app.storage.votes import forget_old
from app.web.access import Access
from app.web.bodies import BodyLimit
from app.web.deps import Home
from app.web.errors import add_error_handlers
from app.web.guard import Guard, hosts_of
from app.web.headers import SafeHeaders
from app.web.log import RequestLog
from app.web.metrics import Metrics
from app.web.readiness import Readiness
from app.web.routes import (
    agreement,
    api,
    home as home_,
    judging as judging_,
    live,
    live_marks,
    live_room,
    practise,
    question_edit,
    question_health,
    question_parcels,
    questions,
    reports,
    rubric,
    rubric_edit,
    score,
    sessions,
    settings as settings_,
    socket as socket_,
)
from app.web.rubric_desk import RubricDesk
from app.web.standards import Standards
from app.web.templating import static_folder

FIRST_PAGE_FIRST = 0.4  # seconds in which building the rubric does not compete with the first page
MEASURE_EVERY = 1.0  # seconds
FOLLOW_EVERY = 3.0
TRIES, BETWEEN = 20, 0.5  # for a database that restarts while this starts; seconds
CLOSE_WITHIN = 2.0  # seconds for what was accepted to be stored, where the service stops


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    *,
    standards: Standards | None = None,
    now: Callable[[], datetime] = utc_now,
    clock: Callable[[], int] | None = None,
) -> FastAPI:
    """Opens the database and brings it up to date, so a wrong one is said before anybody waits. `clock` gives the
    milliseconds that sessions run by."""
    engine = open_database(settings.database)
    standards = standards or Standards(settings.content)
    models = ledger = None
    if settings.endpoint is not None:
        ledger = SqlLedger(engine, settings.endpoint.budget, now)
        models = Models(settings.endpoint, ledger, lambda: time.monotonic_ns() // 1_000_000)

    node = secrets.token_hex(8)
    metrics, readiness = Metrics(), Readiness(engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        warming = asyncio.get_running_loop().call_later(FIRST_PAGE_FIRST, standards.warm)
        log = await opened_log(settings)
        server_clock = clock or ServerClock(await log.wall()).now
        bus: Bus = MemoryBus(node)
        if settings.redis is not None and is_shared(engine):
            from app.live.redis_bus import RedisBus  # its client takes time to load

            readiness.bus = bus = RedisBus(settings.redis, node)
        app.state.rooms = rooms = Rooms(
            log,
            server_clock,
            standards.cast,
            models,
            bus=bus,
            presence=Presence(engine, node) if is_shared(engine) else None,
            meters=metrics,
            cast_of=app.state.home.cast_of,
        )
        readiness.begun = rooms.ready
        rooms.run()
        measuring = asyncio.create_task(measure(metrics, rooms, readiness))
        stopping, following = asyncio.Event(), None
        if is_shared(engine):
            following = asyncio.create_task(follow(app.state.rubric_desk, stopping))
        if judging is not None:
            judging.run()
        yield
        readiness.is_stopping = True
        warming.cancel()
        measuring.cancel()
        stopping.set()
        background = [task for task in (measuring, following) if task is not None]
        await asyncio.gather(*background, return_exceptions=True)
        if judging is not None:
            await judging.close()
        await rooms.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN):
                await log.close()
        if models is not None:
            await models.close()
        await asyncio.to_thread(standards.settle)
        engine.dispose()

    app = FastAPI(
        title="Sevenstep",
        description=about or "",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(SafeHeaders),
            Middleware(RequestLog, count=metrics.requested),
            Middleware(Guard, hosts=hosts_of(settings)),
            Middleware(BodyLimit),
            Middleware(Access, token=settings.token),
            Middleware(GZipMiddleware, minimum_size=500),
        ],
    )
    migrate(engine)
    with suppress(Unavailable):  # there will be another start
        forget_old(engine, now())
    desk = Desk(engine, settings.content, now, files=settings.is_sqlite)
    app.state.home = home = Home(engine, standards, desk, now, models, ledger)
    rubric_desk = RubricDesk(engine, standards, settings.content, now, files=settings.is_sqlite)
    if rubric_desk.has_edits():
        standards.source = rubric_desk.rubric
    app.state.rubric_desk = rubric_desk
    judging = None
    if models is not None:
        judging = Judging(engine, models, home.knowledge_of, now, content=settings.content)
    app.state.judging = judging
    app.state.metrics, app.state.readiness = metrics, readiness
    for part in (
        home_,
        practise,
        question_parcels,
        question_health,
        question_edit,
        questions,
        sessions,
        socket_,
        score,
        reports,
        judging_,
        rubric_edit,
        rubric,
        live,
        live_room,
        live_marks,
        agreement,
        settings_,
        api,
    ):
        app.include_router(part.router)
    app.mount("/static", Lasting(directory=static_folder()), name="static")
    add_error_handlers(app)
    return app


async def opened_log(settings: Settings) -> Log:
    """Raises CannotStart. The tables were reached a moment ago, so a server that is away comes back."""
    for _ in range(TRIES):
        try:
            return await open_log(settings.database)
        except CannotStart:
            if settings.is_sqlite:
                raise
        await asyncio.sleep(BETWEEN)
    return await open_log(settings.database)


async def measure(metrics: Metrics, rooms: Rooms, readiness: Readiness) -> None:
    """What is counted by looking."""
    while True:
        redis = readiness.bus is not None and readiness.bus.is_up
        metrics.measure(sockets=rooms.connections, rooms=len(rooms), redis=redis)
        await asyncio.sleep(MEASURE_EVERY)


async def follow(desk: RubricDesk, stopping: asyncio.Event) -> None:
    """A version of the rubric that another process has published is taken within seconds."""
    while not stopping.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), FOLLOW_EVERY)
        if not stopping.is_set():
            with suppress(SevenstepError, Trouble):
                await asyncio.to_thread(desk.refresh)


class Lasting(StaticFiles):
    """An address that carries the content's hash may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        lasts = response.status_code == 200 and scope["query_string"].startswith(b"v=")
        kept = "public, max-age=31536000, immutable" if lasts else "no-cache"
        response.headers["Cache-Control"] = kept
        return response
