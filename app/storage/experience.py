"""What stored sessions say about questions: folded in one pass over their logs, some sessions at a time.

Turns are counted, never read. Whether a follow-up landed is read from the session's report as it was made: the scorer
is not asked again.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import func, select
from sqlalchemy.sql import ColumnElement
from sqlmodel import Session, col

from app.bank.experience import Experience, Gathering, Item, Seen
from app.interview.events import Chose, Ended, Marked, Spoke, Started
from app.storage.log import ENDED
from app.storage.private import LIVE
from app.storage.tables import ContentRow, EventRow, ReportRow, SessionRow

AT_ONCE = 100  # sessions
MOST = 5_000  # sessions, the newest: more would take longer than a page may
LEFT = 24 * 3_600_000  # ms without an event, after which a session that has not ended was left
PUSHES = ("press", "probe", "twist")
TOLD = ("answer", "assumption")
READ = (Started.type, Chose.type, Ended.type, Marked.type)


class Line(NamedTuple):
    """A session's row, as far as it is needed."""

    id: str
    slug: str
    mode: str
    state: str
    last_at: int
    question_sha256: str
    report_id: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Experienced:
    """By slug, questions that were used. `sessions` were looked at, `left_out` older ones were not."""

    by_slug: Mapping[str, Experience]
    sessions: int
    left_out: int

    def of(self, slug: str) -> Experience:
        return self.by_slug.get(slug) or Experience(slug)


def experience(
    db: Session, now: int, *, slugs: Collection[str] | None = None, most: int = MOST
) -> Experienced:
    """Of these questions, or of all. `now` (ms) tells a session that goes on from one that was left."""
    of = _wanted(slugs)
    total = db.scalar(select(func.count()).select_from(SessionRow).where(*of)) or 0
    found: dict[str, Gathering] = {}
    steps: dict[str, Mapping[Item, str]] = {}
    sessions = 0
    for lines in _batches(db, of, most):
        sessions += len(lines)
        for seen in _seen(db, lines, steps, now):
            found.setdefault(seen.slug, Gathering(seen.slug)).add(seen)
    by_slug = {slug: found[slug].experience() for slug in sorted(found)}
    return Experienced(by_slug, sessions, total - sessions)


