"""A process that is killed while it stores: what it had acknowledged is there, and nothing else is spoilt."""

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import pytest

from app.errors import Unavailable
from app.storage.db import migrate, open_database, open_log
from app.storage.sqlite_log import SqliteLog
from tests.faults.checker import check, sqlite_in_order
from tests.faults.history import History, stored
from tests.faults.interview import RULES, begin, read_on
from tests.storage.writing import S, said, send

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]
KILLS = 3
ACKNOWLEDGED = 150  # before each kill
CUTS = 60


@pytest.fixture
def path(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/log.db")
    migrate(engine)
    engine.dispose()
    return tmp_path / "log.db"


async def test_killed_again_and_again_under_load(path):
    log = await open_log(f"sqlite:///{path}")
    await begin(log, S)
    await log.close()
    history = History()
    for round_ in range(KILLS):
        append_until_killed(path, history, round_)
    log = await open_log(f"sqlite:///{path}")
    reader = history.reader(S)
    await read_on(log, reader, {}, limit=200)
    reader.is_drained = True
    session = await stored(log, S)
    await log.close()
    assert check(history, [session], RULES) + sqlite_in_order(path) == []
    assert len(history.ok) >= KILLS * ACKNOWLEDGED / 2


def append_until_killed(path, history, round_):
    """The kill comes with some answer: others are then on their way to the disk, or back."""
    command = [sys.executable, "-m", "tests.faults.appender", path, S, str(round_)]
    child = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    rescue = threading.Timer(60, child.kill)  # a child that hangs must not hang the run
    rescue.start()
    child.stdin.write(json.dumps(history.open) + "\n")
    child.stdin.flush()
    answered = 0
    for line in child.stdout:
        if line.endswith("\n"):
            record = json.loads(line)
            history.record(record)
            answered += record["what"] == "ok"
        if answered == ACKNOWLEDGED:
            child.kill()
            answered += 1
    rescue.cancel()
    child.wait()
    child.stdout.close()
    child.stdin.close()
    assert answered > ACKNOWLEDGED, "the child ended by itself"


async def test_a_log_that_lost_its_tail_is_an_exact_prefix(path, tmp_path):
    """As when power fails: the write-ahead log ends anywhere, half of the time in rubbish."""
    log = SqliteLog(path)
    await begin(log, S)
    log._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for n in range(40):
        await send(log, *said(f"{n}a"), *said(f"{n}n", stream="staff"), *said(f"{n}b"), session=S)
    whole = await stored(log, S)
    for name in ("log.db", "log.db-wal"):
        shutil.copy(tmp_path / name, tmp_path / f"kept-{name}")
    await log.close()
    wal = (tmp_path / "kept-log.db-wal").read_bytes()
    chance = Random(7)
    lengths = set()
    for n in range(CUTS):
        cut = chance.randrange(len(wal))
        rubbish = chance.randbytes(chance.randrange(9_000)) if n % 2 else b""
        shutil.copy(tmp_path / "kept-log.db", tmp_path / "cut.db")
        (tmp_path / "cut.db-wal").write_bytes(wal[:cut] + rubbish)
        (tmp_path / "cut.db-shm").unlink(missing_ok=True)
        opened = SqliteLog(tmp_path / "cut.db")
        left = await stored(opened, S)
        assert left.events == whole.events[: len(left.events)]
        assert len(left.events) % 3 == 1  # a command is there whole or not at all
        assert check(History(), [left]) == []
        lengths.add(len(left.events))
        if len(left.events) < len(whole.events):
            # Whoever has seen more is known by its anchor once others have written in its place.
            await send(opened, *said("new", "newer", "newest"), session=S)
            seen = whole.of("main")[left.head.main]
            (now,) = await opened.read(S, "main", seen.seq - 1, 1)
            assert (now.seq, now.eid) != (seen.seq, seen.eid)
        await opened.close()
    assert len(lengths) > 10


async def test_a_file_that_another_holds_for_a_while(path):
    """Answers are refusals to try again, or come once it is let go; then everything sent again is there."""
    log = SqliteLog(path, patience=0.1)
    await begin(log, S)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    history, refusals = History(), 0
    for n in range(40):
        key = (S, "sam", str(n))
        history.invoke(key)
        while key not in history.ok:
            try:
                receipt = await send(log, *said(str(n)), session=S, cmd=str(n))
            except Unavailable:
                refusals += 1
                if refusals == 3:
                    other.execute("ROLLBACK")
                continue
            history.acked(key, receipt.events)
    assert refusals == 3
    assert check(history, [await stored(log, S)]) == []
    await log.close()
    other.close()
