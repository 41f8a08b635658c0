"""A candidate's turn committed and the reply on the wire, beside a bare Starlette WebSocket echo in the same run."""

import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
from websockets.asyncio.client import connect

TURNS = 60
MANY = 100
TURNS_OF_MANY = 6
PACE = 5.0  # seconds between two turns of one of many candidates
ECHO = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

async def echo(socket):
    await socket.accept()
    while True:
        await socket.send_text(await socket.receive_text())

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        print("ready at http://127.0.0.1:%d" % self.servers[0].sockets[0].getsockname()[1], flush=True)

app = Starlette(routes=[WebSocketRoute("/", echo)])
Server(uvicorn.Config(app, port=0, ws="websockets-sansio", log_level="error", ws_per_message_deflate=False)).run()
"""
ASKED = ("What is the latency budget?", "How many payments do we handle on a day?")


def lines() -> Iterator[str]:
    yield "Turns (committed, and the interviewer's reply received; loopback)"
    with tempfile.TemporaryDirectory() as folder, serving(ECHO_COMMAND) as echo:
        with serving(service_command(folder)) as (address, process):
            yield from asyncio.run(measured(address, echo[0], process))


ECHO_COMMAND = [sys.executable, "-c", ECHO]


def service_command(folder: str) -> list[str]:
    database = str(Path(folder, "turns.db"))
    return [sys.executable, "-m", "app", "serve", "--port", "0", "--database", database]


@contextlib.contextmanager
def serving(command: list[str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ}
    )
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the server did not start"
        yield found.group(), process
    finally:
        process.terminate()
        process.wait(30)


async def measured(address: str, echo: str, process: subprocess.Popen[str]) -> list[str]:
    floor = await echo_times(echo, TURNS)
    empty = memory(process)
    one = await candidate(address, TURNS, 0.0)
    found = [row("1 session", one, floor)]
    before = memory(process)
    echoes = await asyncio.gather(*(echo_times(echo, TURNS_OF_MANY, PACE) for _ in range(MANY)))
    many = await asyncio.gather(*(candidate(address, TURNS_OF_MANY, PACE) for _ in range(MANY)))
    found.append(row(f"{MANY} sessions", sum(many, []), sum(echoes, [])))
    after = memory(process)
    found.append(f"  memory: {empty:.0f} MB empty, {before:.0f} with one session and its question,")
    found.append(f"  {1000 * (after - before) / MANY:.0f} KB for each session more")
    return found


def row(name: str, times: list[float], floor: list[float]) -> str:
    median, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    least = statistics.median(floor)
    return (
        f"  {name:13} median {median:6.1f} ms (10), p95 {p95:6.1f} ms (50); "
        f"echo {least:.2f} ms, {median / least:.0f} x"
    )


def memory(process: subprocess.Popen[str]) -> float:
    """Resident megabytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found.group(1)) / 1024 if found else 0.0


async def echo_times(address: str, turns: int, pace: float = 0.0) -> list[float]:
    times = []
    async with connect(address.replace("http", "ws"), compression=None) as socket:
        for _ in range(turns):
            start = time.perf_counter()
            await socket.send(ASKED[0])
            await socket.recv()
            times.append(1000 * (time.perf_counter() - start))
            await asyncio.sleep(pace)
    return times


async def candidate(address: str, turns: int, pace: float) -> list[float]:
    """Begins a session and asks; each time from the word sent to the answer received."""
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        made = await client.post("/sessions", data={"slug": "payment-fraud"})
        session = made.headers["location"]
    times: list[float] = []
    place = address.replace("http", "ws") + session + "/socket"
    async with connect(place, origin=address, compression=None) as socket:
        await socket.send(
            json.dumps({"t": "hello", "proto": 1, "cursors": {"main": {"seq": 0, "eid": ""}}})
        )
        await said(socket, "start-00", "start", {})
        for number in range(turns):
            body = {"text": ASKED[number % len(ASKED)]}
            start = time.perf_counter()
            await said(socket, f"turn-{number:04d}", "say", body)
            times.append(1000 * (time.perf_counter() - start))
            await asyncio.sleep(max(pace, 0.2))
    return times[1:]


async def said(socket, cmd: str, type: str, body: dict[str, str]) -> None:
    """Until the interviewer has spoken."""
    await socket.send(json.dumps({"t": "cmd", "cmd": cmd, "type": type, "body": body}))
    while True:
        frame = json.loads(await socket.recv())
        if frame["t"] == "nack":
            raise RuntimeError(frame["message"])
        if frame["t"] == "ev" and frame["body"].get("speaker") == "interviewer":
            return
