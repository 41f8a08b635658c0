"""A judge's levels mapped to those people give: what is known of one judge, and on how many pairs it rests.

The files stand in rubrics/calibration/, beside the rubrics and the user's own first. Without one that names the judge
nothing is mapped.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.content import as_model, content_folders, read_yaml
from app.errors import InvalidContent

TOP = 4.0
FOLDER = "calibration"

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,80}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Level = Annotated[float, Field(ge=0.0, le=TOP, allow_inf_nan=False)]
Point = tuple[Level, Level]
Method = Literal["shift", "isotonic"]


class Authored(BaseModel):
    """Frozen, and an unknown key is an error: a typo must not pass as a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StepMap(Authored):
    """One step's map: points (the judge's level, people's level), straight lines between, flat outside them."""

    step: Id
    pairs: Annotated[int, Field(ge=1)]
    method: Method
    points: Annotated[tuple[Point, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def never_falls(self) -> "StepMap":
        for (x, y), (next_x, next_y) in pairwise(self.points):
            if next_x <= x or next_y < y:
                raise ValueError(
                    "the judge's levels must rise from point to point, and people's may not fall"
                )
        return self

    def at(self, level: float) -> float:
        """Between 0 and 4, unrounded."""
        place = bisect_left(self.points, level, key=lambda point: point[0])
        if place == 0:
            return self.points[0][1]
        if place == len(self.points):
            return self.points[-1][1]
        (x0, y0), (x1, y1) = self.points[place - 1], self.points[place]
        return min(y0 + (y1 - y0) * (level - x0) / (x1 - x0), y1)  # sums of floats can pass it


class Calibration(Authored):
    """`judge` is the rater's name as reports give it, `against` whose levels it was fitted to; None: of no judge."""

    id: Id
    version: Annotated[int, Field(ge=1)]
    judge: Name | None = None
    against: Name | None = None
    made: date | None = None
    steps: tuple[StepMap, ...] = ()

    @model_validator(mode="after")
    def each_step_once_and_for_somebody(self) -> "Calibration":
        named = [one.step for one in self.steps]
        if len(set(named)) < len(named):
            raise ValueError("a step is named twice")
        if self.steps and self.judge is None:
            raise ValueError("levels are mapped, but no judge is named")
        return self

    def level(self, step: str, level: float) -> float:
        """In tenths where the step has a map; else as it was."""
        for one in self.steps:
            if one.step == step:
                return round(one.at(level), 1)
        return level

    @property
    def pairs(self) -> dict[str, int]:
        """Step -> on how many doubly rated items its map rests."""
        return {one.step: one.pairs for one in self.steps}

    @property
    def total_pairs(self) -> int:
        return sum(self.pairs.values())

    @property
    def is_identity(self) -> bool:
        return not self.steps


IDENTITY = Calibration(id="identity", version=1)


def load_calibration(extra: Path | None, judge: str) -> Calibration:
    """That of the judge, one's own before the built-in, the highest version of them; IDENTITY where there is none.

    Raises InvalidContent where a file has problems, or where two could be meant.
    """
    for shelf in content_folders("rubrics", extra):
        found = [each for each in _of_folder(shelf / FOLDER) if each.judge == judge]
        if not found:
            continue
        newest = max(each.version for each in found)
        meant = [each for each in found if each.version == newest]
        if len(meant) > 1:
            ids = " and ".join(each.id for each in meant)
            raise InvalidContent([f"{FOLDER}: {ids} are both version {newest} for one judge"])
        return meant[0]
    return IDENTITY


def _of_folder(folder: Path) -> Sequence[Calibration]:
    return [read_calibration(path) for path in sorted(folder.glob("*.yaml"))]


def read_calibration(path: Path) -> Calibration:
    return as_model(Calibration, read_yaml(path), path.name)


def to_yaml(calibration: Calibration) -> str:
    """The file's text, which `read_calibration` reads back."""
    lines = [
        "# Maps the levels of one judge to those of people: points [the judge's level, people's level],",
        "# straight lines between them. Written by `sevenstep agreement --fit`; docs/agreement.md explains it.",
        f"id: {_quoted(calibration.id)}",
        f"version: {calibration.version}",
    ]
    lines.append(f"judge: {_quoted(calibration.judge)}")
    lines.append(f"against: {_quoted(calibration.against)}")
    lines.append(f"made: {calibration.made or 'null'}")
    lines.append("steps:" if calibration.steps else "steps: []")
    for one in calibration.steps:
        lines += [
            f"- step: {_quoted(one.step)}",
            f"  pairs: {one.pairs}",
            f"  method: {one.method}",
            f"  points: {_listed(one.points)}",
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str | None) -> str:
    """A YAML scalar: what does not print, and quotes, as escapes."""
    if text is None:
        return "null"
    plain = (c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(plain)}"'


def _listed(points: Sequence[Point]) -> str:
    return "[" + ", ".join(f"[{x}, {y}]" for x, y in points) + "]"
