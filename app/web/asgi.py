"""Small words for pure ASGI middleware, which sees HTTP and sockets alike."""

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from app.web.templating import render


def wants_json(scope: Scope) -> bool:
    """The API answers in JSON, whatever happens."""
    return str(scope["path"]).startswith("/api/")


def theme_of(scope: Scope) -> str:
    """The theme that the cookie names: light, dark, or auto."""
    for part in Headers(scope=scope).get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == "theme" and value in ("light", "dark"):
            return value
    return "auto"


def problem(scope: Scope, status: int, title: str, message: str) -> Response:
    """One way to say no: a page for people, JSON for programs."""
    if wants_json(scope):
        return JSONResponse({"error": {"status": status, "message": message}}, status)
    page = render(
        "error.html",
        theme=theme_of(scope),
        path="/",
        status=status,
        title=title,
        message=message,
    )
    return HTMLResponse(page, status)


async def refuse(
    scope: Scope, receive: Receive, send: Send, status: int, title: str, message: str
) -> None:
    """Also for sockets: closing before accepting makes the server answer 403."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    await problem(scope, status, title, message)(scope, receive, send)
