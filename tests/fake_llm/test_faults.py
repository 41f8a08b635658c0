"""Every fault on the line and every refusal, streamed and whole, as bytes that a client meets."""

import http.client
import json
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from app.fake_llm.faults import FAULTS
from tests.fake_llm.conftest import KEY, PATIENCE, body_of, move, post, read_stream, spoken, until

SAY = "How do you divide that time, and which part do you cut off when it is late?"
ENDLESS = ("hang_before", "hang_after_headers", "hang_between", "drip", "keep_alive", "flood")
STATUS = {"401": 401, "404": 404, "429": 429, "429_long": 429, "500": 500, "503": 503}


class Line:
    """One request over a raw socket; everything is read from it as it comes."""

    def __init__(self, fake, stream: bool, **more: object) -> None:
        body = json.dumps(body_of(move(SAY), stream=stream, **more)).encode()
        self.socket = socket.create_connection(("127.0.0.1", fake.port), timeout=PATIENCE)
        self.socket.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + KEY.encode()
            + b"\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        self.data = b""

    def read_until(self, enough: int | bytes) -> bytes:
        while not (len(self.data) >= enough if isinstance(enough, int) else enough in self.data):
            more = self.socket.recv(65536)
            assert more, self.data
            self.data += more
        return self.data

    def read_all(self) -> bytes:
        while more := self.socket.recv(65536):
            self.data += more
        return self.data

    def read_until_silent(self) -> bytes:
        """Until nothing comes for a while, with the line still open."""
        self.socket.settimeout(0.3)
        while True:
            try:
                more = self.socket.recv(65536)
            except TimeoutError:
                return self.data
            assert more, "the line was closed"
            self.data += more

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


def opened(fake, **more: object):
    return post(f"{fake.base_url}/chat/completions", body_of(move(SAY), **more))


def refused(fake, **more: object) -> tuple[int, dict, http.client.HTTPMessage]:
    with pytest.raises(urllib.error.HTTPError) as error:
        opened(fake, **more)
    with error.value as answer:
        return answer.code, json.load(answer), answer.headers


def whole(fake, **more: object) -> dict:
    with opened(fake, **more) as answer:
        return json.load(answer)


def streamed(fake, **more: object) -> list[dict]:
    with opened(fake, stream=True, **more) as answer:
        return read_stream(answer.read())


both = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@both
def test_hang_before_sends_nothing(fake, stream):
    fake.fault("hang_before")
    with Line(fake, stream) as line:
        assert line.read_until_silent() == b""


@both
def test_hang_after_headers_sends_headers_only(fake, stream):
    fake.fault("hang_after_headers")
    with Line(fake, stream) as line:
        assert line.read_until_silent().startswith(b"HTTP/1.1 200 OK\r\n")
        assert line.data.endswith(b"\r\n\r\n")


@both
def test_hang_between_sends_a_beginning(fake, stream):
    fake.fault("hang_between")
    with Line(fake, stream) as line:
        line.read_until_silent()
        assert (b" divide" if stream else b'"choices"') in line.data
        assert b"late?" not in line.data


@both
def test_drip_goes_on_a_character_at_a_time(fake, stream):
    fake.fault("drip")
    with Line(fake, stream) as line:
        before = len(line.read_until(b"\r\n\r\n" + (b"" if stream else b"1\r\n{")))
        line.read_until(before + 20)
        assert b"late?" not in line.data


@both
def test_keep_alive_never_says_a_word(fake, stream):
    fake.fault("keep_alive")
    with Line(fake, stream) as line:
        line.read_until(b": keep-alive\n\n" if stream else b"\r\n\r\n1\r\n ")
        assert b"choices" not in line.data


@both
def test_flood_does_not_end(fake, stream):
    fake.fault("flood")
    with Line(fake, stream) as line:
        line.read_until(2_000_000)


@pytest.mark.parametrize("fault", ENDLESS)
@both
def test_what_never_ends_ends_when_the_client_leaves(fake, fault, stream):
    """The server's own tasks say so: none is left."""
    fake.fault(fault)
    with Line(fake, stream) as line:
        if fault != "hang_before":
            line.read_until(b"\r\n\r\n")
        until(lambda: fake.open == 1)
    until(lambda: fake.open == 0)


@pytest.mark.parametrize("fault", STATUS)
@both
def test_a_status_comes_with_an_error_that_repeats_the_key(fake, fault, stream):
    fake.fault(fault)
    code, body, headers = refused(fake, stream=stream)
    assert code == STATUS[fault]
    assert KEY in body["error"]["message"]
    assert headers.get("Retry-After") == {"429": "1", "429_long": "60"}.get(fault)


@both
def test_refuse_resets_before_any_answer(fake, stream):
    fake.fault("refuse")
    with Line(fake, stream) as line, pytest.raises(ConnectionResetError):
        line.read_all()
    assert line.data == b""


