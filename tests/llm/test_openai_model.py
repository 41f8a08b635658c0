"""The guards around the client, at real servers: what is asked, what goes wrong, how long it may take."""

import asyncio
import gc
import json
import logging
import os
import subprocess
import sys
import traceback
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from types import AsyncGeneratorType

import pytest

from app.endpoint import STRUCTURED, Timeouts
from app.fake_llm.faults import FAULTS as KINDS
from app.llm.json_text import json_of
from app.llm.model import Answer, Ask, Message, ModelFailed, Usage, seen_usage
from app.llm.openai_model import LONGEST, Connection, OpenAIModel
from app.llm.transport import LOGGERS, MOST_CONNECTIONS
from tests.llm.conftest import (
    ASK,
    KEY,
    PATIENT,
    SECRET,
    SHAPED,
    completion,
    endpoint_at,
    events,
    http,
    raw_server,
    read,
    run,
    said,
    until,
)

# The first word has time where it is not the question, so that a busy machine changes nothing.
QUICK_FIRST = Timeouts(connect=10, first=0.3, gap=20, whole=60)
QUICK_GAP = Timeouts(connect=10, first=20, gap=0.3, whole=60)
QUICK_WHOLE = Timeouts(connect=10, first=20, gap=20, whole=1.0)

FAULTS = {
    "hang_before": ("slow", QUICK_FIRST),
    "hang_after_headers": ("slow", QUICK_FIRST),
    "keep_alive": ("slow", QUICK_FIRST),
    "hang_between": ("stalled", QUICK_GAP),
    "drip": ("overlong", QUICK_WHOLE),
    "401": ("denied", PATIENT),
    "404": ("not_found", PATIENT),
    "429": ("busy", PATIENT),
    "429_long": ("busy", PATIENT),
    "500": ("server", PATIENT),
    "503": ("server", PATIENT),
    "refuse": ("cut", PATIENT),
    "reset": ("cut", PATIENT),
    "close": ("cut", PATIENT),
    "no_finish": ("cut", PATIENT),
    "empty": ("empty", PATIENT),
    "html": ("garbled", PATIENT),
    "bad_chunk": ("garbled", PATIENT),
    "error_chunk": ("server", PATIENT),
    "flood": ("too_large", PATIENT),
    "redirect": ("redirect", PATIENT),
    "filtered": ("filtered", PATIENT),
}
HARMLESS = {"truncated_json", "fenced_json", "prose_json", "no_usage"}


async def asked(base_url: str, ask: Ask = ASK, how: str = "reply", **more) -> Answer:
    """By a model of its own, whose connections are closed afterwards."""
    structured = more.pop("structured", None)
    model = OpenAIModel(endpoint_at(base_url, **more), "voice", structured)
    try:
        return await model.reply(ask) if how == "reply" else (await read(model.stream(ask)))[1]
    finally:
        await model.close()


def failure(work) -> ModelFailed:
    with pytest.raises(ModelFailed) as failed:
        run(work)
    return failed.value


def test_every_fault_of_the_line_is_tried_here():
    assert {kind for kind, fault in KINDS.items() if fault.of == "line"} == set(FAULTS) | HARMLESS


@pytest.mark.parametrize("how", ["reply", "stream"])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_told_by_its_name_after_one_request(kind, how, fake):
    fault, timeouts = FAULTS[kind]
    fake.fault(kind)
    failed = failure(asked(fake.base_url, how=how, timeouts=timeouts))
    assert failed.fault == fault
    assert len(fake.requests) == 1
    assert fake.strays == []


@pytest.mark.parametrize(("kind", "seconds"), [("429", 1.0), ("429_long", 60.0), ("500", None)])
def test_how_long_to_wait_is_passed_on_and_not_waited_for(kind, seconds, fake):
    fake.fault(kind)
    failed = failure(asked(fake.base_url))
    assert failed.retry_after == seconds
    assert failed.http_status == int(kind[:3])


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ("Retry-After: 2.5\r\n", 2.5),
        (
            "Retry-After: Sat, 21 Nov 2026 10:01:00 GMT\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\n",
            60.0,
        ),
        ("Retry-After: Sat, 21 Nov 2026 10:01:00 GMT\r\n", None),
        ("Retry-After: soon\r\n", None),
        ("Retry-After: -5\r\n", None),
        ("Retry-After: nan\r\n", None),
        ("Retry-After: 1e999\r\n", 86_400.0),
    ],
)
def test_how_long_to_wait_is_read_in_all_its_forms(headers, seconds):
    async def work():
        async with raw_server(http(b"{}", status="429 Busy", more=headers)) as raw:
            await asked(raw.base_url)

    assert failure(work()).retry_after == seconds


