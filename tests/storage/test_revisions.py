"""The journal of authored texts: nothing in it is lost, and nobody overwrites another unseen."""

import threading
from datetime import UTC, datetime

import pytest

from app.errors import NotFound
from app.storage.db import migrate, open_database, transaction, writing
from app.storage.revisions import (
    Author,
    Stale,
    answers_shown,
    append,
    get_revision,
    heads,
    history,
    last_seq,
    latest,
    show_answers,
    text_of,
    texts_of,
)

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
ADA = Author("Ada", "p1")


@pytest.fixture
def engine(url):
    engine = open_database(url)
    migrate(engine)
    yield engine
    engine.dispose()


def keep(engine, content, base, *, id="payment-fraud", action="edited", status="draft", **more):
    with writing(engine) as db:
        return append(
            db,
            "question",
            id,
            content,
            base=base,
            action=action,
            status=status,
            **{"version": 1, "author": ADA, "now": NOW, **more},
        )


def test_every_text_is_kept_with_who_when_and_why(engine):
    first = keep(engine, "slug: a\n", 0, action="created")
    second = keep(engine, "slug: b # better\n", 1, comment="clearer")
    with transaction(engine) as db:
        assert history(db, "question", "payment-fraud") == [second, first]
        assert latest(db, "question", "payment-fraud") == second
        assert get_revision(db, "question", "payment-fraud", 1) == first
        assert text_of(db, first.sha256) == "slug: a\n"
        assert texts_of(db, [first.sha256, second.sha256, "0"])[second.sha256].endswith("better\n")
        assert (second.author, second.at, second.comment) == (ADA, NOW, "clearer")
        assert last_seq(db) == second.seq > first.seq
        assert history(db, "rubric", "payment-fraud") == []
        with pytest.raises(NotFound):
            get_revision(db, "question", "payment-fraud", 3)


def test_who_started_from_an_older_text_is_told_what_stands_now(engine):
    keep(engine, "one", 0)
    theirs = keep(engine, "two", 1)
    for base in (0, 1, 3):
        with pytest.raises(Stale) as refused:
            keep(engine, "mine", base)
        assert refused.value.head == theirs


def test_of_twenty_who_edit_at_once_each_loses_nothing_unseen(engine):
    """Everybody adds a line to what they saw last, and again where another was first: all lines are in the end."""
    keep(engine, "", 0)
    gate = threading.Barrier(20)
    told = []

    def edit(number):
        gate.wait()
        while True:
            with transaction(engine) as db:
                head = latest(db, "question", "payment-fraud")
                seen = text_of(db, head.sha256)
            try:
                keep(engine, f"{seen}{number}\n", head.number)
                return
            except Stale:
                told.append(number)

    editors = [threading.Thread(target=edit, args=(number,)) for number in range(20)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join(120)
    with transaction(engine) as db:
        kept = history(db, "question", "payment-fraud")
        assert [revision.number for revision in kept] == list(range(21, 0, -1))
        assert sorted(map(int, text_of(db, kept[0].sha256).split())) == list(range(20))
        assert [revision.seq for revision in kept] == sorted(
            (revision.seq for revision in kept), reverse=True
        )
    assert told


def test_the_latest_of_each_and_the_latest_that_was_published(engine):
    keep(engine, "a1", 0, status="published", action="published")
    draft = keep(engine, "a2", 1)
    other = keep(engine, "b1", 0, id="ad-click", status="published", action="imported")
    with transaction(engine) as db:
        assert heads(db, "question") == {"ad-click": other, "payment-fraud": draft}
        published = heads(db, "question", ("published", "retired"))
        assert {id: head.number for id, head in published.items()} == {
            "ad-click": 1,
            "payment-fraud": 1,
        }


def test_a_question_whose_answers_were_shown_stays_so(engine):
    with writing(engine) as db:
        assert answers_shown(db) == frozenset()
        show_answers(db, "ad-click", NOW)
        show_answers(db, "ad-click", NOW)
    with transaction(engine) as db:
        assert answers_shown(db) == {"ad-click"}
