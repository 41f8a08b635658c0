"""One loop for the service and all who use it."""

from tests.storage.conftest import anyio_backend  # noqa: F401
