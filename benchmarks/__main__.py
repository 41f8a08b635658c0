"""`python -m benchmarks [cost|quality] [--files N]`; `make bench` prints both."""

import argparse
import os
import sys
from pathlib import Path

from app.rubric.shelf import get_rubric
from app.scoring.knowledge import Knowledge
from benchmarks import cost, quality


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="cost|quality", help="default: both")
    parser.add_argument("--files", type=int, default=cost.FILES, help="size of the folder to score")
    options = parser.parse_args()
    what = options.what or ["cost", "quality"]
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
