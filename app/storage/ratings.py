"""Who gave which levels in live sessions that are over: the raters' own marks, and the machine's beside them."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import select
from sqlmodel import Session, col

from app.interview.events import Marked
from app.storage.log import STAFF
from app.storage.tables import EventRow, ParticipantRow, PersonRow, ReportRow, SessionRow

RaterKind = Literal["person", "offline", "llm"]


@dataclass(frozen=True, slots=True)
class GivenLevels:
    """One rater's levels in one session. `at` (ms) is when the first of its people gave theirs."""

    session: str
    rater: str
    kind: RaterKind
    at: int
    levels: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class _Blind:
    session: str
    person: str | None
    name: str
    at: int
    levels: dict[str, float | None]

    @property
    def who(self) -> str:
        return f"person:{self.person}" if self.person else f"name:{self.name}"


def levels_given(db: Session) -> list[GivenLevels]:
    """Of every session that somebody marked, in the order in which the first marks came: people, then the machine."""
    blind = list(_blind(db))
    by_session: dict[str, list[_Blind]] = defaultdict(list)
    for one in blind:
        by_session[one.session].append(one)
    names = _names(blind)
    machine = _by_machine(db, by_session)
    found: list[GivenLevels] = []
    for session, marks in by_session.items():
        at = marks[0].at
        seen: Counter[str] = Counter()
        for one in marks:
            seen[one.who] += 1
            if seen[one.who] > 1 and one.person:
                continue  # from a second browser; the first marks are the blind ones
            again = f" ({seen[one.who]})" if seen[one.who] > 1 else ""
            found.append(
                GivenLevels(session, names[one.who] + again, "person", at, one.levels),
            )
        found += [
            GivenLevels(session, rater, kind, at, levels)
            for rater, kind, levels in machine.get(session, ())
        ]
    return found


def _blind(db: Session) -> Iterable[_Blind]:
    """Names are those that the house knows people by, where it does."""
    of = (
        select(
            col(EventRow.session),
            col(EventRow.at),
            col(EventRow.body),
            col(ParticipantRow.person_id),
            col(PersonRow.name),
        )
        .join(SessionRow, col(SessionRow.id) == col(EventRow.session))
        .outerjoin(ParticipantRow, col(ParticipantRow.id) == col(EventRow.actor))
        .outerjoin(PersonRow, col(PersonRow.id) == col(ParticipantRow.person_id))
        .where(
            col(SessionRow.mode) == "live",
            col(SessionRow.state) == "ended",
            col(EventRow.stream) == STAFF,
            col(EventRow.type) == Marked.type,
        )
        .order_by(col(EventRow.at), col(EventRow.session), col(EventRow.seq))
    )
    for session, at, body, person, known_as in db.execute(of):
        marked = json.loads(body)
        if marked["stage"] == "blind":
            yield _Blind(session, person, known_as or marked["name"], at, marked["levels"])


def _names(blind: Iterable[_Blind]) -> dict[str, str]:
    """Two people of one name are told apart by a number, in the order in which they came."""
    names: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for one in blind:
        if one.who not in names:
            taken[one.name] += 1
            count = taken[one.name]
            names[one.who] = one.name if count == 1 else f"{one.name} #{count}"
    return names


def _by_machine(
    db: Session, sessions: Iterable[str]
) -> dict[str, list[tuple[str, RaterKind, dict[str, float | None]]]]:
    """The report of each session and the latest second opinion beside it, as far as they could be scored."""
    wanted = select(col(SessionRow.id), col(SessionRow.report_id)).where(
        col(SessionRow.id).in_(sorted(sessions)), col(SessionRow.report_id).is_not(None)
    )
    session_of = {report: session for session, report in db.execute(wanted)}
    if not session_of:
        return {}
    reports = sorted(session_of)
    of = (
        select(col(ReportRow.id), col(ReportRow.beside), col(ReportRow.content))
        .where(
            col(ReportRow.scorable),
            col(ReportRow.id).in_(reports) | col(ReportRow.beside).in_(reports),
        )
        .order_by(col(ReportRow.created_at), col(ReportRow.id))
    )
    latest: dict[tuple[str, str], tuple[str, RaterKind, dict[str, float | None]]] = {}
    for id, beside, content in db.execute(of):
        report = json.loads(content)
        kind = cast(RaterKind, report["rater"]["kind"])
        levels = {step["id"]: step["level"] for step in report["steps"]}
        latest[session_of[beside or id], kind] = (report["rater"]["name"], kind, levels)
    found: dict[str, list[tuple[str, RaterKind, dict[str, float | None]]]] = defaultdict(list)
    for (session, _), given in sorted(latest.items(), key=lambda pair: pair[0][1], reverse=True):
        found[session].append(given)
    return found
