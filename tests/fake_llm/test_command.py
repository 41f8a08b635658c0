"""`sevenstep fake-llm` as a process: ready, scripted, told to stop with somebody waiting."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.cli import main
from app.fake_llm.desk import Line, lines_of
from app.fake_llm.faults import FAULTS
from tests.fake_llm.conftest import PATIENCE, move, say
from tests.fake_llm.test_server import ended, waits

READY = re.compile(r"fake-llm is ready at (http://127\.0\.0\.1:(\d+)/v1)\n")


class Process:
    def __init__(self, *arguments: str) -> None:
        self.running = subprocess.Popen(
            [sys.executable, "-m", "app", "fake-llm", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONUNBUFFERED": ""},
        )
        assert self.running.stdout
        ready = READY.fullmatch(self.running.stdout.readline())
        assert ready
        self.base_url, self.port = ready[1], int(ready[2])

    def stop(self, told: int = signal.SIGTERM) -> tuple[int, str]:
        """(exit status, what it said on standard error)."""
        self.running.send_signal(told)
        _, complained = self.running.communicate(timeout=PATIENCE)
        return self.running.returncode, complained


@contextmanager
def process(*arguments: str) -> Iterator[Process]:
    started = Process(*arguments)
    try:
        yield started
    finally:
        started.running.kill()
        started.running.communicate()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_stops_at_once_though_somebody_waits(told):
    with process("--pace", "0") as fake:
        assert say(fake, "Hello") == "ready"
        with waits(fake.port, stream=True) as answered, waits_for_ever(fake) as hanging:
            assert answered.recv(65536)
            assert fake.stop(told) == (0, "")
            assert ended(hanging)


def waits_for_ever(fake: Process) -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", fake.port), timeout=PATIENCE)
    body = b'{"messages": [], "stream": true}'
    opened.sendall(
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Fault: hang_after_headers\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    assert opened.recv(65536)
    return opened


def test_a_script_is_played(tmp_path):
    script = tmp_path / "script.txt"
    script.write_text('Why so?\n\n{"fault": "leak", "text": "it is 45 days"}\n', "utf-8")
    with process("--script", str(script), "--pace", "0") as fake:
        assert say(fake, move("Go on.")) == "Why so?"
        assert "it is 45 days" in say(fake, move("Go on."))
        assert say(fake, move("Go on.")).endswith("Go on.")


def test_a_line_of_a_script_is_a_reply_or_says_more():
    script = 'Hello.\n{"criteria": []}\n{"text": "one\\ntwo"}\n{"fault": "500"}\n  \n{broken\n'
    assert lines_of(script) == [
        Line("Hello."),
        Line('{"criteria": []}'),
        Line("one\ntwo"),
        Line(None, "500"),
        Line("{broken"),
    ]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["fake-llm", *arguments])
    return int(left.value.code or 0)


def test_faults_are_listed(capsys):
    assert run("--faults") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert rows == [[kind, fault.about] for kind, fault in FAULTS.items()]


def test_what_cannot_be_used_is_said(tmp_path, capsys, fake):
    wrong = tmp_path / "wrong.txt"
    wrong.write_text('Hello.\n{"fault": "no-such"}\n', "utf-8")
    assert run("--script", str(wrong)) == 2
    assert "Line 2: there is no fault 'no-such'." in capsys.readouterr().err
    assert run("--script", str(tmp_path / "absent")) == 3
    assert run("--port", str(fake.port)) == 2
    assert f"Cannot listen on port {fake.port}" in capsys.readouterr().err
    assert run("--port", "99999") == 2
    assert run("--pace", "-1") == 2
