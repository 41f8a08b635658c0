"""Processes of the service on one database, and what stands between them and their clients."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text

from app.storage.db import open_database

ROOT = Path(__file__).resolve().parents[2]
SERVE = (sys.executable, "-m", "app", "serve")
STANDS = "SELECT id, head_main, head_staff, state FROM session"
BEGINNING = 30  # seconds that a process may take to be ready on a busy machine


class Service:
    """One process. What it says on the standard output is read; errors go to a file and are kept over restarts."""

    def __init__(self, *arguments: str, command: tuple[str, ...] = SERVE) -> None:
        self.command = [*command, "--port", "0", *arguments]
        self._errors = tempfile.TemporaryFile("w+")
        self.process: subprocess.Popen | None = None
        self.port = 0

    def start(self) -> "Service":
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        rescue = threading.Timer(BEGINNING, self.process.kill)
        rescue.start()
        for line in self.process.stdout:
            if found := re.search(r"http://\S+:(\d+)", line):
                break
        else:
            raise AssertionError(f"the service did not start: {self.errors[-3000:]}")
        rescue.cancel()
        self.port = int(found.group(1))
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    @property
    def errors(self) -> str:
        self._errors.seek(0)
        return self._errors.read()


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
        """Every turn of the candidate has its move."""
        counts = (
            "SELECT (SELECT count(*) FROM event WHERE session = :id AND type = 'turn.committed' AND cmd LIKE 'say-%'), "
            "(SELECT count(*) FROM event WHERE session = :id AND type = 'move.chosen' AND cmd LIKE 'reply:%')"
        )
        with self.engine.connect() as db:
            said, answered = db.execute(text(counts), {"id": session}).one()
        return said == answered

    def close_services(self) -> str:
        """What they wrote on the standard error."""
        for service in self.services:
            with suppress(subprocess.TimeoutExpired):
                service.stop()
        return "".join(service.errors for service in self.services)
