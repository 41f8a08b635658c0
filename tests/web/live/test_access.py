"""Threats to the door of a live room, by the letters of the list: A reading the interviewers' side, B guessing,
C taking another role, D and E and F other sites, Q stolen and fixed cookies, R too much of it, U silent sockets."""

import json
import re
from contextlib import ExitStack

import pytest
from starlette.websockets import WebSocketDisconnect

from app.storage import people, tickets
from app.storage.db import transaction
from app.web import guard
from app.web.limits import AT_HOME, Limits, address_of
from app.web.live import doorkeeper
from app.web.live.guests import COOKIE
from tests.web.live.asking import TOKEN, Room, entered, knocks, link, routes, secret_of
from tests.web.live.held import Browser, Held, come_in, service, until
from tests.web.test_sessions import ORIGIN, SOCKETS

HELLO = {"t": "hello", "proto": 1, "cursors": {"main": {"seq": 0, "eid": ""}}}
PRIVATE = ("zebrafinch", "quokka", "axolotl")


@pytest.fixture
def open_client(tmp_path, standards):
    """A service without a token."""
    with service(tmp_path, standards) as client:
        yield client


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards, token=TOKEN) as client:
        yield client


@pytest.fixture
def room(client):
    return Room(client, entered(client, secret_of(client, "interviewer", "Ivy")))


def socket_of(browser, address, headers=ORIGIN):
    browser._cookies()
    return browser.client.websocket_connect(f"{SOCKETS}{address}/socket", headers=headers)


def welcomed(socket):
    socket.send_text(json.dumps(HELLO))
    return until(socket, lambda frame: frame["t"] == "welcome")


def closing(socket):
    """The code that a socket is closed with; frames before it are passed over."""
    with pytest.raises(WebSocketDisconnect) as closed:
        while True:
            socket.receive_text()
    return closed.value.code


# A ------------------------------------------------------------------------------------------------
def test_a_neither_candidate_nor_observer_is_sent_a_word_of_the_interviewers_side(open_client):
    """Every page, answer and frame that they can get, of an interview with a canary in each hidden place."""
    held = Held(open_client, ("Olga", "observer"))
    guests = {"candidate": held.candidate, "observer": held.others["Olga"]}
    got = {name: [] for name in guests}
    with held.host.room(held.address) as lead:
        lead("start")
        lead("note", note="note-0001", text=f"{PRIVATE[0]} is what I think")
        lead("note", note="note-0002", text=PRIVATE[1], bookmark=True)
        lead("cover", criterion="business-goal", heard="missed")
        lead("dismiss", suggestion=f"criterion:{PRIVATE[2]}")
        lead("ask", text="How would you begin?")
        for name, guest in guests.items():
            with socket_of(guest, held.address) as socket:
                got[name].append(json.dumps(welcomed(socket)))
                while True:
                    frame = json.loads(socket.receive_text())
                    got[name].append(json.dumps(frame))
                    if frame.get("body", {}).get("text") == "How would you begin?":
                        break
        lead("finish")
    held.mark()
    held.host.get(f"{held.address}/compare")
    for name, guest in guests.items():
        for route in routes(open_client.app):
            method, path = route.split(" ")
            if method == "GET" and "/static" not in path and path != "/":
                answer = guest.get(path.replace("{id}", held.id).replace("{step}", "data"))
                got[name].append(answer.text)
    for name, pages in got.items():
        whole = "\n".join(pages)
        assert "How would you begin?" in whole
        assert not [word for word in PRIVATE if word in whole], name
        staff = [f for f in pages if f.startswith("{") and '"st": "staff"' in f]
        assert not staff, name


def test_a_a_co_interviewer_reads_no_marks_before_their_own(client, room):
    other = entered(client, secret_of(client, "interviewer", "Uma"))
    code, _ = link(room, "interviewer")
    assert other.post(f"{room.address}/join", code=code, name="Uma").status_code == 303
    lobby = room.host.get(f"{room.address}/lobby").text
    room.host.post(f"{room.address}/admit", guest=re.search(r'"guest" value="(\w+)"', lobby)[1])
    assert other.post(f"{room.address}/consent", agreed="yes").status_code == 303
    room.talk()
    room.mark()
    room.host.get(f"{room.address}/compare")
    report = client.portal.call(client.app.state.rooms.get, room.id).session.report
    closed = (f"/reports/{report}", f"/reports/{report}.json", f"/sessions/{room.id}/bundle")
    closed += (f"/api/v1/reports/{report}",)
    assert [other.get(path).status_code for path in closed] == [404] * 4
    assert room.mark(other).status_code == 303
    assert [other.get(path).status_code for path in closed] == [200] * 4


