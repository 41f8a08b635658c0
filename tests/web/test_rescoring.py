"""What a new question or rubric would change in what was scored: sessions that were really played, nothing stored."""

from dataclasses import replace

import pytest
from sqlmodel import select

from app.bank.bank import get_question
from app.rubric.shelf import get_rubric
from app.storage.db import migrate, open_database, open_log, transaction
from app.storage.desk import Desk
from app.storage.scored import find_said
from app.storage.tables import ReportRow
from app.web.deps import Home
from app.web.rescoring import rescore
from app.web.templating import render
from tests.storage.played import BEGIN, keep, lay_table, played, report_on
from tests.web.conftest import NOW

pytestmark = pytest.mark.anyio
SLUG = "payment-fraud"


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def table():
    return lay_table()


@pytest.fixture(scope="module")
def plays(table):
    return [played(table, name) for name in ("strong", "typical")]


@pytest.fixture
def home(tmp_path, standards):
    engine = open_database(f"sqlite:///{tmp_path}/kept.db")
    migrate(engine)
    desk = Desk(engine, None, lambda: NOW, files=False)
    yield Home(engine, standards, desk, lambda: NOW)
    engine.dispose()


@pytest.fixture
async def house(home, table, plays, tmp_path, anyio_backend):
    """Three sessions: two have a report, of which one is of a live room, and one has none yet."""
    log = await open_log(f"sqlite:///{tmp_path}/kept.db")
    for number, (play, mode) in enumerate(
        [(plays[0], "practice"), (plays[1], "live"), (plays[1], "exam")]
    ):
        id = f"{number:032x}"
        await keep(log, table, id, play, at=BEGIN + number, mode=mode)
        if number < 2:
            report_on(home.engine, table, id, play)
    yield home
    await log.close()


def without(rubric, id):
    """The rubric, in which a criterion is met by words that nobody says."""
    steps = tuple(
        step.model_copy(
            update={
                "criteria": tuple(
                    c.model_copy(
                        update={"forms": {"plain": ("zyzzyva quokka",)}, "how": ("zyzzyva",)}
                    )
                    if c.id == id
                    else c
                    for c in step.criteria
                )
            }
        )
        for step in rubric.steps
    )
    return rubric.model_copy(update={"steps": steps, "sha256": "f" * 64})


def shown(rescored):
    return render("questions/_rescored.html", rescored=rescored)


async def test_the_same_versions_change_nothing(house):
    for question, rubric in ((get_question(SLUG).question, None), (None, None)):
        rescored = rescore(house, question=question, rubric=rubric, slug=SLUG)
        assert (rescored.total, rescored.looked_at, rescored.in_time) == (3, 3, True)
        assert rescored.moved == ()
        assert "None would change" in shown(rescored)


async def test_a_criterion_that_is_no_longer_heard_is_lost_with_its_words(house):
    rescored = rescore(
        house, question=None, rubric=without(get_rubric(), "validation-scheme"), slug=None
    )
    assert rescored.moved
    assert [one.moved for one in rescored.moved] == sorted(
        (one.moved for one in rescored.moved), reverse=True
    )
    lost = [(one, c) for one in rescored.moved for c in one.change.lost]
    assert "validation-scheme" in {criterion.id for _, criterion in lost}
    assert all(bool(criterion.evidence) != one.is_private for one, criterion in lost)
    assert rescored.titles["validation-scheme"] in dict(rescored.lost)
    assert rescored.down >= 1


async def test_a_live_interview_is_moved_without_a_name_or_a_word(house, plays):
    rescored = rescore(
        house, question=None, rubric=without(get_rubric(), "validation-scheme"), slug=SLUG
    )
    (private,) = [one for one in rescored.moved if one.is_private]
    alone = shown(replace(rescored, moved=(private,)))
    assert "A live interview" in alone and "/reports/" not in alone and "<q>" not in alone
    assert f"{private.change.before:.1f}" not in alone


async def test_a_fact_that_can_no_longer_be_asked_for_is_no_longer_told(house, plays):
    question = get_question(SLUG).question
    gone = next(m.facts[0] for m in plays[1].session.moves if m.kind == "answer" and m.facts)
    kept = tuple(fact for fact in question.facts if fact.id != gone)
    rescored = rescore(
        house, question=question.model_copy(update={"facts": kept}), rubric=None, slug=SLUG
    )
    assert any(gone in one.heard.not_told for one in rescored.moved)
    assert "Would no longer be told" in shown(rescored)
    assert all(one.change.is_none for one in rescored.moved)  # facts move no marks


async def test_an_expected_answer_without_its_forms_is_no_longer_heard(house, table, plays):
    question = get_question(SLUG).question
    changed = {
        id: expected.model_copy(update={"forms": ("zyzzyva quokka",)})
        for id, expected in question.expects.items()
    }
    new = question.model_copy(update={"expects": changed})
    rescored = rescore(house, question=new, rubric=None, slug=SLUG)
    assert sum(len(one.heard.not_expected) for one in rescored.moved) > 3
    assert "Expected answer no longer heard" in shown(rescored)


async def test_the_newest_are_looked_at_within_the_time(house):
    rescored = rescore(house, question=None, rubric=None, slug=None, most=2)
    assert (rescored.total, rescored.looked_at, rescored.in_time) == (3, 2, True)
    assert "the newest 2 of 3" in shown(rescored)
    late = rescore(house, question=None, rubric=None, slug=None, within=-1)
    assert (late.looked_at, late.in_time) == (0, False)
    assert "no time for more" in shown(late)


async def test_nothing_is_stored(house):
    def count():
        with transaction(house.engine) as db:
            return len(db.exec(select(ReportRow.id)).all()), find_said(db, None, 10)

    before = count()
    rescore(house, question=None, rubric=without(get_rubric(), "validation-scheme"), slug=None)
    assert count() == before


async def test_of_another_question_nothing_is_compared(house):
    rescored = rescore(house, question=None, rubric=None, slug="news-feed")
    assert rescored.total == 0 and "nothing to compare" in shown(rescored)


async def test_an_older_version_of_a_report_is_not_counted_beside_the_newer(house, table, plays):
    with transaction(house.engine) as db:
        said, total = find_said(db, SLUG, 10)
        report = next(one.report for one in said if one.report)
        row = db.get(ReportRow, report)
        newer = ReportRow(**{**row.model_dump(), "id": "n" * 32, "replaces": report})
        db.add(newer)
    with transaction(house.engine) as db:
        again, count = find_said(db, SLUG, 10)
    assert count == total
    assert report not in {one.report for one in again}
