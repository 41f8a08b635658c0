"""`sevenstep agreement`: how far raters agree, and a judge's levels fitted to people's."""

import argparse
import json
import os
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app.agreement.calibration import Calibration, to_yaml
from app.agreement.figures import FIGURES
from app.agreement.fit import LEAST, fit_calibration
from app.agreement.measure import DRAWS, Agreement, Interval, Measured, measure
from app.agreement.ratings import Rating, Ratings, parse_ratings
from app.commands.files import read_input
from app.errors import InvalidInput
from app.rubric.rubric import STEPS
from app.settings import database_url

HELP = "rater agreement from JSON Lines or of live sessions, or a judge's levels fitted to people's"
MANY = 100  # items; with fewer the interval says more than the point
NAMED = 20  # bad lines told one by one
COLUMNS = {
    "exact": "exact",
    "adjacent": "adjacent",
    "kappa": "kappa",
    "quadratic_kappa": "quadratic",
    "alpha": "alpha",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="JSON Lines, or - for standard input; without it, the live sessions that are kept",
    )
    parser.add_argument("--database", metavar="URL", help="of the live sessions, else as for serve")
    parser.add_argument(
        "--machine",
        action="store_true",
        help="of live sessions: the scorer and the model count as raters beside people",
    )
    parser.add_argument("--format", choices=["text", "json"], default="text")
    fit = parser.add_argument_group("fitting a judge")
    fit.add_argument("--fit", metavar="RATER", help="the judge, by its name in the ratings")
    fit.add_argument("--against", metavar="RATER", help="whose levels are right")
    fit.add_argument("--out", metavar="FILE", type=Path, help="the calibration file to write")
    fit.add_argument("--id", type=_id, help="its id; else made of the judge's name")
    fit.add_argument("--version", type=_version, default=1, metavar="N")
    fit.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="else today")


def _id(text: str) -> str:
    if slug(text) != text:
        raise argparse.ArgumentTypeError("must be lower-case letters, digits and dashes")
    return text


def _version(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a number from 1 on")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a day, such as 2026-11-21") from None


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80].rstrip("-") or "judge"


def run(options: argparse.Namespace) -> int:
    """Exit status 3 also where only some lines could not be used; the others are done."""
    fitting = [options.fit, options.against, options.out]
    if any(fitting) and not all(fitting):
        sys.stderr.write("sevenstep agreement: --fit, --against and --out go together\n")
        return 2
    if options.fit and options.fit == options.against:
        sys.stderr.write("sevenstep agreement: a rater cannot be fitted to itself\n")
        return 2
    if options.file and (options.database or options.machine):
        sys.stderr.write(
            "sevenstep agreement: --database and --machine are for live sessions, without a FILE\n"
        )
        return 2
    ratings = parse_ratings(read_input(options.file)[1]) if options.file else _kept(options)
    _tell(ratings.problems)
    if options.fit:
        return _fit(ratings, options)
    measured = measure(ratings)
    sys.stdout.write(
        json.dumps(as_json(measured), ensure_ascii=False, indent=1) + "\n"
        if options.format == "json"
        else to_text(measured)
    )
    return 3 if ratings.problems else 0


def _kept(options: argparse.Namespace) -> Ratings:
    """What people gave in live sessions that are over, before they saw other marks; the machine's levels too where
    they are asked for, or fitted. Raises InvalidInput, CannotStart."""
    from app.storage.db import migrate, open_database, transaction
    from app.storage.ratings import levels_given

    url = database_url(options.database or os.environ.get("SEVENSTEP_DATABASE"))
    file = url.removeprefix("sqlite:///")
    if url.startswith("sqlite") and not Path(file).is_file():
        raise InvalidInput(
            f"There is no database at {file}; name a FILE of ratings, or --database."
        )
    engine = open_database(url)
    migrate(engine)
    with transaction(engine) as db:
        given = levels_given(db)
    engine.dispose()
    wanted = [one for one in given if one.kind == "person" or options.machine or options.fit]
    if not wanted:
        raise InvalidInput("No live session has been marked yet; name a FILE of ratings.")
    return Ratings(
        tuple(
            Rating(item=one.session, rater=one.rater, step=step, level=one.levels.get(step))
            for one in wanted
            for step in STEPS
        ),
        (),
    )


def _tell(problems: tuple[str, ...]) -> None:
    for problem in problems[:NAMED]:
        sys.stderr.write(f"sevenstep agreement: {problem}\n")
    if len(problems) > NAMED:
        sys.stderr.write(f"sevenstep agreement: and {len(problems) - NAMED} more such lines\n")


