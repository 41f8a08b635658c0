"""The process that serves, or the one that looks after several that do."""

import argparse
import asyncio
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from functools import partial
from multiprocessing import parent_process
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from app.errors import CannotStart
from app.live.sweeping import sweep_seldom
from app.main import create_app
from app.settings import Settings, serve_settings
from app.storage.db import check_alone, migrate, open_database
from app.web.log import AsJson
from app.web.metrics import FOLDER, forget_worker

PATIENCE = 5  # seconds that requests may still take when the service is asked to stop
# After that whatever still runs is cut off as by a crash, which the log survives; seconds.
GONE_AFTER = 9.0
HUNG = 30  # seconds without a sign, after which a worker is replaced
FRAME_LIMIT = 262_144  # bytes of a frame; a section of the document is the longest that is sent
NO_REDIS = (
    "sevenstep: without --redis the workers hear of one another's news up to a second late.\n"
)
UNUSED_REDIS = "sevenstep: Redis is not used with SQLite, which serves one process only.\n"


def serve(options: argparse.Namespace) -> int:
    """Until it is told to stop. Raises CannotStart."""
    settings = serve_settings(options)
    with listen(settings.host, settings.port) as listening:
        configure_logging(settings)
        if settings.is_sqlite and settings.redis is not None:
            sys.stderr.write(UNUSED_REDIS)
        if settings.workers > 1:
            return _serve_by_several(settings, listening)
        check_alone(settings.database)
        sweep_seldom()
        config = uvicorn.Config(Stopping(create_app(settings)), **server_settings(settings))
        for told in (signal.SIGINT, signal.SIGTERM):
            signal.signal(told, _stopped)
        Server(config).run(sockets=[listening])
    return 0


def _serve_by_several(settings: Settings, listening: socket.socket) -> int:
    engine = open_database(settings.database)
    migrate(engine)  # here, so that what cannot work is said once
    engine.dispose()
    if settings.redis is None:
        sys.stderr.write(NO_REDIS)
        sys.stderr.flush()
    counted = os.environ[FOLDER] = tempfile.mkdtemp(prefix="sevenstep-metrics-")
    try:
        config = uvicorn.Config(
            partial(worker_app, settings),
            factory=True,
            workers=settings.workers,
            timeout_worker_healthcheck=HUNG,
            **server_settings(settings),
        )
        Workers(config, [listening]).run()
    finally:
        shutil.rmtree(counted, ignore_errors=True)
    return 0


def server_settings(settings: Settings) -> dict[str, Any]:
    """Of uvicorn. Whose forwarded headers are trusted is said by FORWARDED_ALLOW_IPS; else this machine's."""
    return {
        "access_log": False,
        "log_level": "warning",
        **({"log_config": None} if settings.log == "json" else {}),
        "server_header": False,
        "timeout_graceful_shutdown": PATIENCE,
        "ws": "websockets-sansio",
        "ws_max_size": FRAME_LIMIT,
        "ws_ping_interval": 15,
        "ws_ping_timeout": 10,
        "ws_per_message_deflate": False,
    }


def configure_logging(settings: Settings) -> None:
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    if settings.log == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(AsJson())
    logging.getLogger("sevenstep").setLevel(logging.INFO)


# one process ----------------------------------------------------------------------------------
class Server(uvicorn.Server):
    """Says where it is once it accepts connections."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and sockets:
            say_ready(sockets[0])


class Stopping:
    """An application that says goodbye to its pages before the server that runs it closes their sockets."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._leaving: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" and threading.current_thread() is threading.main_thread():
            self._listen_for_signals()
        await self.app(scope, receive, send)

    def _listen_for_signals(self) -> None:
        """Before uvicorn does, which goes on from there."""
        loop = asyncio.get_running_loop()
        for told in (signal.SIGINT, signal.SIGTERM):
            server = getattr(signal.getsignal(told), "__self__", None)
            if isinstance(server, uvicorn.Server) and hasattr(signal, "siginterrupt"):
                loop.add_signal_handler(told, self._leave, server, told)

    def _leave(self, server: uvicorn.Server, told: int) -> None:
        self.app.state.readiness.is_stopping = True
        if self._leaving is None:
            self._leaving = asyncio.get_running_loop().create_task(self._say_goodbye(server, told))
            end = threading.Timer(GONE_AFTER, os._exit, (0,))
            end.daemon = True
            end.start()
        else:
            server.handle_exit(told, None)

    async def _say_goodbye(self, server: uvicorn.Server, told: int) -> None:
        rooms = getattr(self.app.state, "rooms", None)  # not yet there while it starts
        try:
            if rooms is not None:
                await rooms.say_goodbye()
        finally:
            server.handle_exit(told, None)


def _stopped(_signal: int, _frame: object) -> None:
    """Uvicorn raises the signal again once it has finished; being told to stop is no failure."""


# several processes ----------------------------------------------------------------------------
class Workers(Multiprocess):
    """Says once where they are, when the first of them serves."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self._is_said = False

    def keep_subprocess_alive(self) -> None:
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            if pid is not None:
                forget_worker(pid)
        if not self._is_said and any(process.is_ready(HUNG) for process in self.processes):
            self._is_said = True
            say_ready(self.sockets[0])


def worker_app(settings: Settings) -> Stopping:
    """In a worker. A database that is away for a moment is no reason for the others to stop."""
    configure_logging(settings)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sweep_seldom()
    try:
        return Stopping(create_app(settings))
    except CannotStart as error:
        logging.getLogger("sevenstep.worker").error("%s", error)
        sys.exit(1)


def _end_with_parent() -> None:
    """Nobody would replace or stop a worker that is left alone."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def say_ready(listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"Sevenstep is ready at http://{shown}:{port}\n")
    sys.stdout.flush()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, before anything else is done."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # With the protocol named, asyncio sends small frames at once; else some wait 40 ms for an acknowledgement.
        opened = socket.socket(family, kind, protocol)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotStart(f"Cannot listen on {host}:{port}: {reason}.") from error
    return opened