def _wanted(slugs: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if slugs is None else [col(SessionRow.slug).in_(sorted(slugs))]


def _batches(db: Session, of: Sequence[ColumnElement[bool]], most: int) -> Iterator[Sequence[Line]]:
    """The newest first. Each begins after the last of the one before, so that a session that comes or goes meanwhile
    moves no other."""
    table = (col(SessionRow.created_at), col(SessionRow.id))
    wanted = select(*(getattr(SessionRow, name) for name in Line._fields)).where(*of)
    after: ColumnElement[bool] | None = None
    while most > 0:
        page = wanted if after is None else wanted.where(after)
        newest = page.order_by(table[0].desc(), table[1]).limit(min(AT_ONCE, most))
        lines = [Line(*row) for row in db.execute(newest)]
        if not lines:
            return
        yield lines
        most -= len(lines)
        last = lines[-1]
        after = (table[0] < last.created_at) | (
            (table[0] == last.created_at) & (table[1] > last.id)
        )


def _seen(
    db: Session, lines: Sequence[Line], steps: dict[str, Mapping[Item, str]], now: int
) -> Iterator[Seen]:
    """Of those that were begun."""
    ids = [line.id for line in lines]
    _learn(db, {line.question_sha256 for line in lines}, steps)
    turns = _turns(db, ids)
    reports = _reports(db, [line.report_id for line in lines if line.report_id])
    events = _events(db, ids)
    for line in lines:
        facts = steps[line.question_sha256]
        fold = Fold(reports.get(line.report_id or ""), turns.get(line.id, 0), facts)
        for type, at, body in events.get(line.id, ()):
            fold.take(type, at, body)
        if fold.begun_at is not None:
            goes_on = line.state != ENDED and line.last_at > now - LEFT
            is_finished = goes_on or (line.state == ENDED and fold.is_finished)
            yield fold.seen(line.slug, is_finished, is_live=line.mode == LIVE)


def _learn(db: Session, hashes: set[str], steps: dict[str, Mapping[Item, str]]) -> None:
    """fact -> its step, of each version of a question, once."""
    new = sorted(hashes - set(steps))
    steps.update(dict.fromkeys(new, {}))
    of = select(col(ContentRow.sha256), col(ContentRow.content)).where(
        col(ContentRow.sha256).in_(new)
    )
    for sha256, content in db.execute(of) if new else ():
        facts = json.loads(content).get("facts", ())
        steps[sha256] = {("fact", fact["id"]): fact["step"] for fact in facts}


def _turns(db: Session, ids: Sequence[str]) -> dict[str, int]:
    of = select(col(EventRow.session), func.count()).where(
        col(EventRow.session).in_(ids), col(EventRow.type) == Spoke.type
    )
    return {session: count for session, count in db.execute(of.group_by(col(EventRow.session)))}


def _reports(db: Session, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """report -> its steps, of those that could be scored."""
    of = select(col(ReportRow.id), col(ReportRow.content)).where(
        col(ReportRow.id).in_(ids), col(ReportRow.scorable)
    )
    return {id: json.loads(content)["steps"] for id, content in db.execute(of)} if ids else {}


def _events(db: Session, ids: Sequence[str]) -> dict[str, list[tuple[str, int, dict[str, Any]]]]:
    of = (
        select(col(EventRow.session), col(EventRow.type), col(EventRow.at), col(EventRow.body))
        .where(col(EventRow.session).in_(ids), col(EventRow.type).in_(READ))
        .order_by(col(EventRow.session), col(EventRow.pos))
    )
    found: dict[str, list[tuple[str, int, dict[str, Any]]]] = defaultdict(list)
    for session, type, at, body in db.execute(of):
        found[session].append((type, at, json.loads(body)))
    return found


class Fold:
    """One session, event by event. A push has landed where evidence of its criterion stands in what was said after it
    and before the next push; the document, whose numbers follow those of the turns, has no time."""

    def __init__(
        self, steps: list[dict[str, Any]] | None, turns: int, facts: Mapping[Item, str]
    ) -> None:
        self.begun_at: int | None = None
        self.is_finished = True
        self._steps, self._turns, self._own_step = steps, turns, facts
        self._facts: set[str] = set()
        self._twists: set[str] = set()
        self._pushes: list[tuple[int, str, str]] = []  # turn, follow-up, criterion
        self._finals: dict[str, dict[str, float | None]] = {}  # by rater

    def take(self, type: str, at: int, body: Mapping[str, Any]) -> None:
        if type == Started.type:
            self.begun_at = at if self.begun_at is None else self.begun_at
        elif type == Ended.type:
            self.is_finished = body.get("reason") != "abandoned"
        elif type == Marked.type and body["stage"] == "final":
            self._finals[body["rater"]] = body["levels"]
        elif type == Chose.type and body.get("turn") is not None:
            self._chose(body)

    def _chose(self, body: Mapping[str, Any]) -> None:
        if body["kind"] in TOLD:
            self._facts.update(body.get("facts", ()))
        if body["kind"] in PUSHES:
            self._pushes.append(
                (body["turn"], body.get("follow_up") or "", body.get("criterion") or "")
            )
        if body.get("twist"):
            self._twists.add(body["twist"])

    def seen(self, slug: str, is_finished: bool, *, is_live: bool) -> Seen:
        steps = self._steps or []
        step_of = {mark["id"]: step["id"] for step in steps for mark in step["criteria"]}
        levels = {step["id"]: step["level"] for step in steps if step["level"] is not None}
        spent = {step["id"]: step["seconds"] for step in steps if step["seconds"] is not None}
        own = dict(self._own_step) | {
            ("follow-up", id): step_of[criterion]
            for _, id, criterion in self._pushes
            if id and criterion in step_of
        }
        return Seen(
            slug,
            self.begun_at or 0,
            is_finished,
            facts=frozenset(self._facts),
            pressed=self._landed(steps),
            twists=frozenset(self._twists),
            own_step=cast(Mapping[Item, str], own),
            levels=levels,
            people=self._people(),
            minutes={step: seconds / 60 for step, seconds in spent.items()},
            has_report=self._steps is not None,
            is_live=is_live,
        )

    def _landed(self, steps: list[dict[str, Any]]) -> dict[str, bool | None]:
        said = {
            mark["id"]: [evidence["turn"] for evidence in mark["evidence"]]
            for step in steps
            for mark in step["criteria"]
        }
        found: dict[str, bool | None] = {}
        ends = [*(turn for turn, _, _ in self._pushes[1:]), self._turns]
        for (turn, id, criterion), until in zip(self._pushes, ends, strict=bool(self._pushes)):
            if id:
                landed = any(turn < at < until for at in said.get(criterion, ()))
                found[id] = (found.get(id) or landed) if self._steps is not None else None
        return found

    def _people(self) -> dict[str, float]:
        """The mean of the raters' final levels."""
        given: dict[str, list[float]] = defaultdict(list)
        for levels in self._finals.values():
            for step, level in levels.items():
                if level is not None:
                    given[step].append(level)
        return {step: sum(levels) / len(levels) for step, levels in given.items()}
