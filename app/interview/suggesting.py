"""The next good questions for a person who leads: what the script would press, and a few things more, each with why.

The same candidates as the script's (pressing.py), more of them, and never said for anybody. The order is by value and
then by what was authored, so that a list that is shown does not jump about while the candidate writes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from app.interview.coverage import Coverage, Raised
from app.interview.led import Led
from app.interview.pressing import EXPLAINED, TOUCHED, Press, Pressing, short
from app.interview.session import MINUTE, Session
from app.rubric.rubric import STEPS

MOST = 6
PRESSED = 2  # times after which a criterion is left alone
HEARD_MET, HEARD_PARTLY = 3, 1  # depths that a person's word stands for
SHORT_TIME, LAST_WORD = 5, 2  # minutes left at which the time may be said
LONGEST_WHY = 110  # characters
Kind = Literal["follow_up", "trap", "twist", "probe", "time"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`id` is that of the follow-up, trap or twist, `criterion:ID` for a probe, `time:...` for a word on the time: what
    is dismissed by it. `why` is a short clause, `text` the words to say."""

    id: str
    kind: Kind
    text: str
    why: str
    step: str | None = None
    criterion: str | None = None

    @property
    def follow_up(self) -> str | None:
        """What `Ask` names as its follow-up, so that it is not suggested again."""
        return self.id if self.kind in ("follow_up", "trap", "time") else None

    @property
    def twist(self) -> str | None:
        return self.id if self.kind == "twist" else None


def suggestions(
    pressing: Pressing, session: Session, coverage: Coverage, now: int, most: int = MOST
) -> tuple[Suggestion, ...]:
    """The most valuable first; none before the interview and after it."""
    if session.state not in ("running", "paused"):
        return ()
    heard = as_heard(coverage, session.led)
    found: list[tuple[int, Suggestion]] = [
        *_pressed(pressing, session, heard, now),
        *_twists(pressing, session, heard, now),
        *_times(pressing, session, heard, now),
        *_probes(pressing, session, heard, now),
    ]
    chosen: dict[str, Suggestion] = {}
    for _, suggestion in sorted(found, key=lambda ranked: ranked[0]):
        taken = suggestion.id in session.led.dismissed or suggestion.id in session.asked
        if not taken:
            chosen.setdefault(suggestion.criterion or suggestion.id, suggestion)
    return tuple(chosen.values())[:most]


def as_heard(coverage: Coverage, led: Led) -> Coverage:
    """The coverage as it stands with what people marked themselves: their word is above the scorer's."""
    if not led.covered and led.step is None:
        return coverage
    depths = dict(coverage.depths)
    for criterion, mark in led.covered.items():
        known = depths.get(criterion, 0)
        match mark.heard:
            case "met":
                depths[criterion] = max(known, HEARD_MET)
            case "partly":
                depths[criterion] = min(max(known, HEARD_PARTLY), EXPLAINED)
            case _:
                depths[criterion] = 0
    missed = {criterion for criterion, mark in led.covered.items() if mark.heard == "missed"}
    said = {raised.criterion for raised in coverage.raised}
    tapped = [
        Raised(criterion, HEARD_PARTLY, -1, "")
        for criterion, mark in led.covered.items()
        if mark.heard == "partly" and criterion not in said
    ]
    steps, step = dict(coverage.steps), coverage.step
    if led.step is not None and led.step.step is not None:
        step = led.step.step
        steps[step] = max(TOUCHED, steps.get(step, 0.0))
    return replace(
        coverage,
        depths=MappingProxyType(depths),
        possible=coverage.possible - missed,
        raised=(*tapped, *(r for r in coverage.raised if r.criterion not in missed)),
        steps=MappingProxyType(steps),
        step=step,
    )


# how much each is worth: the lower the number, the earlier it stands
TRAP, TIME, JUST_SAID, TWIST, LEFT_OUT, SAID, LESSER, PROBE = range(8)


