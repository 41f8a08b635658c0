from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.web.standards import Standards

SAMPLE = (Path(__file__).parent / "sample.vtt").read_text(encoding="utf-8")
NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def standards():
    """Building the rubric's index takes a second; all tests share one."""
    return Standards(None)


@pytest.fixture
def serve(tmp_path, standards):
    """Clients of applications with the settings that a test wants, closed at its end."""
    opened = []

    def open_client(**settings):
        database = f"sqlite:///{tmp_path}/{len(opened)}.db"
        wanted = Settings(database=database, **settings)
        app = create_app(wanted, standards=standards, now=lambda: NOW)
        client = TestClient(app, base_url="http://localhost:8000", follow_redirects=False)
        client.__enter__()
        opened.append(client)
        return client

    yield open_client
    for client in opened:
        client.__exit__(None, None, None)
        client.close()


@pytest.fixture
def client(serve):
    return serve()


@pytest.fixture
def report(client):
    """The address of a report on the sample, made as a visitor makes it."""
    return score(client, SAMPLE)


def paste(client, text, **fields):
    return client.post("/score", data={"text": text, **fields}, files={"file": ("", b"")})


def score(client, text, candidate="Sam Okafor", **fields):
    who = paste(client, text, **fields)
    assert who.status_code == 303, who.text
    made = client.post(who.headers["location"], data={"candidate": candidate})
    assert made.status_code == 303, made.text
    return made.headers["location"]
