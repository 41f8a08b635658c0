"""Live rooms on two processes while each of the parts fails, many times over: what was lost, doubled, out of order or
late, judged by the checker of tests/faults."""

import asyncio
from collections.abc import Iterator

from app.storage.db import migrate, open_database
from benchmarks.rooms import run_folder, servers
from tests.faults.blows import BLOWS
from tests.faults.fleet import Service, World
from tests.faults.run import Outcome, play
from tests.servers import postgres_programs, redis_program

RUNS = 100
NAMES = {
    "kill": "a process killed",
    "redis": "Redis killed, begun again",
    "postgres": "PostgreSQL restarted",
    "sockets": "sockets cut",
}
SHOWN = 5  # violations that are printed


def lines(runs: int = RUNS) -> Iterator[str]:
    yield f"Faults (three live rooms on two processes, {runs} runs each, commands in flight)"
    if postgres_programs() is None or redis_program() is None:
        yield "  left out: no PostgreSQL or no Redis here"
        return
    with run_folder(), servers() as (postgres, redis):
        url = postgres.url("sevenstep")
        engine = open_database(url)
        migrate(engine)
        engine.dispose()
        services = [Service("--database", url, "--redis", redis.url) for _ in range(2)]
        world = World(url, services, postgres, redis)
        try:
            for service in services:
                service.start()
            for blow in NAMES:
                yield from judged(blow, [asyncio.run(run(world, blow, n)) for n in range(runs)])
        finally:
            errors = world.close_services()
    yield f"  the processes wrote {errors.count('Traceback')} tracebacks"


async def run(world: World, blow: str, seed: int) -> Outcome:
    async with world:
        return await play(world, blow, seed)


def judged(blow: str, outcomes: list[Outcome]) -> Iterator[str]:
    assert blow in BLOWS
    found = [sentence for outcome in outcomes for sentence in outcome.found]
    acked = sum(outcome.acked for outcome in outcomes)
    waits = sorted(outcome.caught_up for outcome in outcomes)
    late = sorted(ms for outcome in outcomes for ms in outcome.late)
    yield (
        f"  {NAMES[blow]:26} {len(found)} violations (0) in {len(outcomes)} runs, {acked:,} commands acknowledged; "
        f"all current {waits[len(waits) // 2]:.2f} s after, at worst {waits[-1]:.2f}; "
        f"{len(late)} deadlines fired once each, {late[len(late) // 2]} ms after, at worst {late[-1]}"
    )
    for sentence in found[:SHOWN]:
        yield f"    {sentence}"
