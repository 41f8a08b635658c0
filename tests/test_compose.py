"""compose.yaml and the proxy's file, without Docker: they name what is there, and keep what must not be told."""

import re
from pathlib import Path

import pytest
import yaml

from app.cli import build_parser
from app.settings import LOGS

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
PROXY = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
APPS = [name for name in COMPOSE["services"] if name.startswith("app")]
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def filled(text):
    return VARIABLE.sub(lambda found: found[3] if found[2] == "-" else "given", str(text))


def test_there_are_two_of_the_application_and_one_of_the_others():
    assert len(APPS) == 2
    assert set(COMPOSE["services"]) - set(APPS) == {"proxy", "postgres", "redis"}


@pytest.mark.parametrize("name", APPS)
def test_the_command_is_one_that_is_understood(name):
    command = [filled(part) for part in COMPOSE["services"][name]["command"]]
    assert command[0] == "sevenstep"
    options = build_parser().parse_args(command[1:])
    assert options.host == "0.0.0.0" and options.allow_host and options.log in LOGS


@pytest.mark.parametrize("name", APPS)
def test_the_environment_is_documented_and_holds_no_secret(name):
    environment = COMPOSE["services"][name]["environment"]
    ours = {variable for variable in environment if variable.startswith("SEVENSTEP_")}
    assert ours == {"SEVENSTEP_DATABASE", "SEVENSTEP_REDIS", "SEVENSTEP_TOKEN"}
    assert all(f"`{variable}`" in REFERENCE for variable in ours)
    assert all(f"`{variable}`" in OPERATIONS for variable in environment)
    for secret in ("SEVENSTEP_TOKEN", "POSTGRES_PASSWORD"):
        found = [v for v in VARIABLE.findall((ROOT / "compose.yaml").read_text()) if v[0] == secret]
        assert found and all(kind == "?" for _, kind, _ in found)


def test_every_variable_that_compose_asks_for_is_explained():
    asked = {name for name, _, _ in VARIABLE.findall((ROOT / "compose.yaml").read_text("utf-8"))}
    assert all(f"`{name}`" in OPERATIONS for name in asked)


def test_only_the_proxy_can_be_reached_from_outside():
    published = {name for name, service in COMPOSE["services"].items() if "ports" in service}
    assert published == {"proxy"}
    (volume,) = COMPOSE["services"]["proxy"]["volumes"]
    assert (ROOT / volume.split(":")[0]).is_file()


def test_the_proxy_knows_every_process_and_lets_sockets_through():
    servers = re.findall(r"^\s+server (\w+):8000", PROXY, re.MULTILINE)
    assert servers == APPS
    for header in ("Host $http_host", "Upgrade $http_upgrade", "Connection $connection_upgrade"):
        assert f"proxy_set_header {header};" in PROXY
    assert "proxy_http_version 1.1;" in PROXY


def test_the_proxy_waits_longer_than_a_socket_is_silent():
    from app.web.line import BEAT

    (seconds,) = re.findall(r"proxy_read_timeout (\d+)s;", PROXY)
    assert int(seconds) > 2 * BEAT


def test_the_proxy_logs_no_query():
    (form,) = re.findall(r"log_format \w+ '([^']*)'", PROXY)
    assert not {"$request", "$args", "$query_string", "$request_uri", "$http_referer"} & set(
        re.findall(r"\$\w+", form)
    )
    assert re.findall(r"access_log (\S+) (\S+);", PROXY) == [("/dev/stdout", "sevenstep")]
