"""What a live page shows beside the conversation, drawn anew after anything has changed.

A part whose values are those of the last drawing keeps its HTML: turns come every few seconds, and most parts of most
drawings are as they were.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass

from app.interview.events import LiveRole
from app.interview.meters import leading, talk_ratio
from app.interview.suggesting import suggestions
from app.live.matrix import Cell, Row, matrix
from app.live.room import Room
from app.web.line import Fragment
from app.web.live.marks import has_marked, taps
from app.web.templating import render
from app.web.views.room import shown

LOOKED_AGAIN = 10_000  # ms after which what depends on the time alone is looked at again
MOST_QUICK = 8
OPENS = re.compile(
    r"\W*(?:(?:so|and|ok|okay|well)\W+)*(?:what|how|who|when|where|which|why|is|are|do|does|did|can|could|will)\b",
    re.IGNORECASE,
)
FEW_WORDS = 16  # of a question without its mark
SHORT_TITLE = 34  # characters of a criterion's title on a button
NEXT = {
    "met": ("partly", "missed", ""),
    "partly": ("met", "missed", ""),
    "not yet": ("met", "partly", "missed", ""),
    "missed": ("met", "partly", ""),
}
DRIVERS = (("human", "You"), ("script", "Script"), ("model", "Model"))
QUIET = {
    "candidate": "The interviewer does not speak; think and write as you like.",
    "interviewer": "The candidate was told that nobody speaks.",
    "observer": "Nobody speaks now.",
}


@dataclass(frozen=True, slots=True)
class Here:
    name: str
    role: str
    here: bool
    me: bool


@dataclass(frozen=True, slots=True)
class StepHead:
    """A step in the bar on top; `spent` are whole minutes."""

    id: str
    n: int
    title: str
    long: str
    budget: int
    spent: int
    is_now: bool
    is_set: bool
    set_by: str
    met: int
    of: int

    @property
    def over(self) -> bool:
        return self.spent > self.budget

    @property
    def fill(self) -> int:
        return round(100 * self.met / self.of)


@dataclass(frozen=True, slots=True)
class Mark:
    """A criterion; `next` is what a click marks it as, "" takes a mark back."""

    id: str
    title: str
    core: bool
    word: str
    source: str
    next: str
    quote: str = ""
    turn: int | None = None
    clock: str = ""

    @property
    def short(self) -> str:
        title = self.title
        if len(title) <= SHORT_TITLE:
            return title
        return title[:SHORT_TITLE].rsplit(" ", 1)[0].rstrip(",") + " ..."


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the coverage."""

    id: str
    title: str
    is_now: bool
    marks: tuple[Mark, ...]

    def _count(self, word: str) -> int:
        return sum(mark.word == word for mark in self.marks)

    @property
    def met(self) -> int:
        return self._count("met")

    @property
    def partly(self) -> int:
        return self._count("partly")

    @property
    def missed(self) -> int:
        return self._count("missed")


@dataclass(frozen=True, slots=True)
class FactLine:
    id: str
    about: str
    answer: str
    word: str
    told: str


@dataclass(frozen=True, slots=True)
class TwistLine:
    id: str
    says: str
    word: str
    when: str
    tests: str
    told: bool


@dataclass(frozen=True, slots=True)
class NoteLine:
    id: str
    clock: str
    who: str
    text: str
    bookmark: bool
    mine: bool


