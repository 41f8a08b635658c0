"""`sevenstep bank new|import|export`: questions made, brought in and given out. Nothing is written unasked."""

import argparse
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from app.bank.asking import load_asking
from app.bank.bank import Kept, find_questions, next_version, path_of, read_question
from app.bank.card import card_of
from app.bank.lines import problems_by_line
from app.bank.parcel import (
    MOST_BYTES,
    Entry,
    Plan,
    Planned,
    Present,
    plan,
    read_parcel,
    to_csv,
    to_json,
    to_zip,
)
from app.bank.rewrite import set_fields
from app.bank.slug import wrong_slug
from app.bank.template import blank, from_existing
from app.concepts.words import Reader
from app.content import HERE, read_text
from app.errors import InvalidContent, InvalidInput, NotFound
from app.rubric.shelf import get_rubric
from app.settings import content_folder, database_url, own_content
from app.storage.files import replace_file

MODE = 0o644
IN_USE = frozenset({"published", "retired"})
SHOWN = 8  # problems of one entry, lines of its diff


def folder() -> Path:
    """Where questions are written: the content folder that is set, the checkout, or the user's own."""
    content = content_folder()
    if content is None and (HERE.parent / "pyproject.toml").is_file():
        content = HERE.parent
    return (content or own_content()) / "question_bank"


def new(options: argparse.Namespace) -> int:
    """Raises InvalidInput where the question is there already, NotFound where the one to begin from is not."""
    content = content_folder()
    slug = options.slugs[0]
    if wrong := wrong_slug(slug):
        raise InvalidContent([wrong])
    there = find_questions(content)
    if slug in there:
        raise InvalidInput(f"There is a question {slug} already: {there[slug]}.")
    title = options.title or slug.replace("-", " ").capitalize()
    if options.origin is None:
        text = blank(slug, title, content)
    elif options.origin in there:
        text = from_existing(read_text(there[options.origin]), slug, title)
    else:
        raise NotFound(f"There is no question {options.origin!r:.60} to begin from.")
    path = folder() / f"{slug}.yaml"
    create_file(path, text)
    sys.stdout.write(
        f"Written: {path}\nIt is a draft. Write it, look at it with `sevenstep bank lint {slug}`, try it with "
        f"`sevenstep practice {slug}`,\nand set its status to review, then published, when nothing is wrong with it.\n"
    )
    return 0


