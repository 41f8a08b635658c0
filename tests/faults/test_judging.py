"""Second opinions while the endpoint fails in every way it can, and while services are killed."""

import asyncio
import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from app.endpoint import Endpoint, Timeouts
from app.fake_llm.faults import FAULTS
from app.fake_llm.server import running
from app.live.judging import Judging
from app.llm.models import Models
from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import score_transcript
from app.storage import jobs, reports
from app.storage.db import migrate, open_database, transaction
from app.storage.spending import SqlLedger
from app.transcripts import read_transcript
from tests.servers import Postgres, need_postgres, own_database

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-canary-fault-31337"
CANARY = "zebrafinch"
TALK = (
    "Dana: Design a system that predicts free parking.\n"
    f"Sam: First I would ask what the {CANARY} business wants and which number would show that it "
    "worked, because without a goal we cannot choose a metric. I would start with a simple baseline, "
    "the average occupancy per hour, and only then try gradient boosting because the data is tabular. "
    "I would split by time, never randomly, since the future must not leak into training, and "
    "watch for drift with an alert when the distribution of inputs moves.\n"
)
STEPS, VOTES = 7, 21
QUICK = Timeouts(connect=1.0, first=0.2, gap=0.2, whole=0.6)  # the judge has four times as long
MOMENTS = (0, 4, 9)  # requests: before the first answer, in the middle of a step, between two steps
PATIENCE = 90  # seconds

# Waiting mends none of these, so the job fails at once and is asked for again.
LASTING = {"401", "404", "redirect"}
# The judge answered, and what it said is not what it would have said.
OTHERWISE = {kind for kind, fault in FAULTS.items() if fault.of == "judge"} | {"filtered", "flood"}
KINDS = [kind for kind, fault in FAULTS.items() if fault.of in ("line", "judge", "refusal")]


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def knowledge():
    return Knowledge(get_rubric())


@pytest.fixture
def fake():
    with running() as fake:
        yield fake


class Clock:
    """The machine's, and what it is put forward by."""

    ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead

    def ms(self):
        return int(self().timestamp() * 1000)


class Desk:
    """A judging on a database of its own, with one report to judge."""

    def __init__(self, database, fake, knowledge):
        self.engine = open_database(database)
        migrate(self.engine)
        self.clock = Clock()
        endpoint = Endpoint(fake.base_url, "speaks", "judges", key=KEY, timeouts=QUICK)
        ledger = SqlLedger(self.engine, endpoint.budget, self.clock)
        self.models = Models(endpoint, ledger, self.clock.ms)
        self.judging = Judging(self.engine, self.models, lambda kept: knowledge, self.clock)
        transcript = read_transcript(TALK.encode(), name="talk.txt")
        offline = score_transcript(transcript, knowledge)
        with transaction(self.engine) as db:
            source = reports.add_transcript(db, transcript, name="talk", now=self.clock())
            self.report = reports.add_report(
                db, source, offline, knowledge.rubric, now=self.clock()
            )

    def read(self, step, *given, **named):
        with transaction(self.engine) as db:
            return step(db, *given, **named)

    async def finished(self, id):
        """What is put off is due at once: the clock is put forward, as if one had waited."""
        async with asyncio.timeout(PATIENCE):
            while not (job := self.read(jobs.get_job, id)).is_finished:
                if job.state == "queued" and job.run_at > self.clock():
                    self.clock.ahead += job.run_at - self.clock()
                await asyncio.sleep(0.01)
        return job

    async def close(self):
        await self.judging.close()
        await self.models.close()
        self.engine.dispose()


@pytest.fixture
async def desk(tmp_path, fake, knowledge, anyio_backend):
    desk = Desk(f"sqlite:///{tmp_path}/a.db", fake, knowledge)
    desk.judging.run()
    yield desk
    await desk.close()


