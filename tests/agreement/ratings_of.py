"""Ratings files for the tests."""

import json
from collections.abc import Iterable

from app.agreement.ratings import Ratings, parse_ratings

Line = tuple[str, str, str, float | None]  # item, rater, step, level


def text_of(lines: Iterable[Line]) -> str:
    keys = ("item", "rater", "step", "level")
    return "".join(json.dumps(dict(zip(keys, line, strict=True))) + "\n" for line in lines)


def ratings_of(lines: Iterable[Line]) -> Ratings:
    ratings = parse_ratings(text_of(lines).encode())
    assert not ratings.problems
    return ratings
