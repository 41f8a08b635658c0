"""Transcripts to disturb, one knowledge for all, and the table of figures that is printed at the end."""

import sys

import pytest

from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import score_transcript
from benchmarks.corpus import Graded, graded
from tests.robustness.figures import TABLE


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge(get_rubric())


@pytest.fixture(scope="session")
def rows() -> list[Graded]:
    """The graded transcripts that authors could read."""
    return [row for row in graded() if not row.kept_back]


@pytest.fixture(scope="session")
def score(knowledge):
    return lambda transcript: score_transcript(transcript, knowledge)


@pytest.fixture(scope="session")
def before(rows, score):
    """id -> report of the undisturbed transcript."""
    return {row.id: score(row.transcript) for row in rows}


@pytest.fixture(scope="session", autouse=True)
def table(pytestconfig):
    """Printed when the folder is done: each figure beside its target, then the two shares."""
    yield
    if TABLE.figures:
        capture = pytestconfig.pluginmanager.get_plugin("capturemanager")
        with capture.global_and_fixture_disabled():  # also from a worker, which has no reporter
            sys.__stderr__.write(f"\n{TABLE.text()}\n")
