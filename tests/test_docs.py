"""docs/reference.md and its neighbours say what the code does, and nothing that is not there."""

import argparse
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from app.bank.question import Domain
from app.cli import COMMANDS, build_parser
from app.commands.score import FACES
from app.fake_llm.faults import FAULTS
from app.interview.commands import Refusal
from app.interview.events import CLASSES
from app.interview.move import KINDS, VERDICTS
from app.llm.assess import NOTES as JUDGE_NOTES
from app.llm.model import FAULTS as MODEL_FAULTS
from app.rubric.rubric import STEPS
from app.scoring.advisories import ADVISORIES
from app.scoring.report import DECISIONS, SENIORITIES
from app.scoring.sums import WHY as COMPUTED_FLAGS
from app.storage.jobs import STATES
from app.transcripts import FORMATS
from app.transcripts.quality import NOTES
from app.transcripts.transcript import Speaker

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CODE = re.compile(r"`([^`]+)`")
ROW_ID = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
MADE_LATER = {"docs/report.png"}  # the browser tests take it


def section(heading: str, text: str = REFERENCE) -> str:
    """The text below a heading, up to the next of the same depth or less."""
    depth = heading.count("#")
    start = text.index(f"\n{heading}\n") + len(heading) + 2
    following = re.compile(rf"^#{{1,{depth}}} ", re.MULTILINE).search(text, start)
    return text[start : following.start() if following else len(text)]


def subcommands() -> dict[str, argparse.ArgumentParser]:
    actions = build_parser()._actions
    return next(a.choices for a in actions if isinstance(a, argparse._SubParsersAction))


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("### Speakers", tuple(speaker.value for speaker in Speaker)),
        ("### Steps", STEPS),
        ("### Decisions", DECISIONS),
        ("### Seniorities", SENIORITIES),
        ("### Verdicts", VERDICTS),
        ("### Domains", get_args(Domain)),
        ("### Refusals", get_args(Refusal)),
    ],
)
def test_ordered_lists_are_those_of_the_code(heading, known):
    assert tuple(CODE.findall(section(heading))) == tuple(known)


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("### Quality notes", NOTES),
        ("### Judge's notes", JUDGE_NOTES),
        ("### Advisories", ADVISORIES),
        ("### Moves", KINDS),
        ("### Events", CLASSES),
        ("### States of a second opinion", STATES),
        ("### Faults of a model", MODEL_FAULTS),
        ("### Faults of fake-llm", FAULTS),
    ],
)
def test_tables_are_those_of_the_code(heading, known):
    assert set(ROW_ID.findall(section(heading))) == set(known)


def test_flags_are_those_of_the_rubric_and_the_two_that_are_computed():
    authored = yaml.safe_load((ROOT / "rubrics/seven-step/flags.yaml").read_text("utf-8"))
    ids = {flag["id"] for flag in authored["flags"]}
    assert set(ROW_ID.findall(section("### Flags"))) == ids | set(COMPUTED_FLAGS)


def test_formats_are_described_in_their_own_page():
    formats = "\n" + (ROOT / "docs" / "formats.md").read_text("utf-8")
    described = ROW_ID.findall(formats[: formats.index("\n## Notes")])
    assert set(FORMATS) <= set(described)


def test_every_command_has_a_row_and_every_row_a_command():
    rows = re.findall(r"^\| `sevenstep ([\w-]+)", section("## Commands"), re.MULTILINE)
    assert set(rows) == set(COMMANDS) == set(subcommands())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name):
    rows = section("## Commands").splitlines()
    row = next(line for line in rows if line.startswith(f"| `sevenstep {name}"))
    known = {o for a in subcommands()[name]._actions for o in a.option_strings} - {"-h", "--help"}
    assert set(re.findall(r"--[a-z-]+", row)) - {"--formats"} == known - {"--formats"}


def test_the_faces_of_a_report_are_documented():
    row = next(line for line in REFERENCE.splitlines() if line.startswith("| `sevenstep score"))
    assert all(f"`{face}`" in row for face in FACES)


def test_environment_is_documented_and_nothing_else_is():
    source = "".join(p.read_text("utf-8") for p in (ROOT / "app").rglob("*.py"))
    read = set(re.findall(r"[\"'](SEVENSTEP_[A-Z_]+)[\"']", source))
    assert read <= set(re.findall(r"`(SEVENSTEP_[A-Z_]+)`", section("## Environment")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text("utf-8")):
        there = (page.parent / target).resolve()
        assert there.exists() or there.relative_to(ROOT).as_posix() in MADE_LATER, target
