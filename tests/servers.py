"""Servers that the tests start for themselves. One that happens to run is never used.

They listen on a socket in a folder of their own and end with the run, however it ends: each has a
keeper that reads from the run's pipe (tests/conftest.py) and stops it when nobody holds the other end.
SEVENSTEP_POSTGRES names the folder with initdb and pg_ctl where they are not in a usual place, SEVENSTEP_REDIS_SERVER
the program of Redis.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
PROGRAMS = ("initdb", "pg_ctl", "postgres")
SMALL = {"max_connections": "100", "shared_buffers": "32MB", "autovacuum": "off", "jit": "off"}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
KEEPER = '(cat "$1"; kill -QUIT "$(head -n 1 "$2/postmaster.pid")") < /dev/null > /dev/null 2>&1 &'


def postgres_programs() -> Path | None:
    named = os.environ.get("SEVENSTEP_POSTGRES")
    on_path = shutil.which("pg_ctl")
    usual = [folder for place in PLACES for folder in sorted(Path("/").glob(place[1:]))]
    for folder in (named and Path(named), on_path and Path(on_path).parent, *reversed(usual)):
        if folder and all((folder / name).exists() for name in PROGRAMS):
            return folder
    return None


def run_folder() -> Path:
    return Path(os.environ["SEVENSTEP_TEST_RUN"])


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    import fcntl

    with (run_folder() / f"{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


class Postgres:
    """A server in a folder below the run's. It does not run as root, so root lends it to somebody else."""

    def __init__(self, name: str, **settings: str) -> None:
        self.programs = postgres_programs()
        self.folder = run_folder() / name
        self.data = self.folder / "data"
        self.settings = {**SMALL, **settings}

    @property
    def is_there(self) -> bool:
        return (self.data / "postmaster.pid").exists()

    def make(self) -> None:
        self.folder.mkdir(mode=0o755)
        if os.getuid() == 0:
            user = pwd.getpwnam(self._lent_to()["user"])
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", self.data, "-U", "sevenstep", "-A", "trust", "-N", "-E", "UTF8")
        self.start()
        keeper = ["sh", "-c", KEEPER, "keeper", run_folder() / "alive", self.data]
        subprocess.run(keeper, start_new_session=True, check=True)

    def start(self) -> None:
        wishes = {"listen_addresses": "", "unix_socket_directories": self.folder, **self.settings}
        options = " ".join(f"-c {name}='{value}'" for name, value in wishes.items())
        self._run(
            "pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start"
        )

    def restart_at_once(self) -> None:
        """As after a crash: nothing is finished first."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")
        self.start()

    def url(self, database: str) -> str:
        return f"postgresql://sevenstep@/{database}?host={self.folder}"

    def do(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [self.programs / program, *map(str, arguments)],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            **self._lent_to(),
        )
        assert done.returncode == 0, done.stderr

    def _lent_to(self) -> dict:
        if os.getuid() != 0:
            return {}
        known = {entry.pw_name for entry in pwd.getpwall()}
        user = "postgres" if "postgres" in known else "nobody"
        return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


REDIS_PROGRAMS = ("redis-server", "valkey-server")
REDIS_KEEPER = '(cat "$1"; kill -KILL "$(cat "$2/redis.pid")"; rm "$2/redis.pid") < /dev/null > /dev/null 2>&1 &'
BEGINS_WITHIN = 30.0  # seconds


def redis_program() -> str | None:
    for name in (os.environ.get("SEVENSTEP_REDIS_SERVER"), *REDIS_PROGRAMS):
        if name and (path := shutil.which(name)):
            return path
    return None


def need_redis() -> None:
    if redis_program() is None:
        pytest.skip("no Redis here; `make test` as root installs it, or set SEVENSTEP_REDIS_SERVER")


class Redis:
    """A server on a socket in a folder below the run's; it keeps nothing on the disk. It can be killed and begun again
    at the same address."""

    def __init__(self, name: str) -> None:
        self.folder = run_folder() / name
        self.folder.mkdir(mode=0o700)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/socket"

    def start(self) -> "Redis":
        program = redis_program()
        assert program is not None and self.process is None
        settings = {"port": 0, "unixsocket": self.folder / "socket", "save": "", "appendonly": "no"}
        options = [str(part) for name, value in settings.items() for part in (f"--{name}", value)]
        self.process = subprocess.Popen(
            [program, *options, "--dir", str(self.folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        (self.folder / "redis.pid").write_text(str(self.process.pid))
        keeper = ["sh", "-c", REDIS_KEEPER, "keeper", str(run_folder() / "alive"), str(self.folder)]
        subprocess.run(keeper, start_new_session=True, check=True)
        until = time.monotonic() + BEGINS_WITHIN
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < until
            time.sleep(0.01)
        return self

    def kill(self) -> None:
        """As in a crash."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)
        self.process = None
        (self.folder / "redis.pid").unlink()

    def stand_still(self, still: bool) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP if still else signal.SIGCONT)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as asking:
            try:
                asking.settimeout(1)
                asking.connect(f"{self.folder}/socket")
                asking.sendall(b"PING\r\n")
                return asking.recv(64).startswith(b"+PONG")
            except OSError:
                return False


def need_postgres() -> None:
    if postgres_programs() is None:
        pytest.skip(
            "no PostgreSQL here; `make test` as root installs it, or set SEVENSTEP_POSTGRES"
        )


@cache
def shared_postgres() -> Postgres:
    """One server for all workers of the run."""
    server = Postgres("postgres", **CARELESS)
    with one_at_a_time("postgres"):
        if not server.is_there:
            server.make()
    return server


@cache
def own_database() -> str:
    """The URL of a database for this worker; empty, the first time."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    shared_postgres().do(f"CREATE DATABASE {name}")
    return shared_postgres().url(name)
