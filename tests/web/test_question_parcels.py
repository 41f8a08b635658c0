"""Questions in and out, by somebody who may want to practise them; and whatever odd is sent to the curators' pages."""

import io
import json
import re
import zipfile
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from app.bank.bank import find_questions
from app.main import create_app
from app.settings import Settings
from tests.storage.conftest import fresh_postgres, own_postgres, postgres  # noqa: F401
from tests.web.conftest import NOW

SLUG = "payment-fraud"
HERE = f"/questions/{SLUG}"
TEXT = find_questions()[SLUG].read_text("utf-8")
OWNER = {"authorization": "Bearer open sesame"}
ANSWER = "80 milliseconds"  # stands in a fact of it
HUGE = "9" * 26


def titled(title, text=TEXT):
    return re.sub(r"(?m)^title: .*$", f"title: {title}", text, count=1)


def plan_of(client, text, name="one.yaml"):
    return client.post("/questions/import", files={"file": (name, text.encode())})


def ticked(page):
    return re.findall(r'name="take" value="([^"]+)"', page)


def base_of(page):
    return re.search(r'name="base" value="([0-9a-f]{64})"', page)[1]


def save(client, text):
    base = base_of(client.get(f"{HERE}/yaml").text)
    return client.post(f"{HERE}/yaml", data={"text": text, "base": base})


