"""`sevenstep bank rescore`: the database of a service, and another text of a question."""

import json

import pytest

from app.bank.bank import find_questions
from app.cli import main
from tests.web.live.held import service
from tests.web.test_sessions import Clock, begin, joined

SLUG = "payment-fraud"
ASKS = "How many payments do we handle on a day?"


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main(["bank", "rescore", *arguments])
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


@pytest.fixture
def database(tmp_path, standards):
    """With a session in which a fact was asked for; nobody has asked for its report."""
    with service(tmp_path, standards, clock=Clock()) as client:
        address = begin(client)
        with joined(client, address) as page:
            page.send("start")
            page.send("say", text=ASKS)
            page.send("finish")
            page.until("ev", type="session.ended")
    return f"{tmp_path}/live.db"


@pytest.fixture
def text(tmp_path):
    def other(find, put):
        text = find_questions()[SLUG].read_text("utf-8")
        assert find in text
        (tmp_path / "other.yaml").write_text(text.replace(find, put), encoding="utf-8")
        return str(tmp_path / "other.yaml")

    return other


def test_what_would_no_longer_be_told_is_named(database, text, capsys):
    given = (SLUG, "--database", database, "--with")
    assert run(capsys, *given, text("status: published", "status: draft"))[1] == (
        f"{SLUG}: 0 of 1 would change, 0 up, 0 down\n"
    )
    status, out, _ = run(capsys, *given, text("id: volume", "id: payments"), "--format", "json")
    (moved,) = json.loads(out)["moved"]
    assert status == 0
    assert (moved["told"], moved["no_longer_told"], moved["by"]) == (["payments"], ["volume"], 0)
    assert (
        "would no longer be told: volume"
        in run(capsys, *given, f"{text('id: volume', 'id: payments')}")[1]
    )


def test_what_is_not_there_is_said(text, tmp_path, capsys):
    same = text("status: published", "status: draft")
    for arguments, status, words in (
        ((SLUG,), 2, "needs --with FILE"),
        (("--with", same), 2, "needs a SLUG"),
        ((SLUG, "--with", "/nowhere.yaml"), 3, "There is no file /nowhere.yaml"),
        ((SLUG, "--with", same, "--database", f"{tmp_path}/no.db"), 3, "There is no database"),
        (("news-feed", "--with", same), 3, "slug"),
    ):
        left, _, err = run(capsys, *arguments)
        assert left == status and words in err, arguments
