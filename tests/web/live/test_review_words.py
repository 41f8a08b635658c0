"""What people of a live room are given to read, and whose words are taken for whose."""

import json

import pytest

from app.interview.leading import Drive
from app.web.live.marks import marks
from app.web.routes import live_room
from tests.web.live.held import Held, service, until
from tests.web.test_sessions import MINUTE, ORIGIN, SOCKETS

ADVICE = "You were strong on data."
HELLO = {"t": "hello", "proto": 1, "cursors": {"main": {"seq": 0, "eid": ""}}}


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards) as client:
        yield client


def socket_of(browser, address):
    browser._cookies()
    return browser.client.websocket_connect(f"{SOCKETS}{address}/socket", headers=ORIGIN)


def events_of(browser, address):
    """Of `main`, as many as there are."""
    with socket_of(browser, address) as socket:
        socket.send_text(json.dumps(HELLO))
        head = until(socket, lambda frame: frame["t"] == "welcome")["heads"]["main"]
        is_event = lambda frame: frame["t"] == "ev" and frame["st"] == "main"  # noqa: E731
        return [until(socket, is_event) for _ in range(head)]


def panels_of(browser, address):
    """The first drawing of all of them, by target."""
    with socket_of(browser, address) as socket:
        socket.send_text(json.dumps(HELLO))
        drawn = until(socket, lambda frame: frame["t"] == "show")["html"]
        return {panel["target"]: panel["html"] for panel in drawn}


@pytest.mark.parametrize(
    ("reader", "reads"), [("Olga", False), ("Ivo", False), ("candidate", True), ("host", True)]
)
def test_feedback_is_read_by_the_candidate_and_who_wrote_it(client, reader, reads):
    held = Held(client, ("Olga", "observer"), ("Ivo", "interviewer")).talk()
    held.host.post(f"{held.address}/feedback", text=ADVICE, cmd="aaaa")
    browser = held.others.get(reader) or getattr(held, reader)
    events = events_of(browser, held.address)
    (advice,) = (event for event in events if event["type"] == "feedback.candidate")
    assert (advice["body"].get("text") == ADVICE) is reads
    assert (ADVICE in json.dumps(events)) is reads


def test_a_rater_is_shown_nothing_of_others_until_they_have_marked(client):
    held = Held(client, ("Ivo", "interviewer"))
    ivo = held.others["Ivo"]
    with ivo.room(held.address) as second:
        second("note", note="note-of-ivo", text="Ivo's own words")
        second("cover", criterion="drift", heard="partly")
    held.talk()
    before = panels_of(ivo, held.address)
    assert "own words" in before["#notes"] and "PRIVATE" not in before["#notes"]
    assert "by you" in before["#cover-monitoring"]
    assert "by Dana" not in "".join(before.values()) and "set by" not in before["#steps"]
    assert held.mark(ivo).status_code == 303
    after = panels_of(ivo, held.address)
    assert "PRIVATE" in after["#notes"] and "set by Dana" in after["#steps"]
    assert "by Dana" in after["#cover-requirements"]


def test_a_model_whose_host_is_not_known_is_named_without_it(client):
    held = begun(client)
    room = held.room_at()
    client.portal.call(lambda: room.do(Drive("model"), actor="somebody"))
    assert "A model words the questions." in panels_of(held.host, held.address)["#here"]


# captions -----------------------------------------------------------------------------------------
def begun(client, *others, host_name="Dana"):
    held = Held(client, *others, host_name=host_name)
    with held.host.room(held.address) as lead:
        lead("start")
    return held


def pasted(held, text, **once):
    return held.host.post(f"{held.address}/captions", text=text, **once)


def pushed(held, code, **turn):
    headers = {"authorization": f"Bearer {code}"}
    address = f"/api/v1/sessions/{held.id}/turns"
    return held.client.post(address, json=turn, headers=headers)


def captions_code(held):
    made = held.host.post(f"{held.address}/tickets", role="captions")
    return made.text.partition('id="link-secret" readonly value="')[2][:43]


def turns_of(held):
    return [(turn.speaker, turn.text) for turn in held.room_at().session.turns[1:]]


def test_a_whole_name_goes_before_anothers_first_name(client):
    held = begun(client, ("Dana", "candidate"), host_name="Dana Kim")
    assert pasted(held, "Dana: I predict fraud.\nDana Kim: Why?").json() == {"taken": 2}
    assert turns_of(held) == [("candidate", "I predict fraud."), ("interviewer", "Why?")]


@pytest.mark.parametrize("role", ["candidate", "interviewer", "observer"])
def test_a_first_name_of_two_is_nobodys(client, role):
    held = begun(client, ("Alex Roe", role), host_name="Alex Kim")
    answer = pasted(held, "Alex: I predict fraud.")
    assert (
        answer.status_code == 422 and "not clear who is meant by Alex" in answer.json()["problem"]
    )
    assert turns_of(held) == []
    assert pasted(held, "Alex Kim: Why?").json() == {"taken": 1}


def test_a_whole_name_on_both_sides_is_nobodys(client):
    held = begun(client, ("Dana", "candidate"))
    assert pasted(held, "Dana: I predict fraud.").status_code == 422
    assert turns_of(held) == []


def test_a_second_paste_without_an_id_is_taken_as_well(client):
    held = begun(client)
    assert pasted(held, "Sam: It ranks by risk.").json() == {"taken": 1}
    assert pasted(held, "Dana: And then?").json() == {"taken": 1}
    assert turns_of(held) == [("candidate", "It ranks by risk."), ("interviewer", "And then?")]


def test_a_captions_name_is_one_that_others_may_be_shown(client):
    held = begun(client)
    code = captions_code(held)
    name = "Sa\u202em\x07\n O."
    assert pushed(held, code, speaker="candidate", text="x", name=name).status_code == 201
    assert pasted(held, "S\u200bam: It ranks by risk.").json() == {"taken": 1}
    assert [turn.name for turn in held.room_at().session.turns[1:]] == ["Sam O.", "Sam"]


def test_captions_are_not_taken_without_end(client, monkeypatch):
    monkeypatch.setattr(live_room, "AT_ONCE", 5)
    monkeypatch.setattr(live_room, "A_MINUTE", 0)
    held = begun(client)
    code = captions_code(held)
    told = [pushed(held, code, speaker="candidate", text="x").status_code for _ in range(6)]
    assert told == [201] * 5 + [429]
    assert len(turns_of(held)) == 5
    guessed = pushed(held, "guessed", speaker="candidate", text="x")
    assert guessed.status_code == 429 and "too often" in guessed.json()["error"]["message"]


# the end ------------------------------------------------------------------------------------------
def test_marks_are_not_settled_before_the_candidates_last_words(client):
    held = begun(client)
    with held.candidate.room(held.address) as answer:
        answer("say", text="I would split by time.")
    client.clock.ms += 46 * MINUTE
    client.portal.call(client.app.state.rooms._expire)
    held.mark()
    early = held.settle()
    assert early.status_code == 409 and "A moment for the last words" in early.text
    room = held.room_at()
    assert room.session.report is None and not marks(room, "final")
    with held.candidate.room(held.address) as answer:
        answer("say", text="And I would alert on drift.")
    assert held.settle().headers["location"] == f"{held.address}/card"
    assert room.session.turns[-1].text == "And I would alert on drift."
