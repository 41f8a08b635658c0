"""A PostgreSQL server that stops at once, as in a crash, and comes back, while many write."""

import asyncio
import os

import pytest

from app.errors import Unavailable
from app.storage.db import migrate, open_database, open_log
from tests.faults.checker import check
from tests.faults.history import History, stored
from tests.faults.interview import RULES, Client, begin, read_on
from tests.servers import Postgres, need_postgres

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]
RESTARTS = 2
ACKNOWLEDGED = 60  # before each
CLIENTS = 4


class Patient(Client):
    """Sends again what was not answered, as a browser does."""

    heard = None  # an event that is set with every answer

    async def send(self, n):
        while True:
            try:
                await super().send(n)
            except Unavailable:
                continue
            self.heard.set()
            return


@pytest.fixture
def server():
    """One of its own, which keeps what it has confirmed."""
    need_postgres()
    server = Postgres(f"restarted-{os.getpid()}")
    server.make()
    server.do("CREATE DATABASE sevenstep")
    return server


async def test_what_was_confirmed_survives_and_nothing_is_done_twice(server, anyio_backend):
    engine = open_database(server.url("sevenstep"))
    migrate(engine)
    engine.dispose()
    log = await open_log(server.url("sevenstep"))
    history, sessions = History(), ["one", "two"]
    for name in sessions:
        await begin(log, name)
    clients = [
        Patient(log, history, name, f"client{n}", n, lambda: 2_000)
        for name in sessions
        for n in range(CLIENTS)
    ]
    stop = asyncio.Event()
    Patient.heard = asyncio.Event()

    async def go_on(client):
        while not stop.is_set():
            await client.talk(1)

    talking = [asyncio.ensure_future(go_on(client)) for client in clients]
    for _ in range(RESTARTS):
        await answered(history, len(history.ok) + ACKNOWLEDGED)
        await asyncio.to_thread(server.restart_at_once)
    await answered(history, len(history.ok) + ACKNOWLEDGED)
    stop.set()
    await asyncio.gather(*talking)
    readers = [history.reader(name) for name in sessions]
    for reader in readers:
        await read_on(log, reader, {}, limit=200)
        reader.is_drained = True
    kept = [await stored(log, name) for name in sessions]
    await log.close()
    assert check(history, kept, RULES) == []
    assert history.open == []


async def answered(history, number):
    async with asyncio.timeout(60):
        while len(history.ok) < number:
            Patient.heard.clear()
            await Patient.heard.wait()
