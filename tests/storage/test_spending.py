import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.endpoint import Budget
from app.errors import Unavailable
from app.llm.ledger import Spent
from app.llm.model import ModelFailed
from app.storage.db import open_database
from app.storage.spending import SqlLedger

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
TIGHT = Budget(session_tokens=1_000, day_tokens=2_500)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def engine(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(engine, clock):
    return SqlLedger(engine, TIGHT, clock)


def refused(ledger, account, tokens, money=0.0):
    try:
        ledger.claim(account, tokens=tokens, money=money)
    except ModelFailed as failed:
        assert failed.fault == "budget"
        return True
    return False


def test_a_claim_counts_at_once_and_is_corrected_when_settled(ledger):
    claim = ledger.claim("session:a", tokens=600, money=0.5)
    assert ledger.spent("session:a") == ledger.spent() == Spent(1, 600, 0.5)
    ledger.settle(claim, model="m", tokens_in=100, tokens_out=20, money=0.1)
    assert ledger.spent("session:a") == ledger.spent() == Spent(1, 120, 0.1)
    assert ledger.spent("session:b") == Spent()


def test_a_claim_is_settled_once(ledger):
    claim = ledger.claim("session:a", tokens=600, money=0.5)
    ledger.settle(claim, model="m", tokens_in=100, tokens_out=20, money=0.1)
    ledger.settle(claim, model="m", tokens_in=0, tokens_out=0, money=0.0)
    assert ledger.spent("session:a").tokens == 120


def test_a_call_that_was_never_sent_leaves_nothing(ledger):
    claim = ledger.claim("session:a", tokens=600, money=0.5)
    ledger.settle(claim, model="m", tokens_in=0, tokens_out=0, money=0.0)
    assert ledger.spent() == Spent()


def test_the_bound_of_a_session_is_reached_and_not_passed(ledger):
    ledger.claim("session:a", tokens=400, money=0.0)
    assert refused(ledger, "session:a", 601)
    assert not refused(ledger, "session:a", 600)
    assert refused(ledger, "session:a", 1)
    assert not refused(ledger, "session:b", 1_000)


def test_the_bound_of_the_day_is_of_all_accounts(ledger):
    for account in ("session:a", "session:b"):
        ledger.claim(account, tokens=1_000, money=0.0)
    assert refused(ledger, "report:c", 501)
    assert not refused(ledger, "report:c", 500)
    assert refused(ledger, "probe", 1)


def test_a_judging_is_bound_by_the_day_only(ledger):
    assert not refused(ledger, "report:c", 2_500)


def test_money_is_bound_like_tokens(engine, clock):
    ledger = SqlLedger(engine, Budget(None, None, session_money=0.3, day_money=0.5), clock)
    for _ in range(3):  # 0.1 + 0.1 + 0.1 is a little over 0.3 in binary
        assert not refused(ledger, "session:a", 10**6, 0.1)
    assert refused(ledger, "session:a", 0, 0.01)
    assert refused(ledger, "session:b", 0, 0.21)


def test_without_bounds_nothing_is_refused(engine, clock):
    ledger = SqlLedger(engine, Budget(None, None), clock)
    assert not refused(ledger, "session:a", 10**9, 10**9)


def test_a_refused_claim_leaves_nothing(ledger):
    assert refused(ledger, "session:a", 5_000)
    assert ledger.spent() == Spent()


def test_a_new_day_begins_at_midnight_and_a_session_goes_on(ledger, clock):
    ledger.claim("report:c", tokens=2_500, money=0.0)
    clock.now = datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC)
    assert refused(ledger, "session:a", 1)
    clock.now += timedelta(seconds=1)
    claim = ledger.claim("session:a", tokens=900, money=0.0)
    ledger.settle(claim, model="m", tokens_in=900, tokens_out=0, money=0.0)
    clock.now += timedelta(days=1)
    assert ledger.spent() == Spent()
    assert refused(ledger, "session:a", 101)


def test_a_claim_of_a_process_that_died_is_kept_for_the_day_only(ledger, clock):
    ledger.claim("session:a", tokens=1_000, money=0.0)
    clock.now += timedelta(minutes=9)
    assert refused(ledger, "session:a", 1)
    clock.now += timedelta(minutes=1)
    assert ledger.spent("session:a") == Spent()
    assert ledger.spent() == Spent(1, 1_000, 0.0)
    assert not refused(ledger, "session:a", 1_000)
    assert refused(ledger, "session:b", 501)


def test_accounts_of_the_day_are_listed_by_what_they_took(ledger, clock):
    ledger.claim("session:old", tokens=10, money=0.0)
    clock.now += timedelta(days=1)
    ledger.claim("session:a", tokens=100, money=0.1)
    ledger.claim("report:c", tokens=300, money=0.2)
    ledger.claim("session:a", tokens=100, money=0.1)
    assert ledger.today() == [("report:c", Spent(1, 300, 0.2)), ("session:a", Spent(2, 200, 0.2))]
    assert ledger.today(limit=1) == [("report:c", Spent(1, 300, 0.2))]


def test_it_holds_after_a_restart(engine, ledger, clock):
    ledger.claim("session:a", tokens=1_000, money=0.0)
    again = SqlLedger(engine, TIGHT, clock)
    assert refused(again, "session:a", 1)


@pytest.mark.parametrize("account", ["session:a", "report:{n}"])
def test_fifty_at_once_stay_within_the_bound(engine, clock, account):
    bound = replace(TIGHT, session_tokens=1_000, day_tokens=1_000)
    together = threading.Barrier(50)
    answers = []

    def claim(n):
        ledger = SqlLedger(engine, bound, clock)
        together.wait()
        while True:
            try:
                answers.append(refused(ledger, account.format(n=n), 100))
            except Unavailable:
                continue
            return

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 10 + [True] * 40


CLAIMING = """
import sys
from datetime import UTC, datetime
from app.endpoint import Budget
from app.llm.model import ModelFailed
from app.storage.db import open_database
from app.storage.spending import SqlLedger

ledger = SqlLedger(open_database(sys.argv[1]), Budget(1_000, 1_000), lambda: datetime(2026, 5, 1, tzinfo=UTC))
print("here", flush=True)
sys.stdin.readline()
done = 0
for _ in range(10):
    try:
        ledger.claim("session:a", tokens=30, money=0.0)
        done += 1
    except ModelFailed:
        pass
print(done)
"""


def test_processes_share_one_bound(url):
    """Five of them, ten claims each, room for 33."""
    command = [sys.executable, "-c", CLAIMING, url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    children = [subprocess.Popen(command, cwd=ROOT, text=True, **pipes) for _ in range(5)]
    for child in children:
        assert child.stdout.readline() == "here\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    answers = [child.communicate(timeout=60)[0] for child in children]
    assert sum(map(int, answers)) == 33
