"""Run by alembic with a connection handed over; from a shell SEVENSTEP_DATABASE names it."""

from alembic import context
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from app.settings import database_url
from app.storage import tables
from app.storage.db import open_database


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":  # several processes may start at once
            connection.execute(text("SELECT pg_advisory_xact_lock(7)"))
        context.run_migrations()
    connection.commit()


assert tables  # imported for the metadata
given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    import os

    with open_database(database_url(os.environ.get("SEVENSTEP_DATABASE"))).connect() as opened:
        run(opened)
