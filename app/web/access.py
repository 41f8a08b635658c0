"""The door: the token of the house, or a person's own secret, is shown once and exchanged for a strict cookie, or sent
as a bearer by a script. Whoever has a link into a room passes: the room's own routes ask for its cookie.
"""

import hashlib
import hmac
import re
import secrets
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.storage.db import Database, transaction
from app.storage.people import Person, hash_of, person_and_key, person_of
from app.web.asgi import problem, refuse, theme_of, wants_json
from app.web.limits import Limits, address_of
from app.web.principal import LEADING, OWNER, Principal
from app.web.templating import render

COOKIE = "sevenstep"
PERSON = "sevenstep-person"
MAKER = "sevenstep-maker"
OPEN = ("/healthz", "/readyz", "/favicon.ico", "/theme")
IN_A_ROOM = re.compile(r"/live/[^/]+(/.*)?|/api/v1/sessions/[^/]+/turns")
A_MONTH = 30 * 24 * 3600
LONGEST_SECRET = 500


class Access:
    """Says who asks (principal.py). Where a token is set, nothing but health, style, the door itself and what has a
    door of its own opens without it."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app = app
        self.token = token
        self.tries = Limits(burst=20, a_minute=10)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = str(scope["path"])
        if path in OPEN or path.startswith("/static/"):
            await self.app(scope, receive, send)
            return
        asker = await self._principal(HTTPConnection(scope))
        scope.setdefault("state", {})["principal"] = asker
        passes = asker.is_known or IN_A_ROOM.fullmatch(path) is not None
        if scope["type"] == "websocket":
            if passes:
                await self.app(scope, receive, send)
            else:
                await refuse(scope, receive, send, 403, "", "")
        else:
            response = await self._answer(Request(scope, receive), passes)
            await (response or self.app)(scope, receive, send)

    async def _answer(self, request: Request, passes: bool) -> Response | None:
        """What to say instead of the page; None lets the request through."""
        path = request.url.path
        if path == "/enter" and request.method == "POST":
            form = await request.form(max_files=0, max_fields=5)
            return await self._enter(request, str(form.get("token", "")), "/")
        if path == "/enter":
            return self._door(request, 200)
        if self.token is not None and request.method == "GET" and "token" in request.query_params:
            rest = [(k, v) for k, v in parse_qsl(request.url.query) if k != "token"]
            back = path + ("?" + urlencode(rest) if rest else "")
            return await self._enter(request, request.query_params["token"], back)
        if passes:
            return None
        if wants_json(request.scope):
            message = "Send the token as Authorization: Bearer TOKEN."
            response = problem(request.scope, 401, "Token needed", message)
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        return self._door(request, 401)

    # in ---------------------------------------------------------------------------------------
    async def _enter(self, request: Request, offered: str, back: str) -> Response:
        if not self.tries.take(address_of(request)):
            return self._door(request, 429)
        offered = offered.strip()[:LONGEST_SECRET]
        if self._is_token(offered):
            response = RedirectResponse(local(back), 303)
            response.delete_cookie(PERSON)  # one is who one has entered as last
            self._remember(request, response, COOKIE, self._signed(secrets.token_hex(16)))
            return response
        person = await self._person_by(request, offered)
        if person is None:
            return self._door(request, 403)
        home = "/live" if person.role in LEADING else "/"
        response = RedirectResponse(home if back == "/" else local(back), 303)
        response.delete_cookie(COOKIE)
        mark = f"{person.id}.{secrets.token_hex(16)}"
        signed = f"{mark}.{self._person_sign(mark, hash_of(offered))}"
        self._remember(request, response, PERSON, signed)
        return response

    @staticmethod
    def _remember(request: Request, response: Response, cookie: str, value: str) -> None:
        response.set_cookie(
            cookie,
            value,
            max_age=A_MONTH,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )

    def _door(self, request: Request, status: int) -> Response:
        theme = theme_of(request.scope)
        page = render("enter.html", theme=theme, path="/", status=status, private=self.token)
        return HTMLResponse(page, status)

    # who it is --------------------------------------------------------------------------------
    async def _principal(self, connection: HTTPConnection) -> Principal:
        scheme, _, offered = connection.headers.get("authorization", "").partition(" ")
        bearer = offered.strip()[:LONGEST_SECRET] if scheme.lower() == "bearer" else ""
        has_shown = self.token is not None and (
            self._is_token(bearer) or self._is_cookie(connection.cookies.get(COOKIE, ""))
        )
        person = None
        if bearer and not has_shown:
            person = await self._person_by(connection, bearer)
        if person is None and (cookie := connection.cookies.get(PERSON)):
            person = await self._person_of(connection, cookie)
        maker = OWNER if has_shown else ""
        if person is not None:
            maker = person.id
        elif not maker and self.token is None and (browser := connection.cookies.get(MAKER)):
            maker = hash_of(browser)[:32]
        return Principal(
            person,
            is_owner=has_shown or self.token is None,
            sees_all=has_shown or (person is not None and person.role == "admin"),
            maker=maker,
        )

    async def _person_by(self, connection: HTTPConnection, secret: str) -> Person | None:
        engine = _database(connection.scope)
        if engine is None or not secret:
            return None

        def look() -> Person | None:
            with transaction(engine) as db:
                return person_of(db, secret)

        return await run_in_threadpool(look)

    async def _person_of(self, connection: HTTPConnection, cookie: str) -> Person | None:
        mark, _, sign = cookie.rpartition(".")
        id, _, _ = mark.partition(".")
        engine = _database(connection.scope)
        if engine is None or not id:
            return None

        def look() -> Person | None:
            with transaction(engine) as db:
                found = person_and_key(db, id)
            if found is None or not same(sign, self._person_sign(mark, found[1])):
                return None
            return found[0]

        return await run_in_threadpool(look)

    def _is_token(self, offered: str) -> bool:
        return self.token is not None and same(offered, self.token)

    def _is_cookie(self, cookie: str) -> bool:
        nonce, _, _ = cookie.partition(".")
        return same(cookie, self._signed(nonce))

    def _signed(self, nonce: str) -> str:
        return f"{nonce}.{self._sign('cookie 1', nonce)}"

    def _person_sign(self, mark: str, key: str) -> str:
        """With the token in it, so that a copy of the database alone signs nothing."""
        return self._sign("person 1", f"{mark}:{key}")

    def _sign(self, what: str, text: str) -> str:
        key = (self.token or "").encode()
        return hmac.new(key, f"sevenstep {what}:{text}".encode(), hashlib.sha256).hexdigest()


def _database(scope: Scope) -> Database | None:
    app = scope.get("app")
    return None if app is None else app.state.home.engine


def same(left: str, right: str) -> bool:
    """In constant time, whatever the lengths."""
    digests = (hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (left, right))
    return hmac.compare_digest(*digests)


def local(path: str) -> str:
    """A path on this site, so that a redirect cannot lead away."""
    away = not path.startswith("/") or path.startswith("//") or "\\" in path
    return "/" if away or not path.isprintable() else path
