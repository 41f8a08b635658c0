"""Processes of the service on one database, and what stands between them and their clients."""

import asyncio
import json
import re
import subprocess
import sys
import threading
from pathlib import Path

from sqlalchemy import text

from app.storage.db import open_database

ROOT = Path(__file__).resolve().parents[2]
SERVE = (sys.executable, "-m", "app", "serve")
STANDS = "SELECT id, head_main, head_staff, state FROM session"
SPOKEN = (
    "SELECT type, body FROM event WHERE session = :id "
    "AND type IN ('turn.committed', 'move.chosen') ORDER BY pos"
)
BEGINNING = 90  # seconds that a process may take to be ready on a busy machine


class Service:
    """One process, begun again as often as it is wanted. What it writes is read as it comes, errors are kept."""

    def __init__(self, *arguments: str, command: tuple[str, ...] = SERVE) -> None:
        self.command = [*command, "--port", "0", *arguments]
        self.process: subprocess.Popen | None = None
        self.port = 0
        self._errors: list[str] = []
        self._reading: list[threading.Thread] = []

    def start(self) -> "Service":
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._read(lambda: self._errors.extend(self.process.stderr))
        rescue = threading.Timer(BEGINNING, self.process.kill)
        rescue.start()
        found = None
        for line in self.process.stdout:
            if found := re.search(r"http://\S+:(\d+)", line):
                break
        rescue.cancel()
        self._read(self.process.stdout.read)
        if found is None:
            self._ended()
            raise AssertionError(f"the service did not start: {self.errors[-3000:]}")
        self.port = int(found.group(1))
        return self

    def _read(self, work) -> None:
        self._reading.append(threading.Thread(target=work, daemon=True))
        self._reading[-1].start()

    def kill(self) -> None:
        self.process.kill()
        self._ended()

    def stop(self) -> None:
        """Well or not; does nothing where it has ended."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(30)
        finally:
            self.kill()

    def _ended(self) -> None:
        self.process.wait(30)
        for thread in self._reading:
            thread.join(30)
        self.process.stdout.close()
        self.process.stderr.close()
        self.process, self._reading = None, []

    @property
    def errors(self) -> str:
        return "".join(self._errors)


class Proxy:
    """Passes bytes between clients and one service. `deaf`: what the service says is dropped."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.deaf = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Both ends find their connection reset."""
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader, writer) -> None:
        self._tasks.add(asyncio.current_task())
        ends = [writer]
        try:
            there, out = await asyncio.open_connection("127.0.0.1", self.service.port)
            ends.append(out)
            self._writers.update(ends)
            passing = (self._pass(reader, out, False), self._pass(there, writer, True))
            await asyncio.gather(*passing)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._writers.difference_update(ends)
            for end in ends:
                end.transport.abort()
            self._tasks.discard(asyncio.current_task())

    async def _pass(self, reader, writer, from_service: bool) -> None:
        """Until one side has ended; then the other ends too."""
        while data := await reader.read(65_536):
            if not (from_service and self.deaf):
                writer.write(data)
                await writer.drain()
        raise ConnectionResetError


class World:
    """Services on one database, a proxy before each. `postgres` and `redis` are what they stand on, if anything."""

    def __init__(self, url: str, services: list[Service], postgres=None, redis=None) -> None:
        self.url, self.services, self.postgres, self.redis = url, services, postgres, redis
        self.engine = open_database(url)

    async def __aenter__(self) -> "World":
        self.proxies = [Proxy(service) for service in self.services]
        for proxy in self.proxies:
            await proxy.open()
        return self

    async def __aexit__(self, *_) -> None:
        for proxy in self.proxies:
            await proxy.close()
        self.engine.dispose()

    def stands(self, sessions: list[str]) -> dict[str, tuple[int, int, str]]:
        """Where each session is by the database itself: the last of main and of staff, and the state."""
        names = {f"id{n}": session for n, session in enumerate(sessions)}
        wanted = ", ".join(f":{name}" for name in names)
        with self.engine.connect() as db:
            rows = db.execute(text(f"{STANDS} WHERE id IN ({wanted})"), names).all()
        return {row[0]: tuple(row[1:]) for row in rows}

    def is_answered(self, session: str) -> bool:
        """The candidate's latest turn has its move."""
        with self.engine.connect() as db:
            rows = db.execute(text(SPOKEN), {"id": session}).all()
        turns = [body for type, body in rows if type == "turn.committed"]
        said = [n for n, body in enumerate(turns) if json.loads(body)["speaker"] == "candidate"]
        moves = [json.loads(body)["answers"] for type, body in rows if type == "move.chosen"]
        return not said or said[-1] in moves

    def close_services(self) -> str:
        """What they wrote on the standard error, once they have ended."""
        for service in self.services:
            service.stop()
        return "".join(service.errors for service in self.services)
