"""All questions at hand: the user's own shadow the built-in ones by slug."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.bank.question import Question
from app.bank.rewrite import set_fields
from app.content import as_model, content_folders, parse_yaml, plain_lines, read_text
from app.errors import InvalidContent, NotFound

ASKING = "_asking.yaml"
SLUG = re.compile(r"[a-z][a-z0-9-]{1,48}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A question and the hash of the bytes it was read from."""

    question: Question
    sha256: str


def find_questions(extra: Path | None = None) -> dict[str, Path]:
    """slug -> file, in the order of the slugs; the file's name is the slug."""
    found: dict[str, Path] = {}
    for shelf in content_folders("question_bank", extra):
        for path in sorted(shelf.glob("[a-z0-9]*.yaml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def path_of(slug: str, extra: Path | None = None) -> Path | None:
    """The file of one question. A slug that is none leads nowhere, whatever it looks like as a path."""
    if not SLUG.fullmatch(slug):
        return None
    paths = (shelf / f"{slug}.yaml" for shelf in content_folders("question_bank", extra))
    return next((path for path in paths if path.is_file()), None)


def load_question(path: Path) -> Kept:
    """Raises InvalidContent with every problem of the file."""
    return read_question(read_text(path), path.stem, path.name)


def read_question(text: str, slug: str, where: str) -> Kept:
    """Raises InvalidContent with every problem of the text; `where` names it in them."""
    question = as_model(Question, parse_yaml(text, where), where)
    if question.slug != slug:
        raise InvalidContent([f"{where}: slug: is '{question.slug}', the file says otherwise"])
    return Kept(question, hashlib.sha256(text.encode()).hexdigest())


def next_version(text: str, version: int, in_use: str, given: int) -> int:
    """What a text of this version gets when it takes the place of the one in use, whose version is `given`: one more,
    where it says something else."""
    says, said = (
        set_fields(plain_lines(one), {"status": "draft", "version": 1}) for one in (text, in_use)
    )
    return given if says == said else max(version, given + 1)


def get_question(slug: str, extra: Path | None = None) -> Kept:
    """Raises NotFound with the slugs that there are."""
    questions = find_questions(extra)
    if slug not in questions:
        raise NotFound(f"There is no question {slug!r:.60}. There is: {', '.join(questions)}.")
    return load_question(questions[slug])


class Shelf:
    """Every question, read again only where its file has changed. Broken files are left out and named."""

    def __init__(self, extra: Path | None) -> None:
        self._extra = extra
        self.problems: list[str] = []

    def all(self) -> dict[str, Kept]:
        """slug -> question, in the order of the slugs."""
        found: dict[str, Kept] = {}
        problems: list[str] = []
        for slug, path in find_questions(self._extra).items():
            try:
                found[slug] = _as_it_stands(path)
            except InvalidContent as error:
                problems += error.problems
        self.problems = problems
        return found

    def published(self) -> dict[str, Kept]:
        return {s: kept for s, kept in self.all().items() if kept.question.status == "published"}


def _as_it_stands(path: Path) -> Kept:
    try:
        status = path.stat()
    except OSError as error:  # a link to nowhere, or to itself
        raise InvalidContent([f"{path.name} cannot be read: {error.strerror}"]) from None
    return _read_once(path, status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns)


@lru_cache(maxsize=10_000)
def _read_once(path: Path, _written: int, _size: int, _file: int, _changed: int) -> Kept:
    """A copy may bring the time and size of another text along, but is another file or was changed since."""
    return load_question(path)
