"""One process per SQLite file: a lock that the system takes back when its holder dies."""

import os
import sys
from pathlib import Path

from app.errors import CannotStart

if sys.platform == "win32":
    import msvcrt

    def take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_beside(database: Path) -> int:
    """The descriptor that holds the lock until it is closed. Raises CannotStart."""
    try:
        descriptor = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotStart(f"The database cannot be locked: {error.strerror}.") from error
    try:
        take(descriptor)
    except OSError as error:
        os.close(descriptor)
        raise CannotStart(
            f"Another process serves {database}, and SQLite serves one only: stop it, or use "
            "a PostgreSQL database for several."
        ) from error
    return descriptor
