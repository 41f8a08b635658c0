"""What comes in may be hostile: refused with a plain sentence or shown inert, and nothing is written outside."""

import csv
import io
import json
import re
import time
import zipfile

import pytest

from app.bank.asking import load_asking
from app.bank.bank import Shelf, find_questions, get_question, path_of
from app.bank.card import card_of
from app.bank.lines import problems_by_line
from app.bank.parcel import plan, read_parcel, to_csv, to_json, to_zip
from app.bank.question import Question
from app.bank.rewrite import set_fields
from app.bank.search import Cards, Wanted
from app.bank.slug import wrong_slug
from app.cli import main
from app.concepts.words import Reader
from app.content import parse_yaml, read_text
from app.errors import InvalidContent, NotFound
from app.rubric.shelf import get_rubric

WAKE = read_text(find_questions()["wake-word"])
SCRIPT = "<script>alert('x')</script>"
LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMBS = {
    "aliases": LAUGHS,
    "an alias in a question": WAKE.replace("title: ", "title: &t ", 1) + "\nmore: *t\n",
    "merge keys": "base: &b {a: 1}\nslug:\n  <<: *b\n",
    "a python object": "!!python/object/apply:os.system ['touch /tmp/evil']",
    "a python name": "slug: !!python/name:os.system ''",
    "an own tag": "slug: !evil {a: 1}",
    "ten megabytes": "a: " + "x" * 10_000_000,
    "deep brackets": "[" * 50_000,
    "deep blocks": "\n".join(" " * n + "a:" for n in range(400)),
    "many documents": "a: 1\n---\nb: 2\n",
    "a NUL": "slug: a\x00b",
    "an escape": "slug: \x1b[31m",
    "a huge number": "difficulty: " + "9" * 10_000,
    "no mapping": "- 1\n- 2\n",
    "keys that are lists": "? [a, b]\n: c\n",
    "nothing": "",
}
SLUGS = (
    "../evil",
    "..",
    "%2e%2e",
    "%2e%2e%2fevil",
    "/etc/evil",
    "C:evil",
    "con",
    "nul",
    "com1",
    "evil.",
    "evil\x00",
    "evil\n",
    "\u2024\u2024/evil",
    "\uff0e\uff0e",
    "evil/../../x",
    "EVIL",
    "-evil",
    "a" * 200,
    "",
    " ",
    "é",
    "evil.yaml",
    "_asking",
    ".evil",
)


@pytest.fixture(scope="module")
def rubric():
    return get_rubric()


@pytest.fixture(scope="module")
def told(rubric):
    asking = load_asking()
    return lambda text: problems_by_line(text, rubric, asking)


@pytest.fixture
def content(tmp_path, monkeypatch):
    folder = tmp_path / "content"
    (folder / "question_bank").mkdir(parents=True)
    monkeypatch.setenv("SEVENSTEP_CONTENT", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main(["bank", *(str(argument) for argument in arguments)])
    return int(left.value.code or 0)


def everything(folder):
    return sorted(
        str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() or p.is_symlink()
    )


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_text_is_refused_in_a_sentence_and_at_once(told, name):
    begun = time.perf_counter()
    problems = told(BOMBS[name])
    assert time.perf_counter() - begun < 5
    assert problems and all(p.line >= 1 and len(p.sentence) < 500 for p in problems)
    assert not any("Traceback" in p.sentence or "\x1b" in p.sentence for p in problems)


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_text_cannot_be_changed(name):
    with pytest.raises(InvalidContent):
        set_fields(BOMBS[name], {"title": "x", "facts/a/answer": "x"})


def test_no_hostile_text_is_brought_in(content, tmp_path, capsys):
    names = []
    for number, text in enumerate(BOMBS.values()):
        names.append(tmp_path / f"in-{number}.yaml")
        names[-1].write_text(text, "utf-8", newline="")
    assert run("import", *names, "--yes", "--duplicates") == 3
    out = capsys.readouterr().out
    assert f"\n{len(BOMBS)} invalid\n" in out and "\x1b" not in out
    assert everything(content) == []


@pytest.mark.parametrize("slug", SLUGS, ids=ascii)
def test_a_slug_that_is_a_path_leads_nowhere(slug, content, tmp_path):
    assert wrong_slug(slug)
    if slug not in ("con", "nul", "com1"):
        assert path_of(slug, content) is None
        with pytest.raises(NotFound):
            get_question(slug, content)
    with pytest.raises(InvalidContent):
        to_zip({slug: WAKE})
    if "\x00" not in slug and slug and not slug.startswith("-"):
        assert run("new", slug) == 3
        assert run("export", slug, "--to", tmp_path / "out") == 3
    assert everything(content) == [] and not (tmp_path / "out").exists()


def test_no_slug_that_is_a_path_is_brought_in(content, tmp_path, capsys):
    value = parse_yaml(WAKE, "it")
    (tmp_path / "in.json").write_text(json.dumps([value | {"slug": s} for s in SLUGS]), "utf-8")
    assert run("import", tmp_path / "in.json", "--yes", "--duplicates") == 3
    out = capsys.readouterr().out
    assert f"\n{len(SLUGS)} invalid\n" in out
    assert everything(content) == [] and not list(tmp_path.parent.glob("*evil*"))


def zipped(*files, **how):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, data)
    return out.getvalue()


def link(name, target):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    return info, target