def send(client, path, pairs):
    """As a browser sends a form."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return client.post(path, content=urlencode(pairs), headers=headers)


def exported(client, **query):
    """slug -> text."""
    sent = client.get("/questions/export", params={"format": "zip", **query})
    with zipfile.ZipFile(io.BytesIO(sent.content)) as packed:
        return {n.removesuffix(".yaml"): packed.read(n).decode() for n in packed.namelist()}


@pytest.fixture
def desk(client):
    assert client.post(f"{HERE}/answers").status_code == 303
    return client


# alone on a machine --------------------------------------------------------------------------------
def test_somebody_alone_is_given_the_answers_of_opened_questions_only(desk):
    assert list(exported(desk)) == [SLUG]
    listed = desk.get("/questions/export?format=json").json()
    assert [one["slug"] for one in listed] == [SLUG]
    assert len(desk.get("/questions/export?format=csv").text.splitlines()) > 60
    page = desk.get("/questions/export").text
    assert "left out of the zip and the JSON" in page and "sevenstep bank export" in page


def test_the_curators_of_a_house_are_given_all(serve):
    client = serve(token="open sesame")
    client.headers.update(OWNER)
    assert exported(client).keys() == find_questions().keys()
    assert "left out" not in client.get("/questions/export").text
    assert HERE in client.get("/questions", params={"text": ANSWER}).text
    assert ANSWER in plan_of(client, TEXT.replace(ANSWER, "a second")).text


def test_a_plan_shows_nothing_of_what_was_not_opened(client):
    emptied = TEXT.replace(ANSWER, "a second")
    page = plan_of(client, emptied).text
    assert "Changed" in page and "once its answers are opened" in page
    assert ANSWER not in page and "Line by line" not in page and len(ticked(page)) == 1
    copy = plan_of(client, TEXT.replace(f"slug: {SLUG}", "slug: wallet-copy", 1)).text
    assert "Reads like" in copy and "” beside “" not in copy
    client.post(f"{HERE}/answers")
    assert ANSWER in plan_of(client, emptied).text
    copy = plan_of(client, TEXT.replace(f"slug: {SLUG}", "slug: wallet-copy", 1)).text
    assert "” beside “" in copy


def test_hidden_words_are_searched_only_where_they_were_opened(client):
    found = {"params": {"text": ANSWER}}
    assert f'href="{HERE}"' not in client.get("/questions", **found).text
    client.post(f"{HERE}/answers")
    assert f'href="{HERE}"' in client.get("/questions", **found).text


def test_facts_that_read_alike_are_not_shown_of_what_was_not_opened(client):
    copy = TEXT.replace(f"slug: {SLUG}", "slug: wallet-copy", 1)
    take = ticked(plan_of(client, copy).text)
    assert "1 imported" in client.post("/questions/import/write", data={"take": take}).text
    page = client.get("/questions/health").text
    assert "wallet-copy" in page and "beside" not in page
    assert f'href="{HERE}"' in client.get("/questions/wallet-copy/health").text
    client.post(f"{HERE}/answers")
    assert "beside" in client.get("/questions/health").text


# what waits ----------------------------------------------------------------------------------------
def test_an_export_holds_what_is_in_use_and_drafts_when_asked(desk):
    assert save(desk, titled("Only a draft")).status_code == 303
    assert exported(desk)[SLUG] == TEXT
    page = desk.get("/questions/export").text
    assert "On 1 of them a draft waits" in page and "drafts=1" in page
    draft = exported(desk, drafts="1")[SLUG]
    assert "title: Only a draft" in draft and "status: draft" in draft
    assert "no longer published" in desk.get("/questions/export?drafts=1").text
    as_json = desk.get("/questions/export?format=json").text
    assert [(one["slug"], one["title"] == "Only a draft") for one in json.loads(as_json)] == [
        (SLUG, False)
    ]
    assert "Only a draft" not in desk.get("/questions/export?format=csv").text
    assert "Only a draft" in desk.get("/questions/export?format=csv&drafts=1").text


def test_what_was_never_published_is_exported_as_it_is(client):
    made = client.post("/questions/new", data={"slug": "toll-fraud", "title": "Toll fraud"})
    assert made.status_code == 303
    assert "title: Toll fraud" in exported(client)["toll-fraud"]


# odd input -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path",
    [
        f"{HERE}/history/{HUGE}",
        f"{HERE}/diff?before={HUGE}&after=1",
        f"{HERE}/diff?before=1&after=-1",
        f"/rubric/edit/scale.yaml/history/{HUGE}",
        f"/rubric/edit/scale.yaml/diff?before=1&after={HUGE}",
    ],
)
def test_a_number_that_no_history_reaches_is_refused_in_words(desk, path):
    assert desk.get(path).status_code == 422


def test_thousands_that_were_ticked_are_taken(desk):
    take = [("take", f"no-{number}:{'0' * 64}:") for number in range(1_500)]
    done = send(desk, "/questions/import/write", take)
    assert done.status_code == 200 and "1500 not" in done.text
    assert send(desk, "/questions/import/write", take * 7).status_code == 400
    assert send(desk, "/questions/import/write", [("as_drafts", "yes")]).status_code == 422


def test_a_text_of_more_than_a_megabyte_reaches_the_reader(client):
    page = client.get("/rubric/edit/scale.yaml").text
    text = "# " + "é" * 600_000 + "\n"
    data = [("text", text), ("base", base_of(page)), ("do", "check")]
    told = send(client, "/rubric/edit/scale.yaml", data)
    assert told.status_code == 200 and "to mend" in told.text


def check_nul(client):
    said = {"comment": "a\x00b \x1b[1mwhy"}
    assert client.post(f"{HERE}/comment", data=said).status_code == 303
    assert "ab [1mwhy" in client.get(f"{HERE}/history").text
    assert client.post(f"{HERE}/comment", data={"comment": "\x00"}).status_code == 422
    done = client.post("/questions/import/write", data={"take": ["aa-b:\x00:", "aa-b:\x00:\x00"]})
    assert done.status_code == 200 and "2 not" in done.text
    for part in ("", "a\x00"):
        data = {"text": "x: [", "base": "\x00", "part": part, "comment": "\x00"}
        assert client.post("/rubric/edit/scale.yaml", data=data).status_code in (409, 422)
    data = {"base": "\x00", "comment": "\x00"}
    assert client.post("/rubric/edit/publish", data=data).status_code == 409
    assert client.post("/rubric/edit/scale.yaml/discard", data=data).status_code == 409
    data = {"base": "\x00", "seniority": "L5"}
    assert client.post(f"{HERE}/edit", data=data).status_code < 500


def test_nul_is_kept_out(desk):
    check_nul(desk)


@pytest.mark.postgres
def test_nul_is_kept_out_of_postgresql(fresh_postgres, standards):  # noqa: F811
    app = create_app(Settings(database=fresh_postgres), standards=standards, now=lambda: NOW)
    with TestClient(app, base_url="http://localhost:8000", follow_redirects=False) as client:
        client.post(f"{HERE}/answers")
        check_nul(client)
