"""What people of a live room are given to read, and whose words are taken for whose."""

import json

import pytest

from tests.web.live.held import Held, service, until
from tests.web.test_sessions import ORIGIN, SOCKETS

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
