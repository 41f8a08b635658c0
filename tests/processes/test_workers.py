"""One service of several workers, from its first line to its last; and what cannot be served by several."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.processes.services import Page, Service, eventually
from tests.servers import need_postgres, shared_postgres

pytestmark = pytest.mark.xdist_group("processes")
SAID = "I assume that we have labels from disputes."


@pytest.fixture(scope="module")
def database():
    need_postgres()
    name = f"workers_{os.getpid()}"
    shared_postgres().do(f"CREATE DATABASE {name}")
    return shared_postgres().url(name)


@pytest.fixture
def start():
    services = []

    def begun(*options, **environment):
        services.append(Service(*options, **environment))
        return services[-1]

    yield begun
    for service in services:
        service.close()


def workers(service):
    """The pids of those who serve; multiprocessing has a tracker beside them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_text()
        except (OSError, ValueError):
            continue
        if parent == service.process.pid and "spawn_main" in command:
            found.append(int(entry.name))
    return found


def is_there(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def talk(service):
    session = service.begin()
    pages = [Page(service, session) for _ in range(4)]  # at whichever worker takes them
    pages[0].do("start")
    for n, page in enumerate(pages):
        page.do("say", text=f"{SAID} {n}")
        for other in pages:
            if other is not page:
                other.turn(f"{SAID} {n}")
    for page in pages:
        page.close()


@pytest.mark.postgres
def test_two_workers_serve_a_killed_one_is_replaced_and_all_end_when_told(start, database):
    service = start("--database", database, "--workers", "2").ready()
    assert "without --redis" in service.said
    eventually(lambda: len(workers(service)) == 2)
    assert "no Redis is set" in service.get("/readyz").text
    talk(service)
    assert service.count("sevenstep_appends_total", outcome="stored") >= 5
    killed, other = workers(service)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: len(workers(service)) == 2 and killed not in workers(service))
    assert other in workers(service)
    talk(service)
    ours = workers(service)
    service.stop()
    assert service.process.returncode == 0
    assert not any(map(is_there, ours))
    assert service.out == [service.out[0]] and "Traceback" not in service.said


@pytest.mark.postgres
def test_workers_whose_supervisor_was_killed_end_by_themselves(start, database):
    service = start("--database", database, "--workers", "2").ready()
    eventually(lambda: len(workers(service)) == 2)
    ours = workers(service)
    service.process.kill()
    service.process.wait(30)
    eventually(lambda: not any(map(is_there, ours)))


def test_a_second_process_on_sqlite_is_refused(start, tmp_path):
    start("--database", str(tmp_path / "one.db")).ready()
    second = start("--database", str(tmp_path / "one.db"))
    assert second.process.wait(60) == 2
    second.close()
    assert "SQLite serves one only" in second.said and len(second.err) == 1 and not second.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--workers", "2"), "SQLite serves one process only"),
        (("--workers", "0"), "--workers must be 1 or more"),
        (("--redis", "http://:secret@host"), "must begin with redis://"),
        (("--redis", "redis://:secret@host:port", "--database", "postgresql://x/y"), "cannot be"),
        (
            ("--database", "postgresql://me:secret@127.0.0.1:1/x", "--workers", "2"),
            "cannot be used",
        ),
    ],
)
def test_what_cannot_work_is_said_once_and_without_passwords(start, tmp_path, options, said):
    service = start(*options, HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path))
    assert service.process.wait(60) == 2
    service.close()
    assert said in service.said and "secret" not in service.said
    assert len(service.err) == 1 and not service.out


def test_logs_are_json_where_asked_for(start, tmp_path):
    service = start("--database", str(tmp_path / "one.db"), SEVENSTEP_LOG="json").ready()
    session = service.begin()
    service.get(session)
    assert service.get("/nothing/like/this?token=a%20secret").status_code == 404
    service.stop()
    lines = [json.loads(line) for line in service.err]
    told = {
        (line["method"], line["status"]) for line in lines if line["logger"] == "sevenstep.access"
    }
    assert {("POST", 303), ("GET", 200), ("GET", 404)} <= told
    assert "secret" not in service.said


def test_pages_are_told_that_the_service_stops(start, tmp_path):
    service = start("--database", str(tmp_path / "one.db")).ready()
    page = Page(service, service.begin())
    service.process.send_signal(signal.SIGTERM)
    bye = page.until(lambda frame: frame["t"] == "bye")
    assert bye["code"] == 1012
    page.close()
    assert service.process.wait(60) == 0
