"""`sevenstep bank rescore SLUG --with FILE`: what another text of a question would change in what was scored."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.bank.bank import read_question
from app.content import read_text
from app.errors import InvalidInput
from app.settings import content_folder, database_url

if TYPE_CHECKING:
    from app.web.deps import Home
    from app.web.rescoring import Rescored


def rescore_question(options: argparse.Namespace) -> int:
    """Nothing is stored. Raises InvalidInput where the file or the database is not there."""
    from app.web.rescoring import rescore  # takes time to load

    (slug,) = options.slugs
    path = Path(options.text)
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.")
    question = read_question(read_text(path), slug, path.name).question
    home = _home(options.database or os.environ.get("SEVENSTEP_DATABASE"))
    try:
        found = rescore(home, question=question, rubric=None, slug=slug)
    finally:
        home.engine.dispose()
    if options.format == "json":
        sys.stdout.write(json.dumps(_json(slug, found), ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(slug, found)))
    return 0


def _home(named: str | None) -> "Home":
    """As the service would open it. Raises InvalidInput where there is no database at that place."""
    from app.storage.db import migrate, open_database
    from app.storage.desk import Desk
    from app.web.deps import Home
    from app.web.rubric_desk import RubricDesk
    from app.web.standards import Standards

    url = database_url(named)
    is_sqlite = url.startswith("sqlite")
    if is_sqlite and not (file := Path(url.removeprefix("sqlite:///"))).is_file():
        raise InvalidInput(f"There is no database at {file}.")
    engine, content = open_database(url), content_folder()
    migrate(engine)
    standards = Standards(content)
    rubrics = RubricDesk(engine, standards, content, _now, files=is_sqlite)
    if rubrics.has_edits():
        standards.source = rubrics.rubric
    return Home(engine, standards, Desk(engine, content, _now, files=is_sqlite), _now)


def _now() -> datetime:
    return datetime.now(UTC)


def _lines(slug: str, found: "Rescored") -> Iterator[str]:
    """The most moved first; of live interviews only by how much."""
    newest = "" if found.looked_at == found.total else f", the newest of {found.total}"
    if not found.total:
        yield f"{slug}: nothing has been scored yet"
        return
    yield (
        f"{slug}: {len(found.moved)} of {found.looked_at}{newest} would change, "
        f"{found.up} up, {found.down} down"
    )
    for one in found.moved:
        change = one.change
        if one.is_private:
            yield f"  a live interview: {change.by:+.1f}"
        else:
            yield f"  {one.name} ({one.address}): {_mark(change.before)} -> {_mark(change.after)}"
        steps = [f"{step.id} {step.by:+.1f}" for step in change.steps if step.by]
        for label, ids in (
            ("steps", steps),
            ("won", [criterion.id for criterion in change.won]),
            ("lost", [criterion.id for criterion in change.lost]),
            ("would be told", one.heard.told),
            ("would no longer be told", one.heard.not_told),
            ("expected answer heard", one.heard.expected),
            ("expected answer no longer heard", one.heard.not_expected),
        ):
            if ids:
                yield f"    {label}: {', '.join(ids)}"


def _mark(value: float | None) -> str:
    return "not judged" if value is None else f"{value:.1f}"


def _json(slug: str, found: "Rescored") -> dict[str, object]:
    return {
        "question": slug,
        "total": found.total,
        "looked_at": found.looked_at,
        "up": found.up,
        "down": found.down,
        "moved": [
            {
                "name": one.name or None,
                "by": one.change.by,
                "before": None if one.is_private else one.change.before,
                "after": None if one.is_private else one.change.after,
                "steps": {step.id: step.by for step in one.change.steps if step.by},
                "won": [criterion.id for criterion in one.change.won],
                "lost": [criterion.id for criterion in one.change.lost],
                "told": list(one.heard.told),
                "no_longer_told": list(one.heard.not_told),
                "expected_heard": list(one.heard.expected),
                "expected_no_longer_heard": list(one.heard.not_expected),
            }
            for one in found.moved
        ],
    }