def test_a_lists_leave_live_rooms_out(client, room):
    room.talk()
    room.mark()
    room.host.get(f"{room.address}/compare")
    report = client.portal.call(client.app.state.rooms.get, room.id).session.report
    asker = entered(client, secret_of(client, "interviewer", "Uma"))
    for path in ("/", "/sessions", "/reports", "/live", "/practise", "/api/v1/reports"):
        page = asker.get(path).text
        assert report not in page and room.id not in page and "seen before" not in page, path
    assert asker.get("/api/v1/reports").json() == {"total": 0, "reports": []}
    assert room.id in room.host.get("/live").text
    assert room.id in entered(client, TOKEN).get("/live").text


# B ------------------------------------------------------------------------------------------------
def test_b_a_room_that_is_not_there_and_one_that_is_closed_answer_alike(client, room):
    nobody = Browser(client)
    for route in routes(client.app):
        method, path = route.split(" ")
        if path.startswith("/live/{id}") and method != "WS":
            path = path.replace("{ticket}", "f" * 32)
            sent = {"data": {"code": "x", "guest": "x"}} if method == "POST" else {}
            there = nobody.request(method, path.replace("{id}", room.id), **sent)
            absent = nobody.request(method, path.replace("{id}", "f" * 32), **sent)
            assert there.status_code == absent.status_code, route
            assert there.text.replace(room.id, "f" * 32) == absent.text, route


def test_b_a_code_opens_its_own_room_alone(client, room):
    other = Room(client, room.host, slug="news-feed")
    code, _ = link(other, "candidate")
    stranger = Browser(client)
    for wrong in (code, code[:-1], "", room.id, "#"):
        answer = stranger.post(f"{room.address}/join", code=wrong, name="Eve")
        assert answer.status_code == 404 and not stranger.jar
    assert stranger.post(f"{other.address}/join", code=code, name="Eve").status_code == 303


# C ------------------------------------------------------------------------------------------------
def test_c_a_role_comes_with_the_place_and_with_nothing_that_is_sent(client, room):
    forged = [
        {"type": "note", "body": {"note": "note-0001", "text": "x"}},
        {"type": "start", "body": {}},
        {"type": "say", "body": {"text": "x", "role": "interviewer"}},
        {"type": "say", "body": {"text": "x"}, "role": "interviewer"},
        {"type": "say", "body": {"text": "x"}, "actor": "interviewer", "st": "staff"},
    ]
    for frame in forged:
        with socket_of(room.candidate, room.address) as socket:
            welcomed(socket)
            socket.send_text(json.dumps({"t": "cmd", "cmd": "abcdefgh", **frame}))
            if set(frame) > {"type", "body"}:
                assert closing(socket) == 4400
            else:
                refused = until(socket, lambda f: f["t"] in ("ack", "nack"))
                assert refused["t"] == "nack" and refused["code"] in ("role", "bad_frame")


def test_c_a_name_is_no_role(client, room):
    code, _ = link(room, "observer")
    guest, _ = knocks(client, room, code, "Interviewer")
    lobby = room.host.get(f"{room.address}/lobby").text
    assert re.search(r"<b>Interviewer</b> <span class=\"tag\">observer</span>", lobby)
    assert guest.get(f"{room.address}/lobby").status_code == 404


def test_c_a_curator_makes_no_rooms(client):
    curator = entered(client, secret_of(client, "curator", "Carl"))
    assert curator.post("/live", slug="news-feed", name="Carl").status_code == 403
    assert "Open the room" not in curator.get("/live").text
    assert curator.get("/practise").status_code == 200


# D, E, F --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "origin",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8000.evil.example"},
        {"origin": "http://localhost:8000", "sec-fetch-site": "cross-site"},
        {},
    ],
)
def test_d_a_rooms_socket_opens_for_our_own_pages_alone(client, room, origin):
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        socket_of(room.candidate, room.address, origin),
    ):
        pass
    assert refused.value.code == 1008
    with socket_of(room.candidate, room.address) as socket:
        assert welcomed(socket)["role"] == "candidate"


def test_e_a_rebound_name_reaches_no_room(client, room):
    host = {"host": "evil.example"}
    assert client.get(f"{room.address}/join", headers=host).status_code == 403
    with (
        pytest.raises(WebSocketDisconnect),
        socket_of(room.candidate, room.address, {**host, "origin": "http://evil.example"}),
    ):
        pass


def test_f_no_route_of_a_room_listens_to_another_site(client, room):
    room.host._cookies()
    for route in routes(client.app):
        method, path = route.split(" ")
        if method not in ("GET", "WS"):
            path = path.replace("{id}", room.id).replace("{ticket}", "x")
            for foreign in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
                answer = client.request(method, path, headers=foreign)
                assert answer.status_code == 403 and "another site" in answer.text, route


