"""`sevenstep bank list|show|schema`; checks of the bank, and questions in and out, are files of their own."""

import argparse
import json
import sys

from app.bank.bank import find_questions, get_question, load_question
from app.bank.question import Question
from app.commands import bank_check, bank_parcel
from app.commands.rescore import rescore_question
from app.settings import content_folder

HELP = "list, show, check, make, import or export questions"
STATUSES = ("draft", "review", "published", "retired")
TEXT, JSON, JSONL = "text", "json", "jsonl"
# action -> the forms in which it prints, its usual one first
FORMS = {
    "list": (TEXT, JSONL),
    "show": (TEXT, JSON, JSONL),
    "lint": (TEXT,),
    "similar": (TEXT, JSON),
    "health": (TEXT, JSON),
    "rescore": (TEXT, JSON),
    "new": (TEXT,),
    "import": (TEXT,),
    "export": ("yaml", JSON, "csv", "zip"),
    "schema": (JSON,),
}
ALONE = ("new", "rescore")  # takes one slug
NEEDS = {"new": "a SLUG", "rescore": "a SLUG", "import": "a FILE", "show": "a SLUG"}
# option -> the actions that it is for
ONLY = {
    "status": ("list",),
    "domain": ("list",),
    "advice": ("lint",),
    "no_cache": ("lint", "health"),
    "database": ("health", "export", "rescore"),
    "origin": ("new",),
    "title": ("new",),
    "dry_run": ("import",),
    "yes": ("import",),
    "duplicates": ("import",),
    "drafts": ("export",),
    "to": ("export",),
    "text": ("rescore",),
}
WRITTEN = {"origin": "from", "text": "with"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=list(FORMS))
    parser.add_argument("slugs", nargs="*", metavar="SLUG", help="or FILE, for import")
    parser.add_argument("--status", choices=STATUSES)
    parser.add_argument("--domain", metavar="DOMAIN")
    parser.add_argument("--format", choices=sorted({f for forms in FORMS.values() for f in forms}))
    parser.add_argument("--advice", action="store_true", help="lint: what could be better, too")
    parser.add_argument("--no-cache", action="store_true", help="lint what has not changed, too")
    parser.add_argument("--database", metavar="URL", help="of the sessions, or of the questions")
    parser.add_argument(
        "--from", dest="origin", metavar="SLUG", help="new: a question to begin from"
    )
    parser.add_argument("--title", metavar="TITLE")
    parser.add_argument(
        "--dry-run", action="store_true", help="import: only say what would be done"
    )
    parser.add_argument("--yes", action="store_true", help="import without asking")
    parser.add_argument("--duplicates", action="store_true", help="import near-duplicates as well")
    parser.add_argument(
        "--with", dest="text", metavar="FILE", help="rescore: the new text of the question"
    )
    parser.add_argument(
        "--drafts", action="store_true", help="export: drafts on top of what is published, too"
    )
    parser.add_argument("--to", metavar="PATH", help="export into a file, or a folder of files")


def run(options: argparse.Namespace) -> int:
    if wrong := wrong_use(options):
        sys.stderr.write(f"sevenstep bank: {wrong}\n")
        return 2
    options.format = options.format or FORMS[options.action][0]
    actions = {
        "list": _list,
        "show": _show,
        "lint": bank_check.lint,
        "similar": bank_check.similar,
        "health": bank_check.health,
        "rescore": rescore_question,
        "new": bank_parcel.new,
        "import": bank_parcel.take_in,
        "export": bank_parcel.give_out,
        "schema": _schema,
    }
    return actions[options.action](options)


def wrong_use(options: argparse.Namespace) -> str | None:
    """A sentence why these options do not go together, or None."""
    action = options.action
    if options.format not in (None, *FORMS[action]):
        return f"{action} prints {' or '.join(FORMS[action])}, not {options.format}."
    for option, actions in ONLY.items():
        if getattr(options, option) and action not in actions:
            written = WRITTEN.get(option, option.replace("_", "-"))
            return f"--{written} is for {' and '.join(actions)}."
    if action in NEEDS and not options.slugs:
        return f"{action} needs {NEEDS[action]}."
    if action in ALONE and len(options.slugs) > 1:
        return f"{action} takes one SLUG."
    if options.drafts and not options.database:
        return "--drafts needs --database URL: they wait in a database."
    if action == "rescore" and not options.text:
        return "rescore needs --with FILE, the new text of the question."
    return None


def _list(options: argparse.Namespace) -> int:
    for path in find_questions(content_folder()).values():
        question = load_question(path).question
        if options.status not in (None, question.status):
            continue
        if options.domain not in (None, question.domain):
            continue
        if options.format == TEXT:
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
        if options.format == TEXT:
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


def _schema(_: argparse.Namespace) -> int:
    """JSON Schema for editors; question_bank/question.schema.json is this, and a test compares them."""
    sys.stdout.write(json.dumps(Question.model_json_schema(), indent=1) + "\n")
    return 0
