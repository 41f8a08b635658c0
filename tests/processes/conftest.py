"""The database of tests/storage, and a cast that is built once."""

import pytest

from app.commands.practice import lay_table
from tests.storage.conftest import (  # noqa: F401
    anyio_backend,
    fresh_postgres,
    own_postgres,
    postgres,
)


@pytest.fixture(scope="session")
def laid():
    return lay_table()
