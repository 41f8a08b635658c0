"""The service with a fault built in, so that the checker is known to notice it in a live room, or less patient than
it is: `python -m tests.faults.faulty NAME serve ...`."""

import sys
import time
from unittest.mock import patch

from app.cli import main
from app.live.rooms import Rooms
from app.storage import sqlite_log
from app.storage.sqlite_log import SqliteLog
from app.web import line

IMPATIENT = 2.0  # seconds for a page to take what it is sent
HELD = 0.6  # seconds for which what was acknowledged is not on the disk
begun = [0.0]


def answers_before_it_commits(log, batch):
    """Many batches share a transaction, and each is answered before it is over."""
    db = log._writer
    if not db.in_transaction:
        db.execute("BEGIN IMMEDIATE")
        begun[0] = time.monotonic()
    for waiting in batch:
        try:
            waiting.result = sqlite_log.run(db, waiting.steps)
        except Exception as error:
            waiting.error = sqlite_log.said(error)
    if time.monotonic() - begun[0] > HELD:
        db.execute("COMMIT")


async def does_not_look(rooms):
    """What no wake has told is never found."""


FAULTS = {
    "acknowledges-first": patch.object(SqliteLog, "_commit", answers_before_it_commits),
    "impatient": patch.object(line, "SEND_WITHIN", IMPATIENT),
    "hears-nothing": patch.object(Rooms, "_poll", does_not_look),
}

if __name__ == "__main__":
    with FAULTS[sys.argv[1]]:
        main(sys.argv[2:])
