"""Templates: strict about names, always escaping; static addresses carry their content's hash."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.content import built_in

TEMPLATES = Path(__file__).resolve().parent / "templates"


def static_folder() -> Path:
    return built_in() / "static"


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.globals["static"] = static_address
    env.filters["day"] = day
    env.filters["clock"] = clock
    env.filters["thousands"] = thousands
    env.filters["money"] = money
    return env


def render(template: str, **context: Any) -> str:
    """`theme` and `path` are needed by every page."""
    return environment().get_template(template).render(context)


@cache
def static_address(name: str) -> str:
    digest = hashlib.sha256((static_folder() / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


def day(moment: datetime) -> str:
    """For people: 3 May 2026, 14:05 UTC."""
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def clock(seconds: float) -> str:
    """62 -> 1:02, and 3,700 -> 1:01:40."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def thousands(number: float) -> str:
    return f"{number:,.0f}"


def money(amount: float) -> str:
    """In whatever currency the prices are: 12.30, and more places where cents would say nothing."""
    if amount >= 0.1 or amount <= 0:
        return f"{amount:,.2f}"
    return f"{amount:.4f}".rstrip("0") if amount >= 0.0001 else "under 0.0001"
