"""The line to the endpoint: connects to addresses that were checked, counts bytes, tells no more than it must.

Imports httpx2 and httpcore2, so only the function that builds the client imports this.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

from app.llm.model import ModelFailed
from app.llm.net import Door, checked, plain_host

Resolve = Callable[[str, int], Awaitable[list[str]]]

MOST_BYTES = 4_194_304  # 20,000 characters in chunks of a few, each in its JSON, take about half
MOST_CONNECTIONS = 64
# Servers close idle connections after 5 s and more; one that closed is noticed before it is used again.
IDLE = 15.0
# What a request needs. Everything else that a library or the environment adds stays here.
HEADERS = {b"host", b"accept", b"content-type", b"content-length", b"user-agent"} | {
    b"authorization",
    b"api-key",
}
LOGGERS = ("openai", "httpx2", "httpcore2")


def quiet_loggers() -> None:
    """At DEBUG these write headers with the key and bodies with the transcript."""
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def line_faults() -> Iterator[None]:
    """The library's errors may hold the key (an odd header) or the transcript; ours hold neither."""
    try:
        yield
    except (httpcore2.ConnectError, httpcore2.TimeoutException):
        raise ModelFailed("unreachable") from None
    except (httpcore2.LocalProtocolError, httpcore2.UnsupportedProtocol):
        raise ModelFailed("rejected") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError, OSError):
        raise ModelFailed("cut") from None


async def resolve_by_system(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Resolves, checks, and connects to what was checked; TLS still asks for the name."""

    def __init__(self, door: Door, resolve: Resolve) -> None:
        self._door = door
        self._resolve = resolve
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        if (plain_host(host), port) != (self._door.host, self._door.port):
            raise ModelFailed("forbidden")
        stream = None
        try:
            async with asyncio.timeout(timeout):
                addresses = checked(self._door, await self._resolve(host, port))
                stream = await self._first_that_answers(addresses, port, timeout)
        except (OSError, TimeoutError):
            pass  # the name is not known, or nobody answered in time
        if stream is None:
            raise ModelFailed("unreachable")
        return stream

    async def _first_that_answers(
        self, addresses: list[str], port: int, timeout: float | None
    ) -> httpcore2.AsyncNetworkStream | None:
        """Each gets its share of the time, so that a dead first one does not hide a second that lives."""
        share = None if timeout is None else timeout / len(addresses)
        for address in addresses:
            try:
                return await self._backend.connect_tcp(address, port, timeout=share)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return None


class Line(httpx2.AsyncBaseTransport):
    """To one host. Every failure is a ModelFailed, which the client library passes on as it is."""

    def __init__(self, door: Door, resolve: Resolve = resolve_by_system) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            # Certificates may come from SSL_CERT_FILE; proxies from the environment are not used.
            ssl_context=httpx2.create_ssl_context() if door.scheme == "https" else None,
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=MOST_CONNECTIONS // 4,
            keepalive_expiry=IDLE,
            network_backend=CheckedBackend(door, resolve),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        asked = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=[
                *((name, value) for name, value in request.headers.raw if name.lower() in HEADERS),
                (b"Accept-Encoding", b"identity"),
            ],
            content=request.stream,
            extensions=request.extensions,
        )
        with line_faults():
            answered = await self._pool.handle_async_request(asked)
        response = httpx2.Response(
            status_code=answered.status,
            headers=answered.headers,
            stream=Counted(answered.stream),
            extensions=answered.extensions,
        )
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()  # was not asked for, and a few bytes can become very many
            raise ModelFailed("garbled")
        return response

    async def aclose(self) -> None:
        await self._pool.aclose()


class Counted(httpx2.AsyncByteStream):
    """The bytes of an answer, as long as they are not too many."""

    def __init__(self, parts: Any) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        with line_faults():
            async for part in self._parts:
                left -= len(part)
                if left < 0:
                    raise ModelFailed("too_large")
                yield part

    async def aclose(self) -> None:
        with line_faults():
            await self._parts.aclose()
