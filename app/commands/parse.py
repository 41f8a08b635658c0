"""`sevenstep parse`: print a transcript in the native form."""

import argparse
import json
import sys

from app.commands.files import read_input
from app.transcripts import FORMATS, read_transcript

HELP = "print a transcript in the native form, with its format and what is wrong with it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="a file, or - for standard input")
    parser.add_argument("--as", dest="as_format", metavar="FORMAT", choices=[*FORMATS])
    parser.add_argument("--speaker", metavar="NAME", help="who the candidate is")
    parser.add_argument("--formats", action="store_true", help="list the ids for --as")


def run(options: argparse.Namespace) -> int:
    if options.formats:
        sys.stdout.write("".join(f"{id}\n" for id in FORMATS))
        return 0
    if not options.file:
        sys.stderr.write("sevenstep parse: name a file, or - for standard input\n")
        return 2
    name, data = read_input(options.file)
    transcript = read_transcript(
        data, name=name, as_format=options.as_format, speaker=options.speaker
    )
    printed = {
        **transcript.as_native(),
        "format": transcript.format,
        "notes": [{"id": note.id, "message": note.message} for note in transcript.notes],
    }
    sys.stdout.write(json.dumps(printed, ensure_ascii=False, indent=1) + "\n")
    return 0
