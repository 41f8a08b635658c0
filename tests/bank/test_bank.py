"""Every question of the bank keeps the rules, and the linter sees each way of breaking them."""

import json
import os
from pathlib import Path

import pytest

from app.bank.asking import load_asking
from app.bank.bank import Shelf, find_questions, get_question, load_question, read_question
from app.bank.lint import lint_question
from app.bank.question import Question
from app.bank.rewrite import set_fields
from app.content import read_yaml
from app.errors import InvalidContent, NotFound
from app.rubric.shelf import get_rubric

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = find_questions()
FIRST_TWELVE = (
    "payment-fraud points-of-interest news-feed shoe-try-on dynamic-pricing photo-search ad-click "
    "harmful-content delivery-eta similar-listings support-assistant predictive-maintenance"
).split()


@pytest.fixture(scope="module")
def rubric():
    return get_rubric()


@pytest.fixture(scope="module")
def asking():
    return load_asking()


@pytest.fixture(scope="module")
def question():
    return get_question("payment-fraud").question


@pytest.mark.parametrize("slug", sorted(QUESTIONS))
def test_a_question_keeps_the_rules(slug, rubric, asking):
    kept = load_question(QUESTIONS[slug])
    assert kept.question.status == "published"
    assert lint_question(kept.question, rubric, asking) == []


def test_the_schema_for_editors_is_current():
    written = json.loads((ROOT / "question_bank" / "question.schema.json").read_text("utf-8"))
    assert written == Question.model_json_schema()


def broken(question, **changes):
    return Question.model_validate({**question.model_dump(), **changes})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (lambda q: {"facts": q["facts"][:4]}, "4 facts; 10 are needed"),
        (lambda q: {"twists": q["twists"][:1]}, "1 twists; 2 are needed"),
        (lambda q: {"traps": q["traps"][:2]}, "2 traps; 4 are needed"),
        (lambda q: {"facts": [*q["facts"], q["facts"][0]]}, "is used 2 times"),
        (
            lambda q: {"expects": {**q["expects"], "no-such": next(iter(q["expects"].values()))}},
            "no criterion no-such",
        ),
        (lambda q: {"prompt": "Design it. " * 90}, "can be listened to"),
        (
            lambda q: {"prompt": q["prompt"] + " You have 80 milliseconds."},
            "prompt: gives away latency",
        ),
        (
            lambda q: {
                "facts": [{**q["facts"][0], "about": "the 80 milliseconds"}, *q["facts"][1:]]
            },
            "about: gives away latency",
        ),
        (
            lambda q: {
                "follow_ups": [{**q["follow_ups"][0], "ask": "Why? And how?"}, *q["follow_ups"][1:]]
            },
            "asks 2 questions",
        ),
        (
            lambda q: {
                "facts": [{**q["facts"][0], "answer": "What do you think?"}, *q["facts"][1:]]
            },
            "the answer asks something",
        ),
        (
            lambda q: {"facts": [{**q["facts"][0], "ask": q["facts"][1]["ask"]}, *q["facts"][1:]]},
            "' finds",
        ),
        (
            lambda q: {"facts": [{**q["facts"][0], "forms": ["the of"] * 3}, *q["facts"][1:]]},
            "only function words",
        ),
        (
            lambda q: {
                "facts": [{**q["facts"][0], "forms": ["goal|aim how|what"] * 3}, *q["facts"][1:]]
            },
            "the slot 'how|what' has only function words and vanishes",
        ),
        (
            lambda q: {
                "facts": [
                    {
                        **q["facts"][0],
                        "ask": [*q["facts"][0]["ask"], q["facts"][0]["ask"][0] + "!"],
                    },
                    *q["facts"][1:],
                ]
            },
            "are one way of asking",
        ),
    ],
)
def test_the_linter_says_what_is_wrong(question, rubric, asking, changes, told):
    changed = broken(question, **changes(question.model_dump()))
    assert any(told in problem for problem in lint_question(changed, rubric, asking))


def test_a_file_tells_all_its_problems_and_its_name(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("slug: wrong\nstatus: done\ncolour: red\n")
    with pytest.raises(InvalidContent) as refused:
        load_question(path)
    told = "\n".join(refused.value.problems)
    assert all(word in told for word in ("wrong.yaml", "status", "colour", "facts"))


def test_a_question_of_ones_own_shadows_the_built_in_and_is_read_after_an_edit(tmp_path):
    folder = tmp_path / "question_bank"
    folder.mkdir()
    text = QUESTIONS["payment-fraud"].read_text("utf-8")
    (folder / "payment-fraud.yaml").write_text(text.replace("version: 1", "version: 7", 1))
    shelf = Shelf(tmp_path)
    assert shelf.published()["payment-fraud"].question.version == 7
    (folder / "payment-fraud.yaml").write_text(text.replace("version: 1", "version: 81", 1))
    assert shelf.published()["payment-fraud"].question.version == 81
    (folder / "payment-fraud.yaml").write_text("slug: [")
    assert "payment-fraud" not in shelf.published() and shelf.problems


def test_a_copy_with_the_time_and_size_of_another_text_is_read(tmp_path):
    (tmp_path / "question_bank").mkdir()
    path = tmp_path / "question_bank" / "payment-fraud.yaml"
    text = set_fields(QUESTIONS["payment-fraud"].read_text("utf-8"), {"title": "One title"})
    path.write_text(text, "utf-8")
    shelf, was = Shelf(tmp_path), path.stat()
    assert shelf.all()["payment-fraud"].question.title == "One title"
    beside = path.with_suffix(".copy")
    beside.write_text(text.replace("One title", "Two title"), "utf-8")
    os.utime(beside, ns=(was.st_atime_ns, was.st_mtime_ns))
    beside.replace(path)
    assert shelf.all()["payment-fraud"].question.title == "Two title"
    path.write_text(text.replace("One title", "Six title"), "utf-8")
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert shelf.all()["payment-fraud"].question.title == "Six title"


def test_a_file_that_is_removed_before_it_is_read_is_a_problem_of_content(tmp_path):
    with pytest.raises(InvalidContent, match="gone.yaml cannot be read"):
        load_question(tmp_path / "gone.yaml")


@pytest.mark.parametrize("version", [0, 1_000_001, 10**26])
def test_a_version_has_bounds(version):
    text = QUESTIONS["payment-fraud"].read_text("utf-8")
    assert read_question(set_fields(text, {"version": 1_000_000}), "payment-fraud", "it")
    with pytest.raises(InvalidContent, match="version"):
        read_question(set_fields(text, {"version": version}), "payment-fraud", "it")


def test_a_slug_that_is_no_file_reads_nothing():
    for slug in ("../secrets", "nothing", "", "PAYMENT-FRAUD"):
        with pytest.raises(NotFound):
            get_question(slug)


def test_yaml_and_model_agree_on_every_field():
    value = read_yaml(QUESTIONS["payment-fraud"])
    assert set(value) <= set(Question.model_fields)
