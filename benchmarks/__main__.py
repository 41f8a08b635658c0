"""`python -m benchmarks [cost|asking|interviewer|turns|voice|quality|log|bank|rooms|storm|faults] [--files N]
[--seeds N] [--show N] [--rooms N] [--seconds N] [--clients N] [--runs N]`.

`make bench` prints all; the last three need the machine for themselves, and `faults` an hour.
"""

import argparse
import os
import sys
from pathlib import Path

from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from benchmarks import (
    asking,
    bank,
    cost,
    faults,
    interviewer,
    log,
    quality,
    rooms,
    speaker,
    storm,
    turns,
    voice,
)

EVERYTHING = (
    *("cost", "quality", "asking", "interviewer", "turns", "voice", "log", "bank"),
    *("rooms", "storm", "faults"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        metavar="|".join(EVERYTHING),
        help="default: all",
    )
    parser.add_argument("--files", type=int, default=cost.FILES, help="size of the folder to score")
    parser.add_argument("--seeds", type=int, default=interviewer.SEEDS, help="of each candidate")
    parser.add_argument("--show", type=int, default=0, help="print so many findings of misconduct")
    parser.add_argument("--rooms", type=int, default=rooms.ROOMS, help="live at once")
    parser.add_argument("--seconds", type=float, default=rooms.SECONDS, help="of talk in them")
    parser.add_argument("--clients", type=int, default=storm.CLIENTS, help="that come back at once")
    parser.add_argument("--runs", type=int, default=faults.RUNS, help="of each fault")
    options = parser.parse_args()
    what = options.what or EVERYTHING
    if "log" in what:
        printed(log.lines())
    if "bank" in what:
        printed(bank.lines())
    if "turns" in what:
        printed(turns.lines())
    if "voice" in what:
        printed(speaker.lines())
        printed(voice.lines())
    if "asking" in what:
        printed(asking.lines(bool(options.show)))
    if "interviewer" in what:
        printed(interviewer.lines(options.seeds, options.show))
    if "rooms" in what:
        printed(rooms.lines(options.rooms, options.seconds))
    if "storm" in what:
        printed(storm.lines(options.clients))
    if "faults" in what:
        printed(faults.lines(options.runs))
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
