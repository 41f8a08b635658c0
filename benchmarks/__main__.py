"""`python -m benchmarks [cost|asking|interviewer|turns|voice|quality|log] [--files N] [--seeds N] [--show N]`.

`make bench` prints all.
"""

import argparse
import os
import sys
from pathlib import Path

from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from benchmarks import asking, cost, interviewer, log, quality, speaker, turns, voice


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        metavar="cost|asking|interviewer|turns|voice|quality|log",
        help="default: all",
    )
    parser.add_argument("--files", type=int, default=cost.FILES, help="size of the folder to score")
    parser.add_argument("--seeds", type=int, default=interviewer.SEEDS, help="of each candidate")
    parser.add_argument("--show", type=int, default=0, help="print so many findings of misconduct")
    options = parser.parse_args()
    what = options.what or ["cost", "quality", "asking", "interviewer", "turns", "voice", "log"]
    if "log" in what:
        printed(log.lines())
    if "turns" in what:
        printed(turns.lines())
    if "voice" in what:
        printed(speaker.lines())
        printed(voice.lines())
    if "asking" in what:
        printed(asking.lines(bool(options.show)))
    if "interviewer" in what:
        printed(interviewer.lines(options.seeds, options.show))
    if not {"cost", "quality"} & set(what):
        return
    knowledge = Knowledge(get_rubric())
    shared = os.environ.get("SEVENSTEP_SHARED")
    if "cost" in what:
        printed(cost.lines(knowledge, options.files))
    if "quality" in what:
        printed(quality.lines(knowledge, Path(shared, "corpus") if shared else None))


def printed(lines) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
