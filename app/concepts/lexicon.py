"""The words a rubric reads by: function words, aliases, classes and markers, from lexicon.yaml."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

WordList = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: value.split() if isinstance(value, str) else value),
]


class Units(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    duration: WordList
    money: WordList
    percent: WordList
    other: WordList


class Markers(BaseModel):
    """Word sequences that show reasoning; function words count in them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: WordList
    contrast: WordList
    condition: WordList
    purpose: WordList
    how: WordList
    example: WordList
    earlier: WordList


class Lexicon(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    function_words: WordList
    fillers: WordList
    contractions: dict[str, str]
    irregular: dict[str, WordList]
    distinct: WordList
    vague: WordList
    aliases: dict[str, WordList]
    classes: dict[str, WordList]
    units: Units
    markers: Markers
    negators: WordList
    pseudo_negators: WordList
    negation_ends: WordList
    attributed: WordList
    withdrawn: WordList
