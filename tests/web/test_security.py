"""One test or more for each threat, named by its letter."""

import argparse
import asyncio
import logging

import pytest
from starlette.testclient import TestClient

from app.errors import CannotStart
from app.settings import serve_settings
from app.web.access import Access, local
from app.web.bodies import LIMIT, BodyLimit
from app.web.guard import Guard, Hosts, host_name
from app.web.log import RequestLog
from app.web.names import clean_name
from tests.web.conftest import SAMPLE, paste, score

OURS = {"origin": "http://localhost:8000"}
CANARY = "zebrafinch"


def options(**changed):
    given = {
        "host": "127.0.0.1",
        "port": 0,
        "database": "sqlite:///x.db",
        "token": None,
        "workers": 1,
        "allow_anyone": False,
        "allow_host": [],
        "redis": None,
        "log": None,
    }
    return argparse.Namespace(**{**given, **changed})


def unsafe_routes(client):
    return [
        (method.upper(), path.replace("{id}", "x"))
        for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items()
        for method in methods
        if method.upper() not in ("GET", "HEAD", "OPTIONS")
    ] + [
        ("POST", path)
        for path in (
            "/score",
            "/score/x",
            "/theme",
            "/reports/x/delete",
            "/reports/x/swap",
            "/reports/x/rescore",
        )
    ]


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "local host", "a@b"]
)
def test_e_another_host_is_refused(client, host):
    assert client.get("/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:9", "[::1]:8000", "LOCALHOST"])
