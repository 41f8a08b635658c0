"""What keeps the checkout installable and fit to publish: dependencies, lock, licences, make."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
NAME = re.compile(r"[A-Za-z0-9._-]+")
IMPORTED_AS = {
    "python-docx": "docx",
    "python-multipart": None,  # FastAPI asks for it where a form is posted
    "websockets": None,  # uvicorn speaks to sockets through it
    "pyspellchecker": "spellchecker",
    "pyyaml": "yaml",
}
COMES_WITH = {
    "fastapi": {"starlette", "anyio"},
    "jinja2": {"markupsafe"},
    "psycopg": {"psycopg_pool"},
    "sqlmodel": {"sqlalchemy"},
}
ADDRESS = re.compile(r"https?://|file:|index-url|find-links|--trusted-host")


def names(requirements: list[str]) -> list[str]:
    return [NAME.match(requirement)[0].lower() for requirement in requirements]


RUNTIME = names(PROJECT["project"]["dependencies"])
DEVELOPMENT = names(PROJECT["dependency-groups"]["dev"])


def imported() -> set[str]:
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", RUNTIME)
def test_every_dependency_is_used(package):
    module = IMPORTED_AS.get(package, package.replace("-", "_"))
    assert module is None or module in imported()


def test_everything_imported_is_declared():
    declared = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in RUNTIME}
    along = {module for name in RUNTIME for module in COMES_WITH.get(name, ())}
    assert imported() - sys.stdlib_module_names - {"app"} <= declared | along


@pytest.mark.parametrize("package", RUNTIME + DEVELOPMENT)
def test_the_lock_pins_it(package):
    assert re.search(rf"^{re.escape(package)}==", LOCK, re.MULTILINE), "run scripts/lock"


def test_everything_in_the_lock_has_a_hash_and_nothing_has_an_address():
    for entry in re.split(r"\n(?=\S)", LOCK):
        assert entry.startswith("#") or "--hash=sha256:" in entry, entry
    assert not ADDRESS.search(LOCK)


def test_both_licences_are_there():
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
    assert "Attribution 4.0" in (ROOT / "LICENSE-CC-BY-4.0").read_text("utf-8")


@pytest.mark.parametrize("target", ["run", "test", "check", "bench"])
def test_make_knows_what_to_do(target):
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_skip_fails_where_everything_is_required(under_our_conftest):
    outcome = under_our_conftest(
        "import pytest\n\ndef test_a():\n    pytest.skip('no such thing')\n"
    )
    assert outcome("0") == 0
    assert outcome("1") == 1


def test_a_skipped_file_fails_where_everything_is_required(under_our_conftest):
    outcome = under_our_conftest("import pytest\n\npytest.importorskip('no_such_module')\n")
    assert outcome("0") in (0, 5)
    assert outcome("1") not in (0, 5)


@pytest.fixture
def under_our_conftest(tmp_path):
    """Run one test file under our conftest; its exit status by SEVENSTEP_REQUIRE_ALL."""

    def prepare(source: str):
        (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"))
        (tmp_path / "test_it.py").write_text(source)
        (tmp_path / "pytest.ini").write_text("[pytest]\n")

        def outcome(required: str) -> int:
            variables = {**os.environ, "SEVENSTEP_REQUIRE_ALL": required}
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path]
            return subprocess.run(command, env=variables, capture_output=True).returncode

        return outcome

    return prepare
