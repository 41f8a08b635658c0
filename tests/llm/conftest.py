"""The stand-in for an endpoint, and a server of a few lines for bytes that no decent server sends."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from app.endpoint import Endpoint, Timeouts
from app.fake_llm.server import Fake, running
from app.llm.model import Answer, Ask, Message, Shape

KEY = "sk-canary-0123456789"
SECRET = "the-transcript-of-a-candidate"
# A loaded machine may take its time; what must not happen would last for ever.
PATIENCE = 60.0
PATIENT = Timeouts(connect=10, first=20, gap=20, whole=60)

ASK = Ask(
    (
        Message("system", "You are Dana."),
        Message(
            "user",
            f'<conversation id="ab">\ncandidate: {SECRET}\n</conversation ab>\n'
            '<move kind="press">\nAsk.\n<say>\nWhat about the labels?\n</say>\n</move>',
        ),
    )
)
SHAPE = Shape("word", {"type": "object", "properties": {"word": {"type": "string"}}})
SHAPED = Ask((Message("user", "Answer in JSON."),), shape=SHAPE)


@pytest.fixture(scope="module")
def server() -> Iterator[Fake]:
    with running() as fake:
        yield fake


@pytest.fixture
def fake(server: Fake) -> Fake:
    server.clear()
    return server


def endpoint_at(base_url: str, **more) -> Endpoint:
    known = {"model": "voice", "judge_model": "judge", "key": KEY, "timeouts": PATIENT}
    return Endpoint(base_url, **(known | more))


def run(work: Awaitable):
    """In a loop of its own, for as long as patience lasts."""

    async def bounded():
        async with asyncio.timeout(PATIENCE):
            return await work

    return asyncio.run(bounded())


async def read(pieces: AsyncIterator[str | Answer]) -> tuple[list[str], Answer]:
    texts = []
    async for piece in pieces:
        if isinstance(piece, Answer):
            return texts, piece
        texts.append(piece)
    raise AssertionError("a stream ended without its Answer")


async def until(condition: Callable[[], bool]) -> None:
    """Looks again and again; fails after PATIENCE."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


class Raw:
    """What was asked of a raw server: heads and JSON bodies, oldest first; and how often it was connected to."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self.heads: list[str] = []
        self.bodies: list[dict] = []
        self.connections = 0
        self.server_names: list[str | None] = []


Reply = bytes | Callable[[dict, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(reply: Reply, ssl=None) -> AsyncIterator[Raw]:
    """Gives every request the same bytes, or what a function writes, and closes the connection."""
    raw = Raw(0)
    serving: set[asyncio.Task] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw.connections += 1
        serving.add(asyncio.current_task())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                int(line[15:]) for line in head.lower().split("\r\n") if "length:" in line
            )
            body = json.loads(await reader.readexactly(length))
            raw.heads.append(head)
            raw.bodies.append(body)
            if isinstance(reply, bytes):
                writer.write(reply)
                await writer.drain()
            else:
                await reply(body, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, as it may, or the test is over
        finally:
            writer.close()
            with suppress(ConnectionError, OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=ssl)
    raw.port = server.sockets[0].getsockname()[1]
    raw.base_url = f"http://127.0.0.1:{raw.port}/v1"
    try:
        yield raw
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


def http(
    body: bytes, kind: str = "application/json", status: str = "200 OK", more: str = ""
) -> bytes:
    """A whole answer that ends with the connection."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + body


def events(*chunks: object, done: bool = True) -> bytes:
    """A stream of server-sent events."""
    told = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"] * done
    return http("".join(told).encode(), "text/event-stream")


def said(text: str | None, finish: str | None = None, **more: object) -> dict:
    return {"choices": [{"index": 0, "delta": {"content": text, **more}, "finish_reason": finish}]}


def completion(text: str, finish: str = "stop", **more: object) -> dict:
    message = {"role": "assistant", "content": text}
    return {"choices": [{"index": 0, "message": message, "finish_reason": finish}], **more}
