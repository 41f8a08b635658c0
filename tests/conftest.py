"""What every test can rely on: what is selected, what a skip means, and where Chromium is.

SEVENSTEP_SHARED       the folder of third-party texts; without it `shared` tests are deselected
SEVENSTEP_REQUIRE_ALL  with 1, a test that was selected and skipped has failed
SEVENSTEP_CHROMIUM     the browser to drive, where it is not on the path
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SEVENSTEP_SHARED") or ROOT.parent / "shared")
SERVERS = ("*/data/postmaster.pid", "*/redis.pid")  # there for as long as one runs
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")


def pytest_configure(config: pytest.Config) -> None:
    """A folder that all workers of the run share. Servers in it end when nobody holds its pipe any more."""
    if "SEVENSTEP_TEST_RUN" in os.environ or not hasattr(os, "mkfifo"):
        return
    folder = Path(tempfile.mkdtemp(prefix="sevenstep-"))
    folder.chmod(0o755)
    os.mkfifo(folder / "alive")
    os.environ["SEVENSTEP_TEST_RUN"] = str(folder)
    os.environ["XDG_DATA_HOME"] = str(folder / "data")  # nobody's own questions
    pipe = os.open(folder / "alive", os.O_RDWR)
    config.add_cleanup(lambda: end_run(folder, pipe))


def end_run(folder: Path, pipe: int) -> None:
    del os.environ["SEVENSTEP_TEST_RUN"]
    del os.environ["XDG_DATA_HOME"]
    os.close(pipe)
    until = time.monotonic() + 10
    while time.monotonic() < until and any(any(folder.glob(kept)) for kept in SERVERS):
        time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if SHARED.is_dir():
        return
    absent = [item for item in items if item.get_closest_marker("shared")]
    if absent:
        config.hook.pytest_deselected(items=absent)
        items[:] = [item for item in items if not item.get_closest_marker("shared")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    return fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    return fail_if_skipped((yield))


def fail_if_skipped(report):
    """A skip is how a suite goes quietly blind, so the CI run does not allow one."""
    required = os.environ.get("SEVENSTEP_REQUIRE_ALL") == "1"
    if required and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason} (SEVENSTEP_REQUIRE_ALL=1 allows no skips)"
    return report


@pytest.fixture(scope="session")
def shared() -> Path:
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium, or the test is skipped."""
    for name in (os.environ.get("SEVENSTEP_CHROMIUM"), *BROWSERS):
        if name and (path := shutil.which(name)):
            return path
    pytest.skip("no Chromium here; `make test` as root installs it, or set SEVENSTEP_CHROMIUM")