def create_file(path: Path, text: str) -> None:
    """Never over another: raises InvalidInput where there is anything of that name, be it a link to nowhere."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    except FileExistsError:
        raise InvalidInput(f"{path} is there already; nothing was written.") from None
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())


def take_in(options: argparse.Namespace) -> int:
    """Exit status 3 where something could not be taken in; what can be is, once it was agreed to."""
    entries, broken = _read(options.slugs)
    content = content_folder()
    rubric, asking = get_rubric(extra=content), load_asking(content)
    lint = partial(problems_by_line, rubric=rubric, asking=asking)
    present = _present(content)
    planned = plan(entries, present, lint, Reader(rubric.lexicon))
    for problem in broken:
        sys.stderr.write(f"sevenstep bank: {problem}\n")
    sys.stdout.write("\n".join(lines(planned)) + "\n")
    wanted = list(planned.writable)
    if options.duplicates:
        wanted += planned.of_kind("duplicate")
    refused = bool(broken or planned.of_kind("invalid"))
    if options.dry_run or not wanted:
        return 3 if refused else 0
    if not options.yes and not _agreed(len(wanted)):
        sys.stdout.write("Nothing was written.\n")
        return 3 if refused else 0
    left = 0
    for entry in wanted:
        try:
            _write(entry, present.get(entry.slug), content)
        except InvalidInput as error:
            left += 1
            sys.stderr.write(f"sevenstep bank: {error}\n")
    sys.stdout.write(f"{len(wanted) - left} questions written to {folder()}\n")
    return 3 if refused or left else 0


def _read(files: Iterable[str]) -> tuple[list[Entry], list[str]]:
    entries: list[Entry] = []
    broken: list[str] = []
    for file in files:
        path = Path(file)
        try:
            with path.open("rb") as opened:
                entries += read_parcel(path.name, opened.read(MOST_BYTES + 1))
        except InvalidContent as error:
            broken += error.problems
        except OSError as error:
            broken.append(f"{file} cannot be read: {error.strerror}.")
    return entries, broken


def _present(content: Path | None) -> dict[str, Present]:
    """What can be read of the bank; the rest is replaced by what comes in under its name."""
    found: dict[str, Present] = {}
    for slug, path in find_questions(content).items():
        try:
            found[slug] = _there(slug, path)
        except InvalidContent as error:
            sys.stderr.write(f"sevenstep bank: {error}\n")
    return found


def _there(slug: str, path: Path) -> Present:
    """Raises InvalidContent."""
    text = read_text(path)
    return Present(read_question(text, slug, path.name).question, text)


def _agreed(count: int) -> bool:
    """Asked on a terminal; elsewhere nobody agrees to anything."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stdout.write("Say --yes to write them.\n")
        return False
    sys.stdout.write(f"Write {count} questions to {folder()}? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(entry: Planned, planned_on: Present | None, content: Path | None) -> None:
    """`slug` has been through the schema and `wrong_slug`: it is a plain word. Raises InvalidInput where another text
    stands there than when the plan was made, which a question to the user can take minutes to answer."""
    there = path_of(entry.slug, content)
    now: Present | None = None
    if there is not None:
        with suppress(InvalidContent):  # what cannot be read is to be replaced
            now = _there(entry.slug, there)
    if now != planned_on:
        raise InvalidInput(
            f"{entry.slug} has been changed since the plan was made, so it is left as it is; import it again."
        )
    text = _versioned(entry, planned_on)
    path = folder() / f"{entry.slug}.yaml"
    if path.exists() and not path.is_symlink():
        replace_file(path, text)
    else:
        create_file(path, text)


def _versioned(entry: Planned, there: Present | None) -> str:
    """In the place of a text in use another one that is to be used gets the next version, as it does in the browser."""
    taken = read_question(entry.text, entry.slug, entry.name).question
    if there is None or not {there.question.status, taken.status} <= IN_USE:
        return entry.text
    version = next_version(entry.text, taken.version, there.text, there.question.version)
    if version <= taken.version:
        return entry.text
    sys.stdout.write(f"{entry.slug} gets version {version}\n")
    return set_fields(entry.text, {"version": version})


def lines(planned: Plan) -> list[str]:
    out = []
    for entry in planned.entries:
        out.append(f"{entry.kind:9} {entry.slug or entry.name}{_what(entry)}")
        out += [f"          line {told.line}: {told.sentence}" for told in entry.problems[:SHOWN]]
        if len(entry.problems) > SHOWN:
            out.append(f"          and {len(entry.problems) - SHOWN} problems more")
    counts = {kind: len(planned.of_kind(kind)) for kind in ("new", "changed", "same", "duplicate")}
    counts["invalid"] = len(planned.of_kind("invalid"))
    out.append(", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "nothing")
    return out


def _what(entry: Planned) -> str:
    if entry.duplicate:
        part = entry.duplicate.parts[0]
        return f": repeats {entry.duplicate.other}; '{part.text[:90]}' is '{part.other_text[:90]}'"
    return f": {', '.join(entry.changes)}" if entry.changes else ""


def give_out(options: argparse.Namespace) -> int:
    """Exit status 3 where a question could not be read; the others are given out."""
    texts, problems = _texts(options)
    to = Path(options.to) if options.to and options.to != "-" else None
    if options.format == "yaml" and len(texts) > 1 and (to is None or to.suffix):
        raise InvalidInput("Many questions need --to FOLDER, or --format zip or json.")
    kept: dict[str, Kept] = {}
    for slug, text in texts.items():
        try:
            kept[slug] = read_question(text, slug, f"{slug}.yaml")
        except InvalidContent as error:
            problems += error.problems
    if options.format == "yaml" and to is not None and not to.suffix:
        for slug in kept:
            replace_file(to / f"{slug}.yaml", texts[slug])
    else:
        _put(_packed(options.format, {slug: texts[slug] for slug in kept}, kept), to)
    for problem in problems:
        sys.stderr.write(f"sevenstep bank: {problem}\n")
    return 3 if problems else 0


def _packed(form: str, texts: dict[str, str], kept: dict[str, Kept]) -> bytes:
    if form == "zip":
        return to_zip(texts)
    if form == "json":
        return to_json(one.question for one in kept.values()).encode()
    if form == "csv":
        rubric = get_rubric(extra=content_folder())
        return to_csv(card_of(k.question, k.sha256, rubric) for k in kept.values()).encode()
    return "".join(texts.values()).encode()


def _put(data: bytes, to: Path | None) -> None:
    if to is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        to.write_bytes(data)
    except OSError as error:
        raise InvalidInput(f"{to} cannot be written: {error.strerror}.") from None


def _texts(options: argparse.Namespace) -> tuple[dict[str, str], list[str]]:
    """slug -> text of the questions chosen, and what could not be read. Raises NotFound."""
    content = content_folder()
    texts: dict[str, str] = {}
    problems: list[str] = []
    if options.database:
        texts = _of_database(options.database, content, drafts=options.drafts)
    else:
        for slug, path in find_questions(content).items():
            try:
                texts[slug] = read_text(path)
            except InvalidContent as error:
                problems += error.problems
    for slug in options.slugs:
        if slug not in texts:
            raise NotFound(f"There is no question {slug!r:.60}. There is: {', '.join(texts)}.")
    return {s: texts[s] for s in options.slugs or texts}, problems if not options.slugs else []


def _of_database(named: str, content: Path | None, *, drafts: bool) -> dict[str, str]:
    """As curators left them in the browser: what is in use or was never published, with `drafts` what waits on top
    of it. Raises InvalidInput where there is no database."""
    from app.storage.db import migrate, open_database
    from app.storage.desk import Desk

    url = database_url(named)
    file = url.removeprefix("sqlite:///")
    if url.startswith("sqlite") and not Path(file).is_file():
        raise InvalidInput(f"There is no database at {file}.")
    engine = open_database(url)
    migrate(engine)
    desk = Desk(engine, content, lambda: datetime.now(UTC), files=url.startswith("sqlite"))
    texts: dict[str, str] = {}
    for slug, standing in desk.everything().items():
        given = standing.latest if drafts else standing.in_use or standing.latest
        texts[slug] = desk.text(replace(standing, latest=given))
    engine.dispose()
    return texts
