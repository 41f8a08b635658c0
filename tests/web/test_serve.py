import os
import re
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection

import pytest


@pytest.fixture
def start(tmp_path):
    running = []

    def run(*options, **environment):
        command = [sys.executable, "-m", "app", "serve", "--port", "0", *options]
        known = {k: v for k, v in os.environ.items() if not k.startswith("SEVENSTEP_")}
        settings = {**known, "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), **environment}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=settings
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def get(line, path="/"):
    host, port = re.fullmatch(r"Sevenstep is ready at http://(.+):(\d+)\n", line).groups()
    connection = HTTPConnection(host.strip("[]"), int(port), timeout=10)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_it_says_where_it_is_serves_and_stops_when_told(start, tmp_path):
    process = start()
    line = process.stdout.readline()
    assert [get(line, path) for path in ("/healthz", "/readyz", "/")] == [200, 200, 200]
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=15)
    assert process.returncode == 0 and out == ""
    assert "Traceback" not in err and "GET / 200" in err
    assert list(tmp_path.rglob("sevenstep.db"))


def test_the_database_is_taken_from_the_environment(start, tmp_path):
    process = start(SEVENSTEP_DATABASE=f"sqlite:///{tmp_path}/own.db")
    process.stdout.readline()
    assert (tmp_path / "own.db").exists()


def test_beyond_this_machine_it_refuses_without_a_token(start):
    process = start("--host", "0.0.0.0")
    out, err = process.communicate(timeout=20)
    assert process.returncode == 2 and out == ""
    assert "--token" in err and len(err.strip().splitlines()) == 1


def test_beyond_this_machine_a_token_is_asked_for(start):
    process = start("--host", "0.0.0.0", SEVENSTEP_TOKEN="open sesame")
    line = process.stdout.readline()
    assert get(line) == 401 and get(line, "/?token=open%20sesame") == 303
    process.terminate()
    assert "sesame" not in process.communicate(timeout=15)[1]


@pytest.mark.parametrize(
    "options", [("--workers", "2"), ("--host", "not a host"), ("--database", "nonsense://x")]
)
def test_what_cannot_work_is_said_in_one_sentence(start, options):
    process = start(*options, "--token", "t")
    err = process.communicate(timeout=20)[1]
    assert process.returncode == 2 and len(err.strip().splitlines()) == 1


def test_a_taken_port_is_said(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("--port", str(taken.getsockname()[1]))
        err = process.communicate(timeout=20)[1]
    assert process.returncode == 2 and "Cannot listen" in err
