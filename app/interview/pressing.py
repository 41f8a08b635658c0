"""Which point is pressed now: what the candidate just said before what they left, core before others, and only
what they have surely not said already."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.bank.question import FollowUp, Twist
from app.bank.sheet import FactSheet
from app.concepts.forms import Form, Phrase, compile_form
from app.concepts.hits import Hit, Index, NumberKinds
from app.concepts.words import Words
from app.interview.coverage import Coverage, Raised
from app.interview.session import MINUTE, Session
from app.rubric.load import Rubric
from app.rubric.rubric import STEPS, Criterion

Reason = Literal["trap", "mentioned", "thin", "missing"]
MENTIONED, EXPLAINED = 1, 2
SAID = 0.6  # share of a question's own words that one turn already held: it was probably answered
LEAST_WORDS = 3
LONGEST_QUOTE, LEAST_QUOTE = 70, 15  # characters
TOUCHED = 30.0  # seconds after which a step is where the candidate is, and not a word in passing
AHEAD = 1.15  # a step's time is over when so much of the plan up to its end has passed
PLAN = 45  # minutes that the rubric's budgets add up to
EARLIEST_TWIST = 10  # minutes, where a step brings it and not the clock
REMEMBERED = 1024  # turns that were looked through, of all sessions with this question

BY_PERSON = frozenset({"press", "twist", "say"})  # what a person who leads asks
NO_REPLY = BY_PERSON | {"listen"}  # said after a turn, not in reply to it
REASON = re.compile(
    r"\b(?:because|since|so that|therefore|whereas|rather than|otherwise|as it|in order to)\b",
    re.IGNORECASE,
)
STOP = re.compile(r"[.!?;\n](?:\s|$)")
# who names the mistake to warn of it has not made it
AGAINST = re.compile(
    r"\b(?:avoid\w*|instead of|rather than|would leak|leaks|leakage|too optimistic|over-?optimistic|flatter\w*|"
    r"mislead\w*|a mistake|a trap|tempting|dangerous|would be wrong|is wrong|would hide|naive|naively|beware|careful|"
    r"worse than|no good)\b",
    re.IGNORECASE,
)
LEADING = re.compile(
    r"^(?:(?:because|since|whereas|so|and|but|or|then|therefore|also|which|that|so that|while|although)\b[ ,]*)+",
    re.IGNORECASE,
)
PART = re.compile(
    r"[,;:.] | (?:because|whereas|so that|since|which|while|but|and then|rather than)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Press:
    """`id` of the follow-up or trap, where it is an authored one; `quote` are the candidate's own words, `ask` is
    empty where they alone are taken up. `raised` is what it presses on, where something was said."""

    criterion: str | None
    id: str | None
    ask: str
    reason: Reason
    quote: str = ""
    raised: Raised | None = None

    @property
    def follow_up_of_said(self) -> bool:
        return self.reason != "missing"


class Pressing:
    """The follow-ups and traps of one question, ready to be chosen from."""

    def __init__(self, sheet: FactSheet, rubric: Rubric) -> None:
        self.question = question = sheet.question
        self.rubric = rubric
        self.reader, self.lexicon = sheet.reader, sheet.lexicon
        kinds = NumberKinds(sheet.lexicon, sheet.reader)
        self._after: Index[str] = Index(
            [
                (follow_up.id, compile_form(text, sheet.reader, sheet.lexicon))
                for follow_up in question.follow_ups
                for text in follow_up.after
            ],
            kinds,
        )
        signs: list[tuple[str, Form | Phrase]] = [
            (trap.id, compile_form(text, sheet.reader, sheet.lexicon))
            for trap in question.traps
            for text in trap.signs
        ]
        self._signs = Index(signs, kinds)
        prompt = self._stems(question.prompt)
        self._own_words = {f.id: self._stems(f.ask) - prompt for f in question.follow_ups}
        self._ends: dict[str, float] = {}
        self._minutes: dict[str, int] = {step.id: step.minutes for step in rubric.steps}
        passed = 0.0
        for step in rubric.steps:
            passed += step.minutes
            self._ends[step.id] = passed
        self._signs_in = lru_cache(REMEMBERED)(self._find_signs)
        self._after_in = lru_cache(REMEMBERED)(self._find_after)

    def _stems(self, text: str) -> frozenset[str]:
        words = self.reader.read(text)
        return frozenset(words.stems[i] for i in words.content)

    def best(
        self,
        session: Session,
        coverage: Coverage,
        per_criterion: int,
        now: int,
        *,
        for_hint: bool = False,
    ) -> Press | None:
        """None where nothing is left that it may press now. A hint is an authored question, of any step."""
        said = said_since(session, self.own_question(session))
        for press in self._all(session, coverage, said, now, for_hint):
            if for_hint and not (press.ask and press.criterion):
                continue
            used = sum(m.criterion == press.criterion for m in session.moves if m.criterion)
            if press.criterion is None or used < per_criterion:
                return press
        return None

    def everything(self, session: Session, coverage: Coverage, now: int) -> Iterator[Press]:
        """All that may be pressed, whenever it was said: for a person, who chooses for themselves."""
        yield from self._trapped(session, [session.turns[n].text for n in said_since(session, -1)])
        yield from self._shallow(session, coverage, coverage.raised)
        steps = self.open_steps(session, coverage, now)
        yield from self._missing(session, coverage, steps)

    @staticmethod
    def own_question(session: Session) -> int:
        """The turn of the interviewer's last question of its own; -1 before the first."""
        own = [
            m.turn
            for m in session.moves
            if m.turn is not None
            and (m.trigger in ("quiet", "start") or (m.trigger == "human" and m.kind in BY_PERSON))
        ]
        return max(own, default=-1)

    def _all(
        self, session: Session, coverage: Coverage, spoken: list[int], now: int, for_hint: bool
    ) -> Iterator[Press]:
        text = "\n".join(session.turns[number].text for number in spoken)
        yield from self._trapped(session, [text] if text else [])
        latest = coverage.latest(spoken[0]) if spoken else ()
        yield from self._shallow(session, coverage, latest)
        steps = self.open_steps(session, coverage, now, for_hint=for_hint)
        yield from self._missing(session, coverage, steps)

    # traps ------------------------------------------------------------------------------------
    def _trapped(self, session: Session, texts: Iterable[str]) -> Iterator[Press]:
        signs = frozenset[str]().union(*map(self._signs_in, texts))
        for trap in self.question.traps:
            if trap.id in signs and trap.id not in session.asked:
                yield Press(None, trap.id, trap.ask, "trap")

    def _find_signs(self, text: str) -> frozenset[str]:
        words = self.reader.read(text)
        return frozenset(
            hit.owner
            for hit in self._signs.find(words)
            if not self._negated(words.stems, hit.first)
            and (hit.form.has_negator or not AGAINST.search(sentence_around(text, words, hit)))
        )

    def _find_after(self, text: str) -> frozenset[str]:
        return frozenset(hit.owner for hit in self._after.find(self.reader.read(text)))

    def _negated(self, stems: tuple[str, ...], place: int) -> bool:
        return any(stem in self.reader.negators for stem in stems[max(0, place - 4) : place])

    # what was just said, but not enough ---------------------------------------------------------
    def _shallow(
        self, session: Session, coverage: Coverage, latest: Sequence[Raised]
    ) -> Iterator[Press]:
        pressed = {move.criterion for move in session.moves}
        seen: set[str] = set()
        for core in (True, False):
            for raised in reversed(latest):
                criterion = self.rubric.criteria[raised.criterion][1]
                depth = coverage.depth(raised.criterion)
                if criterion.core is not core or raised.criterion in seen or depth > EXPLAINED:
                    continue
                seen.add(raised.criterion)
                when: Reason = "mentioned" if depth == MENTIONED else "thin"
                for follow_up in self._follow_ups(raised.criterion, when, session, coverage):
                    yield Press(raised.criterion, follow_up.id, follow_up.ask, when, raised=raised)
                if depth == MENTIONED and raised.criterion not in pressed:
                    quote = short(raised.quote)
                    if quote and self._is_bare(raised, session):
                        yield Press(raised.criterion, None, "", when, quote, raised)

    @staticmethod
    def _is_bare(raised: Raised, session: Session) -> bool:
        """Stated without a reason: what was asked or argued wants no "and why that"."""
        if any(m.answers == raised.turn and m.kind not in NO_REPLY for m in session.moves):
            return False  # it was spoken to the interviewer, who has replied
        text = session.turns[raised.turn].text if raised.turn < len(session.turns) else ""
        place = text.find(raised.quote)
        if place < 0:
            return False  # it was written in the document, where notes have no reasons
        start = max(text.rfind(mark, 0, place) for mark in ".!?") + 1
        end = re.search(r"[.!?](?:\s|$)", text[place + len(raised.quote) - 1 :])
        sentence = text[start : place + len(raised.quote) - 1 + end.end()] if end else text[start:]
        return not sentence.rstrip().endswith("?") and not REASON.search(sentence)

    # what was left out --------------------------------------------------------------------------
    def open_steps(
        self, session: Session, coverage: Coverage, now: int, *, for_hint: bool = False
    ) -> list[str]:
        """The present step first, then those before it, then those whose time has come."""
        touched = [s for s in STEPS if coverage.steps.get(s, 0.0) >= TOUCHED]
        step = coverage.step if coverage.step in touched or not touched else touched[-1]
        here = STEPS.index(step) if step in STEPS else 0
        timely = [s for s in STEPS if self.is_over(session, s, now)]
        order = [STEPS[here], *reversed(STEPS[:here])]
        if for_hint:
            timely = list(STEPS)
        return order + [step for step in timely if step not in order]

    @staticmethod
    def _scale(session: Session) -> float:
        return (session.clock.limit or PLAN * MINUTE) / MINUTE / PLAN

    def budget(self, session: Session, step: str) -> float:
        """The step's minutes, stretched to the session's length."""
        return self._minutes[step] * self._scale(session)

    def is_over(self, session: Session, step: str, now: int) -> bool:
        """So much of the plan up to the step's end has passed."""
        passed = session.clock.elapsed(now) / MINUTE
        return passed >= self._ends[step] * self._scale(session) * AHEAD

    def absent(self, coverage: Coverage, steps: list[str]) -> list[Criterion]:
        """Criteria of which nothing was heard, core before others, in the order of the steps."""
        absent = [
            criterion
            for step in steps
            for criterion in next(s for s in self.rubric.steps if s.id == step).criteria
            if coverage.depth(criterion.id) == 0 and criterion.id not in coverage.possible
        ]
        return sorted(absent, key=lambda criterion: not criterion.core)

    def _missing(self, session: Session, coverage: Coverage, steps: list[str]) -> Iterator[Press]:
        for criterion in self.absent(coverage, steps):
            for follow_up in self._follow_ups(criterion.id, "missing", session, coverage):
                yield Press(criterion.id, follow_up.id, follow_up.ask, "missing")

    def twist_due(self, session: Session, coverage: Coverage, now: int) -> Twist | None:
        """The first that was not told, where its minute has come or its step is behind."""
        minute = session.clock.elapsed(now) / MINUTE
        scale = (session.clock.limit or PLAN * MINUTE) / MINUTE / self.question.minutes
        for twist in self.question.twists:
            if twist.id in session.asked:
                continue
            by_time = twist.when.minute is not None and minute >= twist.when.minute * scale
            by_step = twist.when.step is not None and left_behind(twist.when.step, coverage)
            if by_time or (by_step and minute >= EARLIEST_TWIST * scale):
                return twist
        return None

    def _follow_ups(
        self, criterion: str, when: Reason, session: Session, coverage: Coverage
    ) -> Iterator[FollowUp]:
        for follow_up in self.question.follow_ups:
            if follow_up.criterion != criterion or follow_up.when != when:
                continue
            if follow_up.id in session.asked:
                continue
            if when == "missing" and self._was_said(follow_up, coverage):
                continue
            if follow_up.after and not any(
                follow_up.id in self._after_in(turn.text)
                for turn in session.turns
                if turn.speaker == "candidate"
            ):
                continue
            yield follow_up

    def _was_said(self, follow_up: FollowUp, coverage: Coverage) -> bool:
        """Most of the question's own words stand together in one turn: no need to risk asking what was said."""
        own = self._own_words[follow_up.id]
        if len(own) < LEAST_WORDS:
            return False
        return any(len(own & turn) >= SAID * len(own) for turn in coverage.said)


