"""The database: opened by URL, migrated at start, one transaction per request."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlmodel import Session, SQLModel

from app.errors import CannotStart
from app.storage.locked import lock_beside
from app.storage.log import Log
from app.storage.sqlite_log import SqliteLog

Database = Engine  # its name where no SQL is spoken
Transaction = Session  # the same
Trouble = SQLAlchemyError  # the same
Inserting = sqlite.Insert | postgresql.Insert
TURNS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
TURNS_LOCK = threading.Lock()
MIGRATIONS = Path(__file__).resolve().parent / "migrations"
POSTGRESQL = ("postgresql", "postgres")
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "trusted_schema=OFF",
    "secure_delete=ON",
)


def open_database(url: str) -> Engine:
    """Raises CannotStart where the URL or its driver is no good; error texts hold no values."""
    try:
        parsed = make_url(url)
        if parsed.drivername in POSTGRESQL:
            parsed = parsed.set(drivername="postgresql+psycopg")
        options: dict[str, Any] = {}
        if parsed.get_backend_name() == "sqlite":
            if parsed.database and parsed.database != ":memory:":
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            # IMMEDIATE takes the write lock with the first change, so that waiting works.
            options["connect_args"] = {"isolation_level": "IMMEDIATE"}
        engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True, **options)
    except (ArgumentError, ImportError, OSError, SQLAlchemyError) as error:
        raise CannotStart(f"The database cannot be opened: {type(error).__name__}.") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def migrate(engine: Engine) -> None:
    """Bring the tables to this version; does nothing where they are."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        said = str(error.orig).partition("\n")[0]
        raise CannotStart(f"The database cannot be used: {said}.") from error


async def open_log(url: str) -> Log:
    """The log of sessions in a database that is migrated. Raises CannotStart."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        from app.storage.postgres_log import open_postgres_log  # its driver takes time to load

        plain = parsed.set(drivername="postgresql")
        return await open_postgres_log(plain.render_as_string(hide_password=False))
    if not parsed.database or parsed.database == ":memory:":
        raise CannotStart(
            "Sessions need a database in a file; one in memory is lost with a thread."
        )
    return SqliteLog(Path(parsed.database))


def is_shared(engine: Engine) -> bool:
    """Several processes may use it at once."""
    return engine.dialect.name != "sqlite"


def check_alone(url: str) -> None:
    """Raises CannotStart where another process has the SQLite file already."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise CannotStart(f"The database cannot be opened: {type(error).__name__}.") from error
    name = parsed.database
    if parsed.get_backend_name() != "sqlite" or not name or name == ":memory:":
        return
    try:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"The database cannot be opened: {type(error).__name__}.") from error
    os.close(lock_beside(Path(name)))


def can_serve(engine: Engine) -> bool:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM report WHERE 1 = 0"))
    except SQLAlchemyError:
        return False
    return True


def inserting(engine: Engine | Connection, table: type[SQLModel]) -> Inserting:
    """An INSERT that can say what to do ON CONFLICT, which both databases spell alike."""
    return (sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert)(table)


@contextmanager
def in_turn(engine: Engine) -> Iterator[None]:
    """Those in this process who write often, one after the other. SQLite lets waiting writers try by chance, so that
    where many write somebody waits past all patience; PostgreSQL needs none of this."""
    if engine.dialect.name != "sqlite":
        yield
        return
    with TURNS_LOCK:
        turn = TURNS.setdefault(engine, threading.Lock())
    with turn:
        yield


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A transaction, in turn."""
    with in_turn(engine), transaction(engine) as db:
        yield db


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Committed at the end, rolled back where anything was raised."""
    with Session(engine) as db, db.begin():
        yield db
