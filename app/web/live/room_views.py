"""A live room as its pages and live fragments show it to one person: turns with names, the document as it is read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from app.live.room import Room
from app.storage.log import Logged
from app.web.line import Fragment
from app.web.sessions import room_view
from app.web.templating import render
from app.web.views.room import RoomView, shown

WORD = re.compile(r"\w+\Z")
WORD_ON = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class LiveTurn:
    """`who` as the reader calls them, `badge` what they are here: never taken from what they call themselves."""

    n: int
    speaker: str
    who: str
    badge: str
    text: str
    at_ms: int
    tags: tuple[str, ...] = ()

    @property
    def clock(self) -> str:
        return shown(self.at_ms)


@dataclass(frozen=True, slots=True)
class MirrorPart:
    """A section of the candidate's document for those who read along; `changed` is what the latest save brought."""

    id: str
    title: str
    before: str
    changed: str
    after: str

    @property
    def is_empty(self) -> bool:
        return not (self.before or self.changed or self.after)


@dataclass(frozen=True, slots=True)
class LivePage:
    """`room` as everybody sees it; `panels` are the fragments of this seat, by target. `staff` is the cursor of the
    staff stream, None for who may not read it."""

    room: RoomView
    me: str
    name: str
    role: str
    turns: tuple[LiveTurn, ...]
    mirror: tuple[MirrorPart, ...]
    panels: dict[str, Markup]
    staff: tuple[int, str] | None = None
    leads: bool = False

    def panel(self, name: str) -> Markup:
        return self.panels.get(f"#{name}", Markup())


def live_turn(room: Room, number: int, event: Logged, reader: str) -> LiveTurn:
    """`reader` is the participant for whom it is drawn."""
    turn = room.session.turns[number]
    tags = [tag for tag, on in (("caption", turn.via == "caption"), ("late", turn.late)) if on]
    who, badge = _who(room, number, event.actor, reader)
    return LiveTurn(number, turn.speaker, who, badge, turn.text, turn.at_ms, tuple(tags))


def _who(room: Room, number: int, actor: str, reader: str) -> tuple[str, str]:
    session = room.session
    turn = session.turns[number]
    if actor == reader and turn.via != "caption":
        return "You", ""
    known = session.led.people.get(actor)
    name = turn.name or (known.name if known else "")
    if name:
        return name, turn.speaker
    by_model = any(w.turn == number and w.by == "model" for w in session.wordings)
    machine = "model" if by_model else "script"
    return turn.speaker.capitalize(), machine if turn.speaker == "interviewer" else ""


def spoken(room: Room) -> Iterator[tuple[int, Logged]]:
    """The number and the event of each turn."""
    return enumerate(event for event in room.main if event.type == "turn.committed")


def live_turns(room: Room, reader: str) -> tuple[LiveTurn, ...]:
    return tuple(live_turn(room, number, event, reader) for number, event in spoken(room))


def turn_fragment(room: Room, event: Logged, reader: str) -> Fragment:
    number = sum(e.type == event.type for e in room.main[: event.seq]) - 1
    turn = live_turn(room, number, event, reader)
    return {"target": "#log", "swap": "append", "html": render("live/_turn.html", turn=turn)}


def mirror(room: Room) -> tuple[MirrorPart, ...]:
    """The whole document; only the section that was saved last has changed words."""
    saves = [event for event in room.main if event.type == "document.updated"]
    latest = saves[-1] if saves else None
    return tuple(
        mirror_part(room, step.id, latest)
        if latest is not None and latest.body["section"] == step.id
        else MirrorPart(step.id, step.title, room.session.document.get(step.id, ""), "", "")
        for step in room.expectations.knowledge.rubric.steps
    )


def mirror_part(room: Room, section: str, event: Logged) -> MirrorPart:
    """The section as that save left it, with what it changed."""
    title = next(s.title for s in room.expectations.knowledge.rubric.steps if s.id == section)
    before = ""
    for earlier in reversed(room.main[: event.seq - 1]):
        if earlier.type == event.type and earlier.body["section"] == section:
            before = str(earlier.body["text"])
            break
    return MirrorPart(section, title, *changed(before, str(event.body["text"])))


def changed(before: str, now: str) -> tuple[str, str, str]:
    """What stands at both ends of the two, and between them what is new, by whole words."""
    longest = min(len(before), len(now))
    start = next((i for i in range(longest) if before[i] != now[i]), longest)
    end = next(
        (i for i in range(longest - start) if before[-1 - i] != now[-1 - i]), longest - start
    )
    stop = len(now) - end
    if start < stop:
        if WORD_ON.match(now, start) and (head := WORD.search(now[:start])):
            start = head.start()
        if WORD.search(now[:stop]) and (tail := WORD_ON.match(now, stop)):
            stop = tail.end()
    return now[:start], now[start:stop], now[stop:]


def mirror_fragment(room: Room, event: Logged) -> Fragment:
    part = mirror_part(room, str(event.body["section"]), event)
    html = render("live/_mirror.html", part=part)
    return {"target": f"#mirror-{part.id}", "swap": "morph", "html": html}


def live_page(
    room: Room,
    now: int,
    *,
    me: str,
    name: str,
    role: str,
    panels: list[Fragment],
    sees_staff: bool,
) -> LivePage:
    """The page at the latest events that this process has folded."""
    staff = (room.staff[-1].seq, room.staff[-1].eid) if room.staff else (0, "")
    return LivePage(
        room=room_view(room, room.interviewer.persona.title, now),
        me=me,
        name=name,
        role=role,
        turns=live_turns(room, me),
        mirror=mirror(room) if role != "candidate" else (),
        panels={panel["target"]: Markup(panel["html"]) for panel in panels},
        staff=staff if sees_staff else None,
        leads=role == "interviewer",
    )
