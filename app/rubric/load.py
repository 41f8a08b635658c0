"""Read a rubric's folder into one frozen value with a hash over everything that can move a score."""

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.concepts.lexicon import Lexicon
from app.content import as_model, parse_yaml, read_text
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
    return read_rubric(read_texts(folder))


def read_texts(folder: Path) -> dict[str, str]:
    """name -> text of every YAML file, in order of names."""
    return {path.name: read_text(path) for path in sorted(folder.glob("*.yaml"))}


def read_rubric(texts: Mapping[str, str]) -> Rubric:
    """The same of texts that are in no folder yet."""
    problems: list[str] = []

    def part(model: type[T], name: str) -> T | None:
        if name not in texts:
            problems.append(f"{name} is missing")
            return None
        try:
            return as_model(model, parse_yaml(texts[name], name), name)
        except InvalidContent as error:
            problems.extend(error.problems)
        return None

    about = part(About, VERSION_FILE)
    lexicon = part(Lexicon, "lexicon.yaml")
    scale = part(Scale, "scale.yaml")
    flags = part(Flags, "flags.yaml")
    talk = part(Talk, "talk.yaml")
    steps = [part(Step, name) for name in sorted(texts) if STEP_FILE.fullmatch(name)]
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
        sha256=hash_texts(texts),
    )


def hash_texts(texts: Mapping[str, str]) -> str:
    """Over names and bytes of every YAML file, in order of names."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(name.encode() + b"\0" + texts[name].encode() + b"\0")
    return digest.hexdigest()


def part_of(name: str) -> type[BaseModel] | None:
    """What a file of this name must be; None for one that no rubric has."""
    return Step if STEP_FILE.fullmatch(name) else PARTS.get(name)


STEP_FILE = re.compile(r"[1-7]-[A-Za-z0-9_-]{1,40}\.yaml")
PARTS: dict[str, type[BaseModel]] = {
    VERSION_FILE: About,
    "lexicon.yaml": Lexicon,
    "scale.yaml": Scale,
    "flags.yaml": Flags,
    "talk.yaml": Talk,
}
