"""One run: rooms are entered, talk is under way, a blow falls, talk goes on; then the checker looks at all of it."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from app.storage.db import open_log
from app.storage.log import ENDED, MAIN, STAFF
from tests.faults.blows import BLOWS
from tests.faults.checker import check
from tests.faults.fleet import World
from tests.faults.history import History, Stored, stored
from tests.faults.people import Person
from tests.faults.rules import RULES
from tests.faults.seating import Seated, Wanted, seat

BEFORE, AFTER = 24, 24  # commands acknowledged before the blow and after it
WITHIN = 60.0  # seconds for anything to happen at all
QUIET_WITHIN = 30.0  # seconds in which everybody has everything


@dataclass(frozen=True)
class Outcome:
    """What the checker found, how much was acknowledged, and how long it took until everybody had everything."""

    found: list[str]
    acked: int
    caught_up: float
    late: tuple[int, ...]  # ms from a deadline to its end
    closed: Counter[int]


def wanted(chance: Random) -> tuple[Wanted, ...]:
    """A room that a person leads, one that the script leads, and one whose time is up about when the blow falls."""
    return Wanted(), Wanted(driver="script"), Wanted(left=chance.randrange(1_500, 4_500))


async def play(world: World, blow: str, seed: int, patience: float = QUIET_WITHIN) -> Outcome:
    """For a world whose database others may write to beside its services."""
    chance = Random(f"{blow} {seed}")
    seated = await seat(world.url, wanted(chance))
    history, people, caught_up = await struck(world, seated, blow, chance, patience)
    return await judged(world, seated, history, people, caught_up)


async def struck(
    world: World,
    seated: list[Seated],
    blow: str,
    chance: Random,
    patience: float = QUIET_WITHIN,
) -> tuple[History, list[Person], float]:
    """What everybody sent and got, and how long it took until they had everything."""
    history = History()
    people = [
        Person(world, place, role, history, Random(chance.random()))
        for place in seated
        for role in place.guests
    ]

    async def reached(more: int) -> None:
        goal = len(history.anchors) + more
        async with asyncio.timeout(WITHIN):
            while len(history.anchors) < goal:
                await asyncio.sleep(0.01)
                for task in tasks:
                    if task.done():
                        task.result()

    async with running(people) as tasks:
        await reached(BEFORE + chance.randrange(BEFORE))
        await BLOWS[blow](world, people, chance, reached)
        await reached(AFTER)
        for person in people:
            person.is_done = True
        begun = asyncio.get_running_loop().time()
        await quiet(world, seated, people, patience)
        for task in tasks:
            if task.done():
                task.result()
        return history, people, asyncio.get_running_loop().time() - begun


@asynccontextmanager
async def running(people: list[Person]):
    tasks = [asyncio.create_task(person.run()) for person in people]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def quiet(world: World, seated: list[Seated], people: list[Person], patience: float) -> None:
    """Until all is said, shown and ended, or for as long as that may take; the checker says what is missing."""
    sessions = [place.session for place in seated]
    until = asyncio.get_running_loop().time() + patience
    while True:
        # what this look finds is promised: the script may speak again as soon as it is over
        stands = await asyncio.to_thread(world.stands, sessions)
        is_idle = all(person.is_idle for person in people)
        if is_idle and await asyncio.to_thread(is_quiet, world, seated, people, stands):
            break
        if asyncio.get_running_loop().time() > until:
            break
        await asyncio.sleep(0.05)
    for person in people:
        main, staff, _ = stands[person.seated.session]
        person.reader.promised = {MAIN: main, STAFF: staff}
        person.reader.is_drained = True


def is_quiet(
    world: World,
    seated: list[Seated],
    people: list[Person],
    stands: dict[str, tuple[int, int, str]],
) -> bool:
    ends = [stands[p.session][2] == ENDED for p in seated if is_short(p, seated)]
    answered = [world.is_answered(p.session) for p in seated if p.is_driven]
    told = [person.stands_at(*stands[person.seated.session][:2]) for person in people]
    return all(ends) and all(answered) and all(told)


def is_short(place: Seated, seated: list[Seated]) -> bool:
    """Its time is up within the run."""
    return place.due_at is not None and place.due_at < max(p.due_at or 0 for p in seated) - 60_000


def unanswered(session: Stored) -> list[str]:
    """A turn is answered, or spoken on from before it was."""
    turns = [e for e in session.events if e.type == "turn.committed"]
    said = [n for n, event in enumerate(turns) if event.body["speaker"] == "candidate"]
    moves = {e.body["answers"] for e in session.events if e.type == "move.chosen"}
    if said and said[-1] not in moves or moves - {*said, None}:
        return [f"I9 {session.session} has turns {said} and answers {moves}"]
    return []


async def judged(
    world: World,
    seated: list[Seated],
    history: History,
    people: list[Person],
    caught_up: float,
) -> Outcome:
    log = await open_log(world.url)
    now = await log.wall()
    sessions = [await stored(log, place.session, now) for place in seated]
    await log.close()
    mine = {(place.session, guest) for place in seated for guest in place.guests.values()}
    for session in sessions:  # what the service itself did, under names of its own
        for event in session.events:
            key = (event.session, event.actor, event.cmd)
            if event.cmd is not None and key[:2] not in mine and key not in history.sent:
                parts = sum((e.actor, e.cmd) == key[1:] for e in session.events)
                history.invoke(key, parts)
    found = check(history, sessions, RULES)
    late = []
    for place, session in zip(seated, sessions, strict=True):
        if place.is_driven:
            found += unanswered(session)
        ends = [e.at for e in session.events if e.type == "session.ended"]
        if is_short(place, seated) and len(ends) != 1:
            found.append(f"I6 {place.session} was due at {place.due_at} and ended at {ends}")
        late += [at - place.due_at for at in ends if is_short(place, seated)]
    found += [f"I4 {p.role} was told to begin anew {p.resets} times" for p in people if p.resets]
    closed = sum((person.closed for person in people), Counter[int]())
    return Outcome(found, len(history.anchors), caught_up, tuple(late), closed)
