"""Past sessions as the list shows them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.storage.log import SessionLine

STATUS = {"draft": "not begun", "running": "running", "paused": "paused", "ended": "finished"}
OFFER = {
    "draft": "begin",
    "running": "go on",
    "paused": "go on where it stopped",
    "ended": "see the marks",
}


@dataclass(frozen=True, slots=True)
class ListedSession:
    """`overall` is None where there is no report yet."""

    id: str
    href: str
    title: str
    at: datetime
    mode: str
    length: str
    status: str
    offer: str
    overall: float | None


def listed(line: SessionLine, overall: float | None) -> ListedSession:
    minutes = line.about.minutes
    ended = line.state == "ended"
    return ListedSession(
        line.id,
        f"/sessions/{line.id}/report" if ended and line.report_id else f"/sessions/{line.id}",
        line.about.title,
        datetime.fromtimestamp(line.created_at / 1000, UTC),
        line.about.mode,
        f"{minutes} min" if minutes else "no clock",
        STATUS.get(line.state, line.state),
        "report" if line.report_id else OFFER.get(line.state, ""),
        overall,
    )
