"""`sevenstep fake-llm`: a server on loopback that speaks the protocol of a model endpoint."""

import argparse
import sys

from app.commands.files import read_input
from app.errors import CannotStart
from app.fake_llm.faults import FAULTS

HELP = "a model server on loopback, for trying the flow and what goes wrong in it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8001, metavar="N", help="0 takes a free one")
    parser.add_argument("--script", metavar="FILE", help="the first replies, one on each line")
    parser.add_argument("--faults", action="store_true", help="list what can go wrong")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="varies words and votes")
    parser.add_argument(
        "--pace", type=_pace, default=15.0, metavar="N", help="words a second, 0 all at once"
    )


def _pace(text: str) -> float:
    pace = float(text)
    if not 0 <= pace <= 1000:
        raise argparse.ArgumentTypeError("0 to 1000 words a second")
    return pace


def run(options: argparse.Namespace) -> int:
    if options.faults:
        sys.stdout.write("".join(f"{kind}\t{fault.about}\n" for kind, fault in FAULTS.items()))
        return 0
    from app.fake_llm.desk import Desk, lines_of
    from app.fake_llm.server import address, listen, serve

    desk = Desk(options.seed, options.pace)
    if options.script:
        _, data = read_input(options.script)
        try:
            desk.add_script(lines_of(data.decode("utf-8", "replace")))
        except ValueError as error:
            raise CannotStart(f"{options.script}: {error}") from error
    try:
        opened = listen(options.port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotStart(f"Cannot listen on port {options.port}: {reason}.") from error
    with opened:
        ready = f"fake-llm is ready at {address(opened.getsockname()[1])}\n"
        serve(desk, opened, ready)
    return 0
