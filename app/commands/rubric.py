"""`sevenstep rubric list|show|lint`."""

import argparse
import sys

from app.concepts.words import Reader
from app.errors import InvalidContent
from app.rubric.lint import lint_rubric
from app.rubric.load import Rubric
from app.rubric.shelf import DEFAULT, find_rubrics, get_rubric
from app.scoring.examples import run_examples
from app.scoring.knowledge import Knowledge
from app.settings import content_folder

HELP = "list, show or lint the rubrics"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["list", "show", "lint"])
    parser.add_argument("id", nargs="?", default=DEFAULT, metavar="RUBRIC")


def run(options: argparse.Namespace) -> int:
    return {"list": _list, "show": _show, "lint": _lint}[options.action](options.id)


def _list(_: str) -> int:
    for id in find_rubrics(content_folder()):
        about = get_rubric(id, content_folder()).about
        sys.stdout.write(f"{about.id}\tversion {about.version}\t{about.title}\n")
    return 0


def _show(id: str) -> int:
    rubric = get_rubric(id, content_folder())
    out = [f"{rubric.about.title} (version {rubric.about.version}, {rubric.sha256[:12]})"]
    for step in rubric.steps:
        out += ["", f"{step.title}: {step.about}"]
        for criterion in step.criteria:
            core = " (core)" if criterion.core else ""
            out.append(f"  {criterion.id}{core}: {criterion.title}. {criterion.why}")
    sys.stdout.write("\n".join(out) + "\n")
    return 0


def _lint(id: str) -> int:
    """Exit status 3 where a problem was found, so that a script can stop on it."""
    try:
        rubric = get_rubric(id, content_folder())
        problems = lint_rubric(rubric) + run_examples(rubric, Knowledge(rubric))
    except InvalidContent as error:
        problems = error.problems
    else:
        sys.stdout.write(_size(rubric))
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write(f"{len(problems)} problems\n")
    return 3 if problems else 0


def _size(rubric: Rubric) -> str:
    reader = Reader(rubric.lexicon)
    forms = sum(len(criterion.all_forms()) for _, criterion in rubric.criteria.values())
    vocabulary = {
        stem
        for _, criterion in rubric.criteria.values()
        for form in criterion.all_forms()
        for stem in reader.read(form.replace("|", " ")).stems
    }
    return f"{len(rubric.criteria)} criteria, {forms} forms, {len(vocabulary)} different words\n"
