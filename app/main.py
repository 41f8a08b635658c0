"""Everything wired, visibly, and the process that serves it."""

import asyncio
import logging
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app import __doc__ as about
from app.errors import CannotStart, Unavailable
from app.live.clock import ServerClock
from app.live.judging import Judging
from app.live.rooms import Rooms
from app.llm.models import Models
from app.settings import Settings, serve_settings
from app.storage.db import migrate, open_database, open_log
from app.storage.spending import SqlLedger
from app.storage.votes import forget_old
from app.web.access import Access
from app.web.bodies import BodyLimit
from app.web.deps import Home
from app.web.errors import add_error_handlers
from app.web.guard import Guard, hosts_of
from app.web.headers import SafeHeaders
from app.web.log import RequestLog
from app.web.routes import (
    agreement,
    api,
    home as home_,
    judging as judging_,
    live,
    live_marks,
    live_room,
    practise,
    reports,
    rubric,
    score,
    sessions,
    settings as settings_,
    socket as socket_,
)
from app.web.standards import Standards
from app.web.templating import static_folder

if TYPE_CHECKING:
    import argparse

PATIENCE = 10  # seconds that requests may still take when the service is asked to stop
FRAME_LIMIT = 262_144  # bytes of a frame; a section of the document is the longest that is sent
FIRST_PAGE_FIRST = 0.4  # seconds in which building the rubric does not compete with the first page


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

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        warming = asyncio.get_running_loop().call_later(FIRST_PAGE_FIRST, standards.warm)
        log = await open_log(settings.database)
        server_clock = clock or ServerClock(await log.wall()).now
        app.state.rooms = rooms = Rooms(log, server_clock, standards.cast, models)
        rooms.run()
        if judging is not None:
            judging.run()
        yield
        warming.cancel()
        if judging is not None:
            await judging.close()
        await rooms.close()
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
            Middleware(RequestLog),
            Middleware(Guard, hosts=hosts_of(settings)),
            Middleware(BodyLimit),
            Middleware(Access, token=settings.token),
            Middleware(GZipMiddleware, minimum_size=500),
        ],
    )
    migrate(engine)
    with suppress(Unavailable):  # there will be another start
        forget_old(engine, now())
    app.state.home = home = Home(engine, standards, now, models, ledger)
    judging = None
    if models is not None:
        judging = Judging(engine, models, home.knowledge_of, now, content=settings.content)
    app.state.judging = judging
    for part in (
        home_,
        practise,
        sessions,
        socket_,
        score,
        reports,
        judging_,
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


class Lasting(StaticFiles):
    """An address that carries the content's hash may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        lasts = response.status_code == 200 and scope["query_string"].startswith(b"v=")
        kept = "public, max-age=31536000, immutable" if lasts else "no-cache"
        response.headers["Cache-Control"] = kept
        return response


class Server(uvicorn.Server):
    """Says where it is once it accepts connections."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            sys.stdout.write(f"Sevenstep is ready at http://{shown}:{port}\n")
            sys.stdout.flush()


def serve(options: "argparse.Namespace") -> int:
    """Until it is told to stop. Raises CannotStart."""
    settings = serve_settings(options)
    listening = listen(settings.host, settings.port)
    with listening:
        logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
        logging.getLogger("sevenstep").setLevel(logging.INFO)
        config = uvicorn.Config(
            create_app(settings),
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=PATIENCE,
            ws="websockets-sansio",
            ws_max_size=FRAME_LIMIT,
            ws_ping_interval=15,
            ws_ping_timeout=10,
            ws_per_message_deflate=False,
            forwarded_allow_ips="127.0.0.1",
        )
        for told in (signal.SIGINT, signal.SIGTERM):
            signal.signal(told, _stopped)
        Server(config).run(sockets=[listening])
    return 0


def _stopped(_signal: int, _frame: object) -> None:
    """Uvicorn raises the signal again once it has finished; being told to stop is no failure."""


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, before anything else is done."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # With the protocol named, asyncio sends small frames at once; else some wait 40 ms for an acknowledgement.
        opened = socket.socket(family, kind, protocol)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotStart(f"Cannot listen on {host}:{port}: {reason}.") from error
    return opened
