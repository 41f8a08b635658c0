"""`sevenstep bank lint|similar|health`: what is wrong, what repeats, what is missing."""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from app.bank import health as bank_health
from app.bank.bank import Shelf, find_questions
from app.bank.card import card_of
from app.bank.experience import Experience
from app.bank.similar import Alike, Pair
from app.commands.linting import Linted, lint_all
from app.concepts.words import Reader
from app.errors import InvalidInput, NotFound
from app.rubric.rubric import STEPS
from app.rubric.shelf import get_rubric
from app.settings import content_folder, database_url


def lint(options: argparse.Namespace) -> int:
    """Exit status 3 where a problem was found, so that a script can stop on it. Without a slug, drafts may have
    problems: the linter's demands are for what is reviewed or published."""
    content = content_folder()
    paths = _chosen(options.slugs, content)
    found = lint_all(paths, content, advice=options.advice, cached=not options.no_cache)
    count = 0
    for slug, one in found.items():
        if one.status == "draft" and one.problems and not options.slugs:
            sys.stdout.write(
                f"{slug}: a draft with {len(one.problems)} problems; name it to see them\n"
            )
            continue
        count += len(one.problems)
        _print(one)
    sys.stdout.write(f"{len(paths)} questions, {count} problems\n")
    return 3 if count else 0


def _print(one: Linted) -> None:
    for problem in one.problems:
        sys.stdout.write(f"{problem}\n")
    for advice in one.advice:
        sys.stdout.write(f"(advice) {advice}\n")


def _chosen(slugs: list[str], content: Path | None) -> dict[str, Path]:
    """Raises NotFound with the slugs that there are."""
    paths = find_questions(content)
    for slug in slugs:
        if slug not in paths:
            raise NotFound(f"There is no question {slug!r:.60}. There is: {', '.join(paths)}.")
    return {slug: paths[slug] for slug in dict.fromkeys(slugs)} if slugs else paths


def similar(options: argparse.Namespace) -> int:
    """Pairs among all questions, or those of the ones named. Exit status 3 where there is one."""
    content = content_folder()
    _chosen(options.slugs, content)
    alike = Alike(_reader(content), (kept.question for kept in Shelf(content).all().values()))
    wanted = set(options.slugs)
    pairs = [p for p in alike.pairs() if not wanted or wanted & {p.slug, p.other}]
    if options.format == "json":
        sys.stdout.write(json.dumps([asdict(pair) for pair in pairs], ensure_ascii=False) + "\n")
    else:
        for pair in pairs:
            sys.stdout.write(told(pair))
        sys.stdout.write(f"{len(pairs)} pairs that may be one question\n")
    return 3 if pairs else 0


def told(pair: Pair) -> str:
    out = [f"{pair.slug} and {pair.other} ({pair.score:.2f})"]
    for part in pair.parts:
        out += [f"  {part.where}: {part.text}", f"  {part.other_where}: {part.other_text}", ""]
    return "\n".join(out) + "\n"


def health(options: argparse.Namespace) -> int:
    """What is told is no failure: the status is 3 only where a question cannot be read."""
    content = content_folder()
    rubric = get_rubric(extra=content)
    shelf = Shelf(content)
    kept = shelf.all()
    questions = {slug: one.question for slug, one in kept.items()}
    linted = lint_all(find_questions(content), content, cached=not options.no_cache)
    found = bank_health.health(
        questions,
        [card_of(one.question, one.sha256, rubric) for one in kept.values()],
        rubric,
        pairs=Alike(_reader(content), questions.values()).pairs(),
        problems={slug: one.problems for slug, one in linted.items()},
        experience=_experience(options.database or os.environ.get("SEVENSTEP_DATABASE")),
    )
    if options.format == "json":
        sys.stdout.write(json.dumps(as_json(found), ensure_ascii=False, default=dict) + "\n")
    else:
        sys.stdout.write("\n".join(lines(found)) + "\n")
    return 3 if shelf.problems else 0


def as_json(found: bank_health.Health) -> dict[str, object]:
    value = {name: getattr(found, name) for name in found.__dataclass_fields__ if name != "used"}
    value["matrix"] = [asdict(row) for row in found.matrix]
    value["pairs"] = [asdict(pair) for pair in found.pairs]
    value["napkins"] = [asdict(napkin) for napkin in found.napkins]
    value["used"] = {slug: one.used for slug, one in found.used.items()}
    return value


def lines(found: bank_health.Health) -> list[str]:
    status = ", ".join(f"{count} {status}" for status, count in found.status.items())
    out = [f"{found.questions} questions in use ({status})", "", "Coverage"]
    head = f"  {'domain':26} {'kind':15} {'all':>3} " + " ".join(
        f"{s:>3}" for s in ("L4", "L5", "L6")
    )
    out.append(head + "  " + " ".join(step[:5] for step in STEPS))
    for row in found.matrix:
        levels = " ".join(f"{count:3}" for count in row.seniority.values())
        steps = " ".join(f"{count:5}" for count in row.steps.values())
        out.append(f"  {row.domain:26} {row.family:15} {row.questions:3} {levels}  {steps}")
    out += ["", "Gaps", *(f"  {gap}" for gap in found.gaps)]
    if found.pairs:
        out += ["", "May be one question"]
        out += [f"  {pair.slug} and {pair.other} ({pair.score:.2f})" for pair in found.pairs]
    count = sum(map(len, found.problems.values()))
    out += ["", f"{count} problems in {len(found.problems)} questions (sevenstep bank lint)"]
    out += [f"  {slug}: {len(told)}" for slug, told in found.problems.items()]
    out += ["", "Figures worked out"]
    for napkin in found.napkins:
        out += [f"  {napkin.slug}: {s.text}: {s.left:.4g}, {s.right:.4g}" for s in napkin.sums]
        out += [f"  {napkin.slug}: {problem}" for problem in napkin.problems]
    if found.wear:
        out += ["", "Sessions say", *(f"  {told}" for told in found.wear)]
    return out


def _experience(named: str | None) -> Mapping[str, Experience] | None:
    """None where no database is named. Raises InvalidInput where there is none at that place."""
    if not named:
        return None
    from app.storage.db import migrate, open_database, transaction
    from app.storage.experience import experience

    url = database_url(named)
    file = url.removeprefix("sqlite:///")
    if url.startswith("sqlite") and not Path(file).is_file():
        raise InvalidInput(f"There is no database at {file}.")
    engine = open_database(url)
    migrate(engine)
    with transaction(engine) as db:
        found = experience(db, time.time_ns() // 1_000_000)
    engine.dispose()
    return found.by_slug


def _reader(content: Path | None) -> Reader:
    return Reader(get_rubric(extra=content).lexicon)
