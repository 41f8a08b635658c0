"""SEVENSTEP_LLM_* as an operator sets them, and the sentences they get where they are wrong."""

import argparse
import os

import pytest

from app.endpoint import Budget, Endpoint, Prices, Timeouts
from app.errors import CannotStart
from app.settings import endpoint_of_environment, serve_settings

KEY = "sk-canary-0123456789"
GIVEN = {"BASE_URL": "https://api.example.com/v1", "MODEL": "small"}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Sets the variables that are given, and no other."""
    for variable in list(os.environ):
        if variable.startswith(("SEVENSTEP_LLM_", "SEVENSTEP_JUDGE_")):
            monkeypatch.delenv(variable)

    def give(**variables: str) -> None:
        for name, value in variables.items():
            prefix = "SEVENSTEP_" if name.startswith("JUDGE") else "SEVENSTEP_LLM_"
            monkeypatch.setenv(prefix + name, value)

    return give


def refusal() -> str:
    with pytest.raises(CannotStart) as refused:
        endpoint_of_environment()
    return str(refused.value)


def test_without_a_base_url_there_is_no_endpoint(environment):
    environment(MODEL="small", API_KEY=KEY, TIMEOUTS="nonsense")
    assert endpoint_of_environment() is None


def test_a_base_url_and_a_model_are_enough(environment):
    environment(**GIVEN)
    assert endpoint_of_environment() == Endpoint("https://api.example.com/v1", "small", "small")


def test_everything_can_be_told(environment):
    environment(
        **GIVEN,
        JUDGE_MODEL="large",
        API_KEY=f" {KEY}\n",
        STRUCTURED="json_object",
        TEMPERATURE="0",
        TIMEOUTS="connect=1, first=2.5 ,gap=3,whole=4,",
        BUDGET="session=1000,day=none",
        MONEY="day=10.5",
        PRICES="in=0.15,out=0.60",
        ALLOW="ollama, gpu.lan,",
    )
    assert endpoint_of_environment() == Endpoint(
        "https://api.example.com/v1",
        "small",
        "large",
        key=KEY,
        structured="json_object",
        temperature=0.0,
        timeouts=Timeouts(1.0, 2.5, 3.0, 4.0),
        budget=Budget(1000, None, None, 10.5),
        prices=Prices(0.15, 0.6),
        allowed=("ollama", "gpu.lan"),
    )


def test_what_is_left_out_keeps_its_default(environment):
    environment(**GIVEN, TIMEOUTS="whole=60", BUDGET="day=5", API_KEY="", STRUCTURED=" ")
    endpoint = endpoint_of_environment()
    assert endpoint.timeouts == Timeouts(whole=60.0)
    assert endpoint.budget == Budget(day_tokens=5)
    assert endpoint.key is None and endpoint.structured is None


def test_none_leaves_the_temperature_to_the_server(environment):
    environment(**GIVEN, TEMPERATURE="none")
    assert endpoint_of_environment().temperature is None


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"MODEL": ""}, "SEVENSTEP_LLM_MODEL must name a model"),
        ({"BASE_URL": "api.example.com/v1"}, "must be an address"),
        ({"BASE_URL": "ftp://api.example.com"}, "must be an address"),
        ({"BASE_URL": f"https://user:{KEY}@api.example.com/v1"}, "without a user name"),
        ({"BASE_URL": "https://api.example.com:99999/v1"}, "must be an address"),
        ({"BASE_URL": "https://[::1"}, "must be an address"),
        ({"BASE_URL": "http://api.example.com/v1"}, "unencrypted"),
        ({"BASE_URL": "http://ollama:11434/v1", "ALLOW": "other"}, "SEVENSTEP_LLM_ALLOW"),
        ({"STRUCTURED": "yaml"}, "json_schema, json_object, text"),
        ({"TEMPERATURE": "warm"}, "a number from 0 to 2, or none"),
        ({"TEMPERATURE": "2.1"}, "a number from 0 to 2"),
        ({"TIMEOUTS": "8"}, "connect=NUMBER,first=NUMBER,gap=NUMBER,whole=NUMBER"),
        ({"TIMEOUTS": "begin=8"}, "connect=NUMBER"),
        ({"TIMEOUTS": "first=0"}, "SEVENSTEP_LLM_TIMEOUTS, first, must be a number"),
        ({"TIMEOUTS": "first=nan"}, "must be a number"),
        ({"TIMEOUTS": "first="}, "must be a number"),
        ({"BUDGET": "day=many"}, "a whole number from 0"),
        ({"BUDGET": "day=-1"}, "a whole number from 0"),
        ({"PRICES": "in=free"}, "must be a number"),
        ({"MONEY": "day=10"}, "bounds nothing without SEVENSTEP_LLM_PRICES"),
        ({"API_KEY": f"{KEY} {KEY}"}, "characters that no key has"),
        ({"API_KEY": f"{KEY}é"}, "characters that no key has"),
        ({"API_KEY": f"{KEY}\nX-Header: 1"}, "characters that no key has"),
        ({"API_KEY": KEY, "API_KEY_FILE": "key"}, "not both"),
        ({"API_KEY_FILE": "/no/such/file"}, "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_without_the_key(variables, told, environment):
    environment(**(GIVEN | variables))
    sentence = refusal()
    assert told in sentence
    assert KEY not in sentence


@pytest.mark.parametrize(
    ("base_url", "allow"),
    [
        ("http://localhost:11434/v1", ""),
        ("http://127.0.0.1:8001/v1", ""),
        ("http://[::1]:8001/v1", ""),
        ("http://ollama:11434/v1", "Ollama"),
        ("https://x.openai.azure.com/openai/deployments/d?api-version=2026-01-01", ""),
    ],
)
def test_addresses_that_may_be_set(base_url, allow, environment):
    environment(**(GIVEN | {"BASE_URL": base_url, "ALLOW": allow}))
    assert endpoint_of_environment().base_url == base_url


def test_the_key_comes_from_a_file_that_only_its_owner_reads(environment, tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    environment(**GIVEN, API_KEY_FILE=str(file))
    file.chmod(0o600)
    assert endpoint_of_environment().key == KEY
    for mode in (0o644, 0o640, 0o604, 0o620):
        file.chmod(mode)
        sentence = refusal()
        assert "chmod 600" in sentence and KEY not in sentence


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_file_without_a_key_is_told(content, environment, tmp_path):
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    environment(**GIVEN, API_KEY_FILE=str(file))
    assert "SEVENSTEP_LLM_API_KEY_FILE" in refusal()


def test_the_key_is_in_no_repr(environment):
    environment(**GIVEN, API_KEY=KEY)
    endpoint = endpoint_of_environment()
    assert endpoint.key == KEY
    assert KEY not in f"{endpoint!r} {endpoint}"


def test_serve_takes_the_endpoint_along(environment, tmp_path):
    options = argparse.Namespace(
        database=str(tmp_path / "test.db"),
        host="127.0.0.1",
        port=0,
        token=None,
        allow_host=[],
        redis=None,
        log=None,
        allow_anyone=False,
        workers=1,
    )
    assert serve_settings(options).endpoint is None
    environment(**GIVEN)
    assert serve_settings(options).endpoint.model == "small"
    environment(MODEL="")
    with pytest.raises(CannotStart):
        serve_settings(options)
