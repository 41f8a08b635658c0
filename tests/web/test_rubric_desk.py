"""The rubric's files, drafts on top of them, and how they become the next version: as files on SQLite, and as a journal
on PostgreSQL."""

import shutil
import threading
from datetime import UTC, datetime

import pytest

from app.errors import Conflict, InvalidContent, InvalidInput, NotFound
from app.rubric.load import VERSION_FILE, load_rubric
from app.rubric.proof import parts_of, text_of_part, with_part
from app.rubric.shelf import DEFAULT, find_rubrics
from app.storage.db import open_database
from app.storage.revisions import Author, Stale
from app.web.rubric_desk import RubricDesk
from app.web.standards import Standards
from tests.storage.conftest import (  # noqa: F401
    bring_up,
    fresh_postgres,
    own_postgres,
    postgres,
)

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
DANA, BEN = Author("Dana", "d" * 32), Author("Ben", "b" * 32)
DATA, SCALE = "3-data.yaml", "scale.yaml"


@pytest.fixture(scope="module")
def built():
    """Built once; each test has standards of its own that begin with it."""
    return Standards(None).knowledge()


@pytest.fixture
def standards_of(built):
    def make(content=None):
        standards = Standards(content)
        standards.renew(built.rubric, built)
        return standards

    return make


@pytest.fixture(
    params=["files", pytest.param("journal", marks=pytest.mark.postgres)],
)
def mode(request):
    return request.param


@pytest.fixture
def engine(mode, request, tmp_path):
    if mode == "journal":
        url = request.getfixturevalue("fresh_postgres")
    else:
        bring_up(url := f"sqlite:///{tmp_path}/desk.db")
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(mode, engine, standards_of, tmp_path):
    content = tmp_path / "content" if mode == "files" else None
    standards = standards_of(content)
    return RubricDesk(engine, standards, content, lambda: NOW, files=content is not None)


def edited(text, number=0, find="weight: ", put="weight:  "):
    """The text with a small change in one of its criteria."""
    part = parts_of(text)[number]
    cut = text_of_part(text, part)
    assert find in cut
    return with_part(text, part, cut.replace(find, put, 1))


def failing(text):
    """The text with an example that is not of its depth."""
    at = text.index("examples:")
    place = text.index("      4:", at)
    end = text.index("\n", place)
    return (
        text[: end + 1] + "        - The weather was nice when we went there.\n" + text[end + 1 :]
    )


def draft(desk, name=DATA, change=edited, author=DANA, **more):
    standing = desk.standing(name)
    return desk.save(name, change(standing.text), base=standing.sha256, author=author, **more)


def publish(desk, author=DANA, comment="Because."):
    return desk.publish(base=desk.check().base, author=author, comment=comment)


def test_a_draft_waits_and_nothing_is_scored_by_it(desk):
    before = desk.standing(DATA)
    after = draft(desk, comment="a space")
    assert after.is_ahead and not before.is_ahead
    assert (after.in_use, desk.rubric()) == (before.text, desk._standards.rubric())
    assert [(r.action, r.author.name, r.comment) for r in desk.history(DATA)] == [
        ("edited", "Dana", "a space"),
        ("found", "the file", ""),
    ]
    assert desk.version(DATA, 1)[1] == before.text and desk.version(DATA, 2)[1] == after.text


def test_what_is_published_is_the_next_version_and_is_taken_at_once(desk, tmp_path):
    def heavier(text):
        return edited(text, put="weight: 3 # was ")

    old = desk._standards.rubric()
    draft(desk, change=heavier)
    check = desk.check()
    assert check.names == (DATA,) and len(check.changed) <= 1
    rubric = publish(desk, comment="Counts more.")
    assert rubric.about.version == old.about.version + 1 and rubric.sha256 != old.sha256
    assert desk._standards.rubric() == rubric == desk.rubric()
    assert desk._standards.knowledge().rubric == rubric
    assert [r.action for r in desk.history(DATA)] == ["published", "edited", "found"]
    assert desk.history(VERSION_FILE)[0].comment == "Counts more."
    assert not any(standing.is_ahead for standing in desk.standings().values())
    written = tmp_path / "content" / "rubrics" / DEFAULT
    assert written.is_dir() == (desk._folder is not None)
    if desk._folder is not None:
        assert load_rubric(written).sha256 == rubric.sha256
        assert not list(written.glob(".*"))


def test_versions_go_on(desk):
    for number in range(2):
        draft(desk, change=lambda text, n=number: edited(text, n))
        assert publish(desk).about.version == number + 2


def test_the_second_of_two_is_told_and_nothing_of_the_first_is_lost(desk):
    base = desk.standing(DATA)
    first = draft(desk)
    with pytest.raises(Stale) as told:
        desk.save(DATA, edited(base.text, 1), base=base.sha256, author=BEN)
    assert told.value.head.author == DANA
    assert desk.standing(DATA).text == first.text
    merged = desk.save(DATA, edited(first.text, 1), base=first.sha256, author=BEN)
    assert merged.text == edited(edited(base.text), 1)
    assert desk.began_with(DATA, base.sha256) == base.text
    assert desk.began_with(DATA, "0" * 64) is None


