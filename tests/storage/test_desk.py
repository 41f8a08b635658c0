"""The curators' desk: files are the truth where they are, the journal elsewhere; candidates get what was published."""

import os
import re
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from weakref import ref

import pytest

from app.bank.bank import find_questions
from app.bank.rewrite import set_fields
from app.content import built_in, dump_yaml, parse_yaml
from app.errors import Conflict, InvalidContent, InvalidInput, NotFound
from app.storage.db import migrate, open_database, writing
from app.storage.desk import BrokenFile, Desk, StillReading
from app.storage.files import read_once, replace_file
from app.storage.revisions import Author, Stale, append

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
ADA, BOB = Author("Ada", "p1"), Author("Bob", "p2")
SLUG = "payment-fraud"
TEXT = find_questions()[SLUG].read_text("utf-8")
OTHER = TEXT.replace(f"slug: {SLUG}", "slug: wallet-fraud", 1)


@pytest.fixture
def open_desk(url, tmp_path):
    engine = open_database(url)
    migrate(engine)
    content = tmp_path / "content"

    def opened(files):
        return Desk(engine, content, lambda: NOW, files=files)

    yield opened
    engine.dispose()


@pytest.fixture(params=[True, False], ids=["files", "journal"])
def desk(open_desk, request):
    return open_desk(request.param)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "content" / "question_bank"


def edited(desk, slug=SLUG, title="Another title", base=None, **more):
    """As a curator does who has just opened it."""
    standing = desk.standing(slug)
    text = set_fields(desk.text(standing), {"title": title})
    base = base or standing.latest.sha256
    return desk.save(slug, text, base=base, **{"author": ADA, **more})


def published(desk, slug=SLUG):
    return desk.take(slug, "published", base=desk.standing(slug).latest.sha256, author=BOB)


def test_an_edit_waits_until_it_is_published(desk):
    before = desk.questions()[SLUG]
    standing = edited(desk, comment="shorter")
    assert standing.is_ahead and standing.latest.question.status == "draft"
    assert standing.latest.question.title == "Another title"
    assert desk.questions()[SLUG] == before == standing.in_use
    after = published(desk)
    assert not after.is_ahead
    assert desk.questions()[SLUG].question.title == "Another title"
    assert desk.questions()[SLUG].question.version == before.question.version + 1
    told = [(r.number, r.action, r.author.name, r.comment) for r in desk.history(SLUG)]
    assert told == [
        (3, "published", "Bob", ""),
        (2, "edited", "Ada", "shorter"),
        (1, "found", "the file", ""),
    ]


def test_comments_and_order_of_the_text_stay(desk):
    standing = desk.standing(SLUG)
    text = "# kept by Ada\n" + desk.text(standing)
    desk.save(SLUG, text.replace("\n", "\r\n"), base=standing.latest.sha256, author=ADA)
    assert desk.text(published(desk)) == set_fields(text, {"version": 2})


def test_two_who_began_from_one_text_do_not_overwrite_each_other(desk):
    base = desk.standing(SLUG).latest.sha256
    theirs = edited(desk, title="First came Ada", base=base)
    for attempt in (
        lambda: edited(desk, title="then Bob", base=base, author=BOB),
        lambda: desk.take(SLUG, "published", base=base, author=BOB),
        lambda: desk.discard(SLUG, base=base, author=BOB),
    ):
        with pytest.raises(Stale) as refused:
            attempt()
        assert refused.value.head == theirs.head
    assert desk.standing(SLUG).latest.question.title == "First came Ada"


def test_a_text_that_is_no_question_changes_nothing(desk):
    standing = desk.standing(SLUG)
    for text, told in (
        ("slug: [", "YAML"),
        (TEXT.replace("difficulty: 4", "difficulty: 9"), "difficulty"),
        (TEXT.replace(f"slug: {SLUG}", "slug: another"), "slug"),
        ("a: &a [x]\nb: *a\n", "alias"),
    ):
        with pytest.raises(InvalidContent, match=told):
            desk.save(SLUG, text, base=standing.latest.sha256, author=ADA)
    assert desk.standing(SLUG) == standing and desk.history(SLUG) == []


