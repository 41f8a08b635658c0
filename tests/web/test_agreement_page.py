"""Whether raters agree, of live interviews that were led and marked here: the page, and the command on its database."""

import json
import re
from datetime import UTC, datetime

import pytest

from app.cli import main
from app.rubric.rubric import STEPS
from app.storage.db import transaction
from app.storage.people import invite
from tests.web.live.held import Browser, Held, service

HALF = {step: "2" for step in STEPS[:3]}  # of seven steps, three a level apart


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards) as client:
        yield client


def marked(client, **levels):
    """An interview that Dana gave threes in, and Ben these levels."""
    held = Held(client, ("Ben", "interviewer")).talk()
    held.mark()
    held.mark(held.others["Ben"], **levels)
    return held


def figures(page, heading):
    """The cells of the first row of the table below a heading."""
    table = page[page.index(f">{heading}</h2>") :]
    row = re.search(r"<tbody><tr.*?</tr>", table, re.S)[0]
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", row, re.S)]


def test_with_nothing_marked_the_page_says_how_to_begin(client):
    page = client.get("/agreement").text
    assert "Nothing to compare yet" in page and "Invite a co-interviewer" in page


def test_people_are_compared_by_what_they_gave_alone(client):
    held = marked(client, **HALF)
    held.settle()
    held.settle(held.others["Ben"], seen="1", **{"level.data": "0"})
    page = client.get("/agreement").text
    assert figures(page, "People with people")[:3] == ["1", "7", "0"]
    assert "(0.57)" in page and "(1.00)" in page
    assert "Dana and Ben" in page or "Ben and Dana" in page
    scorer = figures(page, "People with the scorer")
    assert scorer[0] == "2" and int(scorer[1]) + int(scorer[2]) == 14


def test_one_rater_is_compared_with_the_scorer_alone(client):
    held = Held(client).talk()
    held.mark()
    page = client.get("/agreement").text
    assert "No interview has levels from two people yet" in page
    assert "People with the scorer" not in page  # nobody has asked for its report
    held.host.get(f"{held.address}/compare")
    assert "People with the scorer" in client.get("/agreement").text


def test_what_could_not_be_judged_is_skipped_and_not_a_nought(client):
    marked(client, data="none", serving="none")
    assert figures(client.get("/agreement").text, "People with people")[:3] == ["1", "5", "2"]


def test_months_are_told_apart(client):
    marked(client)
    client.clock.ms += 40 * 24 * 3600 * 1000
    marked(client, **HALF)
    page = client.get("/agreement").text
    months = re.findall(r'<th scope="row">(\d{4}-\d\d)</th>', page)
    assert len(months) == 2 and months == sorted(months)
    assert page.count("<polyline") == 2


def test_the_command_reads_the_same_levels_from_the_database(client, tmp_path, capsys):
    marked(client, **HALF).host.get("/agreement")

    def agreement(*options):
        with pytest.raises(SystemExit) as left:
            main(["agreement", "--database", f"{tmp_path}/live.db", "--format", "json", *options])
        return int(left.value.code or 0), json.loads(capsys.readouterr().out or "null")

    status, found = agreement()
    assert status == 0
    assert (found["raters"], found["overall"]["n"]) == (["Ben", "Dana"], 7)
    assert found["overall"]["exact"] == round(4 / 7, 4)
    assert {step["id"]: step["exact"] for step in found["steps"]}["data"] == 0
    held = Held(client, host_name="Cleo").talk()
    held.mark()
    held.host.get(f"{held.address}/compare")
    assert agreement()[1]["overall"]["items"] == 1
    assert agreement("--machine")[1]["raters"] == ["Ben", "Cleo", "Dana", "offline-1"]


@pytest.mark.parametrize(
    "arguments, status, said",
    [
        (["FILE", "--machine"], 2, "without a FILE"),
        (["FILE", "--database", "x.db"], 2, "without a FILE"),
        (["--database", "/nowhere/x.db"], 3, "There is no database at /nowhere/x.db"),
        (["--database", "EMPTY"], 3, "No live session has been marked yet"),
    ],
)
def test_the_command_says_what_it_cannot_read(arguments, status, said, tmp_path, capsys):
    named = [f"{tmp_path}/empty.db" if a == "EMPTY" else a for a in arguments]
    (tmp_path / "empty.db").touch()
    with pytest.raises(SystemExit) as left:
        main(["agreement", *named])
    assert left.value.code == status
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "role, status", [("admin", 200), ("interviewer", 200), ("curator", 404), (None, 401)]
)
def test_the_page_is_for_those_who_lead_interviews(tmp_path, standards, role, status):
    with service(tmp_path, standards, token="a-token-of-the-owner") as client:
        browser = Browser(client)
        if role is not None:
            with transaction(client.app.state.home.engine) as db:
                _, secret = invite(db, role, "Pat", datetime.now(UTC))
            browser.post("/enter", token=secret)
        assert browser.get("/agreement").status_code == status


def test_two_people_of_one_name_are_two_raters(client):
    held = Held(client, ("Dana", "interviewer")).talk()
    held.mark()
    held.mark(held.others["Dana"], **HALF)
    page = client.get("/agreement").text
    assert "<dt>Raters</dt><dd>2</dd>" in page
    assert figures(page, "People with people")[1] == "7"
