"""What is wrong with a question's text, line by line, as the linter of the shell says it."""

import threading
from dataclasses import dataclass

from app.bank.asking import load_asking
from app.bank.bank import Kept, read_question
from app.bank.lines import problems_by_line
from app.content import Told
from app.errors import InvalidContent
from app.web.deps import Home


@dataclass(frozen=True, slots=True)
class Proof:
    """`kept` is None where the text is no question yet; then it cannot be saved."""

    kept: Kept | None
    problems: tuple[Told, ...]

    @property
    def can_be_published(self) -> bool:
        return self.kept is not None and not self.problems


def proof_of(home: Home, slug: str, text: str) -> Proof:
    """Takes a tenth of a second: not for the event loop."""
    problems = tuple(told_of(home, text))
    try:
        kept = read_question(text, slug, slug)
    except InvalidContent as error:
        return Proof(None, problems or tuple(Told(1, problem) for problem in error.problems))
    return Proof(kept, problems)


def told_of(home: Home, text: str) -> list[Told]:
    """Everything that is wrong with a text, whatever its slug."""
    return problems_by_line(text, home.standards.rubric(), load_asking(home.standards.content))


class Proofs:
    """What the linter said of texts that it has been over; a tenth of a second each, so nothing is linted twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: dict[tuple[str, str], tuple[Told, ...]] = {}

    def known(self, home: Home, kept: Kept) -> tuple[Told, ...] | None:
        return self._said.get((kept.sha256, home.standards.rubric().sha256))

    def of(self, home: Home, kept: Kept, text: str) -> tuple[Told, ...]:
        key = (kept.sha256, home.standards.rubric().sha256)
        with self._lock:
            if key not in self._said:
                self._said[key] = tuple(told_of(home, text))
            return self._said[key]