async def test_stopped_while_it_claims_it_gives_the_job_back_and_leaves_no_thread(
    tmp_path, fake, knowledge
):
    """The claim waits for the database's lock, as behind another process."""
    desk = Desk(f"sqlite:///{tmp_path}/a.db", fake, knowledge)
    job = await desk.judging.ask(desk.report.id, None)
    with sqlite3.connect(f"{tmp_path}/a.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        desk.judging.run()
        async with asyncio.timeout(PATIENCE):
            while not desk.engine.pool.checkedout():
                await asyncio.sleep(0.001)
        closing = asyncio.create_task(desk.judging.close())
        for _ in range(20):  # all that it does without a thread
            await asyncio.sleep(0)
        other.execute("ROLLBACK")
    other.close()
    await closing
    assert desk.engine.pool.checkedout() == 0
    assert desk.read(jobs.get_job, job.id).state == "queued"
    await desk.close()


@pytest.fixture(scope="module")
def honest(tmp_path_factory, knowledge):
    """The report of a judge that nothing befell."""

    async def judged():
        with running() as fake:
            folder = tmp_path_factory.mktemp("honest")
            desk = Desk(f"sqlite:///{folder}/a.db", fake, knowledge)
            desk.judging.run()
            job = await desk.finished((await desk.judging.ask(desk.report.id, None)).id)
            report = desk.read(reports.get_report, job.result).report
            await desk.close()
            assert len(fake.requests) == VOTES
            return report

    return asyncio.run(judged())


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_befalls_the_endpoint_the_opinion_comes(desk, fake, honest, kind, caplog):
    caplog.set_level(logging.DEBUG)

    async def trouble():
        for moment in MOMENTS:
            while len(fake.requests) < moment:
                await asyncio.sleep(0.002)
            fake.fault(kind)

    troubling = asyncio.create_task(trouble())
    await asyncio.sleep(0)
    job = await desk.judging.ask(desk.report.id, None)
    failures = 0
    while (job := await desk.finished(job.id)).state == "failed":
        assert kind in LASTING
        assert KEY not in job.error and CANARY not in job.error
        failures += 1
        job = await desk.judging.ask(desk.report.id, None)
    await troubling
    assert job.state == "done"
    assert kind not in LASTING or 0 < failures <= len(MOMENTS)
    made = desk.read(reports.get_report, job.result)
    if kind not in OTHERWISE:
        assert made.report == honest
        # what was readable is asked once; in each trouble two questions were on their way at most
        assert len(fake.requests) <= VOTES + 2 * len(MOMENTS) + 4
    assert desk.read(reports.get_report, desk.report.id) == desk.report
    assert desk.read(reports.count_reports) == 2
    assert fake.strays == []
    assert KEY not in caplog.text and CANARY not in caplog.text


async def test_an_endpoint_that_stays_away_leaves_the_report_as_it_is(desk, fake, caplog):
    caplog.set_level(logging.DEBUG)
    fake.fault("refuse", times=None)
    job = await desk.finished((await desk.judging.ask(desk.report.id, None)).id)
    assert (job.state, job.result) == ("failed", None)
    assert "It was tried 5 times." in job.error
    assert desk.read(reports.count_reports) == 1
    fake.mend()
    desk.clock.ahead += timedelta(minutes=2)
    again = await desk.finished((await desk.judging.ask(desk.report.id, None)).id)
    assert again.state == "done"
    assert KEY not in caplog.text and CANARY not in caplog.text


async def test_stopped_by_another_process_it_stops(desk, fake):
    """As where the page is served by one process and the work is done by another."""
    fake.fault("drip", times=None)
    job = await desk.judging.ask(desk.report.id, None)
    async with asyncio.timeout(PATIENCE):
        while len(fake.requests) < 2:
            await asyncio.sleep(0.002)
    desk.read(jobs.cancel, job.id, now=desk.clock())
    async with asyncio.timeout(PATIENCE):
        while desk.judging.current is not None:
            await asyncio.sleep(0.01)
    asked = len(fake.requests)
    assert asked <= 4
    assert desk.read(reports.count_reports) == 1
    assert desk.read(jobs.get_job, job.id).state == "cancelled"


BLOCKED = """
SELECT 1 FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND starts_with(query, :begins)
"""


@pytest.mark.postgres
async def test_a_report_deleted_while_its_opinion_is_stored_takes_it_along(fake, knowledge, caplog):
    """Each waits for the other's locks where they are taken in another order. The rubric's row is held, so that the
    opinion is stored half-way when the deletion comes."""
    need_postgres()
    own = own_database()
    with psycopg.connect(own, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    desk = Desk(own, fake, knowledge)
    fake.fault("hang_before", times=None)
    desk.judging.run()
    await desk.judging.ask(desk.report.id, None)

    async def blocked(begins):
        async with asyncio.timeout(PATIENCE):
            while not desk.read(lambda db: db.execute(text(BLOCKED), {"begins": begins}).first()):
                await asyncio.sleep(0.01)

    try:
        with desk.engine.connect() as other, other.begin():
            other.execute(text("SELECT 1 FROM rubric FOR UPDATE"))
            fake.mend()
            await blocked("INSERT INTO report")
            deleting = asyncio.create_task(
                asyncio.to_thread(desk.read, reports.delete_report, desk.report.id)
            )
            await blocked("DELETE FROM report")
        async with asyncio.timeout(PATIENCE):
            await deleting
            while desk.judging.current is not None:
                await asyncio.sleep(0.01)
        for table in ("report", "transcript", "job"):
            left = desk.read(
                lambda db, table=table: db.execute(text(f"SELECT 1 FROM {table}")).first()
            )
            assert left is None, table
        assert caplog.text == ""
    finally:
        await desk.close()


class Service:
    """A whole service, and everything that it said."""

    def __init__(self, database, fake):
        self.database, self.fake, self.said = database, fake, ""
        self._lines = []

    def start(self):
        llm = {
            "SEVENSTEP_LLM_BASE_URL": self.fake.base_url,
            "SEVENSTEP_LLM_API_KEY": KEY,
            "SEVENSTEP_LLM_MODEL": "speaks",
            "SEVENSTEP_JUDGE_MODEL": "judges",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", "0", "--database", self.database],
            cwd=ROOT,
            env={**os.environ, **llm},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        line = self.process.stdout.readline()
        self.address = re.search(r"http://\S+", line).group()
        # read as it comes: a full pipe would hold the service up
        self._reading = threading.Thread(target=self._lines.extend, args=(self.process.stdout,))
        self._reading.start()
        return self

    def end(self, *, kill):
        if self.process.poll() is None:
            (self.process.kill if kill else self.process.terminate)()
        self.process.wait(timeout=60)
        self._reading.join(timeout=60)
        self.process.stdout.close()
        self.said = "".join(self._lines)

    def call(self, path, body=None):
        """The JSON of the answer; a body is posted."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data=data)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def scored(self, text):
        return self.call("/api/v1/reports", {"text": text, "name": "talk.txt"})["id"]

    def asked(self, report):
        return self.call(f"/api/v1/reports/{report}/judge", {})["id"]


def until(what):
    limit = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_killed_in_the_middle_it_goes_on_after_the_restart(tmp_path, fake):
    service = Service(f"{tmp_path}/a.db", fake).start()
    report = service.scored(TALK)
    job = service.asked(report)
    until(lambda: len(fake.requests) >= 8)
    service.end(kill=True)
    asked = len(fake.requests)
    assert asked < VOTES, "it was done before it was killed"
    service.start()
    until(lambda: service.call(f"/api/v1/judging/{job}")["state"] == "done")
    done = service.call(f"/api/v1/judging/{job}")
    assert service.asked(report) == job
    assert service.call("/api/v1/reports")["total"] == 2
    assert done["progress"]["votes_done"] == VOTES
    assert VOTES <= len(fake.requests) <= VOTES + 2  # two were on their way
    service.end(kill=False)
    assert KEY not in service.said and CANARY not in service.said


@pytest.mark.postgres
def test_two_services_do_each_job_once_and_one_takes_over_from_the_other(fake):
    need_postgres()
    server = Postgres(f"judging-{os.getpid()}")
    server.make()
    server.do("CREATE DATABASE sevenstep")
    one, other = (Service(server.url("sevenstep"), fake).start() for _ in range(2))
    talks = [TALK + f"Dana: Number {n}.\n" for n in range(3)]
    found = [one.scored(text) for text in talks]
    asking = [service.asked(report) for report in found for service in (one, other)]
    assert len(set(asking)) == len(talks)
    until(lambda: len(fake.requests) >= 10)
    one.end(kill=True)
    for job in set(asking):
        until(lambda job=job: other.call(f"/api/v1/judging/{job}")["state"] == "done")
    assert other.call("/api/v1/reports")["total"] == 2 * len(talks)
    assert len(talks) * VOTES <= len(fake.requests) <= len(talks) * VOTES + 2
    other.end(kill=False)
    for service in (one, other):
        assert KEY not in service.said and CANARY not in service.said
