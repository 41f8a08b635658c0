"""What comes out goes in again as the same; what would come in is told before anything is written."""

import csv
import io
import json
import zipfile

import pytest

from app.bank.asking import load_asking
from app.bank.bank import Shelf, find_questions
from app.bank.card import card_of
from app.bank.lines import problems_by_line
from app.bank.parcel import (
    Entry,
    Present,
    plan,
    question_yaml,
    read_parcel,
    to_csv,
    to_json,
    to_zip,
)
from app.bank.question import Question
from app.concepts.words import Reader
from app.content import Told, parse_yaml, read_text
from app.errors import InvalidContent
from app.rubric.shelf import get_rubric

SLUGS = ("wake-word", "news-feed", "credit-scoring")


@pytest.fixture(scope="module")
def kept():
    return Shelf(None).all()


@pytest.fixture(scope="module")
def texts():
    return {slug: read_text(path) for slug, path in find_questions().items()}


@pytest.fixture(scope="module")
def planned(kept, texts):
    rubric, asking = get_rubric(), load_asking()
    reader = Reader(rubric.lexicon)
    present = {slug: Present(kept[slug].question, texts[slug]) for slug in SLUGS}

    def lint(text):
        if "? Why?" in text:
            return [Told(7, "asks 2 questions")]
        return problems_by_line(text, rubric, asking) if "difficulty: 11" in text else []

    return lambda entries: plan(entries, present, lint, reader)


def test_a_zip_gives_back_every_text_and_is_the_same_each_time(texts):
    some = {slug: texts[slug] for slug in SLUGS}
    packed = to_zip(some)
    assert packed == to_zip(some)
    entries = read_parcel("all.zip", packed)
    assert [(e.name, e.text, e.problem) for e in entries] == [
        (f"{slug}.yaml", some[slug], "") for slug in SLUGS
    ]


def test_json_gives_back_every_question(kept):
    questions = [kept[slug].question for slug in SLUGS]
    entries = read_parcel("all.json", to_json(questions).encode())
    assert not any(e.problem for e in entries)
    assert [Question.model_validate(parse_yaml(e.text, e.name)) for e in entries] == questions


def test_json_becomes_yaml_in_the_order_of_the_schema(kept):
    value = kept["wake-word"].question.model_dump(mode="json", exclude_defaults=True)
    turned = dict(reversed(value.items()))
    assert list(parse_yaml(question_yaml(turned), "x")) == [
        f for f in Question.model_fields if f in value
    ]


def test_a_summary_has_a_row_for_each(kept):
    rubric = get_rubric()
    cards = [card_of(kept[slug].question, kept[slug].sha256, rubric) for slug in SLUGS]
    rows = list(csv.DictReader(io.StringIO(to_csv(cards))))
    assert [row["slug"] for row in rows] == list(SLUGS)
    assert rows[0]["facts"] == str(len(kept["wake-word"].question.facts))


def test_what_is_there_already_is_the_same_whatever_it_came_as(planned, kept, texts):
    questions = [kept[slug].question for slug in SLUGS]
    assert {
        e.kind for e in planned(read_parcel("a.zip", to_zip({s: texts[s] for s in SLUGS}))).entries
    } == {"same"}
    assert {
        e.kind for e in planned(read_parcel("a.json", to_json(questions).encode())).entries
    } == {"same"}


def test_what_differs_is_said_in_a_few_words_and_line_by_line(planned, texts):
    text = texts["wake-word"].replace("version: 1", "version: 2", 1)
    text = text.replace(
        "One a week in a household with a television.",
        "Two a week in a household with a television.",
    )
    (entry,) = planned([Entry("wake-word.yaml", text)]).entries
    assert entry.kind == "changed"
    assert entry.changes == ("version 1 to 2", "1 fact changed (wakes-for-nothing)")
    assert "-version: 1" in entry.diff and "+version: 2" in entry.diff