def _pressed(
    pressing: Pressing, session: Session, heard: Coverage, now: int
) -> Iterator[tuple[int, Suggestion]]:
    rubric = pressing.rubric
    asked = pressing.own_question(session)
    for press in pressing.everything(session, heard, now):
        if press.reason == "trap" and press.id is not None:
            trap = next(t for t in pressing.question.traps if t.id == press.id)
            yield TRAP, Suggestion(press.id, "trap", press.ask, _cut(f"a trap: {trap.what}"))
            continue
        if press.criterion is None or _is_spent(session, press.criterion):
            continue
        step, criterion = rubric.criteria[press.criterion]
        if not criterion.core:
            rank = LESSER
        elif press.raised is None:
            rank = LEFT_OUT
        else:
            rank = JUST_SAID if press.raised.turn > asked else SAID
        text = press.ask or f'You said "{press.quote}". How would that work here?'
        yield (
            rank,
            Suggestion(
                press.id or f"criterion:{criterion.id}",
                "follow_up" if press.id else "probe",
                text,
                _cut(_why(pressing, session, press, now)),
                step.id,
                criterion.id,
            ),
        )


def _why(pressing: Pressing, session: Session, press: Press, now: int) -> str:
    assert press.criterion is not None
    step, criterion = pressing.rubric.criteria[press.criterion]
    said = short(press.raised.quote) if press.raised is not None else ""
    quoted = f': "{said}"' if said else ""
    match press.reason:
        case "mentioned":
            return f"named, not explained{quoted}"
        case "thin":
            return f"explained without a reason{quoted}"
        case _:
            core = "core, " if criterion.core else ""
            mark = session.led.covered.get(criterion.id)
            heard = "marked as missed" if mark is not None else "not heard yet"
            late = (
                f"; the time for {step.id} is over"
                if pressing.is_over(session, step.id, now)
                else ""
            )
            return f"{core}{heard}: {_lowered(criterion.title)}{late}"


def _is_spent(session: Session, criterion: str) -> bool:
    return sum(move.criterion == criterion for move in session.moves) >= PRESSED


def _twists(
    pressing: Pressing, session: Session, heard: Coverage, now: int
) -> Iterator[tuple[int, Suggestion]]:
    twist = pressing.twist_due(session, heard, now)
    if twist is not None:
        tests = [pressing.rubric.criteria[id][1].title for id in twist.tests[:2]]
        why = _cut(f"its moment has come; it tests {' and '.join(map(_lowered, tests))}")
        yield TWIST, Suggestion(twist.id, "twist", " ".join(twist.says.split()), why)


def _times(
    pressing: Pressing, session: Session, heard: Coverage, now: int
) -> Iterator[tuple[int, Suggestion]]:
    left = session.clock.left(now)
    if left is None or session.state == "draft":
        return
    if left <= LAST_WORD * MINUTE:
        text = "We are almost out of time. What would you still like to say?"
        yield TIME, Suggestion("time:last", "time", text, "the last minutes")
        return
    if left <= SHORT_TIME * MINUTE:
        text = "We have about five minutes left."
        yield TIME, Suggestion("time:short", "time", text, "about five minutes are left")
    step = heard.step
    if step not in STEPS or heard.steps.get(step, 0.0) < pressing.budget(session, step) * 60:
        return
    later = STEPS[STEPS.index(step) + 1 :]
    bare = [other for other in later if heard.steps.get(other, 0.0) < TOUCHED]
    if bare:
        text = f"Let us leave {step} there and go on to {bare[0]}."
        why = f"{step} has had its time; nothing of {bare[0]} yet"
        yield TIME, Suggestion(f"time:{step}", "time", text, why, step)


def _probes(
    pressing: Pressing, session: Session, heard: Coverage, now: int
) -> Iterator[tuple[int, Suggestion]]:
    """The rubric's own questions, for core criteria for which the question has none left."""
    steps = pressing.open_steps(session, heard, now)
    for criterion in pressing.absent(heard, steps):
        if not criterion.core or not criterion.probes or _is_spent(session, criterion.id):
            continue
        used = sum(move.criterion == criterion.id for move in session.moves)
        press = Press(criterion.id, None, criterion.probes[used % len(criterion.probes)], "missing")
        step = pressing.rubric.criteria[criterion.id][0]
        yield (
            PROBE,
            Suggestion(
                f"criterion:{criterion.id}",
                "probe",
                press.ask,
                _cut(_why(pressing, session, press, now)),
                step.id,
                criterion.id,
            ),
        )


def _lowered(title: str) -> str:
    first = title.split()[0]
    return title if first.isupper() else title[:1].lower() + title[1:]


def _cut(text: str) -> str:
    """Whole words only."""
    text = text.rstrip(".")
    return text if len(text) <= LONGEST_WHY else f"{text[:LONGEST_WHY].rsplit(' ', 1)[0]} ..."