@pytest.mark.parametrize("how", ["reply", "stream"])
def test_nothing_that_was_sent_or_received_gets_into_errors_or_logs(how, fake, caplog):
    """The endpoint's error object holds the key on purpose; DEBUG is on for everything. What the libraries log at it
    changes with their versions, so they log nothing below WARNING."""
    caplog.set_level(logging.DEBUG)
    leaks = []
    for kind, (_, timeouts) in FAULTS.items():
        fake.clear()
        fake.fault(kind)
        failed = failure(asked(fake.base_url, how=how, timeouts=timeouts))
        told = [str(failed), repr(failed), *traceback.format_exception(failed), repr(vars(failed))]
        assert failed.__cause__ is None and failed.__context__ is None, kind
        leaks += [kind for text in told if KEY in text or SECRET in text]
    for record in caplog.records:
        assert record.levelno >= logging.WARNING or record.name.split(".")[0] not in LOGGERS
        text = f"{record.getMessage()} {record.args!r} {record.exc_text or ''}"
        leaks += [record.name for secret in (KEY, SECRET) if secret in text]
    assert leaks == []


def test_a_key_that_no_header_can_hold_is_in_no_error_either():
    async def work():
        async with raw_server(http(b"{}")) as raw:
            await asked(raw.base_url, key=f"{KEY}\nX-Other: 1")

    failed = failure(work())
    told = "".join(traceback.format_exception(failed)) + repr(failed.__context__)
    assert KEY not in told


def test_pieces_make_up_the_answer(fake):
    async def work():
        model = OpenAIModel(endpoint_at(fake.base_url), "voice")
        try:
            return await read(model.stream(ASK))
        finally:
            await model.close()

    texts, answer = run(work())
    assert len(texts) > 1
    assert "".join(texts) == answer.text
    assert answer.text.lower().endswith("what about the labels?")
    assert answer.finish == "stop"
    assert answer.usage.counted and answer.usage.tokens_out > 0
    assert 0 <= answer.first_ms <= answer.whole_ms


