"""One line per request without query or content, and the last net for what nobody expected."""

import logging
import time
import traceback
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.asgi import problem

access = logging.getLogger("sevenstep.access")
errors = logging.getLogger("sevenstep.errors")
MESSAGE = "Something went wrong on our side. Nothing that was kept is lost; please try again."


class RequestLog:
    """An error's own text may quote a transcript, so only its type and its places are logged."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

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
        access.info("%s %s %d %.0f ms", scope["method"], path, status, spent)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            note(error)
            with suppress(RuntimeError, OSError):  # closed before, or the page has gone
                await send({"type": "websocket.close", "code": 1011, "reason": ""})


def note(error: Exception) -> None:
    places = "".join(traceback.format_tb(error.__traceback__))
    errors.error("%s\n%s", type(error).__name__, places)
