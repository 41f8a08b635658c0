"""How a room is made and who comes into it: the list, links, the door, the notice, and the way out."""

import re

import pytest

from app.endpoint import Endpoint
from app.storage import tickets
from app.storage.db import transaction
from tests.web.live.asking import TOKEN, Room, entered, knocks, link, secret_of
from tests.web.live.held import SECRET, Browser, come_in, service

GUEST = re.compile(r'name="guest" value="(\w+)"')


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards) as client:
        yield client


@pytest.fixture
def host(client):
    return Browser(client)


@pytest.fixture
def room(client, host):
    return Room(client, host)


def session_of(room):
    return room.client.portal.call(room.client.app.state.rooms.get, room.id).session


def guests(room):
    with transaction(room.client.app.state.home.engine) as db:
        return tickets.list_guests(db, room.id)


def test_a_room_is_made_with_a_form(host):
    page = host.get("/live").text
    assert "--token" in page and "None yet." in page
    made = host.post("/live", slug="news-feed", name=" Dana\u202e ", minutes="untimed")
    assert made.status_code == 303
    address = made.headers["location"]
    page = host.get("/live").text
    assert f'href="{address}"' in page and "not begun" in page and "no clock" in page
    assert "Dana" in host.get(f"{address}/lobby").text
    assert host.get(address).status_code == 200


@pytest.mark.parametrize(
    "wrong,status",
    [
        ({"name": "\u200b"}, 422),
        ({"minutes": "7"}, 422),
        ({"persona": "nobody"}, 422),
        ({"slug": "no-such"}, 404),
        ({"slug": ""}, 404),
    ],
)
def test_what_a_room_cannot_be_made_of(host, wrong, status):
    given = {"slug": "news-feed", "name": "Dana", "minutes": "45", **wrong}
    assert host.post("/live", **given).status_code == status
    assert "None yet." in host.get("/live").text


def test_whoever_makes_the_room_is_in_it_and_has_agreed(room):
    (dana,) = (p for p in session_of(room).led.people.values() if p.role == "interviewer")
    assert (dana.name, dana.consented) == ("Dana", 1)


def test_the_candidate_waits_is_let_in_reads_and_agrees(client, host, room):
    before = len(session_of(room).led.people)
    code, _ = link(room, "candidate")
    guest = Browser(client)
    asked = guest.post(f"{room.address}/join", code=code)
    assert asked.status_code == 200 and "Your name" in asked.text and "the candidate" in asked.text
    assert (
        "what you want to be called" in guest.post(f"{room.address}/join", code=code, name=" ").text
    )
    whole = f"http://localhost:8000{room.address}/join#{code}"
    assert guest.post(f"{room.address}/join", code=whole, name="Gus").status_code == 303
    page = guest.get(room.address).text
    assert (
        "You wait to be let in" in page
        and "Gus" in page
        and '<noscript><meta http-equiv="refresh"' in page
    )
    assert guest.get(f"{room.address}/waiting").json() == {"state": "waiting"}
    assert guest.post(f"{room.address}/consent", agreed="yes").status_code == 404
    (id,) = GUEST.findall(host.get(f"{room.address}/lobby?part=1").text.partition("lobby-here")[0])[
        :1
    ]
    assert host.post(f"{room.address}/admit", guest=id).status_code == 303
    assert guest.get(f"{room.address}/waiting").json() == {"state": "admitted"}
    page = guest.get(room.address).text
    assert "Before you come in" in page and "led by Dana, 45 minutes" in page
    for word in ("Recorded", "Scored", "Read by", "Sent to", "Kept", "Nobody: the words stay"):
        assert word in page
    assert guest.post(f"{room.address}/consent").status_code == 422
    assert len(session_of(room).led.people) == before
    assert guest.post(f"{room.address}/consent", agreed="yes").status_code == 303
    assert guest.post(f"{room.address}/consent", agreed="yes").status_code == 303
    (gus,) = (p for p in session_of(room).led.people.values() if p.name == "Gus")
    assert (gus.role, gus.consented) == ("candidate", 1)
    assert "Before you come in" not in guest.get(room.address).text


