"""What `sevenstep doctor` finds, and that it says so without the key."""

import json
import os

import pytest

from app.cli import main
from app.fake_llm.server import Fake, running
from tests.servers import Redis, need_redis

KEY = "sk-canary-0123456789"


@pytest.fixture(scope="module")
def server():
    with running() as fake:
        yield fake


@pytest.fixture
def fake(server: Fake) -> Fake:
    server.clear()
    return server


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """Of no endpoint and no content; the database is a file of this test."""
    for variable in list(os.environ):
        if variable.startswith("SEVENSTEP_") and variable.split("_")[1] in (
            "LLM",
            "JUDGE",
            "CONTENT",
            "REDIS",
        ):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("SEVENSTEP_DATABASE", str(tmp_path / "test.db"))
    return monkeypatch


@pytest.fixture
def configured(environment, fake):
    environment.setenv("SEVENSTEP_LLM_BASE_URL", fake.base_url)
    environment.setenv("SEVENSTEP_LLM_MODEL", "voice")
    environment.setenv("SEVENSTEP_JUDGE_MODEL", "judge")
    environment.setenv("SEVENSTEP_LLM_API_KEY", KEY)
    environment.setenv("SEVENSTEP_LLM_TIMEOUTS", "connect=10,first=20,gap=20,whole=60")
    return environment


@pytest.fixture
def doctor(capsys):
    def ask(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main(["doctor", *arguments])
        printed = capsys.readouterr()
        assert KEY not in printed.out + printed.err
        return int(left.value.code or 0), printed.out

    return ask


def found(printed: str) -> dict[str, dict]:
    return {finding["about"]: finding for finding in json.loads(printed)["findings"]}


@pytest.mark.redis
def test_redis_is_asked_where_one_is_configured(environment, doctor):
    need_redis()
    server = Redis("doctor").start()
    environment.setenv("SEVENSTEP_REDIS", server.url)
    assert found(doctor("--format", "json")[1])["Redis"]["works"]
    server.kill()
    status, printed = doctor("--format", "json")
    assert status == 1 and "up to a second" in found(printed)["Redis"]["sentence"]


def test_an_address_of_redis_that_makes_no_sense_is_not_repeated(environment, doctor):
    environment.setenv("SEVENSTEP_REDIS", "http://me:secret@here")
    status, printed = doctor()
    assert status == 1 and "redis://" in printed and "secret" not in printed


def test_without_an_endpoint_all_is_well(doctor):
    status, printed = doctor()
    assert status == 0
    assert "none is needed" in printed and "SEVENSTEP_LLM_BASE_URL" in printed
    assert "FAILED" not in printed


def test_with_one_every_model_is_asked(doctor, configured, fake):
    status, printed = doctor()
    assert status == 0
    host = fake.base_url.split("/")[2]
    assert f"words are sent to {host}; a key is set." in printed
    assert "voice answers" in printed and "judge answers" in printed and "json_schema" in printed
    assert "of 2,000,000 tokens" in printed


def test_json_holds_the_same(doctor, configured):
    status, printed = doctor("--format", "json")
    told = json.loads(printed)
    assert status == 0 and told["schema"] == 1 and told["works"] is True
    findings = found(printed)
    assert set(findings) == {
        "content",
        "port",
        "database",
        "model endpoint",
        "interviewer",
        "judge",
        "budget",
    }
    assert findings["judge"]["details"]["structured"] == "json_schema"
    assert findings["budget"]["details"]["spent"]["calls"] == 3
    assert findings["model endpoint"]["details"]["has_key"] is True


@pytest.mark.parametrize("kind", ["empty", "401", "404", "html"])
def test_a_model_that_gives_no_words_fails(kind, doctor, configured, fake):
    fake.fault(kind, times=None)
    status, printed = doctor()
    assert status == 1
    assert (
        printed.count("FAILED") == 2 and "voice is down" in printed and "judge is down" in printed
    )


def test_a_server_that_is_not_there_fails(doctor, configured):
    configured.setenv("SEVENSTEP_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    status, printed = doctor("--format", "json")
    assert status == 1
    assert found(printed)["interviewer"]["details"]["fault"] == "unreachable"


def test_a_spent_budget_fails(doctor, configured):
    configured.setenv("SEVENSTEP_LLM_BUDGET", "day=0")
    status, printed = doctor()
    assert status == 1
    assert "the budget is spent" in printed


@pytest.mark.parametrize("variable", ["SEVENSTEP_LLM_MODEL", "SEVENSTEP_LLM_API_KEY"])
def test_a_model_or_a_key_without_an_address_is_told(variable, doctor, environment):
    environment.setenv(variable, KEY)
    status, printed = doctor()
    assert status == 1
    assert f"{variable} is set, but not SEVENSTEP_LLM_BASE_URL" in printed


def test_wrong_settings_are_told_beside_the_rest(doctor, configured):
    configured.setenv("SEVENSTEP_LLM_MODEL", "")
    status, printed = doctor()
    assert status == 1
    assert "SEVENSTEP_LLM_MODEL must name a model" in printed and "database" in printed


def test_a_database_that_cannot_be_used_is_told_and_no_model_is_asked(doctor, configured, fake):
    configured.setenv("SEVENSTEP_DATABASE", "nonsense://user:hidden@host/name")
    status, printed = doctor()
    assert status == 1
    assert "database" in printed and "hidden" not in printed and "Traceback" not in printed
    assert fake.requests == []


def test_a_database_that_is_none_is_told(doctor, environment, tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir or Madam, this is no database. " * 100)
    environment.setenv("SEVENSTEP_DATABASE", str(file))
    status, printed = doctor("--format", "json")
    assert status == 1
    assert found(printed)["database"]["works"] is False


def test_content_with_problems_is_told(doctor, environment, tmp_path):
    bank = tmp_path / "content" / "question_bank"
    bank.mkdir(parents=True)
    (bank / "mine.yaml").write_text("slug: other\n")
    environment.setenv("SEVENSTEP_CONTENT", str(bank.parent))
    status, printed = doctor()
    assert status == 1
    assert "mine.yaml" in printed


def test_a_content_folder_that_is_not_there_is_told(doctor, environment, tmp_path):
    environment.setenv("SEVENSTEP_CONTENT", str(tmp_path / "absent"))
    status, printed = doctor()
    assert status == 1
    assert "which is not a folder" in printed
