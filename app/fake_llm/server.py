"""The server itself, on loopback: in the foreground, or in a thread of its own for tests."""

import asyncio
import json
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.fake_llm.asked import Asked
from app.fake_llm.delivery import Answer, bounded, deliver
from app.fake_llm.desk import Desk, Line, Trouble
from app.fake_llm.faults import FAULTS
from app.fake_llm.interviewer import misspeak, phrase
from app.fake_llm.judge import judge, misjudge
from app.fake_llm.shapes import smallest
from app.fake_llm.wire import Played, Protocol, Wire

HOST = "127.0.0.1"
# Whoever else is named, a page of another site asks: by a name of its own that leads here, or across.
OURS = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
KEPT_BY_TESTS = 5_000  # requests
MODEL = "fake"
PATIENCE = 30  # seconds to start or to stop; both take less than one


def create_app(desk: Desk, stopping: asyncio.Event) -> Starlette:
    async def complete(request: Request) -> Response:
        body = await _json_of(request)
        if body is None or not isinstance(body.get("messages"), list):
            return _wrong("The body is not a chat completions request.")
        asked = Asked(body)
        vote = desk.note(asked)
        try:
            trouble = desk.next_trouble(asked, request.headers.get("x-fault"))
        except ValueError as error:
            return _wrong(str(error))
        trouble, text = _reply(desk, asked, trouble, vote)
        key = request.headers.get("authorization", "")
        pace = 0.0 if asked.kind == "judge" else desk.pace
        answer = bounded(Answer(asked, text, key=key, pace=pace))
        elsewhere = f"http://localhost:{request.scope['server'][1]}/elsewhere"

        async def play(wire: Wire) -> None:
            await deliver(wire, answer, trouble.kind if trouble else None, elsewhere)

        return Played(play, stopping)

    async def models(request: Request) -> Response:
        row = {"id": MODEL, "object": "model", "created": 0, "owned_by": "sevenstep"}
        return JSONResponse({"object": "list", "data": [row]})

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            desk.mend()
        if request.method == "POST":
            body = await _json_of(request)
            try:
                desk.add_trouble(_trouble(body))
            except ValueError as error:
                return _wrong(str(error))
        kinds = {kind: fault.about for kind, fault in FAULTS.items()}
        return JSONResponse({"set": desk.troubles, "kinds": kinds})

    async def requests(request: Request) -> Response:
        return JSONResponse({"requests": desk.requests})

    async def elsewhere(request: Request) -> Response:
        desk.strayed(str(request.url))
        return JSONResponse({"error": {"message": "A redirect was followed."}}, 421)

    return Starlette(
        routes=[
            Route("/v1/chat/completions", complete, methods=["POST"]),
            Route("/v1/models", models),
            Route("/faults", faults, methods=["GET", "POST", "DELETE"]),
            Route("/requests", requests),
            Route("/elsewhere", elsewhere, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(Guard)],
    )


class Guard:
    """Refuses what a web page elsewhere asks: transcripts can be read here, and faults set."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        ours = OURS.fullmatch(host) and (
            origin is None or OURS.fullmatch(re.sub(r"^https?://", "", origin))
        )
        if ours:
            await self._app(scope, receive, send)
        else:
            error = {"error": {"message": "Only this machine may ask here.", "code": None}}
            await JSONResponse(error, 403)(scope, receive, send)


def _reply(
    desk: Desk, asked: Asked, trouble: Trouble | None, vote: int
) -> tuple[Trouble | None, str]:
    """The words, and what befalls them. A script goes before honesty, a fault before a script."""
    line = desk.next_line() if trouble is None else None
    if line is not None and line.fault is not None:
        trouble = Trouble(line.fault, text=line.text)
    of = FAULTS[trouble.kind].of if trouble else None
    if trouble and of == "interviewer":
        return trouble, misspeak(trouble.kind, asked, trouble.text)
    if trouble and of == "judge":
        return trouble, misjudge(trouble.kind, asked)
    if line is not None and line.text is not None:
        return trouble, line.text
    return trouble, _honest(desk, asked, vote)


def _honest(desk: Desk, asked: Asked, vote: int) -> str:
    if asked.kind == "interviewer":
        return phrase(asked.say, desk.seed)
    if asked.kind == "judge":
        wished = asked.body.get("seed")
        return judge(asked, desk.seed, wished if isinstance(wished, int) else vote)
    if asked.schema is not None:
        return json.dumps(smallest(asked.schema))
    return "ready" if asked.format == "text" else '{"ready": true}'


async def _json_of(request: Request) -> dict[str, Any] | None:
    try:
        body = await request.json()
    except (ValueError, ClientDisconnect):
        return None
    return body if isinstance(body, dict) else None


def _trouble(body: dict[str, Any] | None) -> Trouble:
    if body is None or not isinstance(body.get("kind"), str):
        raise ValueError('A fault is set by {"kind": "...", "times": 1}.')
    times, text = body.get("times", 1), body.get("text")
    if not (times is None or isinstance(times, int)) or not (text is None or isinstance(text, str)):
        raise ValueError("`times` is a number or null, `text` is a text.")
    return Trouble(body["kind"], times, text)


def _wrong(message: str) -> Response:
    error = {"message": message, "type": "invalid_request_error", "code": None}
    return JSONResponse({"error": error}, 400)


class Server(uvicorn.Server):
    """Calls `started_` once it accepts connections; stops at once, whoever still waits for an answer."""

    def __init__(self, desk: Desk, started_: Callable[[], None]) -> None:
        self._stopping = asyncio.Event()
        self._started = started_
        super().__init__(
            uvicorn.Config(
                create_app(desk, self._stopping),
                http=Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets=sockets)


def listen(port: int) -> socket.socket:
    """A bound socket on loopback; 0 takes a free port. Raises OSError, OverflowError."""
    # With the protocol named, asyncio sends small pieces at once; else each waits 40 ms for an acknowledgement.
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((HOST, port))
    except (OSError, OverflowError):
        opened.close()
        raise
    return opened


def address(port: int) -> str:
    return f"http://{HOST}:{port}/v1"


def serve(desk: Desk, opened: socket.socket, ready: str) -> None:
    """In the foreground until it is told to stop; `ready` is printed once it accepts connections."""

    def announce() -> None:
        sys.stdout.write(ready)
        sys.stdout.flush()

    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, _stopped)
    Server(desk, announce).run([opened])


def _stopped(_signal: int, _frame: object) -> None:
    """Uvicorn raises the signal again once it has finished; being told to stop is no failure."""


class Fake:
    """A server in a thread of its own. `with running() as fake` starts and stops it."""

    def __init__(self, seed: int = 0, pace: float = 0.0) -> None:
        self._desk = Desk(seed, pace, KEPT_BY_TESTS)
        self._thread: Thread | None = None
        self._server: Server | None = None
        self.port = 0

    @property
    def base_url(self) -> str:
        return address(self.port)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Bodies of the chat requests, oldest first."""
        return self._desk.requests

    @property
    def strays(self) -> list[str]:
        """Addresses asked by a client that followed a redirect."""
        return self._desk.strays

    @property
    def open(self) -> int:
        """How many requests are being answered now."""
        return len(self._server.server_state.tasks) if self._server else 0

    def fault(self, kind: str, times: int | None = 1, text: str | None = None) -> None:
        """Befalls the next `times` requests that it fits, after the faults set before; None: until cleared."""
        self._desk.add_trouble(Trouble(kind, times, text))

    def script(self, replies: Sequence[str]) -> None:
        """The next replies, as they are."""
        self._desk.add_script([Line(reply) for reply in replies])

    def mend(self) -> None:
        """Clears the faults only."""
        self._desk.mend()

    def clear(self) -> None:
        """Clears faults, script and the requests that were kept."""
        self._desk.clear()

    def start(self) -> None:
        """On the port it had before, or a free one."""
        opened = listen(self.port)
        self.port = opened.getsockname()[1]
        started = Event()
        server = self._server = Server(self._desk, started.set)
        self._thread = Thread(target=lambda: server.run([opened]), name="fake-llm", daemon=True)
        self._thread.start()
        if not started.wait(PATIENCE):
            raise RuntimeError("The server did not start.")

    def stop(self) -> None:
        """Breaks what is open; connections are refused from now on."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(PATIENCE)
            self._server = self._thread = None


@contextmanager
def running(seed: int = 0, pace: float = 0.0) -> Iterator[Fake]:
    fake = Fake(seed, pace)
    fake.start()
    try:
        yield fake
    finally:
        fake.stop()
