"""What each write to the log asks of the database, statement by statement; a backend runs the statements.

A step yields SQL with its values and is sent the rows, so that SQLite's thread and PostgreSQL's
coroutine go through the very same transaction. Placeholders are `?`; FOR UPDATE is for PostgreSQL.
"""

import json
import secrets
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

from app.errors import Conflict, NotFound, Unavailable
from app.storage.log import MAIN, About, Decide, Decision, Draft, Known, Logged, Receipt

T = TypeVar("T")
Ask = tuple[str, Sequence[Any]]
Rows = list[tuple[Any, ...]]
Steps = Generator[Ask, Rows, T]

GONE = "This session is not here; it may have been deleted."
TAKEN = "The same command was sent before with another content."

EVENT = "session, stream, seq, eid, at, type, v, actor, cmd, body"
LOCK = "SELECT head_main, head_staff, last_at FROM session WHERE id = ? FOR UPDATE"
OF_COMMAND = (
    f"SELECT {EVENT}, digest FROM event "
    "WHERE session = ? AND actor = ? AND cmd = ? ORDER BY actor, cmd, part"
)
NEWER = (
    f"SELECT {EVENT} FROM event WHERE session = ? "
    "AND ((stream = 'main' AND seq > ?) OR (stream = 'staff' AND seq > ?)) ORDER BY pos"
)
INSERT = f"INSERT INTO event ({EVENT}, pos, part, digest) VALUES "
VALUES = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
MOVE = (
    "UPDATE session SET head_main = ?, head_staff = ?, last_at = ?, state = ?, due_at = ? "
    "WHERE id = ?"
)
MADE_OF = (
    "SELECT report.id, report.transcript_id FROM report "
    "JOIN session ON session.report_id = report.id WHERE session.id = ?"
)
FORGET_WORDS = (  # unless another version was made from them
    "DELETE FROM transcript WHERE id = ? "
    "AND NOT EXISTS (SELECT 1 FROM report WHERE transcript_id = ?)"
)
CREATE = (
    "INSERT INTO session (id, created_at, slug, title, mode, persona, minutes, question_sha256, "
    "state, head_main, head_staff, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?) "
    "ON CONFLICT (id) DO NOTHING RETURNING id"
)


class Command:
    """One call to the log. Its eids stay the same when the transaction is tried again.

    A connection that breaks while it commits leaves open whether it did. The next try takes the
    session's lock, which waits for the broken transaction, and finds its events by their eids.
    """

    def __init__(self, session: str, actor: str, cmd: str | None, digest: bytes) -> None:
        self.session = session
        self.actor = actor
        self.cmd = cmd
        self.digest = digest
        self.eids: list[str] = []

    def eid(self, part: int) -> str:
        while len(self.eids) <= part:
            self.eids.append(secrets.token_hex(16))
        return self.eids[part]


def creating(
    command: Command, about: About, first: Decision, now: Callable[[], int]
) -> Steps[Receipt]:
    begun = first.drafts[0].at if first.drafts else None
    at = now() if begun is None else begun
    values = (
        command.session,
        at,
        about.slug,
        about.title,
        about.mode,
        about.persona,
        about.minutes,
        about.question_sha256,
        first.state,
        at,
    )
    if not (yield CREATE, values):
        done = yield from earlier(command)
        if done is None:
            raise Conflict("There is a session with this id already.")
        return done
    return Receipt((yield from storing(command, first, (0, 0), at)))


def appending(
    command: Command, decide: Decide, known: Known, now: Callable[[], int]
) -> Steps[Receipt]:
    found = yield LOCK, (command.session,)
    if not found:
        raise NotFound(GONE)
    main, staff, last_at = found[0]
    done = yield from earlier(command)
    if done is not None:
        return done
    newer: tuple[Logged, ...] = ()
    if known != (main, staff):
        if known[0] > main or known[1] > staff:
            raise Unavailable("The session has lost its latest events; load it again.")
        newer = tuple(map(logged, (yield NEWER, (command.session, *known))))
    at = max(last_at, now())
    decision = decide(newer, at)
    if not decision.drafts:
        return Receipt((), newer=newer)
    events = yield from storing(command, decision, (main, staff), at)
    return Receipt(events, newer=newer)


def earlier(command: Command) -> Steps[Receipt | None]:
    """What this command led to before, by this very call or by an earlier one."""
    if command.eids:
        first = f"SELECT {EVENT} FROM event WHERE session = ? ORDER BY pos"
        rows = yield first, (command.session,)
        ours = tuple(event for event in map(logged, rows) if event.eid in command.eids)
        if ours:
            return Receipt(ours)
    if command.cmd is None:
        return None
    rows = yield OF_COMMAND, (command.session, command.actor, command.cmd)
    if not rows:
        return None
    if bytes(rows[0][-1]) != command.digest:
        raise Conflict(TAKEN)
    return Receipt(tuple(map(logged, rows)), dup=True)


def storing(
    command: Command, decision: Decision, heads: Known, at: int
) -> Steps[tuple[Logged, ...]]:
    """Numbers the drafts, writes them, and moves the session on."""
    main, staff = heads
    events: list[Logged] = []
    values: list[Any] = []
    for part, draft in enumerate(decision.drafts):
        if draft.stream == MAIN:
            main += 1
        else:
            staff += 1
        seq = main if draft.stream == MAIN else staff
        at = at if draft.at is None else max(at, draft.at)
        event = numbered(command, draft, seq, command.eid(part), at)
        events.append(event)
        body = json.dumps(draft.body, allow_nan=False, separators=(",", ":"))
        digest = command.digest if command.cmd is not None else None
        values += (event.session, event.stream, seq, event.eid, at, event.type, event.v)
        values += (event.actor, event.cmd, body, main + staff, part, digest)
    yield INSERT + ", ".join([VALUES] * len(events)), values
    yield MOVE, (main, staff, at, decision.state, decision.due_at, command.session)
    return tuple(events)


def numbered(command: Command, draft: Draft, seq: int, eid: str, at: int) -> Logged:
    return Logged(
        command.session,
        draft.stream,
        seq,
        eid,
        at,
        draft.type,
        draft.v,
        command.actor,
        command.cmd,
        draft.body,
    )


def logged(row: tuple[Any, ...]) -> Logged:
    fields = (*row[:9], json.loads(row[9]))
    return Logged(*fields)


def deleting(session: str, *, again: bool = False) -> Steps[None]:
    """The triggers let events go only from a session that says it is being deleted. The report goes in the same
    transaction: one that is just being made waits for the lock, and then has no session to be linked to."""
    if not (yield LOCK, (session,)) and not again:
        raise NotFound(GONE)
    made = yield MADE_OF, (session,)
    yield "UPDATE session SET state = 'deleting' WHERE id = ?", (session,)
    yield "DELETE FROM event WHERE session = ?", (session,)
    yield "DELETE FROM session WHERE id = ?", (session,)
    for report, words in made:
        yield "DELETE FROM report WHERE id = ?", (report,)
        yield "DELETE FROM report WHERE beside = ?", (report,)
        yield FORGET_WORDS, (words, words)


def asking(sql: str, *values: Any) -> Steps[Rows]:
    """A single statement."""
    return (yield sql, values)
