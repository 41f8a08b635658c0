import re

import pytest

from app.endpoint import Budget, Endpoint, Prices, Timeouts
from app.fake_llm.server import running

KEY = "sk-canary-settings-4711"
QUICK = Timeouts(connect=2.0, first=2.0, gap=2.0, whole=5.0)


@pytest.fixture
def fake():
    with running() as fake:
        yield fake


@pytest.fixture
def set_up(serve, fake):
    """A client of a service with an endpoint."""

    def open_client(**more):
        given = {"key": KEY, "timeouts": QUICK, **more}
        return serve(endpoint=Endpoint(fake.base_url, "speaks", "judges", **given))

    return open_client


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def test_without_an_endpoint_it_says_how_to_set_one_up(client):
    page = client.get("/settings")
    assert page.status_code == 200
    assert "SEVENSTEP_LLM_BASE_URL" in page.text and "sevenstep fake-llm" in page.text
    assert "/settings/probe" not in page.text
    assert client.post("/settings/probe").headers["location"] == "/settings"


def test_it_shows_what_is_set_up_and_never_the_key(set_up, fake):
    client = set_up(budget=Budget(session_tokens=150_000), prices=Prices(0.15, 0.6))
    page = client.get("/settings")
    said = words(page)
    assert f"127.0.0.1:{fake.port}" in said
    assert "speaks" in said and "judges" in said and "a key is set" in said
    assert "150,000" in said and "2 s to the first word" in said
    assert KEY not in page.text and KEY[-4:] not in page.text
    assert fake.requests == []


def test_a_missing_key_is_said(set_up):
    assert "no key is set" in words(set_up(key=None).get("/settings"))


def test_every_page_says_where_words_go(set_up, client, fake):
    assert "No transcript leaves it." in words(client.get("/reports"))
    assert f"Words go to 127.0.0.1:{fake.port} only" in words(set_up().get("/reports"))


def test_asked_now_it_works_and_is_charged(set_up, fake):
    client = set_up(prices=Prices(1.0, 2.0))
    answered = client.post("/settings/probe")
    assert "It works." in words(answered) and answered.text.count("answers; its first word") == 2
    assert {body["model"] for body in fake.requests} == {"speaks", "judges"}
    later = words(client.get("/settings"))
    assert "Asking it here" in later and "It works." not in later
    assert client.get("/settings/probe").headers["location"] == "/settings"


@pytest.mark.parametrize("kind", ["empty", "401", "html", "refuse"])
def test_asked_now_it_is_down_and_why(set_up, fake, kind):
    client = set_up()
    fake.fault(kind, times=None)
    answered = client.post("/settings/probe")
    assert answered.status_code == 200
    assert "It does not work." in words(answered) and "is down" in words(answered)
    assert KEY not in answered.text


def test_200_with_nothing_counts_as_down(set_up, fake):
    client = set_up()
    fake.fault("empty", times=None)
    said = words(client.post("/settings/probe"))
    assert "speaks is down" in said and "answered with nothing" in said