class Panels:
    """Of one seat. `me` is its participant."""

    def __init__(self, me: str, role: LiveRole, *, sees_staff: bool) -> None:
        self._me = me
        self._role = role
        self._leads = role == "interviewer"
        self._sees_staff = sees_staff
        self._views: dict[str, Hashable] = {}
        self._drawn: dict[str, Fragment] = {}
        self._looked: dict[str, Hashable] = {}
        self._asked_in: tuple[int, tuple[str, ...]] = (-1, ())
        self._leading: tuple[tuple[int, str, str], ...] = ()

    def draw(self, room: Room, now: int) -> list[Fragment]:
        """All of them, in the order of the page."""
        self._everybody(room, now)
        if self._sees_staff:
            self._staff(room, now)
        return list(self._drawn.values())

    def _put(self, target: str, template: str, **view: Hashable) -> None:
        key = tuple(view.values())
        if self._views.get(target) != key:
            self._views[target] = key
            html = render(f"live/{template}.html", **view)
            self._drawn[target] = {"target": f"#{target}", "swap": "morph", "html": html}

    def _has_changed(self, part: str, *of: Hashable) -> bool:
        """Whether it is worth looking at again."""
        if self._looked.get(part) == of:
            return False
        self._looked[part] = of
        return True

    # what everybody sees ----------------------------------------------------------------------
    def _everybody(self, room: Room, now: int) -> None:
        session = room.session
        led = session.led
        is_posed = session.state != "draft"
        prompt = " ".join(room.expectations.sheet.question.prompt.split()) if is_posed else ""
        if self._leads or self._sees_staff:
            prompt = " ".join(room.expectations.sheet.question.prompt.split())
        self._put("asked", "_asked", prompt=prompt)
        here = room.present | {self._me}
        people = tuple(
            Here(person.name, person.role, person.id in here, person.id == self._me)
            for person in led.people.values()
            if person.role != "observer" or person.id in here
        )
        self._put("here", "_here", people=people, leader=self._leader(room))
        until = led.focus_until
        if until is not None and (until <= now or session.state != "running"):
            until = None
        left = "" if until is None else shown(until - now)
        if self._has_changed("quiet", until):
            words = QUIET[self._role]
            self._put("quiet", "_quiet", until=until, left=left, words=words)
        self._put("after", "_after", links=self._links(room))

    def _leader(self, room: Room) -> str:
        if room.session.state == "ended":
            return ""
        match room.session.led.driver:
            case "script":
                return "The scripted interviewer asks."
            case "model":
                where = f" at {room.host}" if room.host else ""
                return f"A model{where} words the questions."
        return ""

    def _links(self, room: Room) -> tuple[tuple[str, str], ...]:
        """Where one goes on after the end."""
        session, at = room.session, f"/live/{room.id}"
        if session.state != "ended":
            return ()
        links: list[tuple[str, str]] = []
        if session.led.next is not None and self._role != "observer":
            links.append((f"{at}/next", "Change sides"))
        if self._leads:
            links.append((f"{at}/marks", "Give your marks"))
        elif self._role == "candidate":
            if session.led.shared:
                links.append((f"{at}/shared", "Read what was shared with you"))
            links.append((f"{at}/feedback", "Say how it was"))
        return tuple(links)

    # the interviewers' side -------------------------------------------------------------------
    def _staff(self, room: Room, now: int) -> None:
        main, staff = room.known
        lately = now // LOOKED_AGAIN
        if self._has_changed("coverage", main, staff):
            self._coverage(room)
            self._facts(room)
            self._notes(room)
        if self._has_changed("suggestions", main, staff, lately):
            self._suggestions(room, now)
            self._twists(room, now)
        if self._has_changed("talk", main):
            self._talk(room)
        candidates = room.session.led.of_role("candidate")
        ready = tuple((p.name, p.id in room.present) for p in candidates if p.consented)
        self._put("ready", "_ready", ready=ready, leads=self._leads)
        if self._leads:
            self._put("observers", "_observers", on=room.session.led.observers_see)
        drivers = DRIVERS if room.speaker is not None else DRIVERS[:2]
        driver = room.session.led.driver
        self._put("driver", "_driver", drivers=drivers, driver=driver, leads=self._leads)

    def _is_blind(self, room: Room) -> bool:
        """Once the interview is over, a rater is shown nothing of others' before their own marks are given."""
        return self._leads and room.session.state == "ended" and not has_marked(room, self._me)

    def _coverage(self, room: Room) -> None:
        rows = matrix(room, self._me, taps(room, self._me) if self._is_blind(room) else None)
        led = room.session.led
        set_by = ""
        if led.step is not None:
            known = led.people.get(led.step.by)
            set_by = "you" if led.step.by == self._me or known is None else known.name
        heads = tuple(_head(n, row, set_by) for n, row in enumerate(rows, 1))
        self._put("steps", "_steps", steps=heads, leads=self._leads)
        quick: tuple[Mark, ...] = ()
        for row in rows:
            marks = tuple(_mark(cell) for cell in row.cells)
            step = Step(row.id, row.title, row.is_here, marks)
            self._put(f"cover-{row.id}", "_cover", step=step, leads=self._leads)
            if row.is_here and self._leads and room.session.state == "running":
                quick = tuple(mark for mark in marks if mark.word == "not yet")[:MOST_QUICK]
        self._put("quick", "_quick", marks=quick)

    def _facts(self, room: Room) -> None:
        question = room.expectations.sheet.question
        told, asked = self._told(room), self._asked(room)
        by_step: dict[str, list[FactLine]] = {}
        for fact in question.facts:
            word = "told" if fact.id in told else "asked" if fact.id in asked else ""
            clock = told.get(fact.id, "")
            line = FactLine(fact.id, fact.about, _line(fact.answer), word, clock)
            by_step.setdefault(fact.step, []).append(line)
        titles: dict[str, str] = {
            step.id: step.title for step in room.expectations.knowledge.rubric.steps
        }
        steps = tuple((titles[id], tuple(lines)) for id, lines in by_step.items())
        self._put("facts", "_facts", steps=steps, leads=self._leads)
        self._put("facts-told", "_count", done=len(told), of=len(question.facts))

    @staticmethod
    def _told(room: Room) -> dict[str, str]:
        turns = room.session.turns
        return {
            fact: shown(turns[turn].at_ms) if turn < len(turns) else ""
            for fact, turn in room.session.told.items()
        }

    def _asked(self, room: Room) -> tuple[str, ...]:
        """Facts that the candidate's open turn seems to ask for."""
        turn = room.session.unanswered
        if turn is None:
            return ()
        if self._asked_in[0] != turn:
            self._asked_in = turn, asked_facts(room, room.session.turns[turn].text)
        return self._asked_in[1]

    def _suggestions(self, room: Room, now: int) -> None:
        session = room.session
        found = suggestions(room.interviewer.pressing, session, room.hearing.coverage(), now)
        sheet, told = room.expectations.sheet, self._told(room)
        answers = tuple(
            FactLine(fact.id, fact.about, _line(fact.answer), "asked", told.get(fact.id, ""))
            for fact in (sheet.question.fact(id) for id in self._asked(room))
        )
        nothing = {
            "draft": "Good next questions stand here once the interview runs.",
            "ended": "The interview is over.",
        }.get(session.state, "Nothing to press now. Let them talk.")
        self._put(
            "suggestions",
            "_suggestions",
            suggestions=found,
            answers=answers,
            nothing=nothing,
            leads=self._leads and session.state == "running",
        )

    def _twists(self, room: Room, now: int) -> None:
        session = room.session
        rubric = room.expectations.knowledge.rubric
        lines = []
        for twist in room.expectations.sheet.question.twists:
            told = next((m.turn for m in session.moves if m.twist == twist.id), None)
            when = [f"from minute {twist.when.minute}"] if twist.when.minute else []
            when += [f"once {twist.when.step} is covered"] if twist.when.step else []
            tests = "; ".join(rubric.criteria[id][1].title for id in twist.tests)
            at = shown(session.turns[told].at_ms) if told is not None else ""
            word = f"released {at}" if told is not None else "waits"
            says = _line(twist.says)
            lines.append(
                TwistLine(twist.id, says, word, " or ".join(when), tests, told is not None)
            )
        leads = self._leads and session.state == "running"
        self._put("twists", "_twists", twists=tuple(lines), leads=leads)

    def _notes(self, room: Room) -> None:
        led, blind = room.session.led, self._is_blind(room)
        notes = tuple(
            NoteLine(
                note.note,
                shown(note.at_ms),
                "" if note.by == self._me else getattr(led.people.get(note.by), "name", ""),
                note.text,
                note.bookmark,
                note.by == self._me,
            )
            for note in sorted(led.notes.values(), key=lambda n: n.at_ms, reverse=True)
            if not blind or note.by == self._me
        )
        self._put("notes", "_notes", notes=notes, leads=self._leads)
        self._put("notes-kept", "_count", done=len(notes), of=None)

    def _talk(self, room: Room) -> None:
        """Which questions lead is looked at only when there is another one."""
        ratio = talk_ratio(room.session)
        turns = room.session.turns
        if self._has_changed("leading", sum(turn.speaker == "interviewer" for turn in turns)):
            self._leading = tuple(
                (lead.turn, _line(turns[lead.turn].text), lead.why)
                for lead in leading(room.interviewer.pressing, room.session)
            )
        share, lately = _share(ratio.share), _share(ratio.lately)
        self._put("meter", "_meter", share=share, lately=lately, leading=self._leading)
        self._put("leading-list", "_leading", leading=self._leading)


