"""Services as an operator starts them, and a page that is connected to one."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import httpx2 as httpx
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds; bounds for a busy machine, nothing waits for them


class Service:
    """`sevenstep serve` on a free port. What it writes is read as it comes."""

    def __init__(self, *options, **environment):
        command = [sys.executable, "-m", "app", "serve", "--port", "0", *options]
        known = {k: v for k, v in os.environ.items() if not k.startswith("SEVENSTEP_")}
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**known, **environment},
        )
        self.out, self.err = [], []
        self._said = threading.Event()
        self._readers = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, lines):
        for line in stream:
            lines.append(line)
            if lines is self.out:
                self._said.set()
        self._said.set()

    def ready(self):
        assert self._said.wait(PATIENCE) and self.out, "".join(self.err)
        self.address = re.search(r"http://\S+", self.out[0]).group()
        return self

    def get(self, path):
        return httpx.get(self.address + path, timeout=PATIENCE)

    def post(self, path, **fields):
        return httpx.post(self.address + path, data=fields, timeout=PATIENCE)

    def begin(self, **fields):
        """The path of a new session."""
        return self.post("/sessions", slug="payment-fraud", **fields).headers["location"]

    def count(self, name, **labels):
        """A number that /metrics tells; 0 where it was never counted."""
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        total = 0.0
        for line in self.get("/metrics").text.splitlines():
            told, _, number = line.rpartition(" ")
            at, _, given = told.partition("{")
            if at == name and wanted <= set(given.rstrip("}").split(",") if given else ()):
                total += float(number)
        return total

    def kill(self):
        self.process.kill()
        return self._ended()

    def stop(self):
        """Told to stop as an operator does; the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self._ended()
        return time.monotonic() - began

    def _ended(self):
        self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self._ended()
        self.process.stdout.close()
        self.process.stderr.close()

    @property
    def said(self):
        return "".join(self.err)


class Page:
    """A candidate's page over the socket of one service."""

    def __init__(self, service, session):
        place = service.address.replace("http", "ws") + session + "/socket"
        self._open = ExitStack()
        opening = connect(place, origin=service.address, open_timeout=PATIENCE, compression=None)
        self.socket = self._open.enter_context(opening)
        self.sent = 0
        hello = {"t": "hello", "proto": 1, "cursors": {"main": {"seq": 0, "eid": ""}}}
        self.socket.send(json.dumps(hello))
        self.until(lambda frame: frame["t"] == "welcome")

    def until(self, wanted):
        until = time.monotonic() + PATIENCE
        while True:
            frame = json.loads(self.socket.recv(timeout=max(0.1, until - time.monotonic())))
            if wanted(frame):
                return frame

    def turn(self, text):
        """A turn of the candidate, whoever took it."""
        return self.until(
            lambda f: f["t"] == "ev" and f["type"] == "turn.committed" and f["body"]["text"] == text
        )

    def do(self, type, **body):
        """Sent, and acknowledged."""
        self.sent += 1
        cmd = f"{type}-{id(self)}-{self.sent}"
        self.socket.send(json.dumps({"t": "cmd", "cmd": cmd, "type": type, "body": body}))
        return self.until(lambda f: f["t"] == "ack" and f["cmd"] == cmd)

    def close(self):
        self._open.close()


def eventually(is_so):
    """Waits for something that comes by itself."""
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)
