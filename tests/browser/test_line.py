"""What the page does with what comes over the line; the server's side is played by the test."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_room import begin

pytestmark = pytest.mark.browser


class Server:
    """Answers `hello` as it is told, and keeps every frame that the page sends."""

    def __init__(self, page):
        self.page = page
        self.heard = []
        self.welcome = {"resumed": True}
        self.side = None
        page.route_web_socket(re.compile(r"/socket$"), self._take)

    def _take(self, side):
        self.side = side
        side.on_message(self._hear)

    def _hear(self, message):
        frame = json.loads(message)
        self.heard.append(frame)
        if frame["t"] == "hello":
            self.at = frame["cursors"]["main"]["seq"] if self.welcome["resumed"] else 0
            base = {"t": "welcome", "role": "candidate", "reset_reason": None, "html": []}
            clock = {"state": "running", "now": 0, "due_at": 60_000, "left": 60_000}
            self.send({**base, "heads": {"main": self.at}, **clock, **self.welcome})

    def send(self, frame):
        self.side.send(json.dumps(frame))

    def turn(self, seq, text):
        html = f'<li class="turn interviewer">{text}</li>'
        fragments = [{"target": "#log", "swap": "append", "html": html}]
        body = {"speaker": "interviewer", "text": text, "at_ms": 0}
        event = {"t": "ev", "st": "main", "seq": seq, "eid": f"e{seq}", "at": 0, "cmd": None}
        kind = {"type": "turn.committed", "actor": "interviewer", "body": body, "html": fragments}
        self.send({**event, **kind})

    def frames(self, kind):
        return [frame for frame in self.heard if frame["t"] == kind]

    def wait_for(self, kind, number=1):
        """Frames arrive while Playwright runs its loop, so this turns it."""
        for _ in range(200):
            if len(self.frames(kind)) >= number:
                return self.frames(kind)[-1]
            self.page.wait_for_function("() => new Promise(requestAnimationFrame).then(() => true)")
        raise AssertionError(f"no {number} frames of {kind} in {self.heard}")


@pytest.fixture
def room(open_page, address):
    """A running room whose line now leads to the test."""
    page = open_page()
    begin(page, address)
    server = Server(page)
    page.reload()
    expect(page.locator("#link")).to_have_text("Live")
    return page, server


def test_what_was_seen_is_dropped_and_a_gap_is_asked_for(room):
    page, server = room
    turns = page.locator("#log .turn")
    before, at = turns.count(), server.at
    server.turn(at + 1, "the first")
    server.turn(at + 1, "the first")
    server.turn(at + 3, "the third")
    asked = server.wait_for("resume")
    assert asked["cursors"]["main"] == {"seq": at + 1, "eid": f"e{at + 1}"}
    server.turn(at + 2, "the second")
    server.turn(at + 3, "the third")
    expect(turns).to_have_count(before + 3)
    assert turns.all_inner_texts()[before:] == ["the first", "the second", "the third"]


def test_a_history_that_has_changed_is_shown_anew(room):
    page, server = room
    server.welcome = {"resumed": False, "reset_reason": "anchor"}
    server.side.close(code=1012)
    page.evaluate("dispatchEvent(new Event('online'))")
    server.wait_for("hello", 2)
    server.turn(1, "all there is")
    expect(page.locator("#log .turn")).to_have_text(["all there is"])


def test_a_refusal_for_now_is_sent_again_as_it_was(room):
    page, server = room
    page.fill("#say", "hear me")
    page.press("#say", "Enter")
    first = server.wait_for("cmd")
    server.send({"t": "nack", "cmd": first["cmd"], "code": "busy", "retry": True, "message": ""})
    assert server.wait_for("cmd", 2) == first
    assert page.input_value("#say") == "hear me"
    server.send({"t": "ack", "cmd": first["cmd"], "seq": 9, "eid": "e9", "dup": True})
    expect(page.locator("#say")).to_have_value("")


def test_words_changed_before_they_left_go_as_they_are_now(room):
    page, server = room
    page.evaluate("Math.random = () => 1e6")  # it comes back when it is told to, and not before
    server.side.close(code=1012)
    expect(page.locator("#link")).to_contain_text("Not live")
    page.fill("#say", "a first thought")
    page.press("#say", "Enter")
    page.fill("#say", "a better thought")
    expect(page.locator("#sending")).to_be_empty()
    page.press("#say", "Enter")
    page.evaluate("dispatchEvent(new Event('online'))")
    assert server.wait_for("cmd")["body"] == {"text": "a better thought"}


def test_the_wait_between_tries_grows_to_five_seconds(room):
    page, server = room
    page.evaluate("""() => {
        Math.random = () => 1;
        window.waits = [];
        const later = window.setTimeout;
        window.setTimeout = (work, ms) => (waits.push(ms), later(work, ms));
    }""")
    for tries in range(2, 8):
        server.side.close(code=1011)
        expect(page.locator("#link")).to_contain_text("Not live")
        page.evaluate("dispatchEvent(new Event('online'))")
        server.wait_for("hello", tries)
        expect(page.locator("#link")).to_have_text("Live")
    waits = page.evaluate("waits.filter((ms) => ms >= 500 && ms < 60_000)")
    assert waits == [500, 1_000, 2_000, 4_000, 5_000, 5_000]


@pytest.mark.parametrize("code, words", [(4404, "does not exist"), (4410, "has ended")])
def test_a_final_close_is_said_and_not_tried_again(room, code, words):
    page, server = room
    hellos = len(server.frames("hello"))
    server.side.close(code=code)
    expect(page.locator("#link")).to_contain_text(words)
    page.evaluate("dispatchEvent(new Event('online'))")
    server.page.wait_for_function("() => new Promise(requestAnimationFrame).then(() => true)")
    assert len(server.frames("hello")) == hellos


def test_the_clock_follows_the_server_and_says_the_last_minute(room):
    page, server = room
    clock = {"state": "running", "now": 0, "due_at": 60_400, "left": 60_400}
    server.send({"t": "hb", "heads": {"main": server.at}, **clock})
    expect(page.locator("#announce")).to_have_text("1 minute left.")
    server.send(
        {"t": "hb", "heads": {"main": server.at}, **clock, "state": "paused", "due_at": None}
    )
    expect(page.locator("#clock")).to_have_text("Paused")


def test_typing_is_told_and_taken_back(room):
    page, server = room
    page.fill("#say", "well")
    assert server.wait_for("typing")["on"] is True
    page.fill("#say", "")
    assert server.wait_for("typing", 2)["on"] is False
