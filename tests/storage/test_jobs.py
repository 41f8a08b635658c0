import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import NotFound
from app.storage import jobs, reports
from app.storage.db import open_database, transaction
from tests.storage.test_reports import count, kept, knowledge  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
LEASE = timedelta(seconds=15)
KEY = "f" * 64


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def at(seconds):
    return {"now": after(seconds), "progress": {"steps": 7}}


@pytest.fixture
def engine(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def queue(engine, kept):  # noqa: F811
    return Queue(engine, kept.id)


class Queue:
    """Every call is a transaction of its own."""

    def __init__(self, engine, report):
        self.engine, self.report = engine, report

    def enqueue(self, key=KEY, at=0, **more):
        with transaction(self.engine) as db:
            given = {"report": self.report, "payload": {}, "progress": {}, "now": after(at)} | more
            return jobs.enqueue(db, "judge", key, **given)

    def claim(self, at=0):
        with transaction(self.engine) as db:
            return jobs.claim(db, "judge", now=after(at), lease=LEASE)

    def get(self, id):
        with transaction(self.engine) as db:
            return jobs.get_job(db, id)

    def do(self, what, *given, **named):
        with transaction(self.engine) as db:
            return what(db, *given, **named)

    def renew(self, job, at, progress=None, **more):
        named = {"now": after(at), "lease": LEASE, "progress": progress or {}}
        return self.do(jobs.renew, job, **named, **more)


def test_a_job_is_queued_claimed_and_done(queue):
    queued = queue.enqueue(payload={"model": "m"}, progress={"steps": 7})
    assert (queued.state, queued.attempts, queued.payload) == ("queued", 0, {"model": "m"})
    held = queue.claim()
    assert (held.id, held.state, held.attempts, held.report) == (
        queued.id,
        "running",
        1,
        queue.report,
    )
    assert queue.renew(held, 5, {"steps": 7, "done": 3})
    assert queue.get(held.id).progress == {"steps": 7, "done": 3}
    assert queue.do(jobs.complete, held, result=queue.report, **at(9))
    done = queue.get(held.id)
    assert (done.state, done.is_finished, done.result) == ("done", True, queue.report)
    assert queue.claim(99) is None


def test_the_same_is_never_queued_twice_at_once(queue):
    first = queue.enqueue()
    assert queue.enqueue().id == first.id
    queue.claim()
    assert queue.enqueue().id == first.id
    assert queue.enqueue("e" * 64).id != first.id
    queue.do(jobs.cancel, first.id, now=NOW)
    assert queue.enqueue().id != first.id


@pytest.fixture
def alike(engine, kept, knowledge):  # noqa: F811
    """More reports on the same words."""
    with transaction(engine) as db:
        made = [
            reports.add_report(db, kept.source, kept.report, knowledge.rubric, now=NOW)
            for _ in range(8)
        ]
    return [each.id for each in made]


def test_each_report_on_the_same_words_has_its_own_and_one_runs_at_a_time(queue, alike):
    first, second = queue.enqueue(at=0), queue.enqueue(at=1, report=alike[0])
    assert (first.report, second.report) == (queue.report, alike[0])
    assert queue.enqueue(report=alike[0]).id == second.id
    held = queue.claim(2)
    assert held.id == first.id
    assert queue.claim(2) is None
    assert queue.do(jobs.complete, held, result=queue.report, **at(3))
    assert queue.claim(3).id == second.id


def test_one_whose_holder_died_comes_before_the_same_for_another(queue, alike):
    first = queue.enqueue(at=5)
    queue.claim(5)
    second = queue.enqueue(at=1, report=alike[0])
    assert queue.claim(19) is None
    heir = queue.claim(20)
    assert heir.id == first.id
    queue.do(jobs.fail, heir, "No.", now=after(21))
    assert queue.claim(21).id == second.id


def test_of_many_that_come_to_the_same_one_is_claimed(queue, alike):
    for report in alike:
        queue.enqueue(report=report)
    together = threading.Barrier(len(alike))
    claimed = []

    def claim():
        together.wait()
        claimed.append(queue.claim())

    threads = [threading.Thread(target=claim) for _ in alike]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(alike)
    assert len([job for job in claimed if job]) == 1


def test_a_cancelled_one_holds_back_the_same_until_its_holder_has_stopped(queue):
    queue.enqueue()
    held = queue.claim()
    queue.do(jobs.cancel, held.id, now=after(1))
    again = queue.enqueue(at=2)
    assert queue.claim(14) is None
    assert queue.do(jobs.let_go, held) is None
    assert queue.claim(14).id == again.id
    queue.do(jobs.cancel, again.id, now=after(15))
    last = queue.enqueue(at=16)
    queue.do(jobs.let_go, held)  # of another claim
    assert queue.claim(28) is None
    assert queue.claim(29).id == last.id


def test_many_who_ask_at_once_get_one_job(queue):
    together = threading.Barrier(12)
    ids = []

    def ask():
        together.wait()
        ids.append(queue.enqueue().id)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 12 and len(set(ids)) == 1
    assert count(queue.engine, "job") == 1


def test_who_has_waited_longest_comes_first(queue):
    late, early = queue.enqueue("a" * 64, at=5), queue.enqueue("b" * 64, at=1)
    assert queue.claim() is None
    assert [queue.claim(9).id, queue.claim(9).id] == [early.id, late.id]
    assert queue.claim(9) is None


def test_a_job_whose_holder_is_silent_goes_to_another(queue):
    queue.enqueue()
    dead = queue.claim()
    assert queue.claim(14) is None
    heir = queue.claim(15)
    assert (heir.id, heir.attempts) == (dead.id, 2)
    assert heir.fence > dead.fence


def test_whoever_lost_a_job_can_write_nothing_more(queue):
    queue.enqueue()
    dead, heir = queue.claim(), queue.claim(20)
    assert not queue.renew(dead, 21, {"done": 99})
    assert not queue.do(jobs.complete, dead, result=queue.report, **at(21))
    assert not queue.do(jobs.fail, dead, "No.", now=after(21))
    assert not queue.do(jobs.put_off, dead, "No.", until=after(21), progress={})
    assert not queue.do(jobs.give_back, dead, now=after(21))
    held = queue.get(heir.id)
    assert (held.state, held.fence, held.progress, held.error) == ("running", heir.fence, {}, None)
    assert queue.do(jobs.complete, heir, result=queue.report, **at(22))


def test_a_renewed_lease_is_kept(queue):
    queue.enqueue()
    held = queue.claim()
    for at in range(5, 60, 5):
        assert queue.renew(held, at)
        assert queue.claim(at) is None


def test_what_is_put_off_waits_and_says_why(queue):
    queue.enqueue()
    held = queue.claim()
    assert queue.do(
        jobs.put_off, held, "It has too much to do.", until=after(30), progress={"votes_done": 3}
    )
    waiting = queue.get(held.id)
    assert (waiting.state, waiting.error) == ("queued", "It has too much to do.")
    assert waiting.progress == {"votes_done": 3}
    assert queue.claim(29) is None
    assert queue.claim(30).attempts == 2


def test_what_ends_its_process_five_times_is_given_up(queue):
    queued = queue.enqueue()
    for n in range(5):
        assert queue.claim(20 * n).attempts == n + 1
    assert queue.claim(100) is None
    failed = queue.get(queued.id)
    assert (failed.state, failed.error, failed.is_finished) == ("failed", jobs.GIVEN_UP, True)


def test_getting_further_gives_all_attempts_back(queue):
    queue.enqueue()
    for n in range(3):
        held = queue.claim(20 * n)
    assert queue.renew(held, 50, got_further=True)
    assert queue.claim(80).attempts == 2


def test_a_job_given_back_is_no_attempt_and_due_at_once(queue):
    queue.enqueue()
    held = queue.claim()
    assert queue.do(jobs.give_back, held, now=after(3))
    assert queue.claim(3).attempts == 1


@pytest.mark.parametrize("claimed", [False, True])
def test_cancelled_it_is_nobodys(queue, claimed):
    queued = queue.enqueue()
    held = queue.claim() if claimed else None
    assert queue.do(jobs.cancel, queued.id, now=NOW).state == "cancelled"
    assert queue.claim(99) is None
    if held:
        assert not queue.renew(held, 1)
        assert not queue.do(jobs.complete, held, result=queue.report, **at(1))
    assert queue.get(queued.id).state == "cancelled"


def test_what_is_finished_cannot_be_cancelled(queue):
    queue.enqueue()
    held = queue.claim()
    queue.do(jobs.fail, held, "The model does not take the key.", now=after(1))
    assert queue.do(jobs.cancel, held.id, now=after(2)).state == "failed"


def test_a_job_goes_with_its_report(queue):
    queued = queue.enqueue()
    held = queue.claim()
    queue.do(reports.delete_report, queue.report)
    assert not queue.renew(held, 1)
    with pytest.raises(NotFound):
        queue.get(queued.id)
    with pytest.raises(NotFound):
        queue.enqueue()


def test_its_result_is_found_while_it_is_there(queue, kept, knowledge):  # noqa: F811
    assert queue.do(jobs.done_job, KEY, report=queue.report) is None
    queue.enqueue()
    held = queue.claim()
    with transaction(queue.engine) as db:
        made = reports.add_report(
            db, kept.source, kept.report, knowledge.rubric, now=NOW, beside=kept.id
        )
        jobs.complete(db, held, result=made.id, **at(1))
    assert queue.do(jobs.done_job, KEY, report=queue.report).result == made.id
    assert queue.do(jobs.latest_job, queue.report, kind="judge").result == made.id
    queue.do(reports.delete_report, made.id)
    assert queue.do(jobs.done_job, KEY, report=queue.report) is None
    assert queue.get(held.id).result is None


def test_a_second_opinion_goes_with_what_it_stands_beside(queue, kept, knowledge):  # noqa: F811
    with transaction(queue.engine) as db:
        made = reports.add_report(
            db, kept.source, kept.report, knowledge.rubric, now=NOW, beside=kept.id
        )
        assert [line.id for line in reports.second_opinions(db, kept.id)] == [made.id]
        assert {line.beside for line in reports.list_reports(db)} == {None, kept.id}
    queue.do(reports.delete_report, kept.id)
    assert [count(queue.engine, table) for table in ("report", "transcript")] == [0, 0]


CLAIMING = """
import sys
from datetime import UTC, datetime, timedelta
from app.storage import jobs
from app.storage.db import open_database, transaction

engine = open_database(sys.argv[1])
print("here", flush=True)
sys.stdin.readline()
misses = 0
while misses < 3:
    with transaction(engine) as db:
        job = jobs.claim(db, "judge", now=datetime(2026, 5, 2, tzinfo=UTC), lease=timedelta(hours=1))
    if job is None:
        misses += 1
    else:
        print(job.id)
"""


def test_processes_never_claim_the_same_job(queue, url):
    wanted = {queue.enqueue(f"{n:064}").id for n in range(60)}
    command = [sys.executable, "-c", CLAIMING, url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    children = [subprocess.Popen(command, cwd=ROOT, text=True, **pipes) for _ in range(3)]
    for child in children:
        assert child.stdout.readline() == "here\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    claimed = [id for child in children for id in child.communicate(timeout=60)[0].split()]
    assert sorted(claimed) == sorted(wanted)
