"""What an interviewer must not do, found in a played session: the measuring stick of every interviewer, scripted or
not. It trusts the ledger of moves only for what was meant to be told, and judges by the words themselves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from app.bank.question import Fact
from app.bank.sheet import FactSheet
from app.concepts.quantities import Quantity, agree
from app.interview.events import Chose
from app.interview.manners import PRAISE, QUOTED, SMALL, TITLE, runs_of, same, words
from app.interview.session import Session
from app.rubric.load import Rubric

IN_A_ROW = 2
PRESSES = ("press", "probe")


@dataclass(frozen=True, slots=True)
class Finding:
    """`turn` is the interviewer's; `kind` is a word of KINDS."""

    kind: str
    turn: int
    detail: str


KINDS = {
    "follow-up": "asks the same follow-up twice",
    "press": "presses twice with the same words",
    "leak": "says what only an untold fact holds",
    "two-questions": "asks two things at once",
    "praise": "praises",
    "contradiction": "contradicts what it told",
    "over": "speaks while the candidate types or speaks",
    "rubric": "says the title of a criterion",
    "loop": "says the same thrice, or leads back thrice, in a row",
}


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press or probe; `covered` where the candidate's author had planted its criterion before."""

    turn: int
    kind: str
    when: str
    covered: bool


def presses(
    session: Session, sheet: FactSheet, plants: Mapping[int, frozenset[str]]
) -> list[Pressed]:
    """How often it pressed what had been said already: a rate, since no ear is perfect."""
    when = {follow_up.id: follow_up.when for follow_up in sheet.question.follow_ups}
    found = []
    for move in session.moves:
        if move.kind in PRESSES and move.turn is not None and move.criterion:
            covered = any(move.criterion in said for n, said in plants.items() if n < move.turn)
            found.append(Pressed(move.turn, move.kind, when.get(move.follow_up or "", ""), covered))
    return found


def misconduct(
    session: Session,
    sheet: FactSheet,
    rubric: Rubric,
    composing: Sequence[tuple[int, int]] = (),
    plants: Mapping[int, frozenset[str]] = MappingProxyType({}),
) -> list[Finding]:
    """`composing` are the times (ms of interview) in which the candidate typed or spoke; `plants` as played."""
    seen = _Seen(session, sheet, rubric)
    findings = [*seen.repeated(), *seen.leaked(), *seen.asked_twice(), *seen.praised()]
    findings += [
        *seen.contradicted(),
        *seen.revealed(),
        *seen.looped(plants),
        *seen.over(composing),
    ]
    return sorted(findings, key=lambda f: (f.turn, f.kind))