def test_where_nobody_counts_the_tokens_are_estimated(fake):
    fake.fault("no_usage")
    answer = run(asked(fake.base_url))
    assert not answer.usage.counted
    assert answer.usage.tokens_in == -(-ASK.characters // 4)
    assert answer.usage.tokens_out == -(-len(answer.text) // 4)


# What is asked


@pytest.mark.parametrize(
    "counts",
    [(10**30, 1), (1, 10**30), (10**7 + 1, 0), (-1, 5), (True, 5), (5.0, 5), ("5", 5), (0, 0)],
)
@pytest.mark.parametrize("how", ["reply", "stream"])
def test_what_is_no_count_of_tokens_is_estimated(counts, how):
    used = dict(zip(("prompt_tokens", "completion_tokens"), counts, strict=True))

    async def work(used):
        chunks = said("Yes.", "stop"), {"choices": [], "usage": used}
        async with raw_server(events(*chunks)) as raw:
            return (await asked(raw.base_url, how=how)).usage

    assert run(work(used)) == seen_usage(ASK, len("Yes."))
    fine = {"prompt_tokens": 10**7, "completion_tokens": 0}
    assert run(work(fine)) == Usage(10**7, 0)


def test_a_request_says_what_it_must_and_no_more(monkeypatch):
    """The environment can make the client send an organisation's names, headers and proxies along."""
    planted = {
        "OPENAI_API_KEY": "planted-key",
        "OPENAI_ORG_ID": "planted-organisation",
        "OPENAI_PROJECT_ID": "planted-project",
        "OPENAI_ADMIN_KEY": "planted-admin",
        "OPENAI_CUSTOM_HEADERS": "X-Planted: planted\nAuthorization: planted",
        "OPENAI_BASE_URL": "http://planted.invalid/v1",
        "HTTP_PROXY": "http://planted.invalid:1",
        "ALL_PROXY": "http://planted.invalid:1",
    }
    for name, value in planted.items():
        monkeypatch.setenv(name, value)

    async def work():
        async with raw_server(events(said("Yes.", "stop"))) as raw:
            await asked(raw.base_url)
            return raw

    raw = run(work())
    lines = raw.heads[0].strip().split("\r\n")
    names = {line.partition(":")[0].lower() for line in lines[1:]}
    assert lines[0] == "POST /v1/chat/completions HTTP/1.1"
    assert f"authorization: bearer {KEY}" in raw.heads[0].lower()
    assert "planted" not in raw.heads[0]
    assert names == {
        "host",
        "accept",
        "content-type",
        "content-length",
        "user-agent",
        "authorization",
        "accept-encoding",
    }
    assert raw.bodies[0] == {
        "model": "voice",
        "messages": [{"role": m.role, "content": m.content} for m in ASK.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 300,
        "temperature": 0.4,
    }


def test_azure_gets_its_version_and_its_header():
    async def resolve(host, port):
        return ["127.0.0.1"]

    async def work():
        async with raw_server(events(said("Yes.", "stop"))) as raw:
            host = "lab.openai.azure.com"
            base_url = f"http://{host}:{raw.port}/openai/deployments/d?api-version=2026-01-01"
            endpoint = endpoint_at(base_url, allowed=(host,))
            model = OpenAIModel(endpoint, "voice", connection=Connection(endpoint, resolve))
            await model.reply(ASK)
            await model.close()
            return raw.heads[0]

    head = run(work())
    assert head.startswith("POST /openai/deployments/d/chat/completions?api-version=2026-01-01 ")
    assert f"api-key: {KEY}" in head.replace("Api-Key", "api-key")


def test_without_a_key_the_header_holds_none():
    async def work():
        async with raw_server(events(said("Yes.", "stop"))) as raw:
            await asked(raw.base_url, key=None)
            return raw.heads[0]

    head = run(work())
    assert "Bearer none" in head and "api-key" not in head.lower()


@pytest.mark.parametrize("structured", STRUCTURED)
def test_the_shape_is_asked_for_as_configured(structured, fake):
    run(asked(fake.base_url, SHAPED, structured=structured))
    told = fake.requests[0].get("response_format", {})
    assert told.get("type", "text") == structured
    assert ("json_schema" in told) == (structured == "json_schema")


def test_a_temperature_of_the_ask_goes_before_that_of_the_endpoint_and_none_sends_none(fake):
    run(asked(fake.base_url, Ask(ASK.messages, temperature=0.0)))
    run(asked(fake.base_url, temperature=None))
    assert [request.get("temperature") for request in fake.requests] == [0.0, None]


# Servers that understand less


@pytest.mark.parametrize(
    ("kind", "field", "after"),
    [
        ("no_response_format", "response_format", {"type": "json_object"}),
        ("no_json_object", "response_format", None),
        ("no_stream_options", "stream_options", None),
        ("no_temperature", "temperature", None),
        ("max_completion_tokens", "max_tokens", None),
    ],
)
def test_what_a_server_refuses_is_given_up_once_and_for_all(kind, field, after, fake):
    fake.fault(kind, times=None)

    async def work():
        model = OpenAIModel(endpoint_at(fake.base_url), "voice")
        await model.reply(SHAPED)
        tried = len(fake.requests)
        await model.reply(SHAPED)
        await model.close()
        return tried

    tried = run(work())
    assert 1 < tried <= 3
    assert len(fake.requests) == tried + 1
    assert fake.requests[-1].get(field) == after
    assert fake.requests[0].get(field) is not None
    kept = {"stream_options", "temperature", "response_format", "max_tokens"} - {field}
    assert all(fake.requests[-1].get(other) is not None for other in kept)


def test_a_form_that_was_configured_is_not_given_up(fake):
    fake.fault("no_response_format", times=None)
    failed = failure(asked(fake.base_url, SHAPED, structured="json_schema"))
    assert failed.fault == "rejected"
    assert {r["response_format"]["type"] for r in fake.requests} == {"json_schema"}


def only_bare(message: str):
    """A server of few words: it takes a model and messages, and says no more than that it does not take the rest."""

    async def reply(body, writer):
        if (
            set(body)
            - {"model", "messages", "max_completion_tokens"}
            - ({"stream"} if not body["stream"] else set())
        ):
            refusal = json.dumps({"error": {"message": message}}).encode()
            writer.write(http(refusal, status="400 Bad Request"))
        else:
            writer.write(http(json.dumps(completion("Yes.")).encode()))
        await writer.drain()

    return reply


def test_where_a_refusal_names_nothing_less_and_less_is_asked():
    async def work():
        async with raw_server(only_bare("Bad request.")) as raw:
            model = OpenAIModel(endpoint_at(raw.base_url), "voice")
            first = await model.reply(ASK)
            requests = len(raw.bodies)
            texts, second = await read(model.stream(ASK))
            await model.close()
            return first.text, requests, texts, second.text, len(raw.bodies)

    first, requests, texts, second, after = run(work())
    assert first == second == "Yes." and texts == ["Yes."]
    assert requests <= 6 and after == requests + 1


def test_a_request_that_is_refused_whatever_is_left_out_is_rejected_and_nothing_is_remembered():
    async def work():
        async with raw_server(http(b'{"error": {"message": "No."}}', status="400 No")) as raw:
            model = OpenAIModel(endpoint_at(raw.base_url), "voice")
            for _ in range(2):
                with pytest.raises(ModelFailed) as failed:
                    await model.reply(ASK)
                assert failed.value.fault == "rejected"
            await model.close()
            return raw.bodies

    bodies = run(work())
    assert bodies[0] == bodies[len(bodies) // 2]
    assert len(bodies) <= 12


def test_once_requests_are_taken_a_bare_refusal_is_about_the_words():
    """Too long a prompt, for instance: asking for less would not help."""
    answers = [events(said("Yes.", "stop")), http(b'{"error": {}}', status="400 Bad Request")]

    async def reply(body, writer):
        writer.write(answers.pop(0))
        await writer.drain()

    async def work():
        async with raw_server(reply) as raw:
            model = OpenAIModel(endpoint_at(raw.base_url), "voice")
            await model.reply(ASK)
            with pytest.raises(ModelFailed) as failed:
                await model.reply(ASK)
            await model.close()
            return failed.value.fault, len(raw.bodies)

    assert run(work()) == ("rejected", 2)


def test_a_server_that_breaks_over_a_schema_is_asked_without():
    async def reply(body, writer):
        if body.get("response_format", {}).get("type") == "json_schema":
            writer.write(http(b'{"error": {"message": "json_schema: no"}}', status="500 Oops"))
        else:
            writer.write(events(said('{"word": "yes"}', "stop")))
        await writer.drain()

    async def work():
        async with raw_server(reply) as raw:
            return json_of((await asked(raw.base_url, SHAPED)).text), len(raw.bodies)

    assert run(work()) == ({"word": "yes"}, 2)


# Odd bytes

THINKING = events(said(None, reasoning_content="Hm."), done=False)
ODD = {
    "a whole completion where a stream was asked for": (
        http(json.dumps(completion("Yes.")).encode()),
        "Yes.",
    ),
    "no [DONE]": (events(said("Yes."), said(None, "stop"), done=False), "Yes."),
    "text after the end": (events(said("Yes.", "stop"), {"choices": []}), "Yes."),
    "usage of another kind": (
        events(said("Yes.", "stop"), {"choices": [], "usage": {"prompt_tokens": "many"}}),
        "Yes.",
    ),
    "a surrogate and a NUL": (events(said("Y\ud800e\x00s.", "stop")), "Yes."),
    "no content type": (
        events(said("Yes.", "stop")).replace(b"Content-Type: text/event-stream\r\n", b""),
        "Yes.",
    ),
    "the filter, before": (events(said(None, "content_filter")), "filtered"),
    "the filter, after words": (events(said("Yes"), said(None, "content_filter")), "filtered"),
    "a refusal": (events(said(None, refusal="I cannot."), said(None, "stop")), "filtered"),
    "the filter of Azure": (
        http(b'{"error": {"code": "content_filter"}}', status="400 Bad Request"),
        "filtered",
    ),
    "nothing at all": (http(b"", "text/event-stream"), "empty"),
    "nothing, and a length": (http(b"", more="Content-Length: 0\r\n"), "empty"),
    "only [DONE]": (events(), "empty"),
    "blanks": (events(said(" \n "), said(None, "stop")), "empty"),
    "no choices": (http(b'{"choices": []}'), "empty"),
    "only a role": (events(said(None, role="assistant")), "cut"),
    "no finish_reason": (events(said("Yes.")), "cut"),
    "an error with 200": (http(b'{"error": {"message": "Oh."}}'), "server"),
    "an error with 200 and a status": (http(b'{"error": {"code": 429}}'), "busy"),
    "an error among events": (events({"error": {"code": 401, "message": "Oh."}}), "denied"),
    "another JSON": (http(b'{"detail": "Hello"}'), "garbled"),
    "a list": (http(b"[1]"), "garbled"),
    "half a JSON": (http(b'{"choices": [{"mess'), "garbled"),
    "plain text": (http(b"It works!", "text/plain"), "garbled"),
    "deep JSON": (http(b"data: " + b"[" * 200_000 + b"\n\n", "text/event-stream"), "garbled"),
    "compressed": (http(b"\x1f\x8b", more="Content-Encoding: gzip\r\n"), "garbled"),
    "another protocol": (b"SSH-2.0-OpenSSH_9.6\r\n", "cut"),
    "too long a text": (events(said("a" * (LONGEST + 1), "stop")), "too_large"),
    "too long a text in one piece": (
        http(json.dumps(completion("a" * (LONGEST + 1))).encode()),
        "too_large",
    ),
    "too many bytes of an error": (http(b" " * 5_000_000, status="500 Oops"), "too_large"),
    "too many comments": (http(b": still here\n\n" * 400_000, "text/event-stream"), "too_large"),
}


@pytest.mark.parametrize("how", ["reply", "stream"])
@pytest.mark.parametrize("name", ODD)
def test_odd_bytes_are_an_answer_or_a_fault(name, how):
    sent, expected = ODD[name]

    async def work():
        async with raw_server(sent) as raw:
            try:
                return (await asked(raw.base_url, how=how)).text
            except ModelFailed as failed:
                return failed.fault

    assert run(work()) == expected


def test_an_answer_is_whole_when_it_is_said_even_if_the_line_stays_open():
    async def reply(body, writer):
        writer.write(events(said("Yes.", "stop"), done=False))
        await writer.drain()
        await asyncio.Event().wait()

    async def work():
        async with raw_server(reply) as raw:
            return await asked(raw.base_url)

    assert run(work()).text == "Yes."


@pytest.mark.parametrize(("how", "fault"), [("reply", "stalled"), ("stream", "slow")])
def test_thinking_is_a_sign_of_life_where_nobody_reads_along(how, fault):
    async def reply(body, writer):
        writer.write(THINKING)
        await writer.drain()
        await asyncio.Event().wait()

    async def work():
        async with raw_server(reply) as raw:
            quick = Timeouts(connect=10, first=2.0, gap=0.3, whole=60)
            await asked(raw.base_url, how=how, timeouts=quick)

    assert failure(work()).fault == fault


@pytest.mark.parametrize("how", ["reply", "stream"])
@pytest.mark.parametrize(("kind", "fault"), [("hang_before", "slow"), ("drip", "overlong")])
def test_who_asks_may_have_less_patience_than_the_endpoint(how, kind, fault, fake):
    fake.fault(kind)

    async def work():
        until = asyncio.get_running_loop().time() + 2.0
        await asked(fake.base_url, replace(ASK, until=until), how)

    assert failure(work()).fault == fault


def test_where_nothing_listens_it_is_unreachable():
    async def work():
        async with raw_server(b"") as raw:
            base_url = raw.base_url
        await asked(base_url)

    assert failure(work()).fault == "unreachable"


# Leaving


def suspended():
    """Generators that somebody began to read and nobody ended."""
    return [
        found.__qualname__
        for found in gc.get_objects()
        if isinstance(found, AsyncGeneratorType) and found.ag_frame is not None
    ]


def test_who_leaves_in_the_middle_leaves_nothing_to_the_collector(fake):
    """It would end the client's readers in any thread and any order, also one that is just ending."""

    async def work():
        model = OpenAIModel(endpoint_at(fake.base_url), "voice")
        async with aclosing(model.stream(ASK)) as pieces:
            async for _ in pieces:
                break
        await until(lambda: suspended() == before)
        await model.close()

    gc.collect()
    before = suspended()
    gc.disable()
    try:
        run(work())
    finally:
        gc.enable()


@pytest.mark.parametrize("how", ["cancelled", "closed"])
def test_who_leaves_in_the_middle_ends_the_request_and_holds_no_connection(how, fake):
    """More often than there are connections, and then one more."""
    fake.fault("hang_between", times=MOST_CONNECTIONS + 1)

    async def listen(model, heard):
        async with aclosing(model.stream(ASK)) as pieces:
            async for _ in pieces:
                heard.set()
                if how == "closed":
                    break

    async def work():
        model = OpenAIModel(endpoint_at(fake.base_url), "voice")
        for _ in range(MOST_CONNECTIONS + 1):
            heard = asyncio.Event()
            listening = asyncio.create_task(listen(model, heard))
            await heard.wait()
            if how == "cancelled":
                listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        await until(lambda: fake.open == 0)
        answer = await model.reply(ASK)
        await model.close()
        return answer.text

    assert run(work())


def test_a_fault_holds_no_connection_either(fake):
    fake.fault("hang_before", times=MOST_CONNECTIONS + 1)

    async def work():
        connection = Connection(endpoint_at(fake.base_url))
        quick = endpoint_at(fake.base_url, timeouts=QUICK_FIRST)
        model = OpenAIModel(quick, "voice", connection=connection)
        many = (model.reply(ASK) for _ in range(MOST_CONNECTIONS + 1))
        failed = await asyncio.gather(*many, return_exceptions=True)
        await until(lambda: fake.open == 0)
        fake.mend()
        patient = OpenAIModel(endpoint_at(fake.base_url), "voice", connection=connection)
        answer = await patient.reply(ASK)
        await model.close()
        return {failure.fault for failure in failed}, answer.text

    faults, text = run(work())
    assert faults == {"slow"} and text


def test_many_at_once_get_their_answers_through_one_client(fake):
    async def work():
        model = OpenAIModel(endpoint_at(fake.base_url), "voice")
        answers = await asyncio.gather(*(model.reply(ASK) for _ in range(24)))
        await model.close()
        return answers

    assert all("the labels?" in answer.text for answer in run(work()))


# Start-up

START = """
import asyncio, sys
import app.llm.models
from app.endpoint import Endpoint
from app.main import create_app
from app.settings import Settings

address, with_endpoint = sys.argv[1:]
endpoint = Endpoint("https://models.example/v1", "m", "m", key="k") if with_endpoint == "with" else None
app = create_app(Settings(f"sqlite:///{address}", endpoint=endpoint))
head = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "http_version": "1.1",
        "scheme": "http", "headers": [(b"host", b"127.0.0.1:8000")], "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 1), "state": {}}
async def main():
    sent = []
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message):
        sent.append(message)
    async with app.router.lifespan_context(app):
        await app(head, receive, send)
    assert sent[0]["status"] == 200, sent[0]
asyncio.run(main())
print(*sorted({name.split(".")[0] for name in sys.modules} & {"openai", "httpx2", "httpcore2"}))
"""


@pytest.mark.parametrize("endpoint", ["with", "without"])
def test_starting_and_serving_a_page_imports_no_client(endpoint, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path / "test.db"), endpoint],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"SEVENSTEP_CONTENT": ""},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


# JSON in prose


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', {"a": 1}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('Sure! Here it is:\n{"a": {"b": "}"}}\nAnything else?', {"a": {"b": "}"}}),
        ('I take {"x"} and {} to mean: {"a": 1}', {"a": 1}),
        ('{"short": 1} or rather {"criteria": [1, 2, 3]}', {"criteria": [1, 2, 3]}),
    ],
)
def test_the_object_is_found_in_what_stands_around_it(text, found):
    assert json_of(text) == found


@pytest.mark.parametrize(
    "text", ["", "ready", "[1, 2]", '{"a": ', "{" * 100_000, '{"a":' * 100_000, "null"]
)
def test_what_holds_no_object_is_garbled(text):
    with pytest.raises(ModelFailed) as failed:
        json_of(text)
    assert failed.value.fault == "garbled"


def test_messages_keep_their_order_and_roles(fake):
    messages = (Message("system", "a"), Message("user", "b"), Message("assistant", "c"))
    run(asked(fake.base_url, Ask(messages)))
    assert [(m["role"], m["content"]) for m in fake.requests[0]["messages"]] == [
        ("system", "a"),
        ("user", "b"),
        ("assistant", "c"),
    ]
