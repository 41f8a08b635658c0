"""The pages of a live room by role and state, and words that come as a meeting's captions."""

import re

import pytest

from app.web.live.panels import asked_facts
from tests.web.live.held import Browser, Held, service

TOKEN = re.compile(r'id="link-secret" readonly value="([\w-]+)"')
STAFF_ONLY = ("Coverage", "Ask next", "Twists", "note-form", "side-facts", "/tickets")


@pytest.fixture
def client(tmp_path, standards):
    with service(tmp_path, standards) as client:
        yield client


@pytest.fixture
def held(client):
    return Held(client, ("Olga", "observer"))


@pytest.fixture
def begun(held):
    with held.host.room(held.address) as lead:
        lead("start")
    return held


def prompt_of(held):
    return " ".join(held.room_at().expectations.sheet.question.prompt.split())[:60]


def test_each_role_has_a_page_of_its_own_and_the_prompt_waits_for_the_start(held):
    pages = {"candidate": held.candidate, "observer": held.others["Olga"], "lead": held.host}
    for role, browser in pages.items():
        page = browser.get(held.address).text
        assert (prompt_of(held) in page) is (role == "lead")
        assert all((words in page) is (role == "lead") for words in STAFF_ONLY), role
    with held.host.room(held.address) as lead:
        lead("start")
    for browser in pages.values():
        assert prompt_of(held) in browser.get(held.address).text


def test_a_candidates_page_holds_no_word_of_the_sheet(begun):
    question = begun.room_at().expectations.sheet.question
    for browser in (begun.candidate, begun.others["Olga"]):
        page = browser.get(begun.address).text
        secrets = [fact.answer for fact in question.facts] + [t.says for t in question.twists]
        secrets += [follow_up.ask for follow_up in question.follow_ups]
        assert not [words for words in secrets if " ".join(words.split())[:30] in page]


def test_after_the_end_everybody_is_led_on(begun):
    with begun.host.room(begun.address) as lead:
        lead("finish")
    answer = begun.host.get(begun.address)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{begun.address}/marks")
    page = begun.candidate.get(begun.address).text
    assert f"{begun.address}/feedback" in page and f"{begun.address}/shared" not in page


def captions(held, client):
    """The address, and a sender with the token of a link for captions."""
    secret = TOKEN.search(held.host.post(f"{held.address}/tickets", role="captions").text)[1]

    def send(key=None, **turn):
        client.cookies.clear()
        headers = {"authorization": f"Bearer {secret}"}
        if key:
            headers["idempotency-key"] = key
        return client.post(f"/api/v1/sessions/{held.id}/turns", json=turn, headers=headers)

    return send


def test_captions_become_turns_once(begun, client):
    send = captions(begun, client)
    first = send("caption-0001", speaker="candidate", text="We rank by risk.", name="Sam O.")
    again = send("caption-0001", speaker="candidate", text="We rank by risk.", name="Sam O.")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json()["dup"], again.json()["dup"]) == (False, True)
    assert first.json()["seq"] == again.json()["seq"]
    turn = begun.room_at().session.turns[-1]
    assert (turn.speaker, turn.name, turn.via) == ("candidate", "Sam O.", "caption")
    assert '<span class="tag">caption</span>' in begun.candidate.get(begun.address).text
    other = send("caption-0001", speaker="candidate", text="Something else.")
    assert other.status_code == 409


@pytest.mark.parametrize(
    "turn",
    [
        {"speaker": "observer", "text": "x"},
        {"speaker": "candidate", "text": ""},
        {"speaker": "candidate"},
        {"speaker": "candidate", "text": "x", "hint": True},
    ],
)
def test_captions_that_make_no_sense_are_refused(begun, client, turn):
    assert captions(begun, client)(**turn).status_code == 422


def test_captions_before_the_start_are_refused_with_a_sentence(held, client):
    answer = captions(held, client)(speaker="candidate", text="Too early.")
    assert answer.status_code == 409
    assert "has not begun" in answer.json()["error"]["message"]


def test_captions_need_their_own_token(begun, client):
    client.cookies.clear()
    address = f"/api/v1/sessions/{begun.id}/turns"
    turn = {"speaker": "candidate", "text": "x"}
    assert client.post(address, json=turn).status_code == 404
    wrong = {"authorization": "Bearer nothing"}
    assert client.post(address, json=turn, headers=wrong).status_code == 404


def test_pasted_captions_are_told_apart_by_who_is_here(begun):
    text = "Sam: It ranks by risk.\nDana: And then?\nInterviewer: Go on."
    pasted = begun.host.post(f"{begun.address}/captions", text=text, once="paste-0001")
    assert pasted.json() == {"taken": 3}
    again = begun.host.post(f"{begun.address}/captions", text=text, once="paste-0001")
    assert again.status_code == 200
    turns = begun.room_at().session.turns[1:]
    assert [turn.speaker for turn in turns] == ["candidate", "interviewer", "interviewer"]
    assert [turn.name for turn in turns] == ["Sam", "Dana", ""]


@pytest.mark.parametrize(
    "text, problem",
    [
        ("Nobody: Who is that?", "Nobody in this room is called Nobody"),
        ("words of somebody", "a line without a name"),
        (" ", "empty"),
    ],
)
def test_pasted_words_of_nobody_known_are_not_taken(begun, text, problem):
    answer = begun.host.post(f"{begun.address}/captions", text=text, once="paste-0001")
    assert answer.status_code >= 400 and problem in answer.json()["problem"]
    assert len(begun.room_at().session.turns) == 1


def test_captions_are_pasted_by_interviewers_alone(begun):
    for browser in (begun.candidate, begun.others["Olga"], Browser(begun.client)):
        answer = browser.post(f"{begun.address}/captions", text="Sam: x", once="paste-0001")
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "said, facts",
    [
        ("How many payments a day do we see?", ("volume",)),
        ("how many payments a day are there", ("volume",)),
        ("I would begin with the business goal, because all else follows.", ()),
        ("Let me think. How quick must the verdict be? I would wait.", ("latency",)),
    ],
)
def test_facts_that_a_turn_asks_for_are_found(held, said, facts):
    assert asked_facts(held.room_at(), said) == facts