@pytest.mark.parametrize(
    "name",
    [
        "../evil.yaml",
        "/etc/evil.yaml",
        "..\\evil.yaml",
        "C:\\evil.yaml",
        "a/../../evil.yaml",
        "\\\\host\\evil.yaml",
    ],
    ids=ascii,
)
def test_a_name_that_leads_out_of_the_zip_is_left_out(name):
    (entry,) = read_parcel("in.zip", zipped((name, WAKE)))
    assert "leads out of its folder" in entry.problem or "is no question" in entry.problem
    assert not entry.text


def test_links_in_a_zip_are_left_out():
    (entry,) = read_parcel("in.zip", zipped(link("evil.yaml", "/etc/passwd")))
    assert entry.problem == "is a link, not a file"


def test_a_zip_bomb_is_stopped_while_it_unpacks():
    begun = time.perf_counter()
    (entry,) = read_parcel("in.zip", zipped(("evil.yaml", b"a" * 1_900_000)))
    assert entry.problem == "is packed too tightly to be a text"
    (entry,) = read_parcel("in.zip", zipped(("evil.json", b" " * 300_000_000)))
    assert entry.problem == "is packed too tightly to be a text"
    assert time.perf_counter() - begun < 5


def test_a_zip_that_lies_about_its_sizes_is_measured():
    data = bytearray(zipped(("evil.yaml", b"a" * 3_000_000)))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    (entry,) = read_parcel("in.zip", bytes(data))
    assert entry.problem and not entry.text


def test_a_zip_of_too_many_files_is_refused_before_it_is_read():
    with pytest.raises(InvalidContent, match="more than 10000 files"):
        read_parcel("in.zip", b"PK\x01\x02" * 10_001)


def test_a_zip_in_a_zip_is_not_opened():
    (entry,) = read_parcel("in.zip", zipped(("inner.zip", zipped(("a.yaml", WAKE)))))
    assert "is no question" in entry.problem


def test_broken_zips_are_refused():
    good = zipped(("a.yaml", WAKE))
    for n in range(0, len(good), 97):
        broken = good[:n] + bytes([good[n] ^ 0xFF]) + good[n + 1 :]
        try:
            entries = read_parcel("in.zip", broken)
        except InvalidContent:
            continue
        assert all(e.problem or e.text == WAKE for e in entries)


def scripted():
    """wake-word with a script in every field of free text."""
    value = parse_yaml(WAKE, "it")
    marked = json.loads(
        re.sub(
            r'"(title|category|modality|licence|about|answer|says|what|baseline|no_ml_when)": "',
            rf'"\1": "{SCRIPT} =1+1 ',
            json.dumps(value),
        )
    )
    marked["title"] = f'=HYPERLINK("http://x") {SCRIPT}'
    marked["authors"] = ["@SUM(A1)", SCRIPT]
    marked["prompt"] = f"+{SCRIPT} {{{{ 7*7 }}}} " + marked["prompt"]
    return Question.model_validate(marked)


def test_scripts_are_inert_in_what_is_given_out(rubric):
    question = scripted()
    card = card_of(question, "0" * 64, rubric)
    (row,) = csv.DictReader(io.StringIO(to_csv([card])))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
    text = to_json([question])
    assert "<" not in text and Question.model_validate(json.loads(text)[0]) == question
    (entry,) = read_parcel("in.json", text.encode())
    assert Question.model_validate(parse_yaml(entry.text, "it")) == question
    assert Cards([card]).find(Wanted(text=SCRIPT)).total == 1


def test_an_address_with_a_script_is_escaped():
    link = Wanted(text=SCRIPT, tag='"><img src=x onerror=alert(1)>').to_query()
    assert not set("<>\"' ()") & set(link)


def test_a_link_in_the_bank_folder_does_not_show_other_files(content, tmp_path, capsys):
    secret = tmp_path / "secret.yaml"
    secret.write_text("password: hunter2\n" + WAKE, "utf-8")
    (content / "question_bank" / "wake-word.yaml").symlink_to(secret)
    (content / "question_bank" / "loop.yaml").symlink_to(content / "question_bank" / "loop.yaml")
    (content / "question_bank" / "nowhere.yaml").symlink_to("nothing.yaml")
    (content / "question_bank" / "folder.yaml").mkdir()
    shelf = Shelf(content)
    assert "wake-word" not in shelf.all()
    assert any("wake-word.yaml is a link that leads out" in problem for problem in shelf.problems)
    assert run("lint", "wake-word", "loop", "nowhere", "folder") == 3
    assert run("export", "--format", "json", "--to", tmp_path / "out.json") == 3
    assert "hunter2" not in (tmp_path / "out.json").read_text("utf-8") + str(capsys.readouterr())


def test_a_link_is_replaced_and_not_written_through(content, tmp_path, capsys):
    outside = tmp_path / "outside.yaml"
    outside.write_text(WAKE, "utf-8")
    (content / "question_bank" / "wake-word.yaml").symlink_to(outside)
    (tmp_path / "wake-word.yaml").write_text(
        WAKE.replace("status: published", "status: draft"), "utf-8"
    )
    run("import", tmp_path / "wake-word.yaml", "--yes")
    assert outside.read_text("utf-8") == WAKE


def test_a_plan_of_many_hostile_texts_is_made(told, rubric):
    entries = [
        e for name, text in BOMBS.items() for e in read_parcel(f"{name[:2]}.yaml", text.encode())
    ]
    planned = plan(entries, {}, told, Reader(rubric.lexicon))
    assert {entry.kind for entry in planned.entries} == {"invalid"}
    assert all(entry.problems for entry in planned.entries)