def sentence_around(text: str, words: Words, hit: Hit[str]) -> str:
    """From the full stop before the words of a hit to the one after them."""
    start = max((m.end() for m in STOP.finditer(text, 0, words.starts[hit.first])), default=0)
    end = STOP.search(text, words.ends[hit.last])
    return text[start : end.start()] if end else text[start:]


def said_since(session: Session, turn: int) -> list[int]:
    """The candidate's turns after that one."""
    return [
        number
        for number in range(turn + 1, len(session.turns))
        if session.turns[number].speaker == "candidate"
    ]


def left_behind(step: str, coverage: Coverage) -> bool:
    here = coverage.step
    touched = coverage.steps.get(step, 0.0) >= 2 * TOUCHED
    return touched and here in STEPS and STEPS.index(here) > STEPS.index(step)


def short(quote: str) -> str:
    """A few of the candidate's words, whole words only; empty where they are too few to point at anything. Long
    ones are cut where a thought ends, if there is such a place."""
    text = LEADING.sub("", " ".join(quote.split()).strip(" ,.;:!?\"'"))
    if len(text) > LONGEST_QUOTE:
        ends = [m.start() for m in PART.finditer(text[:LONGEST_QUOTE]) if m.start() >= LEAST_QUOTE]
        text = text[: ends[-1]] if ends else text
    if len(text) > LONGEST_QUOTE:
        text = text[:LONGEST_QUOTE].rsplit(" ", 1)[0].strip(" ,.;:")
    return text.replace('"', "'") if len(text.split()) >= 2 else ""
