"""All rubrics at hand: the user's own shadow the built-in ones by id."""

from pathlib import Path

from app.content import content_folders
from app.errors import NotFound
from app.rubric.load import VERSION_FILE, Rubric, load_rubric

DEFAULT = "seven-step"


def find_rubrics(extra: Path | None = None) -> dict[str, Path]:
    """id -> folder; the folder's name is the rubric's id."""
    found: dict[str, Path] = {}
    for shelf in content_folders("rubrics", extra):
        for folder in sorted(shelf.iterdir()):
            if (folder / VERSION_FILE).is_file():
                found.setdefault(folder.name, folder)
    return found


def get_rubric(id: str = DEFAULT, extra: Path | None = None) -> Rubric:
    """Raises NotFound with the ids that there are."""
    rubrics = find_rubrics(extra)
    if id not in rubrics:
        raise NotFound(f"There is no rubric '{id}'. There is: {', '.join(rubrics) or 'none'}.")
    return load_rubric(rubrics[id])