def test_of_many_at_once_one_wins_each_time(desk):
    texts = [edited(desk.standing(DATA).text, number) for number in range(5)]
    base, done = desk.standing(DATA).sha256, []

    def save(text):
        try:
            done.append(desk.save(DATA, text, base=base, author=BEN).text)
        except Stale:
            done.append(None)

    threads = [threading.Thread(target=save, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [text is None for text in done].count(False) == 1
    assert desk.standing(DATA).text in done


def test_twenty_curators_at_once_lose_nothing(desk):
    """Each goes on from what stands, as often as somebody else was first."""
    before, refused = desk.standing(SCALE).text, []

    def add(number):
        for _ in range(200):
            standing = desk.standing(SCALE)
            note = f"{standing.text}# note {number}\n"
            try:
                return desk.save(SCALE, note, base=standing.sha256, author=BEN)
            except Stale:
                refused.append(number)
        raise AssertionError("never got through")

    threads = [threading.Thread(target=add, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    added = desk.standing(SCALE).text.removeprefix(before).splitlines()
    assert sorted(added) == sorted(f"# note {number}" for number in range(20))
    assert len(desk.history(SCALE)) == 21  # the file, and each of them once


def test_what_cannot_be_read_is_not_kept(desk):
    with pytest.raises(InvalidContent):
        draft(desk, change=lambda text: text.replace("weight: ", "weight: 1", 1))
    with pytest.raises(InvalidContent):
        draft(desk, change=lambda text: "a: &b [*b]")
    with pytest.raises(NotFound):
        desk.save("../x.yaml", "id: x", base="", author=DANA)
    assert desk.history(DATA) == []


def test_an_example_that_fails_stands_in_the_way_and_names_its_sentence(desk):
    draft(desk, change=failing)
    check = desk.check()
    (problem,) = check.failing
    assert problem.file == DATA and problem.line > 1
    assert "The weather was nice" in problem.text and "expected depth 4" in problem.text
    assert len(check.changed) == 1 and not check.can_be_published
    with pytest.raises(Conflict):
        publish(desk)


def test_files_that_do_not_agree_are_not_published(desk):
    draft(desk, "flags.yaml", change=lambda t: t.replace("unless_met: ", "unless_met: no-", 1))
    check = desk.check()
    assert any("unless_met names no criterion: no-" in p.text for p in check.problems)
    assert {p.file for p in check.problems} == {"flags.yaml"} and not check.can_be_published


def test_a_check_is_of_what_stands_when_it_is_published(desk):
    draft(desk)
    base = desk.check().base
    draft(desk, author=BEN, change=lambda text: edited(text, 2))
    with pytest.raises(Stale):
        desk.publish(base=base, author=DANA, comment="")
    assert desk._standards.rubric().about.version == 1


def test_without_a_draft_there_is_nothing_to_publish(desk):
    with pytest.raises(Conflict):
        publish(desk)


def test_a_draft_is_discarded_and_stays_in_the_history(desk):
    kept = draft(desk)
    desk.discard(DATA, base=kept.sha256, author=BEN)
    assert not desk.standing(DATA).is_ahead
    assert [r.action for r in desk.history(DATA)] == ["restored", "edited", "found"]
    assert desk.version(DATA, 2)[1] == kept.text
    with pytest.raises(Conflict):
        desk.discard(DATA, base=desk.standing(DATA).sha256, author=BEN)
    draft(desk, change=lambda text: edited(text, 3))
    assert publish(desk).about.version == 2


def test_another_process_takes_the_new_version_without_a_restart(engine, standards_of):
    first, second = (
        RubricDesk(engine, standards_of(), None, lambda: NOW, files=False) for _ in range(2)
    )
    assert not second.refresh() and not second.has_edits()
    draft(first)
    assert not second.refresh()
    rubric = publish(first)
    assert second.refresh() and second.has_edits()
    assert second._standards.rubric() == rubric
    assert not second.refresh() and not first.refresh()
    late = Standards(None)
    late.source = second.rubric
    assert late.rubric() == rubric


def test_a_file_that_was_changed_by_other_means_is_entered_in_the_journal(
    engine, standards_of, tmp_path
):
    folder = tmp_path / "rubrics" / DEFAULT
    shutil.copytree(find_rubrics()[DEFAULT], folder)
    desk = RubricDesk(engine, standards_of(tmp_path), tmp_path, lambda: NOW, files=True)
    base = desk.standing(DATA)
    draft(desk)
    by_hand = edited(base.text, 4)
    (folder / DATA).write_text(by_hand)
    assert desk.standing(DATA).text == by_hand
    with pytest.raises(Stale):
        desk.save(DATA, edited(base.text, 5), base=base.sha256, author=BEN)
    draft(desk, change=lambda text: edited(text, 5))
    assert [r.action for r in desk.history(DATA)] == ["edited", "found", "edited", "found"]


def test_a_folder_that_cannot_be_written_leaves_everything_as_it_was(
    engine, standards_of, tmp_path
):
    content = tmp_path / "content"
    content.mkdir()
    (content / "rubrics").write_text("in the way")
    desk = RubricDesk(engine, standards_of(content), content, lambda: NOW, files=True)
    draft(desk)
    with pytest.raises(InvalidInput, match="cannot be written"):
        publish(desk)
    assert desk.standing(DATA).is_ahead
    assert [r.action for r in desk.history(DATA)] == ["edited", "found"]
    assert desk._standards.rubric().about.version == 1
