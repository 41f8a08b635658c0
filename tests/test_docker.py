"""The Dockerfile, without Docker: its shape is read, its steps are run in a clean folder by sh.

Absolute paths are moved below a temporary root; making the container's user is left out. As in the
container, the pinned packages are fetched.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOVED = re.compile(r"(?<![\w.])/(src|opt|dist|wheels|data)\b")


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = (line.split(None, 1) for line in text.splitlines() if line and line[0] != "#")
    return [(word.upper(), rest) for word, rest in lines]


def of_kind(kind: str) -> list[str]:
    return [rest for word, rest in instructions() if word == kind]


def test_the_last_stage_takes_only_what_the_build_made():
    last = [n for n, (word, _) in enumerate(instructions()) if word == "FROM"][-1]
    assert len(of_kind("FROM")) == 2
    copied = [rest for word, rest in instructions()[last:] if word == "COPY"]
    assert copied and all(rest.startswith("--from=build ") for rest in copied)


def test_the_service_does_not_run_as_root():
    assert of_kind("USER")[-1] not in ("root", "0")


def test_health_is_asked_of_the_service_itself():
    assert "/healthz" in of_kind("HEALTHCHECK")[0]


def test_the_command_binds_outside_and_so_needs_a_token():
    """serve refuses such an address without one; the image must not carry one."""
    assert "0.0.0.0" in of_kind("CMD")[-1]
    assert "TOKEN" not in " ".join(of_kind("ENV") + of_kind("CMD"))


def test_everything_copied_is_let_through_by_dockerignore():
    let_through = {
        line[1:].strip()
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    for copied in of_kind("COPY"):
        if not copied.startswith("--from"):
            assert set(copied.split()[:-1]) <= let_through, copied


@pytest.mark.package
@pytest.mark.xdist_group("package")
def test_the_steps_work_in_a_clean_folder(tmp_path):
    for word, rest in instructions():
        if word == "COPY":
            copy(rest, tmp_path)
        elif word == "RUN" and not rest.startswith("useradd"):
            run(rest, tmp_path)
        elif word == "WORKDIR":
            moved(rest, tmp_path, make=True)
    sevenstep = tmp_path / "opt/sevenstep/bin/sevenstep"
    shown = subprocess.run(
        [sevenstep, "rubric", "list"], cwd=tmp_path / "data", capture_output=True, text=True
    )
    assert shown.stdout.startswith("seven-step"), shown.stderr
    assert not list(tmp_path.glob("opt/sevenstep/lib/*/site-packages/pytest"))


def moved(path: str, root: Path, *, make: bool = False) -> Path:
    place = root / path.lstrip("/")
    if make:
        place.mkdir(parents=True, exist_ok=True)
    return place


def copy(arguments: str, root: Path) -> None:
    *sources, target = arguments.split()
    if sources[0].startswith("--from"):
        return  # both stages share one root here
    for name in sources:
        source, place = ROOT / name, root / "src" / target
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)


def run(command: str, root: Path) -> None:
    """As the container would, with this interpreter as its `python`."""
    command = MOVED.sub(lambda found: f"{root}{found[0]}", command)
    command = re.sub(r"^python\b", shlex.quote(sys._base_executable), command)
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        ["sh", "-ec", command], cwd=root / "src", env=variables, capture_output=True, text=True
    )
    if done.returncode and "Retrying (Retry(" in done.stderr:
        pytest.skip("the pinned packages cannot be fetched without a network")
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
