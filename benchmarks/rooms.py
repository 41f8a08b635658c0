"""Many live rooms at once: how long until a turn is acknowledged, and until the other side has it, beside a bare
Starlette fan-out under the same load in the same run."""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.turns import serving
from tests.faults.seating import Seated, Wanted, seat
from tests.servers import Postgres, Redis, postgres_programs, redis_program

ROOMS = 1_000
PACE = 10.0  # seconds between two turns of a room
SECONDS = 60.0
SETTLE = 5.0
ROLES = ("candidate", "interviewer")
ACK_WITHIN, OTHER_WITHIN = 150, 250  # ms, p99
TICKS = os.sysconf("SC_CLK_TCK")
SERVE = [sys.executable, "-m", "app", "serve", "--port", "0"]
FANOUT = [sys.executable, "-m", "benchmarks.fanout"]


@dataclass(frozen=True)
class Measured:
    """`cpu` are the shares of one core that the service and the crowd took, `memory` MB of all its processes."""

    result: dict
    service: float
    crowd: float
    memory: float

    def row(self, name: str, beside: "Measured | None" = None) -> str:
        ack, other = self.result["acks"], self.result["others"]
        line = (
            f"  {name:22} acknowledged p50 {percentile(ack, 50):6.1f} p99 {percentile(ack, 99):6.1f}"
            f" ({ACK_WITHIN}), other side p50 {percentile(other, 50):6.1f} p99 {percentile(other, 99):6.1f}"
            f" ({OTHER_WITHIN}) ms; service {self.service:.2f} and crowd {self.crowd:.2f} of a core,"
            f" {self.memory:.0f} MB"
        )
        sent = self.result["sent"]
        if len(ack) != sent or len(other) != sent or self.result["closed"]:
            line += (
                f"; of {sent} turns {len(ack)} acknowledged and {len(other)} shown,"
                f" {self.result['refused']} refused, {self.result['closed']} lines lost"
            )
        if beside is not None:
            least = beside.result
            line += (
                f"; p50 {percentile(ack, 50) / percentile(least['acks'], 50):.1f} x and"
                f" p99 {percentile(other, 99) / percentile(least['others'], 99):.1f} x the fan-out"
            )
        return line


def lines(rooms: int = ROOMS, seconds: float = SECONDS, pace: float = PACE) -> Iterator[str]:
    yield (
        f"Live rooms ({rooms:,} rooms, {2 * rooms:,} sockets, a turn every {pace:g} s in each, "
        f"{seconds:g} s, loopback; load of the machine before {os.getloadavg()[0]:.1f})"
    )
    with bare() as address:
        least = measured(address[0], pids(address[1]), unseated(rooms), seconds / 2, pace)
    yield least.row("bare fan-out")
    for name, setup in (("one process, SQLite", alone), ("two, PostgreSQL, Redis", pair)):
        with setup(rooms) as found:
            if found is None:
                yield f"  {name:22} left out: no PostgreSQL or no Redis here"
                continue
            address, process, seated = found
            yield measured(address, pids(process), seated, seconds, pace).row(name, least)


@contextlib.contextmanager
def bare() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with serving(FANOUT) as found:
        yield found


@contextlib.contextmanager
def alone(rooms: int):
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/rooms.db"
        seated = asyncio.run(seat(url, [Wanted(roles=ROLES)] * rooms))
        with serving([*SERVE, "--database", url]) as (address, process):
            yield address, process, seated


@contextlib.contextmanager
def pair(rooms: int):
    if postgres_programs() is None or redis_program() is None:
        yield None
        return
    with run_folder(), servers() as (postgres, redis):
        url = postgres.url("sevenstep")
        seated = asyncio.run(seat(url, [Wanted(roles=ROLES)] * rooms))
        command = [*SERVE, "--database", url, "--redis", redis.url, "--workers", "2"]
        with serving(command) as (address, process):
            yield address, process, seated


@contextlib.contextmanager
def servers() -> Iterator[tuple[Postgres, Redis]]:
    """Of the benchmark's own, with the settings that a service would have."""
    postgres = Postgres("postgres", shared_buffers="128MB")
    postgres.make()
    postgres.do("CREATE DATABASE sevenstep")
    redis = Redis("redis").start()
    try:
        yield postgres, redis
    finally:
        redis.kill()


@contextlib.contextmanager
def run_folder() -> Iterator[Path]:
    """Servers in it end with it, as in the tests (tests/conftest.py)."""
    with tempfile.TemporaryDirectory(prefix="sevenstep-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.mkfifo(folder / "alive")
        before = os.environ.get("SEVENSTEP_TEST_RUN")
        os.environ["SEVENSTEP_TEST_RUN"] = name
        pipe = os.open(folder / "alive", os.O_RDWR)
        try:
            yield folder
        finally:
            os.close(pipe)
            os.environ.pop("SEVENSTEP_TEST_RUN")
            if before is not None:
                os.environ["SEVENSTEP_TEST_RUN"] = before
            until = time.monotonic() + 10
            while list(folder.glob("*/data/postmaster.pid")) and time.monotonic() < until:
                time.sleep(0.05)


def unseated(rooms: int) -> list[Seated]:
    """For a service that lets everybody in."""
    secrets = dict.fromkeys(ROLES, "nobody")
    return [Seated(f"room{n}", {}, secrets, None, False) for n in range(rooms)]


def measured(
    address: str, processes: list[int], seated: list[Seated], seconds: float, pace: float
) -> Measured:
    plan = {
        "addresses": [address],
        "rooms": [
            {"session": s.session, "cookies": {role: s.cookie(role) for role in ROLES}}
            for s in seated
        ],
        "pace": pace,
        "seconds": seconds,
        "settle": SETTLE,
    }
    crowd = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.crowd"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert crowd.stdin and crowd.stdout and crowd.stderr
    crowd.stdin.write(json.dumps(plan))
    crowd.stdin.close()
    said: list[str] = []
    reading = threading.Thread(target=lambda: said.append(crowd.stdout.read()))
    reading.start()
    used: list[tuple[float, float, float]] = []
    for line in crowd.stderr:
        if line.strip() in ("begin", "end"):
            used.append((time.monotonic(), cpu(processes), cpu([crowd.pid])))
        elif line.strip() != "in":
            sys.stderr.write(line)
    memory = sum(map(resident, processes))
    reading.join()
    assert crowd.wait() == 0, "the crowd failed"
    (begin, service, own), (end, service_after, own_after) = used
    spent = end - begin
    return Measured(
        json.loads(said[0]), (service_after - service) / spent, (own_after - own) / spent, memory
    )


def pids(process: subprocess.Popen[str]) -> list[int]:
    """With its workers."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [process.pid, *map(int, found)]


def cpu(processes: list[int]) -> float:
    """Seconds that they have taken so far."""
    total = 0
    for pid in processes:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident(pid: int) -> float:
    """Megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def percentile(times: list[float], percent: int) -> float:
    if len(times) < 2:
        return float("nan")
    return statistics.quantiles(times, n=100)[percent - 1]
