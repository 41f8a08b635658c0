"""The protocol as a client meets it: answers, streams, shapes, faults that are set and cleared, a prompt stop."""

import http.client
import json
import socket
import urllib.error
import urllib.request

import pytest

from app.fake_llm.asked import Asked
from app.fake_llm.desk import MOST_KEPT, SEEN, Desk
from app.fake_llm.faults import FAULTS
from app.fake_llm.server import running
from tests.fake_llm.conftest import (
    KEY,
    PATIENCE,
    ask,
    body_of,
    judged,
    move,
    post,
    read_stream,
    say,
    spoken,
)


def chat(fake) -> str:
    return f"{fake.base_url}/chat/completions"


def door(fake, path: str) -> str:
    return fake.base_url.removesuffix("/v1") + path


def test_a_plain_answer_is_whole_and_counted(fake):
    answer = ask(fake, "Are you there?")
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "any"
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "ready"}
    assert answer["choices"][0]["finish_reason"] == "stop"
    used = answer["usage"]
    assert used["total_tokens"] == used["prompt_tokens"] + used["completion_tokens"] > 0


def test_a_stream_has_role_words_finish_usage_and_an_end(fake):
    body = body_of(
        move("How do you split it?"), stream=True, stream_options={"include_usage": True}
    )
    with post(chat(fake), body) as answer:
        assert answer.headers.get_content_type() == "text/event-stream"
        first, *words, finish, usage = read_stream(answer.read())
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert len(words) > 3
    assert spoken(words).endswith("you split it?")
    assert finish["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] > 0


def test_a_stream_tells_what_was_used_only_if_asked(fake):
    with post(chat(fake), body_of(stream=True)) as answer:
        assert not any("usage" in event for event in read_stream(answer.read()))


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_an_answer_ends_where_its_tokens_end(fake, limit):
    answer = ask(fake, move("How do you split it, and by what?"), **{limit: 3})
    assert len(answer["choices"][0]["message"]["content"]) == 12
    assert answer["choices"][0]["finish_reason"] == "length"


def test_a_shape_that_was_asked_for_is_kept(fake):
    schema = {
        "type": "object",
        "required": ["answer", "sure", "why", "next", "kind"],
        "properties": {
            "answer": {"type": "string"},
            "sure": {"type": "boolean"},
            "why": {"type": "array", "items": {"$ref": "#/$defs/n"}, "minItems": 2},
            "next": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "kind": {"enum": ["one", "two"]},
            "extra": {"type": "string"},
        },
        "$defs": {"n": {"type": "integer", "minimum": 4}},
    }
    form = {"type": "json_schema", "json_schema": {"name": "probe", "schema": schema}}
    expected = {"answer": "ready", "sure": True, "why": [4, 4], "next": None, "kind": "one"}
    assert json.loads(say(fake, "Hello", response_format=form)) == expected
    assert json.loads(say(fake, "Hello", response_format={"type": "json_object"}))


def test_the_models_are_listed(fake):
    with urllib.request.urlopen(f"{fake.base_url}/models", timeout=PATIENCE) as answer:
        assert json.load(answer)["data"][0]["id"] == "fake"


def test_what_was_asked_can_be_read_but_not_the_key(fake):
    ask(fake, "One")
    ask(fake, "Two", temperature=0.5)
    assert [r["messages"][0]["content"] for r in fake.requests] == ["One", "Two"]
    with urllib.request.urlopen(door(fake, "/requests"), timeout=PATIENCE) as answer:
        text = answer.read().decode()
    assert json.loads(text)["requests"] == fake.requests
    assert KEY not in text


def test_a_script_is_said_word_for_word_and_then_honesty(fake):
    fake.script(["First.", '{"criteria": []}'])
    assert [say(fake, move("Why?")) for _ in range(2)] == ["First.", '{"criteria": []}']
    assert say(fake, move("Why?")).lower().endswith("why?")


def test_faults_wait_in_line_each_for_as_many_requests_as_it_was_set_for(fake):
    fake.fault("empty", times=2)
    fake.fault("filtered")
    finishes = [ask(fake)["choices"][0] for _ in range(4)]
    assert [c["message"]["content"] for c in finishes] == ["", "", "re", "ready"]
    assert [c["finish_reason"] for c in finishes] == ["stop", "stop", "content_filter", "stop"]


def test_a_fault_waits_for_a_request_that_it_fits(fake):
    fake.fault("praise")
    fake.fault("invent")
    assert ask(fake)["choices"][0]["message"]["content"] == "ready"
    assert "40 percent" in say(fake, judged())
    assert "excellent" in say(fake, move("Why?"))
    assert "excellent" not in say(fake, move("Why?"))


def test_a_fault_without_a_number_lasts_until_it_is_cleared(fake):
    with post(door(fake, "/faults"), {"kind": "empty", "times": None}) as answer:
        assert json.load(answer)["set"] == [{"kind": "empty", "times": None, "text": None}]
    assert [say(fake, "Hello") for _ in range(3)] == ["", "", ""]
    with post(door(fake, "/faults"), None, method="DELETE") as answer:
        assert json.load(answer)["set"] == []
    assert say(fake, "Hello") == "ready"


def test_a_request_can_wish_for_its_own_fault(fake):
    with post(chat(fake), body_of(), **{"X-Fault": "empty"}) as answer:
        assert json.load(answer)["choices"][0]["message"]["content"] == ""
    assert say(fake, "Hello") == "ready"


def test_every_kind_of_fault_is_told(fake):
    with urllib.request.urlopen(door(fake, "/faults"), timeout=PATIENCE) as answer:
        assert json.load(answer)["kinds"] == {kind: f.about for kind, f in FAULTS.items()}


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/faults", {"kind": "no-such"}, {}),
        ("/faults", {"kind": "500", "times": 0}, {}),
        ("/faults", {"kind": "500", "times": "often"}, {}),
        ("/faults", ["500"], {}),
        ("/v1/chat/completions", {"model": "any"}, {}),
        ("/v1/chat/completions", body_of(), {"X-Fault": "no-such"}),
    ],
)
def test_a_wrong_request_is_400(fake, path, body, headers):
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(door(fake, path), body, **headers)
    with refused.value as answer:
        assert answer.code == 400
        assert json.load(answer)["error"]["message"]


