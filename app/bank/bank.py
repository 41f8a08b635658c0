"""All questions at hand: the user's own shadow the built-in ones by slug."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from app.bank.question import Question
from app.content import as_model, content_folders, read_yaml
from app.errors import InvalidContent, NotFound

ASKING = "_asking.yaml"


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


def load_question(path: Path) -> Kept:
    """Raises InvalidContent with every problem of the file."""
    question = as_model(Question, read_yaml(path), path.name)
    if question.slug != path.stem:
        raise InvalidContent([f"{path.name}: slug: is '{question.slug}', the file says otherwise"])
    return Kept(question, hashlib.sha256(path.read_bytes()).hexdigest())


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
        self._read: dict[Path, tuple[tuple[int, int], Kept]] = {}
        self.problems: list[str] = []

    def all(self) -> dict[str, Kept]:
        """slug -> question, in the order of the slugs."""
        found: dict[str, Kept] = {}
        problems: list[str] = []
        for slug, path in find_questions(self._extra).items():
            try:
                found[slug] = self._get(path)
            except InvalidContent as error:
                problems += error.problems
        self.problems = problems
        return found

    def published(self) -> dict[str, Kept]:
        return {s: kept for s, kept in self.all().items() if kept.question.status == "published"}

    def _get(self, path: Path) -> Kept:
        status = path.stat()
        state = (status.st_mtime_ns, status.st_size)
        known = self._read.get(path)
        if known is None or known[0] != state:
            known = (state, load_question(path))
            self._read[path] = known
        return known[1]
