"""How an interviewer carries itself: patience, pressing and wording; never truth. From prompts/personas/."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from app.content import as_model, content_folders, read_yaml
from app.errors import InvalidContent, NotFound
from app.rubric.rubric import Authored, Slug, Text

Lines = Annotated[tuple[Text, ...], Field(min_length=1)]
DEFAULT = "neutral"


class Wording(Authored):
    """Several ways for each thing that is said. `{step}`, `{minutes}`, `{answer}`, `{about}`, `{title}` and `{prompt}`
    are filled in; no line praises, hints at marks or asks two things."""

    pose: Lines
    again: Lines
    decline: Lines
    ask_back: Lines = ("Do you mean {about}? If not, it is your call; state an assumption.",)
    decide: Lines
    agree: Lines
    correct: Lines
    record: Lines
    direct: Lines
    probe: Lines
    overrun: Lines
    time_left: Lines
    untimed: Lines
    wrap_up: Lines
    end: Lines
    steer: Lines
    silence: Lines = ("Take the time you need. You can think aloud; I am listening.",)
    hint: Lines
    no_hint: Lines
    scoring: Lines
    verdict: Lines
    repeat: Lines
    clarify: Lines
    thinking: Lines
    done: Lines
    skip: Lines
    drawing: Lines
    audible: Lines
    who: Lines
    greeting: Lines
    thanks: Lines
    late: Lines


class Persona(Authored):
    """`patience`: seconds of silence after a completed thought before it speaks. `gap`: least seconds between two
    questions of its own. `per_criterion`: how often it may press one criterion. `calls`: minutes left at which
    it says the time. `overrun`: how far over its budget a step may run before it is said."""

    id: Slug
    title: Text
    about: Text
    patience: Annotated[float, Field(ge=2, le=600)]
    gap: Annotated[float, Field(ge=5, le=1800)]
    per_criterion: Annotated[int, Field(ge=1, le=3)]
    calls: tuple[int, ...]
    overrun: Annotated[float, Field(ge=1, le=5)]
    wording: Wording


class SmallTalk(Authored):
    scoring: Lines
    verdict: Lines
    time: Lines
    repeat: Lines
    clarify: Lines
    where: Lines
    thinking: Lines
    done: Lines
    skip: Lines
    drawing: Lines
    audible: Lines
    who: Lines
    greeting: Lines
    thanks: Lines
    abuse: Lines

    def kinds(self) -> dict[str, tuple[str, ...]]:
        """In the order that decides which kind wins."""
        order = "abuse scoring time repeat clarify where thinking done skip drawing audible verdict who greeting thanks"
        return {kind: getattr(self, kind) for kind in order.split()}


def find_personas(extra: Path | None = None) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for shelf in content_folders("prompts", extra):
        for path in sorted((shelf / "personas").glob("*.yaml")):
            found.setdefault(path.stem, path)
    return found


def get_persona(id: str = DEFAULT, extra: Path | None = None) -> Persona:
    """Raises NotFound with the personas that there are."""
    personas = find_personas(extra)
    if id not in personas:
        raise NotFound(f"There is no interviewer {id!r:.60}. There is: {', '.join(personas)}.")
    path = personas[id]
    return as_model(Persona, read_yaml(path), path.name)


def load_small_talk(extra: Path | None = None) -> SmallTalk:
    for shelf in content_folders("prompts", extra):
        path = shelf / "small_talk.yaml"
        if path.is_file():
            return as_model(SmallTalk, read_yaml(path), path.name)
    raise InvalidContent(["small_talk.yaml is missing from the prompts"])