def _fit(ratings: Ratings, options: argparse.Namespace) -> int:
    """Nothing is fitted from a file with bad lines: a calibration moves marks."""
    if ratings.problems:
        raise InvalidInput("Nothing was fitted: mend these lines first.")
    if unknown := [step for step in ratings.steps if step not in STEPS]:
        raise InvalidInput(
            f"Nothing was fitted: '{unknown[0]}' is no step of a report. The steps are {', '.join(STEPS)}."
        )
    fitted = fit_calibration(
        ratings,
        options.fit,
        options.against,
        id=options.id or slug(options.fit),
        version=options.version,
        made=options.date or datetime.now(UTC).date(),
    )
    try:
        with options.out.open("x", encoding="utf-8") as out:
            out.write(to_yaml(fitted.calibration))
    except FileExistsError:
        sys.stderr.write(f"sevenstep agreement: {options.out} is there already; name another.\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"sevenstep agreement: {options.out}: {error.strerror}.\n")
        return 1
    sys.stdout.write(_summary(fitted.calibration))
    for step, pairs in fitted.too_few.items():
        sys.stdout.write(f"  {step:13} not fitted: {pairs} of the {LEAST} pairs it takes\n")
    sys.stdout.write(
        "Laid into rubrics/calibration/ of the folder that SEVENSTEP_CONTENT names, it counts for "
        f"reports by {fitted.calibration.judge}.\n"
    )
    return 0


def _summary(calibration: Calibration) -> str:
    lines = [
        f"{calibration.id}, version {calibration.version}: {calibration.judge} fitted to "
        f"{calibration.against}, {calibration.total_pairs} pairs"
    ]
    for one in calibration.steps:
        moved = ", ".join(f"{level} is {one.at(level):.1f}" for level in range(5))
        lines.append(f"  {one.step:13} {one.method:8} {one.pairs:5} pairs   {moved}")
    return "\n".join(lines) + "\n"


def as_json(measured: Measured) -> dict[str, Any]:
    return {
        "schema": 1,
        "raters": list(measured.raters),
        "draws": DRAWS,
        "overall": _row(measured.overall),
        "steps": [{"id": step, **_row(measured.steps[step])} for step in _ordered(measured)],
    }


def _row(found: Agreement) -> dict[str, Any]:
    return {
        "n": found.n,
        "items": found.items,
        "skipped": found.skipped,
        **{name: _rounded(found.figures[name]) for name in FIGURES},
        "intervals": {name: _ends(found.intervals[name]) for name in FIGURES},
    }


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4) + 0.0


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(end, 4) + 0.0 for end in interval]


def _ordered(measured: Measured) -> list[str]:
    """The rubric's steps in its order, then any other by name."""
    known = [step for step in STEPS if step in measured.steps]
    return known + sorted(set(measured.steps) - set(known))


def to_text(measured: Measured) -> str:
    rows = [("over all", measured.overall)]
    rows += [(step, measured.steps[step]) for step in _ordered(measured)]
    lines = [
        f"{len(measured.raters)} raters: {', '.join(measured.raters)}",
        "",
        *_table(
            [["", "items", "n", "skipped", *COLUMNS.values()], *(_cells(*row) for row in rows)]
        ),
        "",
        "n: pairs of levels compared. Skipped: one of the two, or both, could not judge.",
        "Exact, kappa and quadratic kappa: of whole levels, a half going up. Adjacent: at most one level apart.",
        "Alpha: Krippendorff's, ordinal, over all raters. -: not defined.",
        f"Intervals: 95 %, {DRAWS} draws of whole items, ?: not known. Below {MANY} items the interval comes first:",
        "the point, in brackets, can well be chance.",
    ]
    if len(measured.raters) > 2:
        lines.append("Exact, adjacent and the kappas: the mean over all pairs of raters.")
    return "\n".join(lines) + "\n"


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _cells(name: str, found: Agreement) -> list[str]:
    counts = (found.items, found.n, found.skipped)
    return [name, *map(str, counts), *(_cell(found, figure) for figure in COLUMNS)]


def _cell(found: Agreement, name: str) -> str:
    """Where items are few the interval comes first."""
    figure, interval = found.figures[name], found.intervals[name]
    if figure is None:
        return "-"
    between = "?" if interval is None else "–".join(map(_short, interval))
    if found.items < MANY:
        return f"{between} ({_short(figure)})"
    return f"{_short(figure)} ({between})"


def _short(figure: float) -> str:
    return f"{round(figure, 2) + 0.0:.2f}".replace("0.", ".", 1)  # + 0.0: no minus before a nought
