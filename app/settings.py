"""What can be configured, read once at the edge (cli, main) and handed on as values."""

import argparse
import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.endpoint import STRUCTURED, Budget, Endpoint, Prices, Structured, Timeouts
from app.errors import CannotStart

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::", "")
REDIS = ("redis", "rediss", "unix")
LOGS = ("text", "json")
UNSET = "none"
LONGEST_KEY = 10_000
TIMEOUT_FIELDS = {"connect": "connect", "first": "first", "gap": "gap", "whole": "whole"}
BUDGET_FIELDS = {"session": "session_tokens", "day": "day_tokens"}
MONEY_FIELDS = {"session": "session_money", "day": "day_money"}
PRICE_FIELDS = {"in": "tokens_in", "out": "tokens_out"}


def content_folder() -> Path | None:
    """A folder with rubrics/, question_bank/ or prompts/ of the user's own: the one that SEVENSTEP_CONTENT names, or
    the one that was made in the user's data folder by a first edit."""
    named = os.environ.get("SEVENSTEP_CONTENT")
    if not named:
        return own if (own := own_content()).is_dir() else None
    folder = Path(named)
    if not folder.is_dir():
        raise CannotStart(f"SEVENSTEP_CONTENT names {named}, which is not a folder.")
    return folder


def own_content() -> Path:
    """Where a question goes that is edited in the browser, unless SEVENSTEP_CONTENT names another folder."""
    return data_folder() / "content"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service needs to know; `hosts` are names it answers to besides its own. Without an `endpoint`
    it is whole; with one a model may word the moves and give a second opinion. Addresses may hold passwords."""

    database: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ()
    content: Path | None = None
    endpoint: Endpoint | None = None
    redis: str | None = field(default=None, repr=False)
    workers: int = 1
    log: str = "text"

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def is_private(self) -> bool:
        """Only this machine can connect."""
        return self.host in LOOPBACK


def serve_settings(options: argparse.Namespace) -> Settings:
    """Raises CannotStart for an address that others can reach without a token."""
    settings = Settings(
        database=database_url(options.database or os.environ.get("SEVENSTEP_DATABASE")),
        host=options.host,
        port=options.port,
        token=options.token or os.environ.get("SEVENSTEP_TOKEN") or None,
        hosts=tuple(options.allow_host),
        content=content_folder() or own_content(),
        endpoint=endpoint_of_environment(),
        redis=redis_url(options.redis or os.environ.get("SEVENSTEP_REDIS")),
        workers=options.workers,
        log=log_form(options.log or os.environ.get("SEVENSTEP_LOG")),
    )
    if not settings.is_private and settings.token is None and not options.allow_anyone:
        raise CannotStart(
            f"On {settings.host or 'every address'} others could open your transcripts: give "
            "--token TOKEN, or --allow-anyone if everybody on that network may."
        )
    if settings.workers < 1:
        raise CannotStart("--workers must be 1 or more.")
    if settings.workers > 1 and settings.is_sqlite:
        raise CannotStart(
            "SQLite serves one process only: leave --workers out, or give a PostgreSQL database "
            "(--database postgresql://...)."
        )
    return settings


def redis_url(named: str | None) -> str | None:
    """Raises CannotStart in words that do not repeat it: it may hold a password."""
    if not named:
        return None
    if named.partition("://")[0] not in REDIS:
        raise CannotStart(
            "The address of Redis must begin with redis://, rediss:// or unix://, such as "
            "redis://127.0.0.1:6379."
        )
    return named


def log_form(named: str | None) -> str:
    if named and named not in LOGS:
        raise CannotStart(f"SEVENSTEP_LOG must be one of {', '.join(LOGS)}.")
    return named or LOGS[0]


def database_url(named: str | None) -> str:
    """A URL as it is, a path as SQLite, nothing as the file in the user's data folder."""
    if named and "://" in named:
        return named
    path = Path(named).expanduser() if named else data_folder() / "sevenstep.db"
    return f"sqlite:///{path.resolve()}"


