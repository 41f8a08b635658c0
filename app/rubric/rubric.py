"""What a good interview looks like: Rubric, Step, Criterion, Flag. Written by rubrics/<id>/*.yaml."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,48}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=1000)]
Depth = Literal[0, 1, 2, 3, 4]
Register = Literal["textbook", "plain", "hurried", "misheard"]

STEPS = ("requirements", "framing", "data", "model", "evaluation", "serving", "monitoring")


class Authored(BaseModel):
    """Frozen, and an unknown key is an error: a typo must not pass as a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Authored):
    """An utterance that must score 0, and why. `after` is what the interviewer said before it."""

    said: Text
    because: Literal["negated", "asked", "echoed", "opposite", "off_topic", "listed"]
    after: Text | None = None


class Examples(Authored):
    mentioned: tuple[Text, ...] = Field(alias="1")
    explained: tuple[Text, ...] = Field(alias="2")
    justified: tuple[Text, ...] = Field(alias="3")
    grounded: tuple[Text, ...] = Field(alias="4")
    nothing: tuple[Nothing, ...] = Field(alias="0")

    @model_validator(mode="before")
    @classmethod
    def depths_as_text(cls, value: Any) -> Any:
        """YAML reads a bare `4:` as a number."""
        return {str(k): v for k, v in value.items()} if isinstance(value, dict) else value

    def by_depth(self) -> dict[Depth, tuple[str, ...]]:
        return {1: self.mentioned, 2: self.explained, 3: self.justified, 4: self.grounded}


class Criterion(Authored):
    """One observable behaviour. `forms`, `opposite` and `lookalike` are written in the form
    language of app/concepts/forms.py; `how` words make a mention an explanation."""

    id: Slug
    title: Text
    missed_title: Text
    why: Text
    weight: Annotated[int, Field(ge=1, le=3)]
    core: bool = False
    asking: bool = False
    forms: dict[Register, tuple[Text, ...]]
    how: tuple[Text, ...]
    opposite: tuple[Text, ...] = ()
    lookalike: tuple[Text, ...] = ()
    probes: tuple[Text, ...]
    next_time: Text
    study: Text
    examples: Examples

    def all_forms(self) -> tuple[str, ...]:
        return tuple(form for forms in self.forms.values() for form in forms)


class Step(Authored):
    id: Literal["requirements", "framing", "data", "model", "evaluation", "serving", "monitoring"]
    title: Text
    about: Text
    minutes: Annotated[int, Field(ge=1, le=45)]
    cues: tuple[Text, ...]
    talk: tuple[Text, ...]
    criteria: tuple[Criterion, ...]


class Flag(Authored):
    """A fault in content. Raised where one of `signs` is asserted in a thought and none of
    `excused_by` stands in the same thought; `unless_met` names a criterion that excuses it anywhere."""

    id: Slug
    title: Text
    why: Text
    step: Literal["requirements", "framing", "data", "model", "evaluation", "serving", "monitoring"]
    signs: tuple[Text, ...]
    excused_by: tuple[Text, ...] = ()
    unless_met: Slug | None = None
    examples: tuple[Text, ...]
    counter_examples: tuple[Text, ...]


class Talk(Authored):
    """Sentences as people say them in each step, and what they say besides; they teach the step of a
    clause and award nothing."""

    requirements: tuple[Text, ...]
    framing: tuple[Text, ...]
    data: tuple[Text, ...]
    model: tuple[Text, ...]
    evaluation: tuple[Text, ...]
    serving: tuple[Text, ...]
    monitoring: tuple[Text, ...]
    other: tuple[Text, ...]
