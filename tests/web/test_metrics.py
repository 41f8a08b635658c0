"""What /metrics and /readyz tell, and to whom."""

import asyncio
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.live.bus import MemoryBus
from app.main import create_app
from app.settings import Settings
from app.storage.db import open_database
from app.web.metrics import Metrics
from app.web.readiness import Readiness

OPERATIONS = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text("utf-8")


def test_every_metric_has_its_row_and_every_row_a_metric():
    told = re.findall(r"^# TYPE (\w+)", Metrics().told().decode(), re.MULTILINE)
    kept = {name for name in told if not name.endswith("_created")}
    part = OPERATIONS[OPERATIONS.index("### Metrics") : OPERATIONS.index("### Logs")]
    assert set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)) == kept


@pytest.fixture
def client(tmp_path):
    settings = Settings(
        database=f"sqlite:///{tmp_path}/a.db", token="open sesame", hosts=("testserver",)
    )
    with TestClient(create_app(settings), follow_redirects=False) as client:
        yield client


def test_counts_are_behind_the_token_and_hold_patterns_only(client):
    assert client.get("/metrics").status_code == 401
    bearer = {"Authorization": "Bearer open sesame"}
    client.get("/sessions/a-secret-id", headers=bearer)
    client.get("/a-stranger/s-path", headers=bearer)
    client.request("PROPFIND", "/sessions", headers=bearer)
    told = client.get("/metrics", headers=bearer).text
    assert 'route="/sessions/{id}",status="404"' in told and 'method="other"' in told
    assert "secret-id" not in told and "stranger" not in told


def test_ready_until_it_is_told_to_stop_and_alive_all_the_same(client):
    assert client.get("/readyz").text == "ready\n"
    client.app.state.readiness.is_stopping = True
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.text == "the service is stopping\n"
    assert client.get("/healthz").status_code == 200


def test_not_ready_without_its_database(client, tmp_path):
    for file in tmp_path.glob("a.db*"):
        file.rename(file.with_name(f"gone-{file.name}"))
    client.app.state.home.engine.dispose()
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.text == "the database cannot be used\n"


def test_not_ready_before_an_outage_is_given_back(tmp_path, monkeypatch):
    monkeypatch.setattr("app.web.readiness.WITHIN", 0.5)
    engine = open_database(f"sqlite:///{tmp_path}/a.db")
    monkeypatch.setattr("app.web.readiness.can_serve", lambda engine: True)

    async def looked():
        readiness = Readiness(engine)
        before = await readiness.look()
        readiness.begun = asyncio.Event()
        still = await readiness.look()
        readiness.begun.set()
        return before, still, await readiness.look()

    before, still, after = asyncio.run(looked())
    engine.dispose()
    assert not before[0] and not still[0] and after == (True, "ready")


def test_redis_is_spoken_of_where_processes_share_a_database(monkeypatch):
    monkeypatch.setattr("app.web.readiness.can_serve", lambda engine: True)
    engine = open_database("postgresql://nobody@127.0.0.1:1/x")

    async def looked(bus):
        readiness = Readiness(engine)
        readiness.begun = asyncio.Event()
        readiness.begun.set()
        readiness.bus = bus
        return await readiness.look()

    bus = MemoryBus("one")
    assert "no Redis is set" in asyncio.run(looked(None))[1]
    assert "Redis is reached" in asyncio.run(looked(bus))[1]
    bus.is_up = False
    is_ready, about = asyncio.run(looked(bus))
    engine.dispose()
    assert is_ready and "Redis cannot be reached" in about
