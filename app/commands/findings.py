"""What the doctor looks at, one finding after the other. A model is asked; nobody else is told anything."""

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.bank.bank import Shelf
from app.endpoint import Budget, Endpoint
from app.errors import CannotStart, InvalidContent, SevenstepError
from app.interview.persona import find_personas, get_persona
from app.llm.ledger import Spent
from app.llm.models import Models
from app.llm.probe import Probed
from app.llm.prompts import find_prompts, get_prompt
from app.rubric.shelf import find_rubrics, get_rubric
from app.settings import content_folder, database_url, endpoint_of_environment, redis_url
from app.storage.db import can_serve, migrate, open_database
from app.storage.spending import SqlLedger

ENDPOINT = "model endpoint"
PORT = 8000  # where `serve` listens unless it is told otherwise
NO_ENDPOINT = (
    "none is configured, and none is needed: the scripted interviewer and the offline scorer are "
    "whole. For one set SEVENSTEP_LLM_BASE_URL and SEVENSTEP_LLM_MODEL; `sevenstep fake-llm` is "
    "one to try."
)
FORGOTTEN = ("SEVENSTEP_LLM_MODEL", "SEVENSTEP_LLM_API_KEY", "SEVENSTEP_LLM_API_KEY_FILE")


@dataclass(frozen=True, slots=True)
class Finding:
    """`works` None: it is not configured, or is only told."""

    about: str
    works: bool | None
    sentence: str
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(database: str | None) -> Iterator[Finding]:
    """`database` as given on the command line; it is brought up to date, as `serve` does."""
    yield _content()
    yield _port()
    engine, finding = _database(database)
    yield finding
    if (named := os.environ.get("SEVENSTEP_REDIS")) is not None:
        yield _redis(named)
    try:
        endpoint = endpoint_of_environment()
    except CannotStart as error:
        yield Finding(ENDPOINT, False, str(error))
        return
    if endpoint is None:
        yield _no_endpoint()
        return
    yield _endpoint(endpoint)
    if engine is None:
        yield Finding("models", None, "not asked: what they cost could not be written down.")
        return
    ledger = SqlLedger(engine, endpoint.budget, utc_now)
    for model in asyncio.run(_probed(endpoint, ledger)).models:
        details = {**asdict(model), "works": model.works}
        yield Finding(" and ".join(model.roles), model.works, model.sentence, details)
    yield _budget(endpoint.budget, ledger.spent())
    engine.dispose()


def utc_now() -> datetime:
    return datetime.now(UTC)


def _content() -> Finding:
    try:
        folder = content_folder()
        rubrics = [get_rubric(id, folder) for id in find_rubrics(folder)]
        personas = [get_persona(id, folder) for id in find_personas(folder)]
        prompts = [get_prompt(id, folder) for id in find_prompts(folder)]
        shelf = Shelf(folder)
        questions, problems = shelf.all(), shelf.problems
    except InvalidContent as error:
        problems = error.problems
    except SevenstepError as error:
        problems = [str(error)]
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return Finding("content", False, f"{problems[0]}{more}", {"problems": problems})
    counts = {
        "rubric": len(rubrics),
        "question": len(questions),
        "persona": len(personas),
        "prompt": len(prompts),
    }
    told = ", ".join(f"{n} {what}{'' if n == 1 else 's'}" for what, n in counts.items())
    own = f", your own from {folder}" if folder else ""
    return Finding("content", True, f"{told}{own}.", dict(counts))


def _port() -> Finding:
    """A busy port is no fault: `serve` may be what listens there."""
    with socket.socket() as tried:
        tried.settimeout(1)
        is_busy = tried.connect_ex(("127.0.0.1", PORT)) == 0
    if is_busy:
        other = "if that is not Sevenstep, start it with --port"
        return Finding("port", None, f"something listens on {PORT} already; {other}.")
    return Finding("port", True, f"{PORT} is free.")


def _database(named: str | None) -> tuple[Any, Finding]:
    """The engine, or None where it is no good."""
    about = "database"
    try:
        engine = open_database(database_url(named or os.environ.get("SEVENSTEP_DATABASE")))
        migrate(engine)
    except SevenstepError as error:
        return None, Finding(about, False, str(error))
    except Exception as error:  # a driver's text may hold the password
        return None, Finding(about, False, f"it cannot be used: {type(error).__name__}.")
    where = engine.url.database or "in memory"
    if engine.url.host:
        where = f"{where} on {engine.url.host}"
    kind = "SQLite" if engine.dialect.name == "sqlite" else "PostgreSQL"
    if not can_serve(engine):
        return None, Finding(about, False, f"{kind}, {where}, opens but cannot be read.")
    return engine, Finding(about, True, f"{kind}, {where}, is ready.")


def _redis(named: str) -> Finding:
    """Only what is configured: a single process needs none."""
    from app.live.redis_bus import answers  # its client takes time to load

    try:
        url = redis_url(named)
        is_there = url is not None and asyncio.run(answers(url))
    except CannotStart as error:
        return Finding("Redis", False, str(error))
    if is_there:
        return Finding("Redis", True, "it answers.")
    return Finding(
        "Redis",
        False,
        "it does not answer; until it does, other processes hear of news up to a second later.",
    )


def _no_endpoint() -> Finding:
    forgotten = [variable for variable in FORGOTTEN if os.environ.get(variable)]
    if forgotten:
        sentence = f"{forgotten[0]} is set, but not SEVENSTEP_LLM_BASE_URL, so no model is asked."
        return Finding(ENDPOINT, False, sentence)
    return Finding(ENDPOINT, None, NO_ENDPOINT)


def _endpoint(endpoint: Endpoint) -> Finding:
    key = "a key is set" if endpoint.key else "no key is set"
    return Finding(
        ENDPOINT,
        True,
        f"words are sent to {endpoint.host}; {key}.",
        {
            "host": endpoint.host,
            "has_key": endpoint.key is not None,
            "timeouts": asdict(endpoint.timeouts),
        },
    )


async def _probed(endpoint: Endpoint, ledger: SqlLedger) -> Probed:
    models = Models(endpoint, ledger, lambda: time.monotonic_ns() // 1_000_000)
    try:
        return await models.probe()
    finally:
        await models.close()


def _budget(budget: Budget, spent: Spent) -> Finding:
    """Of the day: what is left decides whether models are asked."""
    tokens = f"{spent.tokens:,} of {_bound(budget.day_tokens)} tokens"
    money = f", {spent.money:.2f} of {_bound(budget.day_money)} in money"
    has_prices = spent.money > 0 or budget.day_money is not None
    is_left = _is_left(spent.tokens, budget.day_tokens) and _is_left(spent.money, budget.day_money)
    return Finding(
        "budget",
        is_left,
        f"spent today (UTC): {tokens}{money if has_prices else ''}; "
        f"a session may take {_bound(budget.session_tokens)} tokens.",
        {"spent": asdict(spent), "budget": asdict(budget)},
    )


def _bound(most: float | None) -> str:
    return "any number of" if most is None else f"{most:,}"


def _is_left(spent: float, most: float | None) -> bool:
    return most is None or spent < most
