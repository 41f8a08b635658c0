"""What we add before a model's first word: from the moment a server sends it to the draft on the wire, loopback.

The server is a few lines of our own here, so that it can tell when it sent what, by the same clock as the page's.
Beside it: from the candidate's words sent to the request at the model.
"""

import asyncio
import json
import os
import re
import statistics
import tempfile
import time
from collections.abc import Iterator

import httpx2 as httpx
from websockets.asyncio.client import connect

from benchmarks.turns import service_command, serving

ASKED = (
    "What is the latency budget?",
    "How many payments do we handle on a day?",
    "What does a false block cost us?",
    "How long until we know that a payment was fraud?",
)
ONE_BY_ONE, AT_ONCE = 8, 16  # sessions
THINKS = 0.1  # seconds from the request to the first word
WORD = 0.04  # seconds for each further one
FIRST = 6  # words
PACE = 1.0  # seconds between an answer and the next turn, where many are at it
SAY = re.compile(r"<say>\s*(.*?)\s*</say>", re.DOTALL)
WHO = re.compile(r"Row (\w+) here")


def lines() -> Iterator[str]:
    yield "Voice (a model's first word sent by its server, and shown; loopback)"
    yield from asyncio.run(measured())


class Server:
    """Streams the scripted words, the first few at once, since some are held back until more is known.

    `sent` and `asked` hold seconds by turn."""

    def __init__(self) -> None:
        self.sent: dict[str, float] = {}
        self.asked: dict[str, float] = {}

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(re.search(rb"content-length: (\d+)", head.lower())[1])  # type: ignore[index]
                await self._answer(json.loads(await reader.readexactly(length)), writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, body: dict, writer: asyncio.StreamWriter) -> None:
        prompt = body["messages"][-1]["content"]
        who, words = WHO.findall(prompt)[-1], SAY.search(prompt)[1].split()  # type: ignore[index]
        self.asked[who] = time.perf_counter()
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        await asyncio.sleep(THINKS)
        first = " ".join(words[:FIRST]) + " "
        for number, piece in enumerate((first, *(f"{word} " for word in words[FIRST:]))):
            self._send(writer, {"delta": {"content": piece}, "finish_reason": None, "index": 0})
            if not number:
                self.sent[who] = time.perf_counter()
            await writer.drain()
            await asyncio.sleep(WORD)
        self._send(writer, {"delta": {}, "finish_reason": "stop", "index": 0})
        writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        await writer.drain()

    @staticmethod
    def _send(writer: asyncio.StreamWriter, choice: dict) -> None:
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "bench"}
        data = f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode()
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


async def measured() -> list[str]:
    model = Server()
    listening = await asyncio.start_server(model.take, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    os.environ["SEVENSTEP_LLM_BASE_URL"] = f"http://127.0.0.1:{port}/v1"
    os.environ["SEVENSTEP_LLM_MODEL"] = "bench"
    with tempfile.TemporaryDirectory() as folder:
        with serving(service_command(folder)) as (address, _):
            await candidate(address, model, "warm")
            one: list[tuple[float, float]] = []
            for number in range(ONE_BY_ONE):
                one += await candidate(address, model, f"one{number}")
            many = await asyncio.gather(
                *(
                    candidate(address, model, f"many{number}", PACE, number * PACE / AT_ONCE)
                    for number in range(AT_ONCE)
                )
            )
    listening.close()
    return [row("1 session", one), row(f"{AT_ONCE} sessions", sum(many, []))]


def row(name: str, times: list[tuple[float, float]]) -> str:
    shown, asked = zip(*times, strict=True)
    return (
        f"  {name:12} median {statistics.median(shown):5.1f} ms (10), p95 {p95(shown):5.1f} ms (50); "
        f"from the turn to the request {statistics.median(asked):5.1f} ms, p95 {p95(asked):5.1f} ms; n {len(shown)}"
    )


def p95(times: tuple[float, ...]) -> float:
    return statistics.quantiles(times, n=20)[-1]


async def candidate(
    address: str, model: Server, name: str, pace: float = 0.0, after: float = 0.0
) -> list[tuple[float, float]]:
    """Milliseconds from the word sent to the draft received, and from the turn sent to the request, for each turn."""
    await asyncio.sleep(after)
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        host = os.environ["SEVENSTEP_LLM_BASE_URL"].split("/")[2]
        data = {"slug": "payment-fraud", "voice": "model", "agree": host}
        session = (await client.post("/sessions", data=data)).headers["location"]
    found = []
    place = address.replace("http", "ws") + session + "/socket"
    async with connect(place, origin=address, compression=None) as socket:
        cursors = {"main": {"seq": 0, "eid": ""}}
        await socket.send(json.dumps({"t": "hello", "proto": 1, "cursors": cursors}))
        await do(socket, "start-00", "start", {})
        await until(socket, lambda f: f["t"] == "ev" and f["type"] == "clock.started")
        for number, question in enumerate(ASKED):
            who = f"{name}x{number}"
            began = time.perf_counter()
            await do(socket, f"turn-{number:04d}", "say", {"text": f"Row {who} here. {question}"})
            await until(socket, lambda f: f["t"] == "draft" and f["text"])
            shown = time.perf_counter()
            found.append((1000 * (shown - model.sent[who]), 1000 * (model.asked[who] - began)))
            await until(socket, spoken)
            await asyncio.sleep(pace)
    return found


def spoken(frame: dict) -> bool:
    return frame["t"] == "ev" and frame["body"].get("speaker") == "interviewer"


async def do(socket, cmd: str, type: str, body: dict[str, str]) -> None:
    await socket.send(json.dumps({"t": "cmd", "cmd": cmd, "type": type, "body": body}))


async def until(socket, wanted) -> None:
    async with asyncio.timeout(30):
        while not wanted(json.loads(await socket.recv())):
            pass
