"""`sevenstep serve`: start the service."""

import argparse

from app.settings import LOGS

HELP = "start the service"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    parser.add_argument("--database", metavar="URL", help="a database URL or a file for SQLite")
    parser.add_argument("--token", metavar="TOKEN", help="what a browser must show once")
    parser.add_argument(
        "--redis", metavar="URL", help="where several processes tell one another what is new"
    )
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes; more need PostgreSQL"
    )
    parser.add_argument("--log", choices=LOGS, help="the form of log lines")
    parser.add_argument(
        "--allow-anyone",
        action="store_true",
        help="listen beyond this machine without a token: everybody there can read everything",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name under which a proxy serves this, for instance practice.example.org",
    )


def run(options: argparse.Namespace) -> int:
    from app.serving import serve

    return serve(options)