def test_whoever_leaves_before_agreeing_was_never_there(client, host, room):
    code, _ = link(room, "candidate")
    guest, id = knocks(client, room, code, "Gus")
    host.post(f"{room.address}/admit", guest=id)
    left = guest.post(f"{room.address}/leave")
    assert left.status_code == 200 and "You have left" in left.text
    assert guest.get(room.address).status_code == 404
    assert "Gus" not in {p.name for p in session_of(room).led.people.values()}
    assert session_of(
        room
    ).led.has_consent  # of Sam: who left does not keep the interview from starting


def test_whoever_is_declined_is_out_and_may_ask_again(client, host, room):
    code, _ = link(room, "observer")
    guest, id = knocks(client, room, code, "Gus")
    assert host.post(f"{room.address}/decline", guest=id).status_code == 303
    assert guest.get(f"{room.address}/waiting").status_code == 404
    assert host.post(f"{room.address}/admit", guest=id).status_code == 404
    assert guest.post(f"{room.address}/join", code=code, name="Gus").status_code == 303
    assert sorted(g.state for g in guests(room) if g.name == "Gus") == ["out", "waiting"]


def test_whose_room_it_is_cannot_be_shown_out(client, host, room):
    other = come_in(host, room.address, "interviewer", "Uma", client)
    (dana,) = (g for g in guests(room) if g.name == "Dana")
    page = other.get(f"{room.address}/lobby").text
    assert dana.id not in page and "Show out" in page
    assert other.post(f"{room.address}/decline", guest=dana.id).status_code == 422
    assert host.post(f"{room.address}/leave").status_code == 422
    assert host.get(f"{room.address}/lobby").status_code == 200
    assert host.post(f"{room.address}/decline", guest="f" * 32).status_code == 404


def test_a_link_is_shown_once_and_can_be_revoked(client, host, room):
    code, ticket = link(room, "observer")
    page = host.get(f"{room.address}/lobby").text
    assert code not in page and f"/tickets/{ticket}/revoke" in page and "Observer" in page
    assert host.post(f"{room.address}/tickets/{ticket}/revoke").status_code == 303
    assert ticket not in host.get(f"{room.address}/lobby").text
    refused = Browser(client).post(f"{room.address}/join", code=code, name="Gus")
    assert refused.status_code == 404 and "not good any more" in refused.text


def test_a_link_lasts_a_day_longer_than_the_interview(client, host, room):
    code, ticket = link(room, "candidate")
    with transaction(client.app.state.home.engine) as db:
        (kept,) = (t for t in tickets.list_tickets(db, room.id) if t.id == ticket)
    assert (kept.expires_at - kept.created_at).total_seconds() == 24 * 3600 + 45 * 60
    client.clock.ms += 25 * 3_600_000
    assert Browser(client).post(f"{room.address}/join", code=code, name="G").status_code == 404
    assert ticket not in host.get(f"{room.address}/lobby").text


def test_a_link_of_ones_own_room_does_not_take_the_place_away(host, room):
    code, _ = link(room, "candidate")
    answer = host.post(f"{room.address}/join", code=code, name="Dana")
    assert answer.status_code == 409 and "private window" in answer.text
    assert host.get(f"{room.address}/lobby").status_code == 200


def test_a_captions_link_is_no_way_in(client, room):
    code, _ = link(room, "captions")
    answer = Browser(client).post(f"{room.address}/join", code=code, name="Gus")
    assert answer.status_code == 422 and "no person" in answer.text
    sent = {"speaker": "candidate", "text": "I would begin with the goal."}
    turns = f"/api/v1/sessions/{room.id}/turns"
    refused = client.post(turns, json=sent, headers={"authorization": f"Bearer {code[:-1]}"})
    assert refused.status_code == 404


def test_a_reader_comes_straight_to_what_was_shared(client, room):
    room.talk()
    code, _ = link(room, "reader")
    reader = Browser(client)
    came = reader.post(f"{room.address}/join", code=code)
    assert (came.status_code, came.headers["location"]) == (303, f"{room.address}/shared")
    for path in ("", "/lobby", "/marks", "/card"):
        assert reader.get(f"{room.address}{path}").status_code in (303, 404)
    assert reader.post(f"{room.address}/consent", agreed="yes").status_code == 404


