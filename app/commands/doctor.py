"""`sevenstep doctor`: what is configured, what of it works, and what to do about the rest."""

import argparse
import json
import sys

HELP = "what is configured, what of it works, what is missing"
MARKS = {True: "ok", False: "FAILED", None: "-"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--database", metavar="URL", help="a database URL or a file for SQLite")
    parser.add_argument("--format", choices=["text", "json"], default="text")


def run(options: argparse.Namespace) -> int:
    """Exit status 1 where something that is configured does not work."""
    from app.commands.findings import examine

    found = []
    for finding in examine(options.database):
        found.append(finding)
        if options.format == "text":  # at once, as a model may take its time
            sys.stdout.write(f"{MARKS[finding.works]:6}  {finding.about}: {finding.sentence}\n")
            sys.stdout.flush()
    works = all(finding.works is not False for finding in found)
    if options.format == "json":
        printed = {"schema": 1, "works": works, "findings": [finding.as_json for finding in found]}
        sys.stdout.write(json.dumps(printed, indent=2, ensure_ascii=False) + "\n")
    return 0 if works else 1
