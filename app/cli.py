"""The command line. docs/reference.md describes it and a test compares the two."""

import argparse
import sys
from collections.abc import Sequence

from app.commands import (
    agreement,
    bank,
    doctor,
    fake_llm,
    invite,
    parse,
    practice,
    rubric,
    score,
    serve,
)
from app.errors import SevenstepError

COMMANDS = {
    "score": score,
    "parse": parse,
    "bank": bank,
    "practice": practice,
    "rubric": rubric,
    "serve": serve,
    "invite": invite,
    "fake-llm": fake_llm,
    "doctor": doctor,
    "agreement": agreement,
}


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sevenstep",
        description="Practise, run, score and curate ML system design interviews.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        module.add_arguments(commands.add_parser(name, help=module.HELP, description=module.HELP))
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Exits 0 done, 2 wrong usage, 3 some input could not be used, 1 anything else."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = build_parser().parse_args(arguments)
    try:
        status = COMMANDS[options.command].run(options)
    except SevenstepError as error:
        sys.stderr.write(f"sevenstep: {error}\n")
        status = error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        status = 0
    except KeyboardInterrupt:
        status = 1
    sys.exit(status)
