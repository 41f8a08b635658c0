"""Who may do what in a live room and around it: each of these was once possible for somebody else, too."""

import re

import pytest

from tests.web.live.asking import TOKEN, Room, entered, secret_of
from tests.web.live.held import SECRET, Browser, Held, service
from tests.web.test_sessions import MINUTE


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards) as client:
        yield client


@pytest.fixture
def gated(tmp_path, standards):
    with service(tmp_path, standards, token=TOKEN) as client:
        yield client


def let_in(host, address, role, name, browser):
    """Who has not agreed to the notice yet."""
    code = SECRET.search(host.post(f"{address}/tickets", role=role).text)[1]
    assert browser.post(f"{address}/join", code=code, name=name).status_code == 303
    for guest in re.findall(r'name="guest" value="(\w+)"', host.get(f"{address}/lobby").text):
        host.post(f"{address}/admit", guest=guest)
    return browser


def test_who_came_by_a_link_deletes_nothing(gated):
    host = entered(gated, secret_of(gated, "interviewer", "Ivy"))
    room = Room(gated, host).talk()
    cole = entered(gated, secret_of(gated, "interviewer", "Cole"))
    let_in(host, room.address, "interviewer", "Cole", cole)
    assert cole.post(f"{room.address}/delete").status_code == 404
    assert cole.post(f"/sessions/{room.id}/delete").status_code == 404


@pytest.mark.parametrize("page", ["marks", "lobby"])
def test_an_interviewer_agrees_before_they_see_anything(client, page):
    held = Held(client).talk()
    una = let_in(held.host, held.address, "interviewer", "Una", Browser(client))
    answer = una.get(f"{held.address}/{page}")
    assert "PRIVATE" not in answer.text and "What was said" not in answer.text
    assert answer.status_code != 200 or f'action="{held.address}/consent"' in answer.text


def test_who_has_become_the_candidate_gets_no_bundle_of_it(gated):
    owner = entered(gated, TOKEN)
    room = Room(gated, owner).talk()
    owner.post(f"{room.address}/swap")
    new = owner.get(f"{room.address}/next").headers["location"].rpartition("/")[2]
    assert owner.get(f"/sessions/{new}/bundle").status_code == 404


def test_who_has_a_place_gets_no_second_one_to_mark_from(gated):
    owner = entered(gated, TOKEN)
    room = Room(gated, owner).talk()
    room.mark()
    owner.post(f"{room.address}/join", name="Dana")
    owner.post(f"{room.address}/consent", agreed="yes")
    assert "Your own marks first" not in owner.get(f"{room.address}/marks").text


def test_a_room_in_which_sides_have_changed_can_be_deleted(client):
    held = Held(client).talk()
    held.host.post(f"{held.address}/swap")
    new = held.host.get(f"{held.address}/next").headers["location"]
    held.candidate.get(f"{held.address}/next")
    told = [b.post(f"{new}/delete").status_code for b in (held.candidate, held.host)]
    assert 303 in told


def test_links_of_an_interviewer_who_was_shown_out_are_void(client):
    held = Held(client, ("Cora", "interviewer"))
    made = held.others["Cora"].post(f"{held.address}/tickets", role="captions").text
    code = made.partition('id="link-secret" readonly value="')[2][:43]
    with held.host.room(held.address) as lead:
        lead("start")
    lobby = held.host.get(f"{held.address}/lobby").text
    ids = set(re.findall(r'name="guest" value="(\w+)"', lobby))
    for id in ids:
        held.host.post(f"{held.address}/decline", guest=id)
    said = client.post(
        f"/api/v1/sessions/{held.id}/turns",
        json={"speaker": "candidate", "text": "I know nothing about metrics."},
        headers={"authorization": f"Bearer {code}"},
    )
    assert said.status_code == 404


def test_an_observer_may_use_a_readers_link(client):
    held = Held(client, ("Olga", "observer")).talk()
    held.mark()
    held.settle()
    page = held.host.post(f"{held.address}/share", parts=["marks"], link="yes").text
    olga = held.others["Olga"]
    to = olga.post(f"{held.address}/join", code=SECRET.search(page)[1]).headers["location"]
    assert olga.get(to).status_code == 200


def test_no_link_leads_to_a_report_that_does_not_open(client):
    held = Held(client).talk()
    held.mark()
    held.settle()
    for page in ("card", "compare"):
        shown = held.host.get(f"{held.address}/{page}")
        assert shown.status_code == 200 and "/reports/" not in shown.text


