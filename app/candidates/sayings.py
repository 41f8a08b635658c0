"""What simulated candidates say of their own, whatever the question: prompts/candidates/*.yaml."""

from collections.abc import Mapping
from functools import lru_cache

from pydantic import RootModel

from app.content import as_model, content_folders, read_yaml
from app.errors import InvalidContent


class Sayings(RootModel[dict[str, tuple[str | tuple[str, ...], ...]]]):
    """Name -> lines; a line may be a pair. Blank lines are kept: one candidate sends them."""


@lru_cache
def sayings(name: str) -> Mapping[str, tuple[str, ...]]:
    """The lines of one file. Raises InvalidContent where it is missing or holds anything but lines."""
    return {
        key: tuple(line for line in lines if isinstance(line, str))
        for key, lines in _read(name).items()
    }


@lru_cache
def pairs(name: str, key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(line for line in _read(name)[key] if isinstance(line, tuple))


def _read(name: str) -> dict[str, tuple[str | tuple[str, ...], ...]]:
    for shelf in content_folders("prompts", None):
        path = shelf / "candidates" / f"{name}.yaml"
        if path.is_file():
            return as_model(Sayings, read_yaml(path), path.name).root
    raise InvalidContent([f"{name}.yaml is missing from the prompts of the candidates"])