@both
def test_reset_breaks_off_in_the_middle(fake, stream):
    fake.fault("reset")
    with Line(fake, stream) as line, pytest.raises(ConnectionResetError):
        line.read_all()
    assert (b" divide" if stream else b'"choices"') in line.data
    assert b"late?" not in line.data


@both
def test_close_ends_the_line_in_the_middle(fake, stream):
    fake.fault("close")
    with opened(fake, stream=stream) as answer, pytest.raises(http.client.IncompleteRead) as cut:
        answer.read()
    assert (b" divide" if stream else b'"choices"') in cut.value.partial


@pytest.mark.parametrize(
    ("fault", "finish", "text"),
    [
        ("empty", "stop", lambda said: said == ""),
        ("no_finish", None, lambda said: 10 < len(said) < len(SAY)),
        ("truncated_json", "stop", lambda said: 10 < len(said) < len(SAY)),
        ("filtered", "content_filter", lambda said: 10 < len(said) < len(SAY)),
        ("fenced_json", "stop", lambda said: said.startswith("```") and said.endswith("```")),
        ("prose_json", "stop", lambda said: said.startswith("Sure!") and "divide" in said),
    ],
)
def test_the_text_or_its_end_is_wrong(fake, fault, finish, text):
    fake.fault(fault, times=2)
    choice = whole(fake)["choices"][0]
    events = streamed(fake)
    assert choice["finish_reason"] == finish
    assert text(choice["message"]["content"])
    assert spoken(events) == choice["message"]["content"]
    finishes = [c["finish_reason"] for e in events for c in e["choices"] if c["finish_reason"]]
    assert finishes == ([finish] if finish else [])


def test_html_is_a_page_with_200(fake):
    fake.fault("html")
    with opened(fake) as answer:
        assert answer.headers.get_content_type() == "text/html"
        assert b"<h1>" in answer.read()


def test_a_bad_chunk_is_no_json_and_the_rest_follows(fake):
    fake.fault("bad_chunk", times=2)
    with pytest.raises(ValueError):
        whole(fake)
    with opened(fake, stream=True) as answer:
        *lines, done, _ = answer.read().decode().split("\n\n")
    broken = 0
    for line in lines:
        try:
            json.loads(line.removeprefix("data: "))
        except ValueError:
            broken += 1
    assert (broken, done) == (1, "data: [DONE]")


def test_an_error_chunk_holds_the_key(fake):
    fake.fault("error_chunk", times=2)
    assert KEY in whole(fake)["error"]["message"]
    errors = [event["error"]["message"] for event in events_of(fake) if "error" in event]
    assert len(errors) == 1
    assert KEY in errors[0]


def events_of(fake) -> list[dict]:
    with opened(fake, stream=True) as answer:
        return read_stream(answer.read())


def test_a_redirect_leads_elsewhere_and_whoever_follows_is_seen(fake):
    fake.fault("redirect", times=2)
    with Line(fake, stream=False) as line:
        head = line.read_until(b"\r\n\r\n").decode()
    assert "307" in head
    address = next(
        part.split(": ", 1)[1] for part in head.split("\r\n") if part.startswith("location")
    )
    assert fake.strays == []
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(address, b"{}", timeout=PATIENCE)
    error.value.close()
    assert fake.strays == [address]


def test_no_usage_leaves_it_out(fake):
    fake.fault("no_usage", times=2)
    assert "usage" not in whole(fake)
    assert not any("usage" in e for e in streamed(fake, stream_options={"include_usage": True}))


SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}


@pytest.mark.parametrize(
    ("fault", "wrong", "right"),
    [
        ("no_response_format", {"response_format": SCHEMA}, {"response_format": {"type": "text"}}),
        ("no_response_format", {"response_format": SCHEMA}, {}),
        ("no_json_object", {"response_format": {"type": "json_object"}}, {}),
        ("no_json_object", {"response_format": SCHEMA}, {}),
        ("no_stream_options", {"stream_options": {"include_usage": True}}, {}),
        ("no_temperature", {"temperature": 0.4}, {"temperature": 1}),
        ("max_completion_tokens", {"max_tokens": 300}, {"max_completion_tokens": 300}),
    ],
)
def test_a_refusal_meets_only_what_it_refuses(fake, fault, wrong, right):
    fake.fault(fault, times=None)
    code, body, _ = refused(fake, **wrong)
    assert code == 400
    assert body["error"]["message"]
    assert whole(fake, **right)["choices"][0]["finish_reason"] == "stop"


def test_json_object_is_taken_where_only_schemas_are_refused(fake):
    fake.fault("no_response_format", times=None)
    assert whole(fake, response_format={"type": "json_object"})["choices"]


def test_every_fault_on_the_line_and_every_refusal_is_tried_here():
    source = Path(__file__).read_text("utf-8")
    kinds = {kind for kind, fault in FAULTS.items() if fault.of in ("line", "refusal")}
    assert kinds == {kind for kind in kinds if f'"{kind}"' in source}