def _head(n: int, row: Row, set_by: str) -> StepHead:
    return StepHead(
        row.id,
        n,
        row.id.capitalize(),
        row.title,
        row.minutes,
        int(row.spent),
        row.is_here,
        row.is_set,
        set_by,
        row.count("met"),
        len(row.cells),
    )


def _mark(cell: Cell) -> Mark:
    """A click goes through the other words and then takes the mark back; the scorer's own word is not among them."""
    source, quote = "", cell.quote
    heard = "met" if cell.depth >= 3 else "partly" if cell.depth else "not yet"
    order = NEXT[heard]
    if cell.marked_ms is None:
        after = order[0]
        source = "heard" if cell.depth else ""
    else:
        place = order.index(cell.word) + 1 if cell.word in order else 0
        after = order[place % len(order)]
        source = f"by {cell.source} {shown(cell.marked_ms)}"
    if cell.is_without_words:
        source += ", no words"
    return Mark(
        cell.id,
        cell.title,
        cell.core,
        cell.word,
        source,
        after,
        quote.text if quote and quote.turn is not None else "",
        quote.turn if quote else None,
        shown(quote.at_ms) if quote and quote.at_ms is not None else "",
    )


def asked_facts(room: Room, text: str) -> tuple[str, ...]:
    """By sentences that end in a question mark, or a few words that open like a question and have no mark at all."""
    sheet = room.expectations.sheet
    questions = [part.rsplit(".", 1)[-1] for part in text.split("?")[:-1]]
    if not questions and len(text.split()) <= FEW_WORDS and OPENS.match(text):
        questions = [text]
    found = (sheet.find(sheet.reader.read(question)) for question in questions)
    return tuple(dict.fromkeys(fact.id for fact in found if fact is not None))


def _line(text: str) -> str:
    return " ".join(text.split())


def _share(part: float | None) -> str:
    return "" if part is None else f"{round(100 * part)} %"