def test_other_comments_are_a_change(planned, texts):
    (entry,) = planned([Entry("wake-word.yaml", "# A remark\n" + texts["wake-word"])]).entries
    assert (entry.kind, entry.changes) == ("changed", ("comments or layout only",))


def test_a_new_question_is_new_and_the_second_of_its_name_is_refused(planned, texts):
    one = Entry("payment-fraud.yaml", texts["payment-fraud"])
    first, second = planned([one, one]).entries
    assert (first.kind, second.kind) == ("new", "invalid")
    assert "twice" in second.problems[0].sentence


def test_a_copy_under_another_name_is_told_with_the_sentences(planned, texts):
    text = texts["wake-word"].replace("slug: wake-word", "slug: hear-it", 1)
    (entry,) = planned([Entry("hear-it.yaml", text)]).entries
    assert entry.kind == "duplicate" and entry.duplicate.other == "wake-word"
    assert entry.duplicate.parts[0].text == entry.duplicate.parts[0].other_text
    assert not planned([Entry("hear-it.yaml", text)]).writable


def test_a_draft_may_have_problems_and_what_is_published_may_not(planned, texts):
    text = texts["payment-fraud"].replace("?", "? Why?")
    (entry,) = planned([Entry("payment-fraud.yaml", text)]).entries
    assert entry.kind == "invalid" and entry.problems == (Told(7, "asks 2 questions"),)
    (entry,) = planned([Entry("x", text.replace("status: published", "status: draft"))]).entries
    assert entry.kind == "new" and entry.problems


def test_what_the_schema_refuses_is_told_by_line(planned, texts):
    text = texts["wake-word"].replace("difficulty: 4", "difficulty: 11")
    (entry,) = planned([Entry("wake-word.yaml", text)]).entries
    assert entry.kind == "invalid"
    line = text[: text.index("difficulty: 11")].count("\n") + 1
    assert [p.line for p in entry.problems] == [line]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"x", "is no .yaml, .json or .zip"),
        ("a", b"x", "is no .yaml"),
        ("a.zip", b"PK\x03\x04 nothing", "is no zip"),
        ("a.zip", b"", "is no zip"),
        ("a.yaml", b"x" * 50_000_001, "is larger than 50 MB"),
    ],
)
def test_what_is_no_parcel_is_refused(name, data, told):
    with pytest.raises(InvalidContent, match=told):
        read_parcel(name, data)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.yaml", b"\xff\xfe", "is not UTF-8"),
        ("a.yaml", b"x" * 2_000_001, "is larger than 2 MB"),
        ("a.json", b"\xff", "is not UTF-8"),
        ("a.json", b"{", "is not valid JSON"),
        ("a.json", b"[" * 100_000, "is nested too deep"),
        ("a.json", b'{"a": NaN}', "NaN is no number"),
        ("a.json", b'{"a": 1, "a": 2}', "stands twice"),
        ("a.json", b"[1]", "is no question"),
        ("a.json", b'{"title": "\\ud800"}', "cannot be written as text"),
        ("a.json", b'{"difficulty": ' + b"9" * 5000 + b"}", "is not valid JSON"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_text_that_cannot_be_read_says_why(name, data, told):
    (entry,) = read_parcel(name, data)
    assert told in entry.problem and not entry.text


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def test_only_questions_are_taken_from_a_zip(texts):
    entries = read_parcel(
        "a.zip",
        zipped(
            {
                "question_bank/": "",
                "question_bank/wake-word.yaml": texts["wake-word"],
                "question_bank/_asking.yaml": "a: b",
                "README.md": "hello",
                "inner.zip": zipped({"a.yaml": "a"}),
                "some.json": json.dumps([{"slug": "a"}, 7]),
            }
        ),
    )
    assert [(e.name, bool(e.problem)) for e in entries] == [
        ("question_bank/wake-word.yaml", False),
        ("question_bank/_asking.yaml", True),
        ("README.md", True),
        ("inner.zip", True),
        ("some.json, number 1", False),
        ("some.json, number 2", True),
    ]
