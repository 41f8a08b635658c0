"""Imports point one way, each library has one place, and the pure packages read no clock.

Read from the syntax, so that an import inside a function counts as well.
docs/architecture.md draws it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[1] / "app"
EVERYONE = {"errors", "content", "matching"}
CONTENT = {"concepts", "bank", "rubric", "transcripts"}
ALLOWED: dict[str, set[str]] = {
    "concepts": set(),
    "bank": {"concepts", "rubric"},
    "rubric": {"concepts"},
    "transcripts": set(),
    "scoring": CONTENT,
    "interview": CONTENT,
    "candidates": CONTENT | {"interview"},
    "agreement": set(),
    "llm": CONTENT | {"scoring", "interview", "agreement", "endpoint"},
    "storage": CONTENT | {"scoring", "interview", "llm", "settings", "endpoint"},
    "live": CONTENT
    | {"scoring", "interview", "candidates", "llm", "storage", "settings", "endpoint"},
    "fake_llm": set(),
    "web": CONTENT
    | {"scoring", "interview", "llm", "agreement", "live", "storage", "settings", "endpoint"},
    "commands": CONTENT
    | {
        "scoring",
        "interview",
        "candidates",
        "llm",
        "agreement",
        "fake_llm",
        "live",
        "storage",
        "web",
    }
    | {"settings", "endpoint", "main", "serving"},
}
ROOT_FILES = {
    "errors": set(),
    "content": {"errors"},
    "matching": {"errors"},
    "endpoint": set(),
    "settings": {"errors", "endpoint"},
}
WIRING = {"main", "serving", "cli", "__main__", "__init__"}
PURE = (
    "concepts",
    "bank",
    "rubric",
    "transcripts",
    "scoring",
    "interview",
    "candidates",
    "agreement",
)

# Who may import a library: folders end in a slash.
PLACES = {
    "rapidfuzz": ("concepts/", "matching.py"),
    "openai": ("llm/",),
    "httpx2": ("llm/",),
    "httpcore2": ("llm/",),
    "snowballstemmer": ("concepts/",),
    "fastapi": ("web/", "main.py", "serving.py"),
    "starlette": ("web/", "fake_llm/", "main.py"),
    "uvicorn": ("serving.py", "fake_llm/"),
    "jinja2": ("web/", "llm/"),
    "markdown_it": ("web/",),
    "nh3": ("web/",),
    "sqlalchemy": ("storage/", "web/deps.py"),
    "sqlmodel": ("storage/", "web/deps.py"),
    "alembic": ("storage/",),
    "prometheus_client": ("web/",),
    "psycopg": ("storage/",),
    "psycopg_pool": ("storage/",),
    "docx": ("transcripts/",),
    "pysubs2": ("transcripts/",),
    "redis": ("live/",),
    "rich": ("commands/", "scoring/faces/"),
    "spellchecker": ("bank/proofread.py",),
    "yaml": ("content.py", "transcripts/"),
}
CLOCKS = {"now", "utcnow", "today", "fromtimestamp"}
NOT_PURE = {"time", "random", "secrets", "uuid", "socket", "urllib", "asyncio", "subprocess", "os"}
SEEDED = {"random"}  # candidates and bootstraps draw from a random.Random of their own seed


def files(package: str) -> list[Path]:
    return sorted((APP / package).rglob("*.py"))


def modules(path: Path) -> Iterator[str]:
    """Full names of what is imported; relative imports are spelled out."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = path.relative_to(APP.parent).parent.parts
            above = parents[: len(parents) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def ours(path: Path) -> set[str]:
    """Packages and root files of app that a file imports."""
    return {name.split(".")[1] for name in modules(path) if name.startswith("app.")}


def test_every_package_and_root_file_has_its_rule():
    packages = {p.name for p in APP.iterdir() if any(p.rglob("*.py"))}
    assert packages <= set(ALLOWED)
    assert {p.stem for p in APP.glob("*.py")} <= set(ROOT_FILES) | WIRING


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_point_one_way(package):
    for path in files(package):
        assert ours(path) <= ALLOWED[package] | EVERYONE | {package}, path


@pytest.mark.parametrize("name", ROOT_FILES)
def test_files_at_the_root_know_no_package(name):
    path = APP / f"{name}.py"
    assert not path.exists() or ours(path) <= ROOT_FILES[name]


@pytest.mark.parametrize("library", PLACES)
def test_a_library_is_imported_in_its_place_only(library):
    for path in APP.rglob("*.py"):
        if library in {name.split(".")[0] for name in modules(path)}:
            assert path.relative_to(APP).as_posix().startswith(PLACES[library]), path


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_read_no_clock_and_leave_nothing_to_chance(package):
    for path in files(package):
        chance = SEEDED if package in ("candidates", "agreement") else set()
        assert not (NOT_PURE - chance) & {name.split(".")[0] for name in modules(path)}, path
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in CLOCKS, f"{path}:{node.lineno}"
                of = node.func.value
                if isinstance(of, ast.Name) and of.id == "random":
                    assert node.func.attr == "Random" and node.args, f"{path}:{node.lineno}"
