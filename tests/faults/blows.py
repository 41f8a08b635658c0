"""What befalls the processes, their database, their bus and their lines. Each comes back when all is well again."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from tests.faults.fleet import World
from tests.faults.people import Person

Reached = Callable[[int], Awaitable[None]]  # until so many commands more were acknowledged
MEANWHILE = 6  # acknowledged while something is away
CUTS = 4


async def kill(world: World, people: list[Person], chance: Random, reached: Reached) -> None:
    """One process dies with whatever it was doing, and is started again."""
    service = chance.choice(world.services)
    service.kill()
    await asyncio.to_thread(service.start)


async def redis(world: World, people: list[Person], chance: Random, reached: Reached) -> None:
    await asyncio.to_thread(world.redis.kill)
    await reached(MEANWHILE + chance.randrange(MEANWHILE))
    await asyncio.to_thread(world.redis.start)


async def postgres(world: World, people: list[Person], chance: Random, reached: Reached) -> None:
    await asyncio.to_thread(world.postgres.restart_at_once)


async def sockets(world: World, people: list[Person], chance: Random, reached: Reached) -> None:
    """Pages that vanish, lines that are reset, and lines on which the answers are lost while commands arrive."""
    for _ in range(CUTS):
        proxy = chance.choice(world.proxies)
        for person in chance.sample(people, len(people) // 3):
            person.tear()
        await reached(chance.randrange(1, MEANWHILE))
        proxy.cut()
        await reached(chance.randrange(1, MEANWHILE))
        proxy.deaf = True
        if len(world.proxies) > 1:
            await reached(chance.randrange(1, MEANWHILE))
        else:
            await asyncio.sleep(chance.uniform(0.1, 0.4))
        proxy.cut()
        proxy.deaf = False


async def nothing(world: World, people: list[Person], chance: Random, reached: Reached) -> None:
    """Everything works."""


BLOWS = {"nothing": nothing, "kill": kill, "redis": redis, "postgres": postgres, "sockets": sockets}