def test_e_loopback_names_are_ours(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


def test_e_an_address_is_ours_only_when_listening_everywhere():
    assert Hosts(frozenset(), True).know("192.168.1.7:80")
    assert not Hosts(frozenset(), True).know("rebound.example:80")
    assert not Hosts(frozenset(), False).know("192.168.1.7:80")
    assert host_name("[::1") is None


@pytest.mark.parametrize(
    "foreign",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"origin": "http://localhost:8000.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_f_no_unsafe_route_listens_to_another_site(client, foreign):
    for method, path in unsafe_routes(client):
        assert client.request(method, path, headers=foreign).status_code == 403, (method, path)


def test_f_our_own_forms_and_scripts_pass(client):
    assert client.post("/theme", headers=OURS).status_code == 303
    assert client.post("/theme", headers={"sec-fetch-site": "same-origin"}).status_code == 303
    assert client.post("/theme").status_code == 303


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_f_the_api_takes_json_only(client, kind):
    sent = client.post("/api/v1/reports", content=b"{}", headers={"content-type": kind})
    assert sent.status_code == 415


def test_f_looking_changes_nothing(client, report):
    assert client.get(f"{report}/delete").status_code == 200
    assert client.get(f"{report}/swap").status_code == 405
    assert client.get(report).status_code == 200


async def echo_socket(scope, receive, send):
    await send({"type": "websocket.accept"})


def socket_answer(app, **headers):
    """What a handshake is answered with."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "websocket", "path": "/", "headers": raw, "query_string": b""}
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message["type"])

    asyncio.run(app(scope, receive, send))
    return sent


def test_d_a_socket_opens_only_for_our_own_pages():
    guard = Guard(echo_socket, Hosts(frozenset({"localhost"}), False))
    refused, opened = ["websocket.close"], ["websocket.accept"]
    host = {"host": "localhost:8000"}
    assert socket_answer(guard, **host, origin="http://localhost:8000") == opened
    assert socket_answer(guard, **host, authorization="Bearer x") == opened
    assert socket_answer(guard, **host) == refused
    assert socket_answer(guard, **host, origin="null") == refused
    assert socket_answer(guard, **host, origin="https://evil.example") == refused
    assert socket_answer(guard, host="evil.example", origin="http://evil.example") == refused
    cross = {"sec_fetch_site": "cross-site", "origin": "http://localhost:8000"}
    assert socket_answer(guard, **host, **cross) == refused


def test_d_a_socket_needs_the_token_too():
    gate = Access(echo_socket, "secret")
    assert socket_answer(gate) == ["websocket.close"]
    assert socket_answer(gate, cookie="sevenstep=a.b") == ["websocket.close"]
    assert socket_answer(gate, authorization="Bearer secret") == ["websocket.accept"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.7", "example.org"])
def test_s_an_open_address_needs_a_token_or_a_plain_yes(host, monkeypatch):
    monkeypatch.delenv("SEVENSTEP_TOKEN", raising=False)
    with pytest.raises(CannotStart) as refused:
        serve_settings(options(host=host))
    assert refused.value.exit_code == 2
    assert serve_settings(options(host=host, token="t")).token == "t"
    assert serve_settings(options(host=host, allow_anyone=True)).token is None


def test_s_the_token_is_exchanged_once_for_a_strict_cookie(serve):
    client = serve(token="open sesame")
    assert client.get("/").status_code == 401
    assert client.get("/reports/x").status_code == 401
    assert client.get("/healthz").status_code == 200
    assert client.get("/?token=wrong").status_code == 403
    entered = client.get("/reports?token=open+sesame&page=2")
    assert entered.status_code == 303
    assert entered.headers["location"] == "/reports?page=2"
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "sesame" not in cookie
    assert client.get("/reports").status_code == 200


def test_s_the_door_takes_the_token_from_a_form(serve):
    client = serve(token="open sesame")
    assert client.post("/enter", data={"token": "wrong"}).status_code == 403
    assert client.post("/enter", data={"token": "open sesame"}).headers["location"] == "/"
    assert client.get("/").status_code == 200
    client.cookies.set("sevenstep", "0.0", domain="localhost.local")
    client.cookies.clear()
    assert client.get("/", headers={"cookie": "sevenstep=a.b"}).status_code == 401


def test_s_a_script_sends_the_token_as_a_bearer(serve):
    client = serve(token="open sesame")
    refused = client.get("/api/v1/reports")
    assert refused.status_code == 401 and refused.headers["www-authenticate"] == "Bearer"
    assert client.get("/api/v1/reports", headers=bearer("nope")).status_code == 401
    assert client.get("/api/v1/reports", headers=bearer("open sesame")).status_code == 200


def bearer(token):
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil", "/\r\nx: y"])
def test_s_a_redirect_stays_here(path):
    assert local(path) == "/"


def test_g_every_answer_forbids_what_is_not_ours(client, report):
    pages = ["/", "/score", "/reports", report, f"{report}/transcript", "/rubric", "/rubric/data"]
    others = ["/static/site.css", "/healthz", "/nowhere", f"{report}.json", "/api/v1/reports"]
    answers = [client.get(path) for path in [*pages, *others]]
    answers.append(client.get("/", headers={"host": "evil.example"}))
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert " style=" not in answer.text and " onclick" not in answer.text
        assert "<script>" not in answer.text


ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_g_words_and_names_are_text(client):
    said = f"Dana: Design parking.\n{ATTACK[:30]}: Go on.\nSam: {ATTACK} {'I would ask why. ' * 30}"
    report = score(client, said, "Sam", question=f"Design {ATTACK}")
    for path in (report, f"{report}/transcript", "/reports", "/"):
        page = client.get(path).text
        assert "<script>alert" not in page and "<img" not in page
    assert "&lt;script&gt;alert(1)" in client.get(f"{report}/transcript").text


def test_g_a_file_name_and_a_filled_form_are_text(client):
    name = '"><script>alert(3)</script>.txt'
    sent = client.post("/score", data={"text": ""}, files={"file": (name, SAMPLE.encode())})
    assert "<script>alert" not in client.get(sent.headers["location"]).text
    refused = paste(client, "", question=ATTACK)
    assert refused.status_code == 422 and "<script>alert" not in refused.text


def test_l_a_deep_or_broken_json_is_refused_in_a_sentence(client):
    for text in ("[" * 200_000, '{"turns": ' + "[" * 5_000, "{", "\x00\x01\x02" * 50):
        assert paste(client, text).status_code == 422


@pytest.mark.parametrize("declared", [True, False])
def test_m_a_body_over_the_limit_is_counted_out(client, declared):
    chunk = b"x" * 100_000
    rounds = LIMIT // len(chunk) + 2
    whole = chunk * rounds if declared else (chunk for _ in range(rounds))
    headers = {"content-type": "application/json"}
    answer = client.post("/api/v1/reports", content=whole, headers=headers)
    assert answer.status_code == 413
    assert "5 MB" in answer.json()["error"]["message"]


def test_m_the_count_stops_reading():
    async def reader(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass
        raise ConnectionError

    read = 0

    async def receive():
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 10, "more_body": True}

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/x", "headers": []}
    asyncio.run(BodyLimit(reader, limit=35)(scope, receive, send))
    assert read == 4 and sent[0]["status"] == 413


def test_m_a_form_over_the_limit_gets_a_page(client):
    answer = paste(client, "word " * 1_100_000)
    assert answer.status_code == 413 and "5 MB" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app/main.py",
        "/static/%2e%2e/pyproject.toml",
        "/reports/..%2f..%2fetc",
        "/rubric/..%2f7-monitoring",
        "/api/v1/rubrics/..%2fseven-step",
        "/reports/%00",
        "/api/v1/reports/%ff",
    ],
)
def test_o_no_path_leads_out(client, path):
    assert client.get(path).status_code == 404


def test_v_logs_hold_no_content(serve, caplog):
    caplog.set_level(logging.DEBUG)
    client = serve(token=f"token-{CANARY}")
    client.get(f"/?token=token-{CANARY}")
    score(client, SAMPLE.replace("free parking", CANARY), question=CANARY)
    paste(client, f"{CANARY} \x00")
    client.get(f"/reports?q={CANARY}")
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("httpx")]
    assert any(line.startswith("GET /reports 200") for line in ours)
    assert CANARY not in "".join(ours)


def test_v_an_error_is_logged_without_its_text(caplog):
    async def broken(scope, receive, send):
        raise ValueError(CANARY)

    answer = TestClient(RequestLog(broken)).get(f"/a%0Ab?q={CANARY}")
    assert answer.status_code == 500
    assert "ValueError" in caplog.text
    assert CANARY not in caplog.text + answer.text and "Traceback" not in answer.text


def test_v_names_stay_on_one_line_and_in_order():
    assert clean_name("  a\nb\u202ec\x00d ", "x") == "a bcd"
    assert clean_name("\u200b", "Pasted") == "Pasted"
    assert len(clean_name("é" * 10_000, "x")) <= 120
