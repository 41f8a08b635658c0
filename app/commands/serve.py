"""`sevenstep serve`: start the service."""

import argparse

HELP = "start the service"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--database", metavar="URL")
    parser.add_argument("--token", metavar="TOKEN")


def run(options: argparse.Namespace) -> int:
    from app.main import serve

    return serve(options)
