"""What may never happen to a session, whatever fails. Each violation is a sentence that begins with its number.

I1  an acknowledged command is in the log, once, where the acknowledgement says
I2  a refused command is not in the log; one without an answer is there once or not at all
I3  a stream is numbered 1 to head without a gap, its head is the session's, its time never falls
I4  what a client got is the log of its streams from the beginning: nothing twice, missing, changed or not for it
I5  a client that was promised everything got everything
I6  a session ends once, not before it was due, not never, and says so
I7  state and deadline stored with the session are those its events add up to
I8  the database finds itself in order
I9  an interviewer answers a turn once, and every turn it should
I10 what one client was acknowledged stands in the log in the order in which the client sent it
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.storage.log import ENDED, MAIN, Logged
from tests.faults.history import History, Key, Stored, place, telling

LATE = 5_000  # ms after which what was due must have ended, with a service there

Fold = Callable[[Sequence[Logged]], tuple[str, int | None]]


@dataclass(frozen=True)
class Rules:
    """What the log does not know of the domain. `asked` and `answered` name the turn an event belongs to."""

    fold: Fold | None = None
    is_end: Callable[[Logged], bool] = lambda event: event.type == "session.ended"
    is_expiry: Callable[[Logged], bool] = lambda event: event.body.get("reason") == "expired"
    asked: Callable[[Logged], str | None] = lambda event: None
    answered: Callable[[Logged], str | None] = lambda event: None
    in_order: bool = (
        True  # each client sends one command after the other, and again only what it sent last
    )


def check(history: History, sessions: Sequence[Stored], rules: Rules | None = None) -> list[str]:
    rules = rules or Rules()
    found = [*commands(history, sessions)]
    for session in sessions:
        found += numbering(session)
        if rules.in_order:
            found += ordering(history, session)
        found += endings(session, rules)
        found += answers(session, rules)
        if rules.fold:
            found += folding(session, rules.fold)
    found += reading(history, {session.session: session for session in sessions})
    return found


def commands(history: History, sessions: Sequence[Stored]) -> Iterator[str]:
    led_to: dict[Key, list[Logged]] = defaultdict(list)
    for session in sessions:
        for event in session.events:
            if event.cmd is not None:
                led_to[event.session, event.actor, event.cmd].append(event)
    for key, answered in history.answers.items():
        there = [place(event) for event in led_to[key]]
        for places in answered:
            if places != there:
                yield f"I1 {key} was acknowledged at {places} and is at {there}"
    for key, anchors in history.anchors.items():
        main = [(event.seq, event.eid) for event in led_to[key] if event.stream == MAIN]
        last = main[-1] if main else (None, None)
        if not led_to[key] or any(anchor != last for anchor in anchors):
            yield f"I1 {key} was acknowledged at {anchors} and is at {last}"
    for key, parts in history.sent.items():
        if key in history.fail and led_to[key]:
            yield f"I2 {key} was refused and is in the log"
        elif not history.is_acked(key) and len(led_to[key]) not in (0, parts):
            yield f"I2 {key} has {len(led_to[key])} events of {parts}"
    for key in set(led_to) - set(history.sent):
        yield f"I2 {key} was never sent"


def numbering(session: Stored) -> Iterator[str]:
    head = session.head
    known = {"main": (head.main, head.main_eid), "staff": (head.staff, head.staff_eid)}
    for stream, (last, eid) in known.items():
        events = session.of(stream)
        if [event.seq for event in events] != list(range(1, last + 1)):
            yield f"I3 {session.session} {stream} is not numbered from 1 to {last}"
        elif events and events[-1].eid != eid:
            yield f"I3 {session.session} {stream} ends with another event than its head says"
    times = [event.at for event in session.events]
    if times != sorted(times) or (times and times[-1] != head.last_at):
        yield f"I3 {session.session} has a time that falls"
    if len({event.eid for event in session.events}) != len(times):
        yield f"I3 {session.session} has two events of one id"


def ordering(history: History, session: Stored) -> Iterator[str]:
    first: dict[Key, int] = {}
    for n, event in enumerate(session.events):
        if event.cmd is not None:
            first.setdefault((event.session, event.actor, event.cmd), n)
    latest: dict[str, int] = {}
    for key in history.sent:
        if key in first and history.is_acked(key):
            if first[key] < latest.get(key[1], 0):
                yield f"I10 {key} was sent after what stands behind it"
            latest[key[1]] = first[key]


def endings(session: Stored, rules: Rules) -> Iterator[str]:
    ends = [n for n, event in enumerate(session.events) if rules.is_end(event)]
    if len(ends) != (session.head.state == ENDED):
        yield f"I6 {session.session} is {session.head.state} and ended {len(ends)} times"
    due = session.head.due_at
    if due is not None and session.looked_at is not None and session.looked_at > due + LATE:
        yield f"I6 {session.session} was due at {due} and runs at {session.looked_at}"
    for n in ends:
        event = session.events[n]
        if rules.fold and rules.is_expiry(event):
            due = rules.fold(session.events[:n])[1]
            if due is None or event.at < due:
                yield f"I6 {session.session} ended at {event.at} and was due at {due}"


def folding(session: Stored, fold: Fold) -> Iterator[str]:
    kept, folded = (session.head.state, session.head.due_at), fold(session.events)
    if kept != folded:
        yield f"I7 {session.session} is kept as {kept} and adds up to {folded}"


def answers(session: Stored, rules: Rules) -> Iterator[str]:
    asked = {turn for event in session.events if (turn := rules.asked(event)) is not None}
    answered = Counter(
        turn for event in session.events if (turn := rules.answered(event)) is not None
    )
    for turn, times in answered.items():
        if times > 1:
            yield f"I9 {session.session} turn {turn} was answered {times} times"
    for turn in asked - set(answered):
        yield f"I9 {session.session} turn {turn} was not answered"


def reading(history: History, sessions: dict[str, Stored]) -> Iterator[str]:
    for number, reader in enumerate(history.readers):
        session = sessions[reader.session]
        known = {place(event): telling(event) for event in session.events}
        for at, told in zip(reader.got, reader.told, strict=False):
            if at in known and told != known[at]:
                yield f"I4 reader {number} was told {at} otherwise than it is"
        for stream in {stream for stream, _, _ in reader.got} - set(reader.streams):
            yield f"I4 reader {number} got events of {stream}"
        for stream in reader.streams:
            log = [place(event) for event in session.of(stream)]
            got = [one for one in reader.got if one[0] == stream]
            if got != log[: len(got)]:
                yield f"I4 reader {number} did not get {stream} as it is"
            wanted = len(log) if reader.promised is None else reader.promised[stream]
            if reader.is_drained and len(got) < wanted:
                yield f"I5 reader {number} got {len(got)} of {wanted} of {stream}"


def sqlite_in_order(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        found = connection.execute("PRAGMA integrity_check").fetchall()
        found += connection.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        connection.close()
    return [f"I8 {row}" for row in found if row != ("ok",)]