# Q ------------------------------------------------------------------------------------------------
def test_q_each_exchange_gives_another_cookie_and_none_is_a_secret(client, room):
    secret = secret_of(client, "interviewer", "Una")
    cookies = set()
    for _ in range(2):
        sent = Browser(client).post("/enter", token=secret).headers.get_list("set-cookie")[-1]
        assert "HttpOnly" in sent and "SameSite=strict" in sent and secret not in sent
        cookies.add(sent.partition(";")[0])
    assert len(cookies) == 2
    code, _ = link(room, "candidate")
    guest = Browser(client)
    first = guest.post(f"{room.address}/join", code=code, name="Gus").headers["set-cookie"]
    again = guest.post(f"{room.address}/join", code=code).headers["set-cookie"]
    for sent in (first, again):
        assert f"Path={room.address};" in sent and "HttpOnly" in sent and "SameSite=lax" in sent
        assert code not in sent
    assert first.partition(";")[0] != again.partition(";")[0]
    stale = {"cookie": first.partition(";")[0]}
    client.cookies.clear()
    assert client.get(f"{room.address}/waiting", headers=stale).status_code == 404


def test_q_a_cookie_that_was_there_before_is_not_taken_over(client, room):
    code, _ = link(room, "candidate")
    guest = Browser(client)
    guest.jar[COOKIE, room.address] = "chosen-by-somebody-else"
    guest.post(f"{room.address}/join", code=code, name="Gus")
    assert guest.jar[COOKIE, room.address] != "chosen-by-somebody-else"
    thief = Browser(client)
    thief.jar[COOKIE, room.address] = "chosen-by-somebody-else"
    assert thief.get(f"{room.address}/waiting").status_code == 404


def test_q_cookies_are_secure_where_the_page_was(client, room):
    code, _ = link(room, "candidate")
    client.cookies.clear()
    over_tls = "https://localhost:8000"
    given = {"code": code, "name": "Gus"}
    joined = client.post(f"{over_tls}{room.address}/join", data=given)
    person = client.post(f"{over_tls}/enter", data={"token": TOKEN})
    for answer in (joined, person):
        assert "; Secure" in answer.headers["set-cookie"]


def test_q_who_leaves_has_a_cookie_no_more(client, room):
    stolen = Browser(client)
    stolen.jar = dict(room.candidate.jar)
    assert stolen.get(f"{room.address}/waiting").status_code == 200
    with socket_of(room.candidate, room.address) as socket:
        welcomed(socket)
        assert room.candidate.post(f"{room.address}/leave").status_code == 200
        assert closing(socket) == 4403
    assert stolen.get(f"{room.address}/waiting").status_code == 404


def test_q_a_revoked_link_closes_the_socket_and_the_page(client, room):
    with transaction(client.app.state.home.engine) as db:
        (sam,) = (g for g in tickets.list_guests(db, room.id) if g.name == "Sam")
    with socket_of(room.candidate, room.address) as socket:
        welcomed(socket)
        away = room.host.post(f"{room.address}/tickets/{sam.ticket}/revoke")
        assert away.status_code == 303
        assert closing(socket) == 4403
    assert room.candidate.get(room.address).status_code == 404
    with socket_of(room.candidate, room.address) as socket:
        socket.send_text(json.dumps(HELLO))
        assert closing(socket) == 4403


def test_q_what_another_process_revokes_is_noticed_here(tmp_path, standards, monkeypatch):
    monkeypatch.setattr(doorkeeper, "LOOK_EVERY", 0.05)
    with service(tmp_path, standards) as client:
        held = Held(client)
        with socket_of(held.candidate, held.address) as socket:
            welcomed(socket)
            with transaction(client.app.state.home.engine) as db:
                (sam,) = (g for g in tickets.list_guests(db, held.id) if g.name == "Sam")
                tickets.revoke_ticket(db, held.id, sam.ticket, client.app.state.home.now())
            assert closing(socket) == 4403
        assert doorkeeper.LOOK_EVERY < 5


def test_q_a_revoked_person_is_out_everywhere_at_once(client, room):
    admin = entered(client, secret_of(client, "admin", "Ann"))
    assert admin.get("/live").status_code == 200
    assert admin.post(f"{room.address}/join", name="Ann").status_code == 303
    assert admin.post(f"{room.address}/consent", agreed="yes").status_code == 303
    assert admin.get(f"{room.address}/lobby").status_code == 200
    home = client.app.state.home
    with transaction(home.engine) as db:
        (ann,) = (p for p in people.list_people(db) if p.name == "Ann")
        people.revoke_person(db, ann.id, home.now())
    assert admin.get("/live").status_code == 401
    assert admin.get(f"{room.address}/lobby").status_code == 404


