"""`sevenstep bank` as an author meets it: drafts, lint, import with a plan, export; nothing is written unasked."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from app.bank.bank import find_questions
from app.cli import main
from app.commands import linting
from app.commands.linting import lint_all
from app.content import read_text

WAKE = read_text(find_questions()["wake-word"])


@pytest.fixture(autouse=True)
def content(tmp_path, monkeypatch):
    folder = tmp_path / "content"
    (folder / "question_bank").mkdir(parents=True)
    monkeypatch.setenv("SEVENSTEP_CONTENT", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("SEVENSTEP_DATABASE", raising=False)
    return folder


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main(["bank", *(str(argument) for argument in arguments)])
    return int(left.value.code or 0)


def files(content):
    return sorted(p.name for p in (content / "question_bank").iterdir())


def test_a_new_question_is_a_draft_and_says_what_to_do(content, capsys):
    assert run("new", "lamp-shop", "--title", "Sell lamps: all") == 0
    out = capsys.readouterr().out
    assert "sevenstep bank lint lamp-shop" in out
    assert files(content) == ["lamp-shop.yaml"]
    assert run("show", "lamp-shop") == 0
    assert "Sell lamps: all (lamp-shop, version 1, draft)" in capsys.readouterr().out


@pytest.mark.parametrize("slug", ["wake-word", "../lamp", "con", "Lamp", "lamp.yaml", "new"])
def test_nothing_is_overwritten_nor_written_elsewhere(content, slug, capsys):
    assert run("new", slug) == 3
    assert capsys.readouterr().err.startswith("sevenstep: ")
    assert files(content) == []


def test_a_link_to_nowhere_is_not_followed(content, tmp_path, capsys):
    (content / "question_bank" / "lamp-shop.yaml").symlink_to(tmp_path / "outside.yaml")
    assert run("new", "lamp-shop") == 3
    assert not (tmp_path / "outside.yaml").exists()


def test_a_question_from_another(content, capsys):
    assert run("new", "door-bell", "--from", "wake-word", "--title", "Hear a bell") == 0
    text = (content / "question_bank" / "door-bell.yaml").read_text("utf-8")
    assert "title: Hear a bell\n" in text and "status: draft\n" in text
    assert run("new", "door-knob", "--from", "no-such") == 3


def test_a_draft_does_not_fail_the_lint_of_all_but_its_own(content, capsys):
    run("new", "lamp-shop")
    found = lint_all({"lamp-shop": content / "question_bank" / "lamp-shop.yaml"}, content)
    assert found["lamp-shop"].status == "draft" and found["lamp-shop"].problems
    assert run("lint", "lamp-shop") == 3
    assert "is still to be written" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_fails_the_lint(content, capsys):
    (content / "question_bank" / "lamp-shop.yaml").write_text("slug: [")
    assert run("lint", "lamp-shop") == 3
    assert "lamp-shop.yaml is not valid YAML" in capsys.readouterr().out
    assert run("lint", "no-such") == 3


def test_what_has_not_changed_is_not_linted_again(content, monkeypatch):
    path = content / "question_bank" / "wake-word.yaml"
    path.write_text(WAKE, "utf-8")
    first = lint_all({"wake-word": path}, content)
    with monkeypatch.context() as patched:
        patched.setattr(linting, "_lint_one", None)
        assert lint_all({"wake-word": path}, content) == first
        path.write_text(WAKE + "# changed\n", "utf-8")
        with pytest.raises(TypeError):
            lint_all({"wake-word": path}, content)


@pytest.mark.parametrize("kept", ["", "[]", "{", '{"a": 1}', '{"a": {"problems": 7}}', "\x00"])
def test_a_cache_that_was_not_written_here_is_none(content, kept):
    path = content / "question_bank" / "wake-word.yaml"
    path.write_text(WAKE, "utf-8")
    linting.cache_folder().mkdir(parents=True)
    (linting.cache_folder() / linting.REMEMBERED).write_text(kept, "utf-8")
    assert lint_all({"wake-word": path}, content)["wake-word"].status == "published"


def test_two_processes_find_what_one_does(content):
    paths = dict(list(find_questions(content).items())[:6])
    one = lint_all(paths, content, cached=False, processes=1)
    assert lint_all(paths, content, cached=False, processes=2) == one


def test_an_import_says_what_it_would_do_and_writes_when_told_to(content, tmp_path, capsys):
    parcel = tmp_path / "in.zip"
    draft = WAKE.replace("slug: wake-word", "slug: hear-it").replace(
        "status: published", "status: draft"
    )
    with zipfile.ZipFile(parcel, "w") as packed:
        packed.writestr("wake-word.yaml", WAKE)
        packed.writestr("hear-it.yaml", draft)
        packed.writestr("../evil.yaml", WAKE)
    assert run("import", parcel) == 3
    out = capsys.readouterr().out
    assert "same      wake-word" in out
    assert "duplicate hear-it: repeats wake-word" in out
    assert "leads out of its folder" in out and "1 same, 1 duplicate, 1 invalid" in out
    assert files(content) == []
    assert run("import", parcel, "--yes") == 3 and files(content) == []
    assert run("import", parcel, "--duplicates", "--dry-run") == 3 and files(content) == []
    assert run("import", parcel, "--duplicates") == 3 and files(content) == []
    assert "Say --yes" in capsys.readouterr().out
    assert run("import", parcel, "--duplicates", "--yes") == 3
    assert files(content) == ["hear-it.yaml"]


def test_a_changed_question_replaces_its_file_whole(content, tmp_path, capsys):
    own = content / "question_bank" / "wake-word.yaml"
    own.write_text(WAKE, "utf-8")
    text = WAKE.replace("version: 1", "version: 2", 1).replace(
        "status: published", "status: draft", 1
    )
    (tmp_path / "wake-word.yaml").write_text(text, "utf-8")
    assert run("import", tmp_path / "wake-word.yaml", "--yes") == 0
    assert (
        "changed   wake-word: version 1 to 2, status published to draft" in capsys.readouterr().out
    )
    assert own.read_text("utf-8") == text and files(content) == ["wake-word.yaml"]


def test_what_replaces_a_text_in_use_gets_the_next_version(content, tmp_path, capsys):
    own = content / "question_bank" / "wake-word.yaml"
    own.write_text(WAKE, "utf-8")
    other = WAKE.replace("difficulty: 4", "difficulty: 5", 1)
    (tmp_path / "in.yaml").write_text(other, "utf-8")
    assert run("import", tmp_path / "in.yaml", "--yes") == 0
    assert "wake-word gets version 2" in capsys.readouterr().out
    assert own.read_text("utf-8") == other.replace("version: 1", "version: 2", 1)
    later = other.replace("version: 1", "version: 7", 1)
    (tmp_path / "in.yaml").write_text(later, "utf-8")
    assert run("import", tmp_path / "in.yaml", "--yes") == 0
    assert own.read_text("utf-8") == later


def test_what_was_changed_while_it_asked_is_left_as_it_is(content, tmp_path, monkeypatch, capsys):
    own = content / "question_bank" / "wake-word.yaml"
    own.write_text(WAKE, "utf-8")
    meanwhile = WAKE.replace("difficulty: ", "difficulty:  ", 1)
    monkeypatch.setattr(
        "app.commands.bank_parcel._agreed",
        lambda count: own.write_text(meanwhile, "utf-8") > 0,
    )
    draft = WAKE.replace("status: published", "status: draft", 1)
    (tmp_path / "in.yaml").write_text(draft, "utf-8")
    assert run("import", tmp_path / "in.yaml") == 3
    told = capsys.readouterr()
    assert "wake-word has been changed since the plan was made" in told.err
    assert "0 questions written" in told.out
    assert own.read_text("utf-8") == meanwhile and files(content) == ["wake-word.yaml"]


def test_what_is_no_parcel_is_named_and_the_rest_goes_on(content, tmp_path, capsys):
    (tmp_path / "a.txt").write_text("x")
    assert run("import", tmp_path / "a.txt", tmp_path / "none.yaml") == 3
    told = capsys.readouterr().err
    assert "a.txt is no .yaml, .json or .zip" in told and "none.yaml cannot be read" in told


def test_what_is_exported_comes_in_as_the_same(content, tmp_path, capsys):
    for form in ("zip", "json"):
        file = tmp_path / f"out.{form}"
        assert run("export", "wake-word", "news-feed", "--format", form, "--to", file) == 0
        assert run("import", file) == 0
        assert "2 same" in capsys.readouterr().out
    assert run("export", "wake-word", "news-feed", "--to", tmp_path / "folder") == 0
    assert (tmp_path / "folder" / "wake-word.yaml").read_text("utf-8") == WAKE


def test_an_export_is_printed(capsys):
    assert run("export", "wake-word") == 0
    assert capsys.readouterr().out == WAKE
    assert run("export", "wake-word", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)[0]["slug"] == "wake-word"
    assert run("export", "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(find_questions())
    assert run("export", "wake-word", "news-feed") == 3
    assert run("export", "no-such") == 3


def test_similar_shows_the_sentences(content, capsys):
    copy = WAKE.replace("slug: wake-word", "slug: hear-it", 1)
    (content / "question_bank" / "hear-it.yaml").write_text(copy, "utf-8")
    assert run("similar", "hear-it") == 3
    out = capsys.readouterr().out
    assert "wake-word and hear-it (1.00)" in out and "1 pairs" in out
    assert run("similar", "hear-it", "--format", "json") == 3
    (pair,) = json.loads(capsys.readouterr().out)
    assert pair["parts"][0]["text"] == pair["parts"][0]["other_text"]
    assert run("similar", "news-feed") == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("lint", "--to", "x"), "--to is for export."),
        (("list", "--advice"), "--advice is for lint."),
        (("new", "a-b", "c-d"), "new takes one SLUG."),
        (("new",), "new needs a SLUG."),
        (("import",), "import needs a FILE."),
        (("export", "--format", "text"), "export prints yaml or json or csv or zip, not text."),
        (("show", "wake-word", "--from", "x"), "--from is for new."),
        (("export", "--drafts"), "--drafts needs --database URL: they wait in a database."),
    ],
)
def test_wrong_use_is_told_in_a_sentence(arguments, told, capsys):
    assert run(*arguments) == 2
    assert told in capsys.readouterr().err


def test_health_is_told_in_words_and_as_json(monkeypatch, capsys):
    monkeypatch.setattr("app.commands.bank_check.lint_all", lambda *a, **k: {})
    assert run("health") == 0
    out = capsys.readouterr().out
    assert "questions in use" in out and "Gaps" in out and "Figures worked out" in out
    assert run("health", "--format", "json") == 0
    value = json.loads(capsys.readouterr().out)
    assert value["questions"] == sum(row["questions"] for row in value["matrix"])
    assert run("health", "--database", "/nowhere/at.db") == 3


def test_sessions_are_told_of_where_a_database_is_named(monkeypatch, tmp_path, capsys):
    from app.storage.db import migrate, open_database

    engine = open_database(f"sqlite:///{tmp_path}/kept.db")
    migrate(engine)
    engine.dispose()
    monkeypatch.setattr("app.commands.bank_check.lint_all", lambda *a, **k: {})
    assert run("health", "--database", tmp_path / "kept.db") == 0
    assert "questions were never used" in capsys.readouterr().out
    assert run("export", "wake-word", "--database", tmp_path / "kept.db") == 0
    assert capsys.readouterr().out == WAKE


def test_a_draft_in_a_database_is_exported_on_request(content, tmp_path, capsys):
    from app.storage.db import migrate, open_database
    from app.storage.desk import Desk
    from app.storage.revisions import Author, sha256_of

    database = tmp_path / "kept.db"
    engine = open_database(f"sqlite:///{database}")
    migrate(engine)
    desk = Desk(engine, content, lambda: datetime(2026, 5, 1, tzinfo=UTC), files=True)
    text = WAKE.replace("difficulty: ", "difficulty:  ", 1)
    desk.save("wake-word", text, base=sha256_of(WAKE), author=Author("Ada"))
    engine.dispose()
    assert run("export", "wake-word", "--database", database) == 0
    assert capsys.readouterr().out == WAKE
    assert run("export", "wake-word", "--database", database, "--drafts") == 0
    assert "status: draft" in capsys.readouterr().out