def test_a_new_question_goes_from_draft_to_published_to_retired(desk):
    text = OTHER
    made = desk.create("wallet-fraud", text, author=ADA)
    assert made.latest.question.status == "draft" and "wallet-fraud" not in desk.questions()
    with pytest.raises(Conflict, match="already"):
        desk.create("wallet-fraud", text, author=BOB)
    with pytest.raises(Conflict, match="already"):
        desk.create(SLUG, TEXT, author=BOB)
    for action, status in (
        ("submitted", "review"),
        ("returned", "draft"),
        ("submitted", "review"),
        ("published", "published"),
        ("retired", "retired"),
        ("reopened", "draft"),
    ):
        base = desk.standing("wallet-fraud").latest.sha256
        now = desk.take("wallet-fraud", action, base=base, author=BOB)
        assert now.latest.question.status == status
        assert ("wallet-fraud" in desk.questions()) is (status == "published")
    with pytest.raises(Conflict, match="draft"):
        desk.take("wallet-fraud", "retired", base=now.latest.sha256, author=BOB)


def test_an_older_text_comes_back_as_a_draft_and_a_draft_can_be_discarded(desk):
    edited(desk, title="The second")
    published(desk)
    edited(desk, title="The third")
    base = desk.standing(SLUG).latest.sha256
    back = desk.restore(SLUG, 2, base=base, author=BOB)
    assert (back.latest.question.title, back.latest.question.status) == ("The second", "draft")
    gone = desk.discard(SLUG, base=back.latest.sha256, author=BOB)
    assert not gone.is_ahead and gone.latest.question.title == "The second"
    assert gone.latest.question.status == "published"
    with pytest.raises(Conflict, match="no draft"):
        desk.discard(SLUG, base=gone.latest.sha256, author=BOB)
    with pytest.raises(NotFound):
        desk.restore(SLUG, 99, base=gone.latest.sha256, author=BOB)


def test_a_comment_is_kept_and_changes_no_text(desk):
    before = desk.standing(SLUG).latest
    desk.comment(SLUG, " Who counts the labels? ", author=BOB)
    assert desk.standing(SLUG).latest == before
    assert desk.history(SLUG)[0].comment == "Who counts the labels?"
    with pytest.raises(InvalidInput):
        desk.comment(SLUG, "  ", author=BOB)


def test_published_texts_are_files_and_drafts_on_top_of_them_are_not(open_desk, folder):
    desk = open_desk(files=True)
    edited(desk)
    assert not folder.exists()
    published(desk)
    written = (folder / f"{SLUG}.yaml").read_text("utf-8")
    assert written == set_fields(TEXT, {"title": "Another title", "version": 2})
    desk.create("wallet-fraud", OTHER, author=ADA)
    assert "status: draft" in (folder / "wallet-fraud.yaml").read_text("utf-8")
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{SLUG}.yaml",
        "wallet-fraud.yaml",
    ]


def test_a_file_changed_by_other_means_is_found_and_no_draft_is_lost(open_desk, folder):
    desk = open_desk(files=True)
    edited(desk, title="Published by Ada")
    published(desk)
    mine = edited(desk, title="A draft by Ada")
    by_hand = set_fields(TEXT, {"title": "Written in an editor", "version": 9})
    (folder / f"{SLUG}.yaml").write_text(by_hand)
    assert desk.questions()[SLUG].question.title == "Written in an editor"
    assert desk.standing(SLUG).latest.question.title == "Written in an editor"
    with pytest.raises(Stale):
        desk.save(SLUG, desk.text(mine), base=mine.latest.sha256, author=ADA)
    assert [r.action for r in desk.history(SLUG)][:2] == ["found", "edited"]
    assert "A draft by Ada" in desk.version(SLUG, mine.head.number)[1]


def test_a_file_that_cannot_be_written_leaves_the_journal_as_it_was(open_desk, folder):
    desk = open_desk(files=True)
    edited(desk)
    folder.parent.mkdir(parents=True)
    folder.write_text("not a folder")
    with pytest.raises(InvalidInput, match="cannot be written"):
        published(desk)
    assert desk.standing(SLUG).latest.question.status == "draft"
    assert not list(folder.parent.glob(".*"))


def test_another_process_sees_what_was_published(open_desk):
    here, there = open_desk(files=False), open_desk(files=False)
    there.questions()
    edited(here)
    assert there.standing(SLUG).latest.question.title == "Another title"
    published(here)
    assert there.questions()[SLUG].question.title == "Another title"