def test_a_link_for_nobody_is_not_made(host, room):
    for role in ("admin", "", "owner"):
        assert host.post(f"{room.address}/tickets", role=role).status_code == 422


def test_names_are_text_on_every_page(client, host, room):
    code, _ = link(room, "observer")
    attack = "<script>alert(1)</script>"
    guest, _ = knocks(client, room, code, attack)
    for page in (guest.get(room.address), host.get(f"{room.address}/lobby")):
        assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)" in page.text


def test_whose_room_it_is_deletes_it_with_all_that_belongs_to_it(client, host, room):
    other = come_in(host, room.address, "interviewer", "Uma", client)
    room.talk()
    room.mark()
    host.get(f"{room.address}/compare")
    report = session_of(room).report
    assert other.post(f"{room.address}/delete").status_code == 404
    assert "cannot be brought back" in host.get(f"{room.address}/delete").text
    assert host.post(f"{room.address}/delete").headers["location"] == "/live"
    for browser in (host, other, room.candidate):
        assert browser.get(room.address).status_code == 404
    assert guests(room) == []
    assert room.id not in host.get("/live").text
    assert client.get(f"/api/v1/reports/{report}").status_code == 404


def test_a_model_is_named_in_the_notice_and_hears_nothing_without_it(tmp_path, standards):
    endpoint = Endpoint("http://127.0.0.1:9/v1", "m", "m")
    with service(tmp_path, standards, endpoint=endpoint) as client:
        maker = Browser(client)
        page = maker.get("/live").text
        assert f"Also by a model at {endpoint.host}" in page
        given = {"slug": "news-feed", "name": "Dana", "minutes": "45"}
        for voice, told in (("script", False), ("other.example", False), (endpoint.host, True)):
            address = maker.post("/live", **given, voice=voice).headers["location"]
            made = maker.post(f"{address}/tickets", role="candidate").text
            guest = Browser(client)
            guest.post(f"{address}/join", code=SECRET.search(made)[1], name="Gus")
            id = GUEST.findall(maker.get(f"{address}/lobby").text)[0]
            maker.post(f"{address}/admit", guest=id)
            notice = guest.get(address).text
            assert (f"<b>{endpoint.host}</b>" in notice) is told, voice
            assert ("Nobody: the words stay" in notice) is not told, voice


def test_words_that_nobody_agreed_to_send_go_to_no_judge(tmp_path, standards):
    endpoint = Endpoint("http://127.0.0.1:9/v1", "m", "m")
    with service(tmp_path, standards, endpoint=endpoint, token=TOKEN) as client:
        room = Room(client, entered(client, secret_of(client, "interviewer", "Ivy"))).talk()
        room.mark()
        room.host.get(f"{room.address}/compare")
        report = session_of(room).report
        asked = room.host.post(f"/reports/{report}/judge")
        assert asked.status_code == 422 and "did not agree" in asked.text


def test_a_person_finds_their_rooms_from_another_browser(tmp_path, standards):
    with service(tmp_path, standards, token=TOKEN) as client:
        secret = secret_of(client, "interviewer", "Ivy")
        room = Room(client, entered(client, secret))
        again = entered(client, secret)
        assert room.id in again.get("/live").text
        assert again.get(f"{room.address}/lobby").status_code == 200
        owner = entered(client, TOKEN)
        to = owner.get(room.address)
        assert (to.status_code, to.headers["location"]) == (303, f"{room.address}/join")
        assert "co-interviewer" in owner.get(f"{room.address}/join").text
        assert owner.post(f"{room.address}/join", name="Olive").status_code == 303
        assert "Before you come in" in owner.get(room.address).text
        assert "Olive" in again.get(f"{room.address}/lobby").text


def test_a_live_interview_is_not_brought_in_from_elsewhere(tmp_path, standards):
    with service(tmp_path, standards, token=TOKEN) as client:
        room = Room(client, entered(client, secret_of(client, "interviewer", "Ivy"))).talk()
        room.mark()
        bundle = room.host.get(f"/sessions/{room.id}/bundle").content
        room.host._cookies()
        sent = client.post("/sessions/import", files={"file": ("b.json", bundle)})
        assert sent.status_code == 422 and "stays where it was held" in sent.text