def test_the_link_to_the_report_is_there_for_who_can_open_it(gated):
    room = Room(gated, entered(gated, secret_of(gated, "interviewer", "Ivy"))).talk()
    room.mark()
    room.settle()
    (link,) = set(re.findall(r'href="(/reports/\w+)"', room.host.get(f"{room.address}/card").text))
    assert room.host.get(link).status_code == 200


def test_a_co_interviewer_by_link_deletes_no_report(gated):
    room = Room(gated, entered(gated, secret_of(gated, "interviewer", "Ivy")))
    cole = entered(gated, secret_of(gated, "interviewer", "Cole"))
    let_in(room.host, room.address, "interviewer", "Cole", cole)
    cole.post(f"{room.address}/consent", agreed="yes")
    room.talk()
    room.mark(cole)
    (link,) = set(re.findall(r'href="(/reports/\w+)"', cole.get(f"{room.address}/compare").text))
    assert cole.get(link).status_code == 200
    for asked in (f"{link}/delete", f"/sessions/{room.id}/delete"):
        assert cole.get(asked).status_code == 404
        assert cole.post(asked).status_code == 404
    gone = cole.request("DELETE", f"/api/v1{link}", headers={"content-type": "application/json"})
    assert gone.status_code == 404
    assert room.host.get(link).status_code == 404  # not before the maker has marked
    room.mark()
    assert room.host.post(f"{link}/delete").status_code == 303


@pytest.mark.parametrize("role", ["candidate", "observer"])
def test_an_owner_on_another_side_gets_nothing_of_the_room_elsewhere(gated, role):
    room = Room(gated, entered(gated, secret_of(gated, "interviewer", "Ivy"))).talk()
    owner = entered(gated, TOKEN)
    assert owner.get(f"/sessions/{room.id}/bundle").status_code == 200
    let_in(room.host, room.address, role, "Olive", owner)
    assert owner.get(f"/sessions/{room.id}/bundle").status_code == 404
    assert owner.post(f"{room.address}/join", name="Olive").status_code == 303
    owner.post(f"{room.address}/consent", agreed="yes")
    assert owner.get(f"{room.address}/lobby").status_code == 404
    assert owner.post(f"{room.address}/leave").status_code == 200
    assert owner.post(f"{room.address}/join", name="Olive").status_code == 404


def test_who_comes_after_the_marks_were_shown_gives_none(gated):
    room = Room(gated, entered(gated, secret_of(gated, "interviewer", "Ivy"))).talk()
    early = entered(gated, secret_of(gated, "interviewer", "Early"))
    let_in(room.host, room.address, "interviewer", "Early", early)
    early.post(f"{room.address}/consent", agreed="yes")
    room.mark()
    assert room.host.get(f"{room.address}/compare").status_code == 200
    late = entered(gated, TOKEN)
    late.post(f"{room.address}/join", name="Late")
    late.post(f"{room.address}/consent", agreed="yes")
    told = late.get(f"{room.address}/marks")
    assert told.status_code == 409 and "not be blind" in told.text
    assert room.mark(late).status_code == 409
    assert room.mark(early).status_code == 303
    page = room.host.get(f"{room.address}/compare").text
    assert "Early" in page and "Late" not in page


def test_a_room_with_changed_sides_is_on_the_list_of_who_asks_in_it(client):
    held = Held(client).talk()
    held.host.post(f"{held.address}/swap")
    new = held.candidate.get(f"{held.address}/next").headers["location"]
    assert held.candidate.get(f"{held.address}/next").headers["location"] == new
    assert new in held.candidate.get("/live").text
    assert held.candidate.post(f"{new}/delete").status_code == 303
    assert new not in held.candidate.get("/live").text


def test_a_readers_place_ends_with_their_link(client):
    held = Held(client).talk()
    held.mark()
    held.settle()
    page = held.host.post(f"{held.address}/share", parts=["marks"], link="yes").text
    reader = Browser(client)
    assert reader.post(f"{held.address}/join", code=SECRET.search(page)[1]).status_code == 303
    assert reader.get(f"{held.address}/shared").status_code == 200
    client.clock.ms += 31 * 24 * 60 * MINUTE
    assert reader.get(f"{held.address}/shared").status_code == 404
    assert held.host.get(f"{held.address}/shared").status_code == 200
