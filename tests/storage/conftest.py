"""A log on each backend, made anew for every test."""

import psycopg
import pytest

from app.storage.db import migrate, open_database, open_log
from tests.servers import need_postgres, own_database, shared_postgres
from tests.storage.writing import QUESTION

BACKENDS = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def postgres():
    """A server for all workers."""
    need_postgres()
    return shared_postgres()


@pytest.fixture(scope="session")
def own_postgres(postgres):
    """A migrated database for this worker."""
    bring_up(own_database())
    return own_database()


@pytest.fixture
def fresh_postgres(own_postgres):
    """Emptied as only a superuser can, past the triggers; a copy of a database takes ten times as long."""
    with psycopg.connect(own_postgres, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "TRUNCATE event, session, content, service, report, transcript, rubric, spending, vote, job, "
            "person, ticket, participant, presence, revision, source, answers_shown"
        )
    return own_postgres


@pytest.fixture(params=BACKENDS)
def url(request, tmp_path):
    """A migrated database."""
    if request.param == "postgres":
        return request.getfixturevalue("fresh_postgres")
    url = f"sqlite:///{tmp_path}/new folder/100%.db"
    bring_up(url)
    return url


@pytest.fixture
async def log(url, anyio_backend):
    opened = await open_log(url)
    await opened.keep_content(QUESTION)
    yield opened
    await opened.close()


def bring_up(url):
    engine = open_database(url)
    migrate(engine)
    engine.dispose()
