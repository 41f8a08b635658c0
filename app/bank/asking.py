"""How people ask, whatever the question: synonyms, topics and openings, from question_bank/_asking.yaml, and what
likeness is worth, from question_bank/_likeness.yaml."""

from functools import lru_cache
from pathlib import Path

from app.bank.bank import ASKING
from app.content import as_model, content_folders, read_yaml
from app.errors import InvalidContent
from app.rubric.rubric import Authored, Slug

LIKENESS = "_likeness.yaml"


class Likeness(Authored):
    """What each sign is worth that a fact is the one that is asked for; `floor` is the least probability at which
    it is told."""

    same: float
    near: float
    alone: float
    odds: float
    form: float
    shape: float
    other_shape: float
    nothing: float
    stranger: float
    floor: float


class Asking(Authored):
    """Rows of `synonyms` and `topics` are groups of words; `shapes` kinds of answer that are wanted. `idle` words are
    those of talk, `loose` ones too where the sheet does not use them. The rest are word sequences, function words
    included."""

    synonyms: dict[Slug, tuple[str, ...]]
    topics: dict[Slug, tuple[str, ...]] = {}
    shapes: dict[Slug, tuple[str, ...]] = {}
    idle: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    requests: tuple[str, ...]
    assuming: tuple[str, ...]
    agreeing: tuple[str, ...]
    likeness: Likeness


def load_asking(extra: Path | None = None) -> Asking:
    files = []
    for name in (ASKING, LIKENESS):
        shelves = content_folders("question_bank", extra)
        path = next((shelf / name for shelf in shelves if (shelf / name).is_file()), None)
        if path is None:
            raise InvalidContent([f"{name} is missing from the question bank"])
        files.append((path, path.stat().st_mtime_ns))
    return _load(*files)


@lru_cache(maxsize=8)
def _load(words: tuple[Path, int], weights: tuple[Path, int]) -> Asking:
    """Read again only where a file has changed: every sheet of a bank shares one."""
    read = read_yaml(words[0])
    likeness = read_yaml(weights[0])
    if isinstance(read, dict):
        read = {**read, "likeness": likeness}
    return as_model(Asking, read, words[0].name)
