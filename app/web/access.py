"""The token: shown once, exchanged for a strict cookie, or sent as a bearer by a script."""

import hashlib
import hmac
import secrets
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.asgi import problem, refuse, theme_of, wants_json
from app.web.templating import render

COOKIE = "sevenstep"
OPEN = ("/healthz", "/readyz", "/favicon.ico")
A_MONTH = 30 * 24 * 3600


class Access:
    """Where a token is set, nothing but health, style and the door itself opens without it."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.token is None or scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = str(scope["path"])
        if path in OPEN or path.startswith("/static/"):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            if self._is_known(scope):
                await self.app(scope, receive, send)
            else:
                await refuse(scope, receive, send, 403, "", "")
        else:
            response = await self._answer(Request(scope, receive))
            await (response or self.app)(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """What to say instead of the page; None lets the request through."""
        path = request.url.path
        if path == "/enter" and request.method == "POST":
            form = await request.form(max_files=0, max_fields=5)
            return self._enter(request, str(form.get("token", "")), "/")
        if request.method == "GET" and "token" in request.query_params:
            rest = [(k, v) for k, v in parse_qsl(request.url.query) if k != "token"]
            back = path + ("?" + urlencode(rest) if rest else "")
            return self._enter(request, request.query_params["token"], back)
        if self._is_known(request.scope):
            return RedirectResponse("/", 303) if path == "/enter" else None
        if wants_json(request.scope):
            message = "Send the token as Authorization: Bearer TOKEN."
            response = problem(request.scope, 401, "Token needed", message)
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        return self._door(request, 401, wrong=False)

    def _enter(self, request: Request, offered: str, back: str) -> Response:
        if not self._is_token(offered):
            return self._door(request, 403, wrong=True)
        response = RedirectResponse(local(back), 303)
        response.set_cookie(
            COOKIE,
            self._signed(secrets.token_hex(16)),
            max_age=A_MONTH,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    def _door(self, request: Request, status: int, *, wrong: bool) -> Response:
        page = render("enter.html", theme=theme_of(request.scope), path="/", wrong=wrong)
        return HTMLResponse(page, status)

    def _is_known(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        scheme, _, offered = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(offered.strip()):
            return True
        cookie = Request({**scope, "type": "http"}).cookies.get(COOKIE, "")
        nonce, _, _ = cookie.partition(".")
        return same(cookie, self._signed(nonce))

    def _is_token(self, offered: str) -> bool:
        return same(offered, self.token or "")

    def _signed(self, nonce: str) -> str:
        key = (self.token or "").encode()
        sign = hmac.new(key, b"sevenstep cookie 1:" + nonce.encode(), hashlib.sha256)
        return f"{nonce}.{sign.hexdigest()}"


def same(left: str, right: str) -> bool:
    """In constant time, whatever the lengths."""
    digests = (hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (left, right))
    return hmac.compare_digest(*digests)


def local(path: str) -> str:
    """A path on this site, so that a redirect cannot lead away."""
    away = not path.startswith("/") or path.startswith("//") or "\\" in path
    return "/" if away or not path.isprintable() else path
