"""Where words are sent is said and agreed to before any are; then the room shows them as they come."""

import pytest
from starlette.testclient import TestClient

from app.endpoint import Endpoint
from app.fake_llm.server import running
from app.main import create_app
from app.settings import Settings
from tests.web.test_sessions import begin, joined

ASKS = "How many payments do we handle on a day?"
VOICED = {"slug": "payment-fraud", "voice": "model"}


@pytest.fixture
def fake():
    with running() as fake:
        yield fake


@pytest.fixture
def open_service(tmp_path, standards):
    """On this test's database, with an endpoint or without; leaving it is a restart."""

    def opened(base_url=None):
        endpoint = base_url and Endpoint(base_url, "fake", "fake", key="sk-canary")
        settings = Settings(database=f"sqlite:///{tmp_path}/voice.db", endpoint=endpoint)
        app = create_app(settings, standards=standards)
        return TestClient(app, base_url="http://localhost:8000", follow_redirects=False)

    return opened


def test_without_an_endpoint_nothing_is_said_of_models(open_service):
    with open_service() as client:
        assert "voice" not in client.get("/practise").text
        answer = client.post("/sessions", data={**VOICED, "agree": "yes"})
        assert answer.status_code == 303  # nobody is kept from practising
        room = client.get(answer.headers["location"]).text
        assert 'id="voice"' not in room and "agreed" not in answer.headers.get("set-cookie", "")


def test_a_model_is_asked_only_after_its_host_was_agreed_to(open_service, fake):
    host = fake.base_url.split("/")[2]
    with open_service(fake.base_url) as client:
        page = client.get("/practise").text
        assert f"sent to {host}" in page and 'name="agree"' in page
        refused = client.post("/sessions", data={**VOICED, "minutes": "60"})
        assert refused.status_code == 422 and host in refused.text
        assert 'value="model" checked' in refused.text and 'value="60" checked' in refused.text
        for tick in ("yes", "another.example"):  # a page from before the endpoint was changed
            assert client.post("/sessions", data={**VOICED, "agree": tick}).status_code == 422
        agreed = client.post("/sessions", data={**VOICED, "agree": host})
        cookie = agreed.headers["set-cookie"]
        assert host not in cookie and "HttpOnly" in cookie
        assert client.post("/sessions", data=VOICED).status_code == 303
        again = client.post(f"{agreed.headers['location']}/again")
        assert f"model at {host}" in client.get(again.headers["location"]).text
        assert 'name="agree"' not in client.get("/practise").text
        assert fake.requests == []


def test_another_host_is_asked_about_again_and_hears_nothing_of_an_older_session(
    open_service, fake
):
    with open_service(fake.base_url) as client:
        address = begin(client, voice="model", agree=fake.base_url.split("/")[2])
        cookies = dict(client.cookies)
    with running() as other, open_service(other.base_url) as client:
        client.cookies.update(cookies)
        assert 'name="agree"' in client.get("/practise").text
        assert client.post("/sessions", data=VOICED).status_code == 422
        assert "is not set up here" in client.get(address).text
        with joined(client, address) as page:
            page.send("start")
            page.send("say", text=ASKS)
            changed = page.until("ev", type="interviewer.voice")
            assert changed["body"] == {"voice": "script", "reason": "unset"}
            assert "scripted interviewer goes on" in changed["html"][0]["html"]
        assert other.requests == [] == fake.requests


def test_a_draft_goes_out_as_it_grows_and_a_joiner_has_it(open_service, fake):
    fake.fault("hang_between", times=1)
    with open_service(fake.base_url) as client:
        address = begin(client, voice="model", agree=fake.base_url.split("/")[2])
        with joined(client, address) as page:
            page.send("start")
            page.send("say", text=ASKS)
            begun = page.until("draft")
            assert (begun["turn"], begun["text"]) == (2, "")
            assert "about to speak" in begun["html"][0]["html"]
            while not (grown := page.until("draft"))["text"]:
                pass
            with joined(client, address) as late:
                assert late.welcome["draft"] == {"turn": 2, "text": grown["text"]}
                assert "is speaking" in late.welcome["html"][0]["html"]
            page.send("say", text="Let me first say who uses it.")
            page.until("ev", text="Let me first say who uses it.")
            assert "40 million" in page.spoken()[2] and page.spoken()[3].startswith("Let me")
            while page.until("draft")["text"]:
                pass
            assert "sk-canary" not in str(page.events + page.others)
