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


class BodyLimit:
    """Answers 413 by itself; the application only sees that the client has gone."""

    def __init__(self, app: ASGIApp, limit: int = LIMIT) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_room = str(scope["path"]).startswith("/live")
        limit = min(self.limit, IN_A_ROOM) if is_room else self.limit
        too_large = problem(scope, 413, "Too large", ROOM_MESSAGE if is_room else MESSAGE)
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
