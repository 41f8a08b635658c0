"""Ratings as given, one JSON object a line: which rater gave which item which level in which step."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.agreement.figures import Unit
from app.errors import InvalidInput

LEVELS = (0.0, 4.0)
Name = Annotated[str, StringConstraints(min_length=1, max_length=500, strict=True)]


class Rating(BaseModel):
    """`level` is 0 to 4, or None where the rater could not judge. Other keys of the line are left alone."""

    model_config = ConfigDict(frozen=True)

    item: Name
    rater: Name
    step: Name
    level: Annotated[float, Field(ge=LEVELS[0], le=LEVELS[1], strict=True)] | None


@dataclass(frozen=True, slots=True)
class Ratings:
    """What could be read, and a sentence with its number for every line that could not."""

    read: tuple[Rating, ...]
    problems: tuple[str, ...]

    @property
    def raters(self) -> list[str]:
        return sorted({one.rater for one in self.read})

    @property
    def items(self) -> list[str]:
        return sorted({one.item for one in self.read})

    @property
    def steps(self) -> list[str]:
        """In the order in which they are first named."""
        return list(dict.fromkeys(one.step for one in self.read))

    def of_step(self, step: str) -> "Ratings":
        return Ratings(tuple(one for one in self.read if one.step == step), ())

    def by_item(self) -> dict[str, list[Unit]]:
        """Item, in order of names -> what each of its steps was given, in the order of `raters`; None: not given."""
        places = {rater: place for place, rater in enumerate(self.raters)}
        given: dict[tuple[str, str], list[float | None]] = defaultdict(lambda: [None] * len(places))
        for one in self.read:
            given[one.item, one.step][places[one.rater]] = one.level
        found: dict[str, list[Unit]] = defaultdict(list)
        for (item, _), unit in sorted(given.items(), key=lambda pair: pair[0]):
            found[item].append(tuple(unit))
        return dict(found)


def parse_ratings(data: bytes) -> Ratings:
    """Raises InvalidInput where it is no text at all. A step that a rater gives an item twice counts as first given."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InvalidInput("The ratings are not UTF-8 text.") from None
    seen: dict[tuple[str, str, str], int] = {}
    read, problems = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rating = _parse(line)
        except InvalidInput as error:
            problems.append(f"line {number}: {error}")
            continue
        first = seen.setdefault((rating.item, rating.rater, rating.step), number)
        if first == number:
            read.append(rating)
        else:
            problems.append(f"line {number}: the same rater, item and step as in line {first}")
    return Ratings(tuple(read), tuple(problems))


def _parse(line: str) -> Rating:
    try:
        return Rating.model_validate(json.loads(line))
    except ValidationError as error:
        raise InvalidInput("; ".join(_sentences(error))) from None
    except (ValueError, RecursionError):
        raise InvalidInput("is not JSON") from None


def _sentences(error: ValidationError) -> Iterable[str]:
    for problem in error.errors():
        field = ".".join(map(str, problem["loc"]))
        if problem["type"] == "missing":
            yield f"has no {field}"
        elif field == "level":
            yield "level must be a number from 0 to 4, or null"
        elif field:
            yield f"{field} must be some text, of at most 500 characters"
        else:
            yield "must be an object with item, rater, step and level"
