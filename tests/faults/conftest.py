"""The same logs as in tests/storage."""

from tests.storage.conftest import (  # noqa: F401
    anyio_backend,
    fresh_postgres,
    log,
    own_postgres,
    postgres,
    url,
)
