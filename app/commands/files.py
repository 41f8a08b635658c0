"""Read what was named on the command line; say plainly why it cannot be read."""

import sys
from pathlib import Path

from app.errors import NotFound, TooLarge, UnreadableTranscript
from app.transcripts.read import BYTES_LIMIT

STANDARD_INPUT = "-"


def read_input(file: str) -> tuple[str | None, bytes]:
    """(name or None, bytes). Never reads more than one byte over the limit."""
    if file == STANDARD_INPUT:
        return None, _bounded(sys.stdin.buffer.read(BYTES_LIMIT + 1), "standard input")
    path = Path(file)
    try:
        with path.open("rb") as opened:
            return path.name, _bounded(opened.read(BYTES_LIMIT + 1), path.name)
    except FileNotFoundError:
        raise NotFound(f"There is no file {file}.") from None
    except IsADirectoryError:
        raise UnreadableTranscript(f"{file} is a folder; name the files in it.") from None
    except OSError as error:
        raise UnreadableTranscript(f"{file} cannot be read: {error.strerror}.") from None


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > BYTES_LIMIT:
        raise TooLarge(f"{name} is larger than {BYTES_LIMIT // 1_000_000} MB.")
    return data
