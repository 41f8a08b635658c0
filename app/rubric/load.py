"""Read a rubric's folder into one frozen value with a hash over everything that can move a score."""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.concepts.lexicon import Lexicon
from app.content import as_model, read_yaml
from app.errors import InvalidContent, NotFound
from app.rubric.rubric import STEPS, Authored, Criterion, Flag, Slug, Step, Talk, Text
from app.rubric.scale import Scale

T = TypeVar("T", bound=BaseModel)
VERSION_FILE = "rubric.yaml"


class About(Authored):
    id: Slug
    title: Text
    version: Annotated[int, Field(ge=1)]
    licence: Text


class Flags(Authored):
    flags: tuple[Flag, ...]


class Rubric(BaseModel):
    """A standard for interviews: steps in their fixed order, flags, words and numbers."""

    model_config = ConfigDict(frozen=True)

    about: About
    steps: tuple[Step, ...]
    flags: tuple[Flag, ...]
    talk: Talk
    lexicon: Lexicon
    scale: Scale
    sha256: str

    @cached_property
    def criteria(self) -> dict[str, tuple[Step, Criterion]]:
        return {c.id: (step, c) for step in self.steps for c in step.criteria}


def load_rubric(folder: Path) -> Rubric:
    """Raises InvalidContent with every problem of every file, not only the first."""
    if not (folder / VERSION_FILE).is_file():
        raise NotFound(f"There is no rubric in the folder {folder.name}.")
    problems: list[str] = []

    def part(model: type[T], path: Path) -> T | None:
        try:
            return as_model(model, read_yaml(path), path.name)
        except InvalidContent as error:
            problems.extend(error.problems)
        except FileNotFoundError:
            problems.append(f"{path.name} is missing")
        return None

    about = part(About, folder / VERSION_FILE)
    lexicon = part(Lexicon, folder / "lexicon.yaml")
    scale = part(Scale, folder / "scale.yaml")
    flags = part(Flags, folder / "flags.yaml")
    talk = part(Talk, folder / "talk.yaml")
    steps = [part(Step, path) for path in sorted(folder.glob("[1-7]-*.yaml"))]
    found = [step.id for step in steps if step]
    if not problems and found != list(STEPS):
        problems.append(f"the steps are {', '.join(found)}; they must be {', '.join(STEPS)}")
    if problems or not (about and lexicon and scale and flags and talk):
        raise InvalidContent(problems)
    return Rubric(
        about=about,
        steps=tuple(step for step in steps if step),
        flags=flags.flags,
        talk=talk,
        lexicon=lexicon,
        scale=scale,
        sha256=hash_folder(folder),
    )


def hash_folder(folder: Path) -> str:
    """Over names and bytes of every YAML file, in order of names."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
