"""A file is replaced whole or not at all: whoever reads it meanwhile, or after a crash, has the old text or the new."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from app.errors import InvalidInput

MODE = 0o644


def replace_file(path: Path, text: str) -> None:
    """Raises InvalidInput where the folder cannot be written to."""
    beside = path.parent / f".{path.name}.{secrets.token_hex(6)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            if path.is_file() and not path.is_symlink():
                beside.chmod(stat.S_IMODE(path.stat().st_mode) & 0o777)
            os.replace(beside, path)
            _keep_names(path.parent)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        told = error.strerror or type(error).__name__
        raise InvalidInput(
            f"{path.name} cannot be written to the content folder ({told}); nothing was changed."
        ) from None


def _keep_names(folder: Path) -> None:
    """After a crash the file has its new text under its name. Not every system can; the text is in place anyhow."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
