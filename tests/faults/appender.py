"""A process that appends until it is killed: `python -m tests.faults.appender DATABASE SESSION ROUND`.

Tells on its standard output what it sends and what it is answered, one JSON line each. On its standard
input come the commands that an earlier process was not answered; they are sent first.
"""

import asyncio
import json
import random
import sys
from itertools import count
from pathlib import Path

from app.live.clock import ServerClock
from app.storage.sqlite_log import SqliteLog
from tests.faults.history import place
from tests.faults.interview import deciding, speak

CLIENTS = 6


def tell(what, key, **more):
    sys.stdout.write(json.dumps({"what": what, "key": key, **more}) + "\n")
    sys.stdout.flush()


async def client(log, session, name, numbers, clock):
    chance = random.Random(name)
    done = []
    for n in numbers:
        done.append(n)
        for again in (n, chance.choice(done)) if chance.random() < 0.1 else (n,):
            key = [session, name, again]
            drafts = speak(name, again)
            tell("invoke", key, parts=len(drafts))
            receipt = await log.append(
                session,
                actor=name,
                cmd=again,
                digest=again.encode(),
                decide=deciding(drafts),
                now=clock.now,
            )
            tell("ok", key, places=[place(event) for event in receipt.events])


def numbers(unanswered, name, round_):
    yield from (cmd for _, actor, cmd in unanswered if actor == name)
    yield from (f"{round_}.{n}" for n in count())


async def main(database, session, round_):
    log = SqliteLog(Path(database))
    clock = ServerClock(await log.wall())
    unanswered = json.loads(sys.stdin.readline())
    await asyncio.gather(
        *(
            client(log, session, name, numbers(unanswered, name, round_), clock)
            for name in (f"client{n}" for n in range(CLIENTS))
        )
    )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
