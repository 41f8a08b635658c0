"""Many questions linted at once: in as many processes as there are processors, and only those that changed.

What was found is remembered in the user's cache folder under a hash of all that it depends on: the question's text, the
rubric, the manner of asking, and the code itself.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from app.bank.advice import Checker, told_seldom
from app.bank.asking import load_asking
from app.bank.bank import read_question
from app.bank.lint import lint_question
from app.content import HERE, content_folders, parse_yaml, read_text
from app.errors import InvalidContent, InvalidInput
from app.rubric.shelf import get_rubric
from app.storage.files import replace_file

FEW = 4  # questions that are not worth another process
MOST_KEPT = 20_000
CODE = ("bank", "concepts", "matching.py", "content.py")
WORDS = "_words.yaml"
REMEMBERED = "lint.json"


@dataclass(frozen=True, slots=True)
class Linted:
    """What is wrong with a question, what could be better, and the words in it that look misspelt. `status` is empty
    where the question cannot be read."""

    status: str = ""
    problems: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    slips: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    slug: str
    text: str
    content: Path | None
    advice: bool


def lint_all(
    paths: Mapping[str, Path],
    content: Path | None,
    *,
    advice: bool = False,
    cached: bool = True,
    processes: int | None = None,
) -> dict[str, Linted]:
    """slug -> what was found, in the order given. What looks misspelt in several questions is a word of the trade."""
    found: dict[str, Linted] = {}
    tasks: list[Task] = []
    for slug, path in paths.items():
        try:
            tasks.append(Task(slug, read_text(path), content, advice))
        except InvalidContent as error:
            found[slug] = Linted(problems=tuple(error.problems))
    known = _recall() if cached else {}
    base = _base(content, advice) if cached else ""
    keys = {task.slug: _hash(f"{base}{task.slug}\n{task.text}".encode()) for task in tasks}
    found |= {slug: known[key] for slug, key in keys.items() if key in known}
    left = [task for task in tasks if task.slug not in found]
    found |= _lint(left, processes or os.cpu_count() or 1)
    if cached and left:
        _remember({**known, **{keys[task.slug]: found[task.slug] for task in left}})
    seldom = told_seldom({slug: one.slips for slug, one in found.items()})
    return {
        slug: replace(found[slug], advice=(*found[slug].advice, *seldom[slug])) for slug in paths
    }


def own_words(content: Path | None) -> frozenset[str]:
    """Of every _words.yaml at hand."""
    found: set[str] = set()
    for shelf in content_folders("question_bank", content):
        path = shelf / WORDS
        if path.is_file():
            value = parse_yaml(read_text(path), path.name)
            words = value.get("words") if isinstance(value, dict) else None
            if not isinstance(words, list):
                raise InvalidContent([f"{path.name}: a list of `words` is wanted"])
            found |= {str(word).lower() for word in words}
    return frozenset(found)


def _lint(tasks: list[Task], processes: int) -> dict[str, Linted]:
    if len(tasks) <= FEW or processes == 1:
        return {task.slug: _lint_one(task) for task in tasks}
    size = max(1, min(16, len(tasks) // processes // 4))
    with ProcessPoolExecutor(min(processes, len(tasks))) as pool:
        done = pool.map(_lint_one, tasks, chunksize=size)
        return {task.slug: one for task, one in zip(tasks, done, strict=True)}


def _lint_one(task: Task) -> Linted:
    try:
        question = read_question(task.text, task.slug, f"{task.slug}.yaml").question
    except InvalidContent as error:
        return Linted(problems=tuple(error.problems))
    rubric, asking = get_rubric_once(task.content), load_asking(task.content)
    problems = tuple(lint_question(question, rubric, asking))
    if not task.advice:
        return Linted(question.status, problems)
    advised = _checker(task.content).advise(question)
    return Linted(question.status, problems, advised.sentences, advised.slips)


get_rubric_once = cache(lambda content: get_rubric(extra=content))


@cache
def _checker(content: Path | None) -> Checker:
    return Checker(get_rubric_once(content), load_asking(content), own_words(content))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _base(content: Path | None, advice: bool) -> str:
    """Over everything but the question that a finding depends on."""
    files = [path for name in CODE for path in _files(HERE / name)]
    for shelf in content_folders("question_bank", content):
        files += sorted(shelf.glob("_*.yaml"))
    seen = "".join(_hash(path.read_bytes()) for path in files)
    return _hash(f"{seen}{get_rubric_once(content).sha256}{advice}".encode())


def _files(path: Path) -> Iterable[Path]:
    return sorted(path.glob("*.py")) if path.is_dir() else [path]


def cache_folder() -> Path:
    """Where the platform keeps what can be made again."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "sevenstep"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home)) / "sevenstep" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "sevenstep"


def _recall() -> dict[str, Linted]:
    """Nothing where there is no file, or one that was not written here."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = json.loads((cache_folder() / REMEMBERED).read_text("utf-8"))
        return {
            key: Linted(
                str(one["status"]),
                tuple(map(str, one["problems"])),
                tuple(map(str, one["advice"])),
                tuple((str(word), str(told)) for word, told in one["slips"]),
            )
            for key, one in kept.items()
        }
    return {}


def _remember(known: Mapping[str, Linted]) -> None:
    """The latest; a cache that cannot be written to is none."""
    latest = dict(list(known.items())[-MOST_KEPT:])
    with suppress(InvalidInput):
        text = json.dumps({key: asdict(one) for key, one in latest.items()}, ensure_ascii=False)
        replace_file(cache_folder() / REMEMBERED, text)