class _Seen:
    """One session, with what may be said in it."""

    def __init__(self, session: Session, sheet: FactSheet, rubric: Rubric) -> None:
        self.session = session
        self.sheet = sheet
        self.rubric = rubric
        self.moves: dict[int, Chose] = {m.turn: m for m in session.moves if m.turn is not None}
        self.own = [n for n, t in enumerate(session.turns) if t.speaker == "interviewer"]

    @cached_property
    def _given(self) -> list[str]:
        """Authored texts in which a word is no judgement of the candidate."""
        question = self.sheet.question
        texts = [
            question.prompt,
            *(f.answer for f in question.facts),
            *(t.says for t in question.twists),
        ]
        return sorted((" ".join(text.split()) for text in texts), key=len, reverse=True)

    def _own_words(self, turn: int) -> str:
        """Without quotations, the task, facts and twists."""
        text = QUOTED.sub(" ", " ".join(self.session.turns[turn].text.split()))
        for given in self._given:
            text = text.replace(given, " ")
        return text

    def _before(self, turn: int, speaker: str) -> list[str]:
        return [t.text for t in self.session.turns[:turn] if t.speaker == speaker]

    # repeating ----------------------------------------------------------------------------------
    def repeated(self) -> Iterator[Finding]:
        ids: set[str] = set()
        texts: set[str] = set()
        for turn, move in sorted(self.moves.items()):
            if move.kind in PRESSES and move.follow_up:
                if move.follow_up in ids:
                    yield Finding("follow-up", turn, move.follow_up)
                ids.add(move.follow_up)
            if move.kind in PRESSES:
                text = " ".join(words(self.session.turns[turn].text))
                if text in texts:
                    yield Finding("press", turn, self.session.turns[turn].text)
                texts.add(text)

    def looped(self, plants: Mapping[int, frozenset[str]]) -> Iterator[Finding]:
        texts = [" ".join(words(self.session.turns[n].text)) for n in self.own]
        for place in range(IN_A_ROW, len(self.own)):
            if len(set(texts[place - IN_A_ROW : place + 1])) == 1:
                yield Finding("loop", self.own[place], "the same words")
        steers = 0
        for turn in range(len(self.session.turns)):
            move = self.moves.get(turn)
            if move is None:
                steers = 0 if plants.get(turn) else steers
                continue
            steers = steers + 1 if move.kind == "steer" else 0
            if steers > IN_A_ROW:
                yield Finding("loop", turn, "leads back again")

    # telling ------------------------------------------------------------------------------------
    def _told_by(self, turn: int) -> set[str]:
        """Facts that may be said in this turn: its own move's, and those of the moves before."""
        return {f for t, move in self.moves.items() if t <= turn for f in move.facts}

    def leaked(self) -> Iterator[Finding]:
        for turn in self.own[1:]:
            text = QUOTED.sub(" ", self.session.turns[turn].text)
            may = self._told_by(turn)
            known = [
                self.sheet.question.prompt,
                *(f.answer for f in self.sheet.question.facts if f.id in may),
                *self._before(turn, "candidate"),
            ]
            runs = runs_of(text) - {run for other in known for run in runs_of(other)}
            move = self.moves.get(turn)
            amounts = [] if move is None or move.kind == "call_time" else self._amounts(text)
            public = [q for other in known for q in self._amounts(other)] if amounts else []
            new = [q for q in amounts if not any(same(q, p) for p in public)]
            for fact in self.sheet.question.facts:
                if fact.id in may:
                    continue
                if runs & runs_of(fact.answer):
                    yield Finding("leak", turn, f"{fact.id}: its words")
                elif any(self._is_value(q, fact) for q in new):
                    yield Finding("leak", turn, f"{fact.id}: its number")

    def _amounts(self, text: str) -> list[Quantity]:
        return self.sheet.quantities.find(self.sheet.reader.read(text))

    def _values(self, fact: Fact) -> list[tuple[Quantity, float]]:
        return [(self.sheet.quantities.of(v.amount, v.unit), v.tolerance) for v in fact.values]

    def _is_value(self, said: Quantity, fact: Fact) -> bool:
        if said.dimension == "count" and said.amount <= SMALL:
            return False
        meant = self.sheet.reader.read(f"{fact.about} {fact.answer}")
        about = {meant.stems[i] for i in meant.content if meant.numbers[i] is None}
        return any(
            same(said, value)
            and said.nouns & ((value.nouns or about) if value.dimension == "count" else about)
            for value, _ in self._values(fact)
        )

    def contradicted(self) -> Iterator[Finding]:
        told: dict[str, int] = {}
        answered: dict[str, int] = {}
        for turn, move in sorted(self.moves.items()):
            facts = [self.sheet.question.fact(id) for id in move.facts]
            said = self.session.turns[turn].text
            asked = self.session.turns[move.answers].text if move.answers is not None else ""
            if move.kind == "answer" and facts:
                answered.setdefault(" ".join(words(asked)), turn)
            if move.kind == "decline" and " ".join(words(asked)) in answered:
                yield Finding("contradiction", turn, "declines what it has answered")
            for fact in facts:
                if move.verdict is None and fact.id in told and not self._holds(said, facts):
                    yield Finding("contradiction", turn, f"{fact.id} is told otherwise")
                if move.verdict != "agree":
                    told.setdefault(fact.id, turn)
            if move.verdict == "agree" and len(facts) == 1 and move.assumption:
                if self._is_off(move.assumption, facts[0]):
                    yield Finding("contradiction", turn, f"agrees against {facts[0].id}")

    def _holds(self, text: str, facts: Sequence[Fact]) -> bool:
        """The facts' own words, or at least no number that they do not hold."""
        plain = " ".join(text.split())
        if all(" ".join(fact.answer.split()) in plain for fact in facts):
            return True
        held = [q for fact in facts for q in self._amounts(fact.answer)]
        held += [q for fact in facts for q, _ in self._values(fact)]
        return all(any(same(said, true) for true in held) for said in self._amounts(text))

    def _is_off(self, assumption: str, fact: Fact) -> bool:
        """A number of the fact's kind was agreed to that is near none of its numbers."""
        values = self._values(fact)
        for said in self._amounts(assumption):
            alike = [(q, tolerance) for q, tolerance in values if q.dimension == said.dimension]
            near = any(agree(said, q, tolerance) for q, tolerance in alike)
            if alike and not near and (said.dimension != "count" or said.amount > SMALL):
                return True
        return False

    # manners ------------------------------------------------------------------------------------
    def asked_twice(self) -> Iterator[Finding]:
        for turn in self.own[1:]:
            if self._own_words(turn).count("?") > 1:
                yield Finding("two-questions", turn, self.session.turns[turn].text)

    def praised(self) -> Iterator[Finding]:
        for turn in self.own:
            if found := PRAISE.search(self._own_words(turn).strip()):
                yield Finding("praise", turn, found.group().strip())

    def revealed(self) -> Iterator[Finding]:
        titles = {c.id: words(c.title) for _, c in self.rubric.criteria.values()}
        for turn in self.own:
            said = f" {' '.join(words(self._own_words(turn)))} "
            for id, title in titles.items():
                if len(title) >= TITLE and f" {' '.join(title)} " in said:
                    yield Finding("rubric", turn, id)

    def over(self, composing: Sequence[tuple[int, int]]) -> Iterator[Finding]:
        last = len(self.session.turns) - 1
        for turn in self.own:
            at = self.session.turns[turn].at_ms
            closing = turn == last and self.session.ended is not None
            if not closing and any(begins < at < ends for begins, ends in composing):
                yield Finding("over", turn, self.session.turns[turn].text)
