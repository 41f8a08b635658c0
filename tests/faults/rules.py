"""What a whole service's log means: the interview's own fold, and whom its interviewer answers."""

from app.interview.events import event_of
from app.interview.session import fold
from tests.faults.checker import Rules


def folded(events):
    session = fold(
        (event, logged.at)
        for logged in events
        if (event := event_of(logged.type, dict(logged.body))) is not None
    )
    return session.state, session.clock.due_at


RULES = Rules(
    fold=folded,
    answered=lambda e: (
        str(e.body["answers"])
        if e.type == "move.chosen" and e.body.get("answers") is not None
        else None
    ),
)
