"""Files of questions, and what is remembered of them from one start to the next.

A file is replaced whole or not at all: whoever reads it meanwhile, or after a crash, has the old text or the new.
"""

import hashlib
import json
import os
import secrets
import stat
import string
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from app.bank.bank import Kept, load_question
from app.bank.card import Card, OnStep, Outline, outline_of
from app.content import HERE, content_folders
from app.errors import InvalidInput

MODE = 0o644
OWN = 0o600  # of what is remembered: it holds the words of facts, which no candidate may read
WHOLE = 256  # questions that stay in memory as they were read, a quarter of a megabyte each
BEGINS = frozenset(string.ascii_lowercase + string.digits)  # the names of questions
# the files of code that an outline depends on
CODE = (
    "bank/bank.py",
    "bank/card.py",
    "bank/question.py",
    "content.py",
    "rubric/rubric.py",
    "storage/files.py",
)


class Place(NamedTuple):
    """A file as it was when it was looked at: when it was written, its bytes, its number, and when it was changed. A
    copy may bring the time and size of another text along, but is another file or was changed since."""

    path: str
    written: int = 0
    size: int = 0
    file: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Noted:
    """`place` is None for a text of the journal."""

    place: Place | None
    outline: Outline


def find_places(extra: Path | None) -> dict[str, Place]:
    """slug -> where its question is, in the order of the slugs: what `find_questions` finds, looked at."""
    found: dict[str, Place] = {}
    for shelf in content_folders("question_bank", extra):
        with suppress(PermissionError, FileNotFoundError), os.scandir(shelf) as entries:
            for entry in entries:
                slug = entry.name.removesuffix(".yaml")
                if slug != entry.name and slug[:1] in BEGINS and slug not in found:
                    found[slug] = place_of(entry.path)
    return dict(sorted(found.items()))


def place_of(path: str) -> Place:
    try:
        status = os.stat(path)
    except OSError:  # a link to nowhere, or to itself: whoever reads it is told
        return Place(path)
    return Place(path, status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns)


@lru_cache(maxsize=WHOLE)
def read_once(place: Place) -> tuple[Kept, Outline]:
    """Raises InvalidContent."""
    kept = load_question(Path(place.path))
    return kept, outline_of(kept.question, kept.sha256)


def recall(path: Path) -> list[Noted]:
    """Nothing where there is no file, or one that was not written by this version."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        code, *lines = path.read_text("utf-8").splitlines()
        return [_noted(json.loads(line)) for line in lines] if code == _code() else []
    return []


def remember(path: Path, noted: Iterable[Noted]) -> None:
    """A memory that cannot be written is none."""
    lines = [json.dumps(asdict(one), separators=(",", ":")) for one in noted]
    with suppress(InvalidInput):
        replace_file(path, "\n".join([_code(), *lines]), OWN)


def _noted(value: Any) -> Noted:
    place, outline = value["place"], value["outline"]
    card = outline["card"]
    for name in ("seniority", "tags", "authors"):
        card[name] = tuple(card[name])
    card["steps"] = {step: OnStep(**counts) for step, counts in card["steps"].items()}
    return Noted(
        None if place is None else Place(*place),
        Outline(Card(**card), outline["pressed"], outline["words"]),
    )


@cache
def _code() -> str:
    """Of this version, by what an outline is in it."""
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in CODE)).hexdigest()


def replace_file(path: Path, text: str, mode: int | None = None) -> None:
    """Without a mode the file keeps its own. Raises InvalidInput where the folder cannot be written to."""
    beside = path.parent / f".{path.name}.{secrets.token_hex(6)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(
            beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE if mode is None else mode
        )
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            if mode is None and path.is_file() and not path.is_symlink():
                beside.chmod(stat.S_IMODE(path.stat().st_mode) & 0o777)
            os.replace(beside, path)
            _keep_names(path.parent)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        told = error.strerror or type(error).__name__
        raise InvalidInput(
            f"{path.name} cannot be written to the content folder ({told}); nothing was changed."
        ) from None


def _keep_names(folder: Path) -> None:
    """After a crash the file has its new text under its name. Not every system can; the text is in place anyhow."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