@pytest.mark.parametrize("path", ["/requests", "/faults", "/v1/models"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example:8001"},
        {"Origin": "null"},
    ],
)
def test_a_page_of_another_site_reads_nothing_and_sets_nothing(fake, path, headers):
    ask(fake, "A whole transcript.")
    method = "POST" if path == "/faults" else "GET"
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(door(fake, path), {"kind": "empty"}, method, **headers)
    with refused.value as answer:
        assert answer.code == 403 and b"transcript" not in answer.read()
    assert say(fake, "Hello") == "ready"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:9"},
        {"Host": "[::1]:9"},
        {"Host": "LOCALHOST"},
        {"Origin": "http://127.0.0.1:8000"},
    ],
)
def test_this_machine_may_ask_by_any_of_its_names(fake, headers):
    with post(chat(fake), body_of(), **headers) as answer:
        assert json.load(answer)["choices"]


def test_no_more_is_kept_than_can_be_read_back():
    """What is oldest goes: by number, by size, and of what is known again."""
    desk = Desk(kept=3)
    for number in range(SEEN + 5):
        assert desk.note(Asked(body_of(str(number)))) == 0
    assert [body["messages"][0]["content"] for body in desk.requests] == [
        str(number) for number in range(SEEN + 2, SEEN + 5)
    ]
    assert (desk.note(Asked(body_of("0"))), desk.note(Asked(body_of("100")))) == (0, 1)
    desk.note(Asked(body_of("a" * (MOST_KEPT - 3))))
    assert len(desk.requests) == 2
    desk.note(Asked(body_of("a" * (MOST_KEPT + 1))))
    assert desk.requests == []
    desk.note(Asked(body_of("b")))
    assert len(desk.requests) == 1


def test_messages_in_parts_are_read(fake):
    parts = [{"type": "text", "text": '<move kind="press"><say>'}, {"text": "Why so?</say></move>"}]
    body = {"model": "any", "messages": [{"role": "user", "content": parts}]}
    with post(chat(fake), body) as answer:
        text = json.load(answer)["choices"][0]["message"]["content"]
    assert text.lower().endswith("why so?")


def test_it_stops_while_somebody_still_waits_and_comes_back_on_its_port():
    with running() as fake:
        fake.fault("hang_before")
        fake.fault("hang_between")
        waiting = [waits(fake.port), waits(fake.port, stream=True)]
        assert waiting[1].recv(65536)
        port = fake.port
        fake.stop()
        for opened in waiting:
            with opened:
                assert ended(opened)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        fake.start()
        assert fake.port == port
        assert say(fake, "Hello") == "ready"


def waits(port: int, **more: object) -> socket.socket:
    """A request that was sent over a socket of its own."""
    opened = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    body = json.dumps(body_of(**more)).encode()
    opened.sendall(
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    return opened


def ended(opened: socket.socket) -> bool:
    """Whether the other side ends the connection; what it still says is passed over."""
    try:
        while opened.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


def test_it_listens_on_loopback_only(fake):
    with socket.socket() as opened:
        opened.settimeout(PATIENCE)
        with pytest.raises(OSError):
            opened.connect(("127.0.0.2", fake.port))


def test_a_kept_connection_takes_many_requests(fake):
    connection = http.client.HTTPConnection("127.0.0.1", fake.port, timeout=PATIENCE)
    for number in range(3):
        sent = json.dumps(body_of(str(number)))
        connection.request("POST", "/v1/chat/completions", sent)
        assert json.load(connection.getresponse())["choices"]
    connection.close()
    assert len(fake.requests) == 3
