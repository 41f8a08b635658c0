"""What can be configured, read once at the edge (cli, main) and handed on as values."""

import os
from pathlib import Path

from app.errors import CannotStart


def content_folder() -> Path | None:
    """SEVENSTEP_CONTENT: a folder with rubrics/, question_bank/ or prompts/ of the user's own."""
    named = os.environ.get("SEVENSTEP_CONTENT")
    if not named:
        return None
    folder = Path(named)
    if not folder.is_dir():
        raise CannotStart(f"SEVENSTEP_CONTENT names {named}, which is not a folder.")
    return folder
