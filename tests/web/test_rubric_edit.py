"""The rubric's pages as a curator uses them, without JavaScript; and as everybody else does not."""

import html
import re
import time

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.storage.db import transaction
from app.storage.people import invite
from app.web.standards import Standards
from tests.storage.conftest import fresh_postgres, own_postgres, postgres  # noqa: F401
from tests.web.conftest import NOW, SAMPLE, score
from tests.web.live.held import BASE, Browser, service
from tests.web.test_rubric_desk import DATA, edited, failing

TOKEN = "a-token-of-the-owner"


@pytest.fixture(scope="module")
def built():
    return Standards(None).knowledge()


@pytest.fixture
def open_service(tmp_path, built):
    def opened(**settings):
        standards = Standards(tmp_path / "content")
        standards.renew(built.rubric, built)
        return service(tmp_path, standards, content=tmp_path / "content", **settings)

    return opened


@pytest.fixture
def client(open_service):
    with open_service() as client:
        yield client


def entered(client, role):
    browser = Browser(client)
    with transaction(client.app.state.home.engine) as db:
        _, secret = invite(db, role, role.capitalize(), NOW)
    assert browser.post("/enter", token=secret).status_code == 303
    return browser


def text_in(page):
    return html.unescape(re.search(r"<textarea.*?>\n(.*?)</textarea>", page, re.S)[1])


def base_in(page):
    return re.search(r'name="base" value="(\w+)"', page)[1]


def post(client, address, **data):
    return client.post(address, data=data)


def save(client, text, part="", base=None, **more):
    page = client.get(f"/rubric/edit/{DATA}", params={"part": part} if part else {}).text
    fields = {"text": text, "part": part, "base": base or base_in(page), **more}
    return client.post(f"/rubric/edit/{DATA}", data=fields)


def first_part(client):
    return re.search(rf"/rubric/edit/{DATA}\?part=([\w-]+)", client.get("/rubric/edit").text)[1]


def test_the_files_and_their_criteria_are_listed(client):
    page = client.get("/rubric/edit").text
    assert "Version 1 is in use" in page and page.count("rubric-file") == 12
    assert page.count("?part=") > 50
    assert "draft waits" not in page
    assert '/rubric/edit"' in client.get("/rubric").text


def test_a_criterion_is_edited_checked_and_published(client, tmp_path):
    part = first_part(client)
    shown = client.get(f"/rubric/edit/{DATA}?part={part}").text
    text = text_in(shown)
    assert text.lstrip().startswith(f"- id: {part}")
    saved = save(client, text.replace("why: ", "why: Truly, ", 1), part, comment="truly")
    assert saved.status_code == 303
    after = client.get(saved.headers["location"]).text
    assert "Saved as a draft" in after and "Truly, " in text_in(after)
    assert "a draft waits" in client.get("/rubric/edit").text
    difference = client.get(f"/rubric/edit/{DATA}/diff").text
    assert "<ins>" in difference and "Truly" in difference
    check = client.get("/rubric/edit/check").text
    assert "every example gets its depth" in check and "Publish the next version" in check
    done = post(client, "/rubric/edit/publish", base=base_in(check), comment="Said why.")
    assert done.headers["location"] == "/rubric/edit?published=2"
    assert "Version 2 is published" in client.get("/rubric/edit?published=2").text
    assert "Truly, " in client.get("/rubric/data").text
    assert "Version 2," in client.get("/rubric").text
    history = client.get(f"/rubric/edit/{DATA}/history").text
    assert (
        history.count('<tr><th scope="row"') == 3 and "Said why." in history and "truly" in history
    )
    assert "Truly, " in (tmp_path / "content/rubrics/seven-step" / DATA).read_text()
    assert "Truly" not in client.get(f"/rubric/edit/{DATA}/history/1").text


def test_problems_are_told_with_their_lines_and_the_text_is_kept(client):
    part = first_part(client)
    text = text_in(client.get(f"/rubric/edit/{DATA}?part={part}").text)
    wrong = text.replace("weight: ", "weight: 7", 1)
    line = text[: text.index("weight: ")].count("\n") + 1
    refused = save(client, wrong, part)
    assert refused.status_code == 422
    assert f"<b>line {line}</b>" in refused.text and "less than or equal to 3" in refused.text
    assert text_in(refused.text) == wrong
    assert "draft waits" not in client.get("/rubric/edit").text
    looked = save(client, text, part, do="check")
    assert looked.status_code == 200 and "Nothing was saved" in looked.text
    assert "draft waits" not in client.get("/rubric/edit").text


def test_an_example_that_fails_is_shown_with_its_sentence(client):
    text = text_in(client.get(f"/rubric/edit/{DATA}").text)
    assert save(client, failing(text)).status_code == 303
    check = client.get("/rubric/edit/check").text
    assert "The weather was nice when we went there." in check
    assert "Publish the next version" not in check
    refused = post(client, "/rubric/edit/publish", base="0" * 64, comment="x")
    assert refused.status_code == 409 and "Something was changed" in refused.text


def test_of_two_curators_the_later_sees_the_others_text_and_keeps_their_own(client):
    shown = client.get(f"/rubric/edit/{DATA}").text
    text, base = text_in(shown), base_in(shown)
    theirs, mine = edited(text, 0), edited(text, 1)
    assert save(client, theirs, base=base).status_code == 303
    refused = save(client, mine, base=base, comment="mine")
    assert refused.status_code == 409
    assert "changed this while you were writing" in refused.text
    assert text_in(refused.text) == mine and 'value="mine"' in refused.text
    assert "From theirs to yours" in refused.text and 'class="removed"' in refused.text
    merged = edited(theirs, 1)
    assert save(client, merged, base=base_in(refused.text)).status_code == 303
    assert text_in(client.get(f"/rubric/edit/{DATA}").text) == merged


