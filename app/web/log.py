"""One line per request without query or content, and the last net for what nobody expected."""

import json
import logging
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.asgi import problem

access = logging.getLogger("sevenstep.access")
errors = logging.getLogger("sevenstep.errors")
MESSAGE = "Something went wrong on our side. Nothing that was kept is lost; please try again."


class RequestLog:
    """An error's own text may quote a transcript, so only its type and its places are logged. `count` is told the
    method, the route's pattern and the status."""

    def __init__(self, app: ASGIApp, count: Callable[[str, str, int], None] | None = None) -> None:
        self.app = app
        self.count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            note(error)
            if not status:
                page = problem(scope, 500, "Our mistake", MESSAGE)
                await page(scope, receive, noted)
        spent = 1000 * (time.perf_counter() - began)
        path = str(scope["path"]).encode("unicode_escape").decode()[:200]
        if self.count is not None:
            self.count(scope["method"], route_of(scope), status)
        told = {"method": scope["method"], "path": path, "status": status, "ms": round(spent)}
        access.info("%s %s %d %.0f ms", scope["method"], path, status, spent, extra={"told": told})

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            note(error)
            with suppress(RuntimeError, OSError):  # closed before, or the page has gone
                await send({"type": "websocket.close", "code": 1011, "reason": ""})


def route_of(scope: Scope) -> str:
    """Its pattern, so that no id is told and no stranger's path makes a new one."""
    if str(scope["path"]).startswith("/static/"):
        return "/static"
    return str(getattr(scope.get("route"), "path", None) or "none")


class AsJson(logging.Formatter):
    """A line is one object, whatever is in it."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            **(getattr(record, "told", None) or {"message": record.getMessage()}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def note(error: Exception) -> None:
    places = "".join(traceback.format_tb(error.__traceback__))
    errors.error("%s\n%s", type(error).__name__, places)
