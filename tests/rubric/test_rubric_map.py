"""docs/rubric-map.md stays true: what it names exists, and nothing in the rubric goes unnamed."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<point>[^|]+) \| (?P<criteria>[^|]+) \|$", re.MULTILINE)
HEADING = ("talking point", "---")
NAME = re.compile(r"`([^`]+)`")


@cache
def rows() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Talking points with their criteria, as `step/criterion`."""
    text = (ROOT / "docs" / "rubric-map.md").read_text(encoding="utf-8")
    found = ((m["point"], tuple(NAME.findall(m["criteria"]))) for m in ROW.finditer(text))
    return tuple((point, named) for point, named in found if point not in HEADING)


@cache
def criteria() -> frozenset[str]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    steps = [
        yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
        for path in sorted((ROOT / "rubrics" / "seven-step").glob("[1-7]-*.yaml"))
    ]
    return frozenset(
        f"{step['id']}/{criterion['id']}" for step in steps for criterion in step["criteria"]
    )


@pytest.mark.parametrize("point, named", rows())
def test_a_row_names_criteria_that_exist(point: str, named: tuple[str, ...]) -> None:
    assert named
    assert set(named) <= criteria()


def test_every_criterion_is_named() -> None:
    assert criteria() <= {name for _, named in rows() for name in named}


def test_the_map_covers_the_notes() -> None:
    assert len(rows()) >= 110


def test_no_talking_point_stands_twice() -> None:
    points = [point for point, _ in rows()]
    assert len(points) == len(set(points))
