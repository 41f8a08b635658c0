"""No request body over the limit: counted while it streams, whatever Content-Length says."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.transcripts.read import BYTES_LIMIT
from app.web.asgi import problem

MARGIN = 200_000  # the form around the file
LIMIT = BYTES_LIMIT + MARGIN
MESSAGE = "This is over 5 MB; an hour of talk is a fiftieth of that as text."
IN_A_ROOM = 1_000_000  # bytes below /live, where whoever has found the address may send: an hour of captions
ROOM_MESSAGE = "This is over 1 MB; an hour of captions is a tenth of that."
IMPORTS, IN_AN_IMPORT = "/questions/import", 50_000_000  # a zip of thousands of questions
IMPORT_MESSAGE = "This is over 50 MB; a question is about 90 kB, and packs to a fifth of that."


class BodyLimit:
    """Answers 413 by itself; the application only sees that the client has gone."""

    def __init__(self, app: ASGIApp, limit: int = LIMIT) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, message = self._limit_of(str(scope["path"]))
        too_large = problem(scope, 413, "Too large", message)
        too_large.headers["Connection"] = "close"
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > limit:
            await too_large(scope, receive, send)
            return
        seen, over, started = 0, False, False

        async def counted() -> Message:
            nonlocal seen, over
            message = await receive()
            seen += len(message.get("body", b""))
            over = over or seen > limit
            return {"type": "http.disconnect"} if over else message

        async def unless_over(message: Message) -> None:
            nonlocal started
            if not over or started:
                started = True
                await send(message)

        try:
            await self.app(scope, counted, unless_over)
        except Exception:
            if not over:
                raise
        if over and not started:
            await too_large(scope, receive, send)

    def _limit_of(self, path: str) -> tuple[int, str]:
        """And what is said to whoever is over it."""
        if path == IMPORTS:
            return IN_AN_IMPORT, IMPORT_MESSAGE
        if path.startswith("/live"):
            return min(self.limit, IN_A_ROOM), ROOM_MESSAGE
        return self.limit, MESSAGE
