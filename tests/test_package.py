"""The wheel, installed in a clean environment, works from another folder without the checkout.

Its dependencies are lent by the environment that runs the tests, so nothing is downloaded.
"""

import json
import os
import socket
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import TextIO
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "transcripts" / "samples" / "webvtt.vtt"
READY_WITHIN = 30  # seconds; a start takes about one

pytestmark = [pytest.mark.package, pytest.mark.xdist_group("package")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The console script of a fresh environment."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=False)
    command = [sys.executable, "-m", "pip", "--python", home / "bin" / "python", "install"]
    done = subprocess.run(
        [*command, "--quiet", "--no-deps", "--no-index", wheel], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    site = next((home / "lib").glob("python*/site-packages"))
    # addsitedir would also follow the .pth of the editable checkout; a plain path line does not
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin" / "sevenstep"


@pytest.fixture
def outside(tmp_path):
    """Another folder, and no way back to the checkout."""
    variables = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SEVENSTEP_", "COV_"))
    }
    return {"cwd": tmp_path, "env": {**variables, "HOME": str(tmp_path)}}


def test_the_wheel_carries_code_and_authored_content(wheel):
    names = set(ZipFile(wheel).namelist())
    assert "app/cli.py" in names
    for folder in ("rubrics", "question_bank", "prompts", "static"):
        here = {p for p in (ROOT / folder).rglob("*") if p.is_file() and p.suffix != ".pyc"}
        packed = {f"app/_content/{p.relative_to(ROOT).as_posix()}" for p in here}
        assert packed <= names, folder
    templates = (ROOT / "app" / "web" / "templates").rglob("*.html")
    assert {p.relative_to(ROOT).as_posix() for p in templates} <= names
    assert not [name for name in names if name.startswith("tests")]


def test_it_scores_a_file(installed, outside):
    done = subprocess.run(
        [installed, "score", SAMPLE, "--format", "json"], **outside, capture_output=True, text=True
    )
    report = json.loads(done.stdout)
    assert [step["id"] for step in report["steps"]][0] == "requirements", done.stderr
    assert done.returncode == (0 if report["scorable"] else 3)


def test_it_reads_the_rubric_it_carries(installed, outside):
    done = subprocess.run(
        [installed.parent / "python", "-c", "import app.content as c; print(c.built_in())"],
        **outside,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == str(next(installed.parents[1].glob("lib/*/*/app/_content")))


def test_it_serves(installed, outside):
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = str(chosen.getsockname()[1])
    database = f"sqlite:///{outside['cwd'] / 'served.db'}"
    command = [installed, "serve", "--port", port, "--database", database]
    server = subprocess.Popen(
        command, **outside, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: Queue[str | None] = Queue()
    reader = Thread(target=read_lines, args=(server.stdout, lines), daemon=True)
    reader.start()
    try:
        assert_printed(lines, f"Sevenstep is ready at http://127.0.0.1:{port}")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
            assert b"<html" in page.read()
    finally:
        server.terminate()
        server.wait(timeout=15)
        reader.join(timeout=15)
        server.stdout.close()


def read_lines(stream: TextIO, lines: "Queue[str | None]") -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def assert_printed(lines: "Queue[str | None]", wanted: str) -> None:
    """Fails with everything that was printed, when the program ends or falls silent."""
    seen = []
    with suppress(Empty):
        while (line := lines.get(timeout=READY_WITHIN)) is not None:
            seen.append(line)
            if wanted in line:
                return
    pytest.fail(f"no line '{wanted}' in:\n{''.join(seen)}")
