"""`sevenstep bank list|show|lint|schema`."""

import argparse
import json
import sys

from app.bank.asking import load_asking
from app.bank.bank import find_questions, get_question, load_question
from app.bank.lint import lint_question
from app.bank.question import Question
from app.errors import InvalidContent
from app.rubric.shelf import get_rubric
from app.settings import content_folder

HELP = "list, show or lint the questions"
ACTIONS = ("list", "show", "lint", "schema")
STATUSES = ("draft", "review", "published", "retired")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("slugs", nargs="*", metavar="SLUG")
    parser.add_argument("--status", choices=STATUSES)
    parser.add_argument("--domain", metavar="DOMAIN")
    parser.add_argument("--format", choices=["text", "jsonl", "json"], default="text")


def run(options: argparse.Namespace) -> int:
    return {"list": _list, "show": _show, "lint": _lint, "schema": _schema}[options.action](options)


def _list(options: argparse.Namespace) -> int:
    for path in find_questions(content_folder()).values():
        question = load_question(path).question
        if options.status not in (None, question.status):
            continue
        if options.domain not in (None, question.domain):
            continue
        if options.format == "text":
            sys.stdout.write(f"{question.slug}\t{question.domain}\t{question.title}\n")
        else:
            sys.stdout.write(json.dumps(line(question), ensure_ascii=False) + "\n")
    return 0


def line(question: Question) -> dict[str, object]:
    """A question in a list: what a candidate may see."""
    shown = "slug version status title domain category modality seniority difficulty minutes tags"
    return question.model_dump(mode="json", include=set(shown.split()))


def _show(options: argparse.Namespace) -> int:
    """The whole question, facts and follow-ups included: the interviewer's guide."""
    for slug in options.slugs:
        question = get_question(slug, content_folder()).question
        if options.format == "text":
            sys.stdout.write(guide(question))
        else:
            sys.stdout.write(
                json.dumps(question.model_dump(mode="json"), ensure_ascii=False) + "\n"
            )
    return 0


def guide(question: Question) -> str:
    out = [f"{question.title} ({question.slug}, version {question.version}, {question.status})"]
    out += ["", question.prompt, "", "Facts, told when asked:"]
    out += [f"  {fact.id} ({fact.step}): {fact.answer}" for fact in question.facts]
    out += ["", "Follow-ups:"]
    out += [f"  {f.id} ({f.criterion}, {f.when}): {f.ask}" for f in question.follow_ups]
    out += ["", "Twists:", *(f"  {twist.id}: {twist.says}" for twist in question.twists)]
    out += ["", "Traps:", *(f"  {trap.id}: {trap.what}" for trap in question.traps)]
    return "\n".join(out) + "\n"


def _lint(options: argparse.Namespace) -> int:
    """Exit status 3 where a problem was found, so that a script can stop on it."""
    content = content_folder()
    rubric, asking = get_rubric(extra=content), load_asking(content)
    problems: list[str] = []
    slugs = options.slugs or list(find_questions(content))
    for slug in slugs:
        try:
            problems += lint_question(get_question(slug, content).question, rubric, asking)
        except InvalidContent as error:
            problems += error.problems
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write(f"{len(slugs)} questions, {len(problems)} problems\n")
    return 3 if problems else 0


def _schema(_: argparse.Namespace) -> int:
    """JSON Schema for editors; question_bank/question.schema.json is this, and a test compares them."""
    sys.stdout.write(json.dumps(Question.model_json_schema(), indent=1) + "\n")
    return 0
