"""How people ask, whatever the question: synonyms and openings, from question_bank/_asking.yaml."""

from pathlib import Path

from app.bank.bank import ASKING
from app.content import as_model, content_folders, read_yaml
from app.errors import InvalidContent
from app.rubric.rubric import Authored, Slug


class Asking(Authored):
    """`synonyms` become one term each; the rest are word sequences, function words included."""

    synonyms: dict[Slug, tuple[str, ...]]
    requests: tuple[str, ...]
    assuming: tuple[str, ...]
    agreeing: tuple[str, ...]


def load_asking(extra: Path | None = None) -> Asking:
    for shelf in content_folders("question_bank", extra):
        path = shelf / ASKING
        if path.is_file():
            return as_model(Asking, read_yaml(path), path.name)
    raise InvalidContent([f"{ASKING} is missing from the question bank"])