def data_folder() -> Path:
    """Where the platform keeps a user's data."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "sevenstep"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home)) / "sevenstep"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "sevenstep"


def endpoint_of_environment() -> Endpoint | None:
    """The model endpoint that SEVENSTEP_LLM_* describe; None without a base URL. Raises CannotStart in words that
    hold neither the key nor the URL, which can have one in it."""
    base_url = _told("SEVENSTEP_LLM_BASE_URL")
    if base_url is None:
        return None
    model = _told("SEVENSTEP_LLM_MODEL")
    if model is None:
        raise CannotStart("SEVENSTEP_LLM_BASE_URL is set; SEVENSTEP_LLM_MODEL must name a model.")
    allowed = tuple(
        host.strip() for host in (_told("SEVENSTEP_LLM_ALLOW") or "").split(",") if host.strip()
    )
    _check_address(base_url, allowed)
    prices = Prices(**_numbers("SEVENSTEP_LLM_PRICES", PRICE_FIELDS, AMOUNT))
    money = _numbers("SEVENSTEP_LLM_MONEY", MONEY_FIELDS, MONEY)
    if any(bound is not None for bound in money.values()) and prices == Prices():
        raise CannotStart("SEVENSTEP_LLM_MONEY bounds nothing without SEVENSTEP_LLM_PRICES.")
    return Endpoint(
        base_url=base_url,
        model=model,
        judge_model=_told("SEVENSTEP_JUDGE_MODEL") or model,
        key=_key(),
        structured=_structured(),
        **_temperature(),
        timeouts=Timeouts(**_numbers("SEVENSTEP_LLM_TIMEOUTS", TIMEOUT_FIELDS, SECONDS)),
        budget=Budget(**_numbers("SEVENSTEP_LLM_BUDGET", BUDGET_FIELDS, TOKENS), **money),
        prices=prices,
        allowed=allowed,
    )


def _told(variable: str) -> str | None:
    return os.environ.get(variable, "").strip() or None


def _check_address(base_url: str, allowed: tuple[str, ...]) -> None:
    """What can be said before anything is resolved; app/llm/net.py decides again at every connection."""
    try:
        parts = urlsplit(base_url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or "@" in parts.netloc or parts.fragment:
        raise CannotStart(
            "SEVENSTEP_LLM_BASE_URL must be an address such as https://api.example.com/v1, without a user name."
        )
    if parts.scheme == "http" and host not in (*LOOPBACK, *(name.lower() for name in allowed)):
        raise CannotStart(
            f"Transcripts would go to {host} unencrypted. Use https or, if it is a machine of your own "
            "network, name it in SEVENSTEP_LLM_ALLOW."
        )


def _key() -> str | None:
    key, file = _told("SEVENSTEP_LLM_API_KEY"), _told("SEVENSTEP_LLM_API_KEY_FILE")
    if key and file:
        raise CannotStart("Set SEVENSTEP_LLM_API_KEY or SEVENSTEP_LLM_API_KEY_FILE, not both.")
    if file:
        key = _key_in(Path(file).expanduser())
    if key and not (
        key.isascii() and key.isprintable() and " " not in key and len(key) <= LONGEST_KEY
    ):
        raise CannotStart("The key of the model endpoint holds characters that no key has.")
    return key


def _key_in(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise CannotStart(
                f"{path} holds a key and others may read it: chmod 600 it, or keep the key elsewhere."
            )
        key = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise CannotStart(f"SEVENSTEP_LLM_API_KEY_FILE cannot be read: {reason}.") from None
    if not key:
        raise CannotStart("SEVENSTEP_LLM_API_KEY_FILE names a file with nothing in it.")
    return key


def _structured() -> Structured | None:
    told = _told("SEVENSTEP_LLM_STRUCTURED")
    if told is None:
        return None
    for known in STRUCTURED:
        if told == known:
            return known
    raise CannotStart(f"SEVENSTEP_LLM_STRUCTURED must be one of {', '.join(STRUCTURED)}.")


def _temperature() -> dict[str, Any]:
    told = _told("SEVENSTEP_LLM_TEMPERATURE")
    return {"temperature": WARMTH.read("SEVENSTEP_LLM_TEMPERATURE", told)} if told else {}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a variable may hold; `unset` lets it hold `none` as well."""

    kind: type[int] | type[float]
    least: float
    most: float
    unset: bool = False

    def read(self, where: str, told: str) -> Any:
        if self.unset and told.lower() == UNSET:
            return None
        try:
            number = self.kind(told)
        except ValueError:
            number = math.nan
        if self.least <= number <= self.most:
            return number
        kind = "a whole number" if self.kind is int else "a number"
        otherwise = f", or {UNSET}" if self.unset else ""
        raise CannotStart(
            f"{where} must be {kind} from {self.least:g} to {self.most:g}{otherwise}."
        )


SECONDS = Quantity(float, 0.01, 3_600)
AMOUNT = Quantity(float, 0, 1e9)
MONEY = Quantity(float, 0, 1e9, unset=True)
TOKENS = Quantity(int, 0, 1e12, unset=True)
WARMTH = Quantity(float, 0, 2, unset=True)


def _numbers(variable: str, names: Mapping[str, str], quantity: Quantity) -> dict[str, Any]:
    """`first=8,gap=5` as the fields that `names` leads to; what is left out keeps its default."""
    numbers = {}
    for told in filter(None, (part.strip() for part in (_told(variable) or "").split(","))):
        name, _, value = (part.strip() for part in told.partition("="))
        if name not in names:
            wanted = ",".join(f"{known}=NUMBER" for known in names)
            raise CannotStart(f"{variable} is written as {wanted}; what may stay can be left out.")
        numbers[names[name]] = quantity.read(f"{variable}, {name},", value)
    return numbers
