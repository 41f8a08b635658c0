"""Who may talk to us at all: by Host (DNS rebinding), Origin and Sec-Fetch-Site (other sites), and how many sockets of
one address may be open that have said nothing yet."""

import ipaddress
import socket
from collections import Counter
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import EVERYWHERE, LOOPBACK, Settings
from app.web.asgi import refuse
from app.web.limits import address_of, is_home

SAFE = ("GET", "HEAD", "OPTIONS")
SILENT, SILENT_AT_HOME = (
    64,
    2_048,
)  # sockets of an address that have not said hello; a page does so at once


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names that this service answers to. `any_address`: an address cannot be rebound."""

    names: frozenset[str]
    any_address: bool

    def know(self, header: str | None) -> bool:
        name = host_name(header)
        if name is None:
            return False
        return name in self.names or (self.any_address and _is_address(name))


def hosts_of(settings: Settings) -> Hosts:
    names = {name.lower() for name in (*LOOPBACK, settings.host, *settings.hosts) if name}
    everywhere = settings.host in EVERYWHERE
    if everywhere:
        names.add(socket.gethostname().lower())
    return Hosts(frozenset(names), everywhere)


def host_name(header: str | None) -> str | None:
    """The name without its port, in lower case; None for a Host that makes no sense."""
    if not header or any(c in header for c in "/@?#\\ "):
        return None
    if header.startswith("["):
        name, bracket, port = header[1:].partition("]")
        port = port.removeprefix(":") if bracket else "x"
    else:
        name, _, port = header.partition(":")
    if not name or (port and not port.isdigit()):
        return None
    return name.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """Refuses a wrong Host, and changes and sockets that another site's page has asked for."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self.app = app
        self.hosts = hosts
        self.silent: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if len(headers.getlist("host")) != 1 or not self.hosts.know(headers.get("host")):
            message = "This address is not one that Sevenstep answers to (see --allow-host)."
            await refuse(scope, receive, send, 403, "Wrong address", message)
        elif is_foreign(scope, headers):
            message = "This request came from another site, so nothing was done."
            await refuse(scope, receive, send, 403, "Refused", message)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = address_of(HTTPConnection(scope))
        if self.silent[address] >= (SILENT_AT_HOME if is_home(address) else SILENT):
            await refuse(scope, receive, send, 429, "", "")
            return
        is_silent = True
        self.silent[address] += 1

        def heard() -> None:
            nonlocal is_silent
            if is_silent:
                is_silent = False
                self.silent[address] -= 1
                if not self.silent[address]:
                    del self.silent[address]

        async def listening() -> Message:
            message = await receive()
            if message["type"] != "websocket.connect":
                heard()
            return message

        try:
            await self.app(scope, listening, send)
        finally:
            heard()


def is_foreign(scope: Scope, headers: Headers) -> bool:
    """For safe methods never. A script without Origin is fine, a socket needs one or a token."""
    is_socket = scope["type"] == "websocket"
    if not is_socket and scope["method"] in SAFE:
        return False
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    if origin is None:
        return is_socket and not headers.get("authorization", "").startswith("Bearer ")
    scheme, _, place = origin.partition("://")
    return scheme not in ("http", "https") or place.lower() != headers["host"].lower()
