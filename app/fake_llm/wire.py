"""One answer on its way out, and how a line can break: below ASGI, at the connection itself."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class Protocol(H11Protocol):
    """Hands every request its connection, as `state["transport"]`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Wire:
    def __init__(self, send: Send, transport: asyncio.Transport) -> None:
        self._send = send
        self._transport = transport
        self.broken = False

    async def head(self, status: int, headers: dict[str, str]) -> None:
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

    async def say(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": False})

    async def hang(self) -> None:
        """For ever: whoever waits for the client's leaving ends it."""
        await asyncio.Event().wait()

    def reset(self) -> None:
        """As a crashed peer does: RST, not FIN."""
        opened = self._transport.get_extra_info("socket")
        with suppress(OSError):  # the client was gone before
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()

    def close(self) -> None:
        """What was said arrives; then the line is closed where it should not be."""
        self.broken = True
        self._transport.close()

    def abort(self) -> None:
        self.broken = True
        self._transport.abort()


class Played(Response):
    """An answer that is played on a wire, until it ends, the client leaves or the server stops."""

    def __init__(self, play: Callable[[Wire], Awaitable[None]], stopping: asyncio.Event) -> None:
        self._play = play
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wire = Wire(send, scope["state"]["transport"])
        playing = asyncio.ensure_future(self._play(wire))
        gone = asyncio.ensure_future(_gone(receive))
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({playing, gone, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done() and not playing.done():
            wire.abort()
        if wire.broken:
            await gone  # until uvicorn has seen it, it would miss the rest of the answer
        for task in (playing, gone, stopping):
            task.cancel()
        results = await asyncio.gather(playing, gone, stopping, return_exceptions=True)
        if isinstance(results[0], Exception):
            raise results[0]


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