def test_two_who_edit_different_criteria_are_in_nobodys_way(client):
    parts = re.findall(rf"/rubric/edit/{DATA}\?part=([\w-]+)", client.get("/rubric/edit").text)[:2]
    pages = [client.get(f"/rubric/edit/{DATA}?part={part}").text for part in parts]
    for part, page in zip(parts, pages, strict=True):
        text = text_in(page).replace("weight: ", "weight:   ", 1)
        assert save(client, text, part, base=base_in(page)).status_code == 303
    whole = text_in(client.get(f"/rubric/edit/{DATA}").text)
    assert whole.count("weight:   ") == 2
    again = text_in(pages[0]).replace("weight: ", "weight:    ", 1)
    late = save(client, again, parts[0], base=base_in(pages[0]))
    assert late.status_code == 409 and text_in(late.text) == again


def test_past_scores_that_would_move_are_shown_before_publishing(client):
    score(client, SAMPLE)
    text = text_in(client.get("/rubric/edit/scale.yaml").text)
    scale = text.replace("prompted: 0.", "prompted: 0.0", 1)
    page = client.get("/rubric/edit/scale.yaml").text
    fields = {"text": scale, "base": base_in(page)}
    assert client.post("/rubric/edit/scale.yaml", data=fields).status_code == 303
    compared = client.get("/rubric/edit/check?scores=1").text
    assert "What would change in what was scored" in compared


def test_a_draft_is_discarded(client):
    text = text_in(client.get(f"/rubric/edit/{DATA}").text)
    save(client, edited(text))
    base = base_in(client.get(f"/rubric/edit/{DATA}").text)
    assert post(client, f"/rubric/edit/{DATA}/discard", base=base).status_code == 303
    assert "draft waits" not in client.get("/rubric/edit").text
    assert text_in(client.get(f"/rubric/edit/{DATA}").text) == text


def test_what_is_written_is_shown_and_never_run(client):
    evil = "</textarea><script>alert(1)</script>"
    for answer in (
        save(client, evil),
        save(client, "a: b", part="<script>"),
        save(client, "x", comment=evil),
    ):
        assert "<script>alert" not in answer.text and "<script>" not in answer.text.replace(
            "<script type", ""
        )
    assert client.get("/rubric/edit/..%2f..%2fpyproject.toml").status_code == 404
    assert client.get("/rubric/edit/README.md").status_code == 404


def test_the_files_are_taken_as_they_stand(client):
    packed = client.get("/rubric/edit/files.zip")
    assert packed.status_code == 200 and packed.content[:2] == b"PK"


@pytest.mark.parametrize(
    "role, status", [("admin", 200), ("curator", 200), ("interviewer", 403), (None, 401)]
)
def test_the_desk_is_for_curators(open_service, role, status):
    with open_service(token=TOKEN) as client:
        browser = Browser(client) if role is None else entered(client, role)
        for address in ("/rubric/edit", f"/rubric/edit/{DATA}", f"/rubric/edit/{DATA}/history"):
            answer = browser.get(address)
            assert answer.status_code == status, address
        if status == 403:
            assert "Curators change questions and the rubric" in answer.text
            assert "/rubric/edit" not in browser.get("/rubric").text
            assert browser.post("/rubric/edit/publish", base="x").status_code == 403


def test_a_session_goes_on_with_the_version_that_it_began_with(client):
    def begun():
        made = client.post("/sessions", data={"slug": "payment-fraud"})
        return made.headers["location"].rpartition("/")[2]

    def rubric_of(session):
        rooms = client.app.state.rooms
        rooms._rooms.pop(session, None)  # as after a restart
        return client.portal.call(rooms.get, session).expectations.knowledge.rubric

    before = begun()
    first = rubric_of(before)
    text = text_in(client.get(f"/rubric/edit/{DATA}").text)
    save(client, text.replace("    why: ", "    why: Truly, ", 1))
    check = client.get("/rubric/edit/check").text
    assert post(client, "/rubric/edit/publish", base=base_in(check), comment="x").status_code == 303
    assert rubric_of(before) == first and first.about.version == 1
    assert rubric_of(begun()).about.version == 2


@pytest.mark.postgres
def test_every_process_takes_the_new_version_without_a_restart(
    fresh_postgres,  # noqa: F811
    built,
    monkeypatch,
):
    monkeypatch.setattr("app.main.FOLLOW_EVERY", 0.05)

    def process():
        standards = Standards(None)
        standards.renew(built.rubric, built)
        app = create_app(Settings(database=fresh_postgres), standards=standards, now=lambda: NOW)
        return TestClient(app, base_url=BASE, follow_redirects=False)

    with process() as first, process() as second:
        text = text_in(first.get(f"/rubric/edit/{DATA}").text)
        save(first, text.replace("    why: ", "    why: Truly, ", 1))
        assert "Truly, " in text_in(second.get(f"/rubric/edit/{DATA}").text)
        base = base_in(second.get("/rubric/edit/check").text)
        published = post(first, "/rubric/edit/publish", base=base, comment="x")
        assert published.status_code == 303
        until = time.monotonic() + 30
        while "Version 2," not in second.get("/rubric").text:
            assert time.monotonic() < until, "the second process has not noticed"
            time.sleep(0.05)
        assert "Truly, " in second.get("/rubric/data").text
    late = create_app(Settings(database=fresh_postgres), standards=Standards(None))
    with TestClient(late, base_url=BASE) as third:
        assert "Version 2," in third.get("/rubric").text
