"""Two reports on the same words, compared."""

from dataclasses import replace

import pytest

from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from app.scoring.rescore import compare
from app.scoring.scorer import score_transcript
from app.transcripts import read_transcript
from tests.storage.test_reports import SAID


@pytest.fixture(scope="module")
def report():
    return score_transcript(read_transcript(SAID), Knowledge(get_rubric()))


def with_depth(report, criterion, depth, level=None, **more):
    """The report with another mark."""
    steps = tuple(
        replace(
            step,
            level=level
            if level is not None and criterion in [m.id for m in step.criteria]
            else step.level,
            criteria=tuple(
                replace(mark, depth=depth) if mark.id == criterion else mark
                for mark in step.criteria
            ),
        )
        for step in report.steps
    )
    return replace(report, steps=steps, **more)


def earned(report):
    """A criterion that was met, with its step, mark and level."""
    return next((s, m) for s in report.steps for m in s.criteria if m.depth)


def test_the_same_report_changes_nothing(report):
    change = compare(report, report)
    assert change.is_none and change.moved == 0 and not change.criteria
    assert [step.id for step in change.steps] == [step.id for step in report.steps]


def test_what_is_lost_is_shown_by_the_words_that_had_earned_it(report):
    step, mark = earned(report)
    change = compare(report, with_depth(report, mark.id, 0, level=0.0, overall=1.0))
    (lost,) = change.lost
    assert (lost.id, lost.step, lost.before, lost.after) == (mark.id, step.id, mark.depth, 0)
    assert lost.evidence == mark.evidence and not change.won
    assert change.by == round(1.0 - report.overall, 1)
    moved = next(one for one in change.steps if one.id == step.id)
    assert moved.by == -step.level and not change.is_none


def test_what_is_won_is_shown_by_the_new_words(report):
    _, mark = earned(report)
    before = with_depth(report, mark.id, 0)
    (won,) = compare(before, report).won
    assert (won.before, won.after, won.evidence) == (0, mark.depth, mark.evidence)


def test_what_could_not_be_judged_is_no_lower(report):
    step, mark = earned(report)
    unjudged = replace(report, overall=None, decision=None)
    change = compare(report, unjudged)
    assert change.by == 0 and not change.is_none
    assert compare(report, with_depth(report, "nothing-of-this-name", 3)).is_none


def test_a_criterion_that_is_gone_or_new_is_lost_or_won(report):
    step, mark = earned(report)
    steps = tuple(
        replace(one, criteria=tuple(m for m in one.criteria if m.id != mark.id))
        for one in report.steps
    )
    without = replace(report, steps=steps)
    (lost,) = compare(report, without).lost
    assert (lost.id, lost.step, lost.after) == (mark.id, step.id, None)
    (won,) = compare(without, report).won
    assert (won.id, won.step, won.before) == (mark.id, step.id, None)


def test_the_overall_mark_counts_more_than_the_levels(report):
    step, mark = earned(report)
    a_level = compare(report, with_depth(report, mark.id, 0, level=step.level - 0.3))
    overall = compare(report, replace(report, overall=report.overall + 1))
    assert overall.moved > a_level.moved > 0
