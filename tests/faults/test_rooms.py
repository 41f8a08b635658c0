"""Live rooms on two processes, PostgreSQL and Redis, while each of these fails: nothing that was acknowledged is lost,
doubled or out of order, everybody gets everything that is theirs, and a deadline fires once."""

import os
import sys
from random import Random

import pytest

from app.storage.db import migrate, open_database
from tests.faults.fleet import Service, World
from tests.faults.run import judged, play, struck, wanted
from tests.faults.seating import seat
from tests.servers import Postgres, Redis, need_postgres, need_redis

pytestmark = pytest.mark.anyio
RUNS = 3
NEEDS = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.xdist_group("live rooms that fail"),
]
FAULTY = (sys.executable, "-m", "tests.faults.faulty")
NO_POLL = 4.0  # seconds after which who has not heard will not hear


@pytest.fixture(scope="module")
def servers():
    """A database that keeps what it has confirmed, and a Redis."""
    need_postgres()
    need_redis()
    postgres = Postgres(f"rooms-{os.getpid()}")
    postgres.make()
    postgres.do("CREATE DATABASE sevenstep")
    engine = open_database(postgres.url("sevenstep"))
    migrate(engine)
    engine.dispose()
    redis = Redis(f"rooms-redis-{os.getpid()}")
    redis.start()
    yield postgres, redis
    redis.kill()


@pytest.fixture(scope="module")
def pair(servers):
    """Two processes, the same for all runs; what they have to complain of is read at the end."""
    postgres, redis = servers
    where = ("--database", postgres.url("sevenstep"), "--redis", redis.url)
    services = [Service(*where) for _ in range(2)]
    for service in services:
        service.start()
    yield services
    errors = World(postgres.url("sevenstep"), services).close_services()
    assert "Traceback" not in errors, errors[-6000:]


@pytest.fixture
async def world(servers, pair, anyio_backend):
    postgres, redis = servers
    async with World(postgres.url("sevenstep"), pair, postgres, redis) as world:
        yield world


@pytest.mark.parametrize("seed", range(RUNS))
@pytest.mark.parametrize(
    "blow",
    [pytest.param(blow, marks=NEEDS) for blow in ("sockets", "kill", "redis", "postgres")],
)
async def test_two_processes_go_on_after(world, blow, seed):
    outcome = await play(world, blow, seed)
    assert outcome.found == []
    assert outcome.late and all(late >= 0 for late in outcome.late)


@pytest.mark.parametrize("blow", ["sockets", "kill"])
async def test_one_process_on_sqlite_goes_on_after(tmp_path, blow):
    outcome, errors = await alone(tmp_path, blow)
    assert outcome.found == []
    assert "Traceback" not in errors, errors[-6000:]


async def test_an_acknowledgement_before_the_commit_is_found(tmp_path):
    outcome, _ = await alone(tmp_path, "kill", *FAULTY, "acknowledges-first", "serve")
    assert any(sentence.startswith("I1 ") for sentence in outcome.found), outcome


@pytest.mark.postgres
async def test_a_process_that_hears_nothing_of_the_others_is_found(fresh_postgres):
    command = (*FAULTY, "hears-nothing", "serve")
    services = [Service("--database", fresh_postgres, command=command) for _ in range(2)]
    try:
        for service in services:
            service.start()
        async with World(fresh_postgres, services) as world:
            outcome = await play(world, "nothing", 1, NO_POLL)
    finally:
        for service in services:
            service.stop()
    assert any(sentence.startswith("I5 ") for sentence in outcome.found), outcome


async def alone(folder, blow, *command):
    """The outcome of a run on one process, and what it wrote on the standard error."""
    url = f"sqlite:///{folder}/rooms.db"
    chance = Random(f"alone {blow}")
    seated = await seat(url, wanted(chance))
    service = Service("--database", url, **({"command": command} if command else {}))
    service.start()
    try:
        async with World(url, [service]) as world:
            history, people, caught_up = await struck(world, seated, blow, chance, NO_POLL * 3)
            errors = world.close_services()
            return await judged(world, seated, history, people, caught_up), errors
    finally:
        service.stop()
