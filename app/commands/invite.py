"""`sevenstep invite`: links by which people are known by name, who was invited, and taking it back."""

import argparse
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.settings import database_url

if TYPE_CHECKING:
    from app.storage.people import Person

HELP = "invite people by name, list them, or take an invitation back"
ROLES = ("curator", "interviewer", "admin")
WAY_IN = "http://127.0.0.1:8000"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("role", nargs="?", choices=ROLES)
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("--list", action="store_true", help="who was invited")
    parser.add_argument("--revoke", metavar="ID", help="from now on it opens nothing")
    parser.add_argument("--database", metavar="URL", help="a database URL or a file for SQLite")
    parser.add_argument(
        "--host-url",
        metavar="URL",
        default=WAY_IN,
        help="the address under which they reach the service",
    )
    parser.set_defaults(usage_error=parser.error)


def run(options: argparse.Namespace) -> int:
    """Also while the service runs: it looks at every request. Exits 2 where not exactly one thing is wanted."""
    wanted = (options.role is not None, options.list, options.revoke is not None)
    if sum(wanted) != 1 or (options.role is not None) != (options.name is not None):
        options.usage_error("give a role and a NAME, or --list, or --revoke ID")
    from app.storage.db import migrate, open_database, transaction
    from app.storage.people import invite, list_people, revoke_person

    engine = open_database(database_url(options.database or os.environ.get("SEVENSTEP_DATABASE")))
    migrate(engine)
    now = datetime.now(UTC)
    aside = ""
    with transaction(engine) as db:
        if options.list:
            said = "".join(f"{line(person)}\n" for person in list_people(db))
        elif options.revoke is not None:
            said = f"{revoke_person(db, options.revoke, now).name} is not let in any more.\n"
        else:
            person, secret = invite(db, options.role, options.name, now)
            said = f"{options.host_url.rstrip('/')}/enter#{secret}\n"
            aside = (
                f"For {person.name}, {person.role}: this link is shown once. Take it back with "
                f"--revoke {person.id}.\n"
            )
    engine.dispose()
    sys.stdout.write(said)
    sys.stderr.write(aside)
    return 0


def line(person: "Person") -> str:
    since = f"since {person.created_at:%Y-%m-%d}"
    state = "revoked" if person.revoked_at else since
    return f"{person.id}\t{person.role}\t{person.name}\t{state}"
