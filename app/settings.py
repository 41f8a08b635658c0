"""What can be configured, read once at the edge (cli, main) and handed on as values."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from app.endpoint import Endpoint
from app.errors import CannotStart

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::", "")


def content_folder() -> Path | None:
    """SEVENSTEP_CONTENT: a folder with rubrics/, question_bank/ or prompts/ of the user's own."""
    named = os.environ.get("SEVENSTEP_CONTENT")
    if not named:
        return None
    folder = Path(named)
    if not folder.is_dir():
        raise CannotStart(f"SEVENSTEP_CONTENT names {named}, which is not a folder.")
    return folder


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service needs to know; `hosts` are names it answers to besides its own. Without an `endpoint`
    it is whole; with one a model may word the moves and give a second opinion."""

    database: str
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    hosts: tuple[str, ...] = ()
    content: Path | None = None
    endpoint: Endpoint | None = None

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
        content=content_folder(),
    )
    if not settings.is_private and settings.token is None and not options.allow_anyone:
        raise CannotStart(
            f"On {settings.host or 'every address'} others could open your transcripts: give "
            "--token TOKEN, or --allow-anyone if everybody on that network may."
        )
    if options.workers > 1 and settings.database.startswith("sqlite"):
        raise CannotStart("SQLite serves one process only; leave --workers out.")
    if options.workers > 1:
        raise CannotStart("This version serves from one process; leave --workers out.")
    return settings


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