@pytest.mark.parametrize("forged", ["", ".", "a.b.c", "{id}.x.y", "{id}..", "{id}.{sign}"])
def test_q_a_persons_cookie_cannot_be_made_up(client, forged):
    secret_of(client, "admin", "Ann")
    with transaction(client.app.state.home.engine) as db:
        (ann,) = people.list_people(db)
    cookie = forged.format(id=ann.id, sign="0" * 64)
    client.cookies.clear()
    assert client.get("/live", headers={"cookie": f"sevenstep-person={cookie}"}).status_code == 401


def test_q_one_is_who_one_has_entered_as_last(client):
    browser = entered(client, TOKEN)
    browser.post("/enter", token=secret_of(client, "curator", "Carl"))
    assert {name for (name, _), value in browser.jar.items() if value} >= {"sevenstep-person"}
    fresh = Browser(client)
    fresh.jar = {key: value for key, value in browser.jar.items() if key[0] != "sevenstep"}
    assert fresh.post("/live", slug="news-feed", name="C").status_code == 403
    sent = browser.post("/enter", token=TOKEN).headers.get_list("set-cookie")
    assert any(cookie.startswith('sevenstep-person=""') for cookie in sent)


# R, U ---------------------------------------------------------------------------------------------
def test_r_codes_and_names_are_tried_so_often_and_no_more(client, room):
    stranger = Browser(client)
    tried = [stranger.post(f"{room.address}/join", code="x").status_code for _ in range(35)]
    assert tried[0] == 404 and tried[-1] == 429
    entering = [stranger.post("/enter", token="x") for _ in range(25)]
    assert entering[0].status_code == 403 and entering[-1].status_code == 429
    assert "too often" in entering[-1].text
    assert stranger.post("/enter", token=TOKEN).status_code == 429


def test_r_links_and_rooms_are_made_so_often_and_no_more(client, room):
    made = [room.host.post(f"{room.address}/tickets", role="candidate") for _ in range(35)]
    assert made[0].status_code == 200 and made[-1].status_code == 429
    opened = [room.host.post("/live", slug="news-feed", name="I") for _ in range(31)]
    assert opened[0].status_code == 303 and opened[-1].status_code == 429


def test_r_a_bucket_fills_again_and_each_address_has_its_own():
    now = [0.0]
    limits = Limits(burst=2, a_minute=60, now=lambda: now[0])
    assert [limits.take("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert limits.take("192.0.2.2")
    now[0] = 1.0
    assert limits.take("192.0.2.1") and not limits.take("192.0.2.1")
    assert sum(limits.take("127.0.0.1") for _ in range(1_000)) == 2 * AT_HOME


@pytest.mark.parametrize(
    "one,other,same",
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_r_an_ipv6_network_is_one_address(one, other, same):
    class From:
        def __init__(self, host):
            self.client = type("Client", (), {"host": host})

    assert (address_of(From(one)) == address_of(From(other))) is same


def test_r_only_so_many_wait_at_one_door(client, room, monkeypatch):
    monkeypatch.setattr("app.web.routes.live.MOST_WAITING", 2)
    code, _ = link(room, "observer")
    for name in ("A", "B"):
        knocks(client, room, code, name)
    answer = Browser(client).post(f"{room.address}/join", code=code, name="C")
    assert answer.status_code == 429 and "Too many wait" in answer.text


def test_u_only_so_many_silent_sockets_of_one_address(client, room, monkeypatch):
    monkeypatch.setattr(guard, "SILENT", 3)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket_of(Browser(client), room.address))
        with pytest.raises(WebSocketDisconnect), socket_of(room.candidate, room.address):
            pass
    with socket_of(room.candidate, room.address) as first:
        assert welcomed(first)  # who has said hello counts no more, and who has gone neither
        with ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(socket_of(Browser(client), room.address))


def test_u_a_body_below_live_is_small(client, room):
    answer = room.host.post(f"{room.address}/captions", text="x" * 1_100_000)
    assert answer.status_code == 413 and "1 MB" in answer.text


def test_s_a_room_made_without_a_token_is_not_everybodys(open_client):
    held = Held(open_client)
    for path in (held.address, f"{held.address}/lobby", f"/sessions/{held.id}"):
        assert Browser(open_client).get(path).status_code == 404
    assert held.id not in Browser(open_client).get("/live").text
    assert held.id in held.host.get("/live").text
    held.host.jar.pop((COOKIE, held.address))
    assert held.host.get(held.address).status_code == 200


def test_come_in_is_a_whole_way(client, room):
    guest = come_in(room.host, room.address, "observer", "Olga", client)
    assert guest.get(room.address).status_code == 200