def test_a_slug_that_is_a_path_leads_nowhere(desk, tmp_path):
    for slug in (
        "../payment-fraud",
        "payment-fraud.yaml",
        "/etc/passwd",
        "a/b",
        "",
        "payment\0fraud",
    ):
        with pytest.raises(NotFound):
            desk.standing(slug)
        with pytest.raises(InvalidContent):
            desk.create(slug, TEXT, author=ADA)
    assert built_in() not in tmp_path.parents


def by_hand(folder, text, slug=SLUG):
    """As an editor on the disk leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{slug}.yaml").write_bytes(text.encode())


def filed(folder, slug=SLUG):
    return (folder / f"{slug}.yaml").read_bytes().decode()


@pytest.mark.parametrize("status", ["draft", "review"])
def test_edits_stay_after_a_published_file_was_made_a_draft_by_hand(open_desk, folder, status):
    desk = open_desk(files=True)
    edited(desk)
    published(desk)
    by_hand(folder, set_fields(filed(folder), {"status": status, "title": "By hand"}))
    found = ["found", "published", "edited", "found"]
    assert [[r.action for r in desk.history(SLUG)] for _ in range(3)] == [found] * 3
    for title in ("Edited here", "Edited again"):
        assert edited(desk, title=title).latest.question.title == title
        assert f"title: {title}" in filed(folder) and SLUG not in desk.questions()
    desk.comment(SLUG, "Look at it.", author=BOB)
    standing = desk.standing(SLUG)
    assert standing.latest.question.title == "Edited again" and not standing.is_ahead
    with pytest.raises(Conflict, match="no draft"):  # candidates are given nothing to go back to
        desk.discard(SLUG, base=standing.latest.sha256, author=BOB)
    after = published(desk)
    assert after.latest.question.title == "Edited again" and after.latest.question.version == 3
    assert [r.action for r in desk.history(SLUG)] == [
        "published",
        "commented",
        "edited",
        "edited",
        *found,
    ]
    assert edited(desk, title="Waits").is_ahead and "Waits" not in filed(folder)


def test_a_text_that_says_nothing_new_leaves_text_status_and_history(desk):
    desk.create("wallet-fraud", OTHER, author=ADA)
    for slug, actions in ((SLUG, ()), ("wallet-fraud", ("submitted", "published", "retired"))):
        for action in (None, *actions):
            if action:
                base = desk.standing(slug).latest.sha256
                desk.take(slug, action, base=base, author=BOB)
            before, entries = desk.standing(slug), desk.history(slug)
            text = desk.text(before)
            for same in (text, text.replace("\n", "\r\n"), text.rstrip("\n")):
                after = desk.save(slug, same, base=before.latest.sha256, author=ADA)
                assert (after.latest, after.in_use) == (before.latest, before.in_use)
            assert desk.history(slug)[: len(entries)] == entries
            assert {r.action for r in desk.history(slug)[len(entries) :]} <= {"found"}


def test_lines_end_as_they_did_in_the_file(open_desk, folder):
    desk = open_desk(files=True)
    dos = set_fields(TEXT, {"status": "draft"}).replace("\n", "\r\n")
    by_hand(folder, dos)
    before = desk.standing(SLUG)
    assert desk.save(SLUG, dos.replace("\r", ""), base=before.latest.sha256, author=ADA).slug
    assert filed(folder) == dos and desk.standing(SLUG).latest == before.latest
    plain = set_fields(dos.replace("\r", ""), {"title": "Another title"})
    desk.save(SLUG, plain, base=before.latest.sha256, author=ADA)
    assert filed(folder) == plain.replace("\n", "\r\n")


def test_a_comment_and_a_discarded_draft_copy_no_built_in_question(open_desk, folder):
    desk = open_desk(files=True)
    desk.comment(SLUG, "Who counts the labels?", author=BOB)
    mine = edited(desk)
    gone = desk.discard(SLUG, base=mine.latest.sha256, author=ADA)
    assert not gone.is_ahead and not folder.exists()
    assert [r.action for r in desk.history(SLUG)] == ["restored", "edited", "commented", "found"]


def imported(desk, text):
    base = desk.standing(SLUG).latest.sha256
    return desk.save(SLUG, text, base=base, author=ADA, action="imported", as_draft=False)


def test_what_is_imported_in_the_place_of_a_published_text_is_its_next_version(desk):
    versions = []
    for title, version in (("First", 1), ("Second", 1), ("Second", 1), ("Third", 7)):
        standing = imported(desk, set_fields(TEXT, {"title": title, "version": version}))
        assert desk.questions()[SLUG].question.title == title
        versions.append(standing.latest.question.version)
    assert versions == [2, 3, 3, 7]
    waiting = imported(desk, set_fields(TEXT, {"title": "Fourth", "status": "draft"}))
    assert waiting.is_ahead and waiting.latest.question.version == 1
    assert published(desk).latest.question.version == 8


def test_a_file_broken_by_hand_is_named_and_its_history_is_read(open_desk, folder):
    desk = open_desk(files=True)
    edited(desk)
    published(desk)
    for broken in (b"slug: [", b"\xff\xfe", b"slug: other\n"):
        (folder / f"{SLUG}.yaml").write_bytes(broken)
        standing = desk.standing(SLUG)
        assert standing.in_use is None and standing.latest.question.title == "Another title"
        assert [r.action for r in desk.history(SLUG)] == ["published", "edited", "found"]
        text, base = desk.text(standing), standing.latest.sha256
        assert desk.text_by_hash(SLUG, base) == text
        assert desk.in_use_text(SLUG) != text
        for attempt in (
            lambda text=text, base=base: desk.save(SLUG, text, base=base, author=ADA),
            lambda base=base: desk.take(SLUG, "retired", base=base, author=ADA),
            lambda: desk.comment(SLUG, "Why?", author=ADA),
        ):
            with pytest.raises(BrokenFile, match="the file on disk cannot be read"):
                attempt()
        assert (folder / f"{SLUG}.yaml").read_bytes() == broken


def test_a_replaced_file_keeps_its_mode_and_its_folder_is_written_through(tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync

    def seen(handle):
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", seen)
    path = tmp_path / "one.yaml"
    replace_file(path, "one")
    assert stat.S_IMODE(path.stat().st_mode) & ~0o644 == 0
    for mode in (0o664, 0o600):
        path.chmod(mode)
        replace_file(path, "two")
        assert (stat.S_IMODE(path.stat().st_mode), path.read_text()) == (mode, "two")
    assert synced == [False, True] * 3


def outdated(url, desk, slug=SLUG):
    """A draft on top of what stands that was saved when the schema let more pass."""
    text = set_fields(desk.text(desk.standing(slug)), {"title": "Outdated", "status": "draft"})
    number = max((revision.number for revision in desk.history(slug)), default=0)
    engine = open_database(url)
    with writing(engine) as db:
        append(
            db,
            "question",
            slug,
            f"{text}\nno-longer-known: 1\n",
            base=number,
            version=9,
            status="draft",
            action="edited",
            author=ADA,
            now=NOW,
        )
    engine.dispose()


@pytest.mark.parametrize("files", [True, False], ids=["files", "journal"])
@pytest.mark.parametrize("was_edited", [True, False])
def test_under_a_draft_that_cannot_be_read_any_more_stands_what_is_in_use(
    open_desk, url, files, was_edited
):
    desk = open_desk(files)
    edited(desk, title="In use")
    published(desk)
    if not was_edited:
        base = desk.standing(SLUG).latest.sha256
        desk.save(SLUG, TEXT, base=base, author=ADA, as_draft=False)
    in_use = desk.questions()[SLUG]
    outdated(url, desk)
    for one in (desk, open_desk(files)):
        assert one.questions()[SLUG] == in_use
        assert one.everything()[SLUG] == one.standing(SLUG)
        assert one.standing(SLUG).latest == one.standing(SLUG).in_use == in_use
        assert not one.standing(SLUG).is_ahead
    with pytest.raises(Conflict, match="It is published"):
        desk.take(SLUG, "published", base=in_use.sha256, author=BOB)
    number = desk.history(SLUG)[0].number
    assert "no-longer-known" in desk.version(SLUG, number)[1]
    assert edited(desk, title="Goes on").latest.question.title == "Goes on"
    assert desk.history(SLUG)[0].number == number + 1
    published(desk)
    assert desk.questions()[SLUG].question.version == in_use.question.version + 1


@pytest.mark.parametrize(
    "do",
    [
        lambda desk, base: desk.take(SLUG, "retired", base=base, author=BOB),
        lambda desk, base: desk.discard(SLUG, base=base, author=BOB),
        lambda desk, base: desk.comment(SLUG, "What was that draft?", author=BOB),
    ],
    ids=["retired", "discarded", "commented"],
)
def test_from_what_stands_under_such_a_draft_every_step_is_taken(desk, url, do):
    edited(desk, title="In use")
    published(desk)
    outdated(url, desk)
    do(desk, desk.standing(SLUG).latest.sha256)
    after = desk.standing(SLUG)
    assert after.latest.question.title == "In use"
    assert after == desk.everything()[SLUG] and after.head.author == BOB


# a large bank -----------------------------------------------------------------------------------
EMPTY = dict.fromkeys(("facts", "follow_ups", "twists", "traps", "sources", "sums"), [])
SHORT = dump_yaml({**parse_yaml(TEXT, SLUG), **EMPTY, "expects": {}, "words": {}})


def short(slug, **changes):
    return set_fields(SHORT, {"slug": slug, **changes}, slug_too=True)


def test_only_what_was_changed_is_made_anew(desk):
    before, asked = desk.everything(), desk.questions()
    assert desk.everything() is before and desk.questions() is asked
    edited(desk)
    assert desk.everything()[SLUG].is_ahead
    published(desk)
    after = desk.everything()
    assert [slug for slug in before if after[slug].latest is not before[slug].latest] == [SLUG]
    assert after[SLUG].latest.question.title == "Another title"
    assert desk.everything() is after


@pytest.mark.parametrize("files", [True, False], ids=["files", "journal"])
def test_a_desk_that_was_there_all_along_sees_what_a_new_one_sees(open_desk, folder, files):
    desk = open_desk(files)

    def step(action, slug="one"):
        desk.take(slug, action, base=desk.standing(slug).latest.sha256, author=BOB)

    for do in (
        lambda: by_hand(folder, short("one"), "one"),
        lambda: edited(desk, "one"),
        lambda: desk.comment("one", "Why?", author=BOB),
        lambda: step("published"),
        lambda: desk.create("two", short("two"), author=ADA),
        lambda: step("submitted", "two"),
        lambda: step("published", "two"),
        lambda: edited(desk, "two", title="Waits"),
        lambda: by_hand(folder, short("one", title="By hand", version=9), "one"),
        lambda: by_hand(folder, short("two", status="retired"), "two"),
        lambda: edited(desk, "one", title="On top of it"),
        lambda: by_hand(folder, "slug: [", "one"),
        lambda: (folder / "one.yaml").unlink(),
    ):
        do()
        new = open_desk(files)
        assert desk.everything() == new.everything()
        assert list(desk.everything()) == sorted(desk.everything())
        assert desk.questions() == new.questions() and desk.problems == new.problems
        for slug in {"one", "two"} & new.everything().keys():
            assert desk.standing(slug) == new.standing(slug) == new.everything()[slug]


def remembered(tmp_path):
    """Where it is; it is written before anybody is given what was read, so that none is lost who ends right then."""
    (memory,) = tmp_path.rglob("*.outlines")
    return memory


@pytest.mark.parametrize("files", [True, False], ids=["files", "journal"])
def test_a_second_start_reads_only_what_has_changed(
    open_desk, folder, tmp_path, monkeypatch, files
):
    monkeypatch.setattr("app.storage.desk.FEW", 1)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for slug in ("one", "two"):
        by_hand(folder, short(slug, title=f"{slug} in a file"), slug)
        edited(open_desk(files), slug, title=f"{slug} in the journal")
    by_hand(folder, short("three", title="three in a file"), "three")

    def question(slug):
        return open_desk(files).everything()[slug].latest.question

    def titles():
        return [question(slug).title for slug in ("one", "three")]

    assert titles() == ["one in the journal", "three in a file"]
    memory = remembered(tmp_path)
    told = memory.read_text("utf-8")
    memory.write_text(told.replace("one in the", "one of the").replace("three in", "three of"))
    assert titles() == ["one of the journal", "three of a file"]
    assert question("one").model_dump()["title"] == "one in the journal"  # for that it is read
    by_hand(folder, short("three", title="three by hand"), "three")
    assert titles() == ["one of the journal", "three by hand"]
    for broken in (
        "",
        "{}",
        told[:1000],
        told.replace('"card"', '"cards"'),
        re.sub(r'"steps":{.*?}}', '"steps":[]', told),
        told[:65] + "[" * 100_000,
        "0" * 64 + told[64:],
    ):
        memory.write_text(broken)
        assert titles() == ["one in the journal", "three by hand"]
        remembered(tmp_path)


@pytest.mark.parametrize("files", [True, False], ids=["files", "journal"])
def test_what_is_remembered_is_for_nobody_elses_eyes(open_desk, tmp_path, monkeypatch, files):
    """It holds the words of facts."""
    monkeypatch.setattr("app.storage.desk.FEW", 1)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    open_desk(files).everything()
    memory = remembered(tmp_path)
    assert stat.S_IMODE(memory.stat().st_mode) == 0o600
    memory.write_text("")
    memory.chmod(0o644)  # as somebody's was who has used it for long
    open_desk(files).everything()
    assert "milliseconds" in remembered(tmp_path).read_text("utf-8")
    assert stat.S_IMODE(memory.stat().st_mode) == 0o600


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_who_does_not_want_to_wait_is_told_how_far_it_is(open_desk, folder, monkeypatch):
    """A pipe among the files is one that takes as long to read as the test wants."""
    monkeypatch.setattr("app.storage.desk.FEW", 1)
    folder.mkdir(parents=True)
    pipe = folder / "aa.yaml"
    os.mkfifo(pipe)
    desk = open_desk(files=True)
    for read in (desk.everything, desk.questions):
        with pytest.raises(StillReading, match=f"0 of {len(find_questions()) + 1} so far"):
            read(patience=0)
    assert desk.standing(SLUG).latest.question.title
    assert edited(desk).is_ahead
    with pipe.open("w") as writing:
        writing.write(short("aa"))
        replace_file(pipe, short("aa"))
    assert {"aa", SLUG} <= desk.everything().keys()


def test_twenty_curators_at_once_lose_nothing(desk):
    together = threading.Barrier(20)

    def curate(number):
        together.wait()
        slug = f"wallet-{number}"
        desk.create(slug, short(slug), author=ADA)
        desk.comment(SLUG, f"said by {number}", author=BOB)
        edited(desk, slug, title=f"Edited by {number}")
        return desk.everything()[slug].latest.question.title

    with ThreadPoolExecutor(20) as curators:
        seen = list(curators.map(curate, range(20)))
    assert seen == [f"Edited by {number}" for number in range(20)]
    said = {f"said by {number}" for number in range(20)}
    assert said < {revision.comment for revision in desk.history(SLUG)}
    everything = desk.everything()
    assert [everything[f"wallet-{n}"].latest.question.title for n in range(20)] == seen


def test_what_was_replaced_meanwhile_is_not_given_out_as_what_it_was(open_desk, folder):
    desk = open_desk(files=True)
    by_hand(folder, short("one", title="Before"), "one")
    before = desk.questions()["one"].question
    by_hand(folder, short("one", title="After"), "one")
    read_once.cache_clear()
    assert before.title == "Before"
    with pytest.raises(Conflict, match="just now"):
        before.reference  # noqa: B018
    assert desk.questions()["one"].question.reference


@pytest.mark.parametrize("files", [True, False], ids=["files", "journal"])
def test_of_many_questions_the_latest_few_stay_whole(open_desk, folder, monkeypatch, files):
    monkeypatch.setattr("app.storage.desk.WHOLE", 1)
    desk = open_desk(files)
    for slug in ("one", "two"):
        by_hand(folder, short(slug), slug)
        edited(desk, slug)
    everything = desk.everything()
    for in_use in (True, False):
        one, two = (
            everything[slug].in_use.question if in_use else everything[slug].latest.question
            for slug in ("one", "two")
        )
        assert one.whole() is one.whole()
        seen = ref(one.whole())
        if in_use:
            read_once.cache_clear()
        assert two.whole().slug == "two"
        assert seen() is None and one.whole().slug == "one"
