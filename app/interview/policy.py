"""What the interviewer does next. Pure: the same session, coverage, trigger and time give the same move.

Silence is the default. It speaks when asked, at a pause after a completed thought, when a step overruns, at the
twist, when time runs short; never while the candidate is composing.
"""

from dataclasses import dataclass

from app.bank.question import Fact, Question
from app.bank.sheet import FactSheet
from app.interview.coverage import Coverage
from app.interview.ear import Asked, Assumed, Ear, Understood
from app.interview.move import ASKING, Move
from app.interview.offer import named, taken
from app.interview.persona import Persona, SmallTalk
from app.interview.pressing import Press, Pressing
from app.interview.session import MINUTE, Session
from app.rubric.load import Rubric
from app.rubric.rubric import STEPS

SPOKEN = {
    "requirements": "the requirements",
    "framing": "the framing of the problem",
    "data": "the data and the labels",
    "model": "the model",
    "evaluation": "the evaluation",
    "serving": "serving",
    "monitoring": "monitoring and upkeep",
}
STEERS = 2
SHORT_PAUSE = 3.0  # seconds without a keystroke in which the time may be said
AFTER_ANSWER = 2.0  # an answer wants thinking over: so many times the patience
LONG_SILENCE = 8.0  # patiences after which a question of its own may have gone unheard
LEAST_SILENCE = 60.0
LAST_WORD = 2  # minutes left at which it asks for the last word
NAMED = 1  # the depth of a word in passing, which is no work
TOUCHED = 30.0  # seconds that make a step more than named
SMALL = frozenset({"greeting", "thanks"})
COURTESIES = 2  # times that a thanks or a greeting is answered
WORDS_OFF_TOPIC = 8
WANDERED = 30  # words about something else; fewer are an aside
PROMPT_TOLD = 12  # words of small talk beyond which a turn is no small talk


@dataclass(frozen=True, slots=True)
class Said:
    """The candidate's turn of this number was committed."""

    turn: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing was sent or typed for `seconds`; `composing` while there are words in the composer."""

    seconds: float
    composing: bool = False


@dataclass(frozen=True, slots=True)
class HintWanted:
    pass


Trigger = Said | Quiet | HintWanted


class Interviewer:
    """One question, one persona, one rubric; built once, shared by all sessions that use them."""

    def __init__(
        self, sheet: FactSheet, rubric: Rubric, persona: Persona, small_talk: SmallTalk
    ) -> None:
        self.question: Question = sheet.question
        self._sheet = sheet
        self.persona = persona
        self._rubric = rubric
        self._ear = Ear(sheet, small_talk.kinds())
        self.pressing = Pressing(sheet, rubric)
        self._step_minutes: dict[str, int] = {step.id: step.minutes for step in rubric.steps}

    # the doors --------------------------------------------------------------------------------
    def pose(self) -> str:
        return self._say("pose", 0, prompt=" ".join(self.question.prompt.split()))

    def closing(self, session: Session) -> str:
        return self._say("end", session.count("end"))

    def next_move(self, session: Session, coverage: Coverage, trigger: Trigger, now: int) -> Move:
        match trigger:
            case Said(turn):
                return self._after_turn(session, coverage, turn, now)
            case HintWanted():
                return self._hint(session, coverage, now)
            case Quiet(seconds, composing):
                if composing or session.state != "running":
                    return Move("listen", "quiet")
                return self._after_silence(session, coverage, seconds, now)

    def _say(self, key: str, used: int, **values: str) -> str:
        """The next wording of its kind, filled in; the first letter is a capital, whatever was filled in."""
        lines: tuple[str, ...] = getattr(self.persona.wording, key)
        text = lines[used % len(lines)].format(title=self.question.title, **values)
        return text[:1].upper() + text[1:]

    # a turn of the candidate ------------------------------------------------------------------
    def _after_turn(self, session: Session, coverage: Coverage, turn: int, now: int) -> Move:
        text = session.turns[turn].text
        heard = self._ear.understand(text)
        if "abuse" in heard.talk or ("scoring" in heard.talk and not heard.asked_known):
            return self._steer_off(session, coverage, heard, turn)
        if (reply := taken(text, self._offered(session, turn), self._sheet)) is not None:
            if reply.facts:
                return self._answer(session, self._ear.understand(reply.rest), turn, reply.facts)
            decline = self._say("decline", session.count("decline"))
            return Move("decline", "turn", decline, answers=turn)
        foreign = not heard.assumed and all(asked.foreign for asked in heard.asked)
        if heard.asked and foreign and turn not in coverage.on_topic:
            return self._steer(session, coverage, "turn", turn)
        if heard.asked or heard.assumed:
            return self._answer(session, heard, turn)
        if heard.talk:
            return self._small_talk(session, coverage, heard, turn, now)
        if turn in coverage.empty_turns:
            return self._steer(session, coverage, "turn", turn)
        return Move("listen", "turn", answers=turn)

    def _steer_off(
        self, session: Session, coverage: Coverage, heard: Understood, turn: int
    ) -> Move:
        if "abuse" in heard.talk:
            return self._steer(session, coverage, "turn", turn)
        if self._steered(session, coverage) >= STEERS:
            return Move("listen", "turn", answers=turn)
        return Move("steer", "turn", self._say("scoring", session.count("steer")), answers=turn)

    def _steer(
        self,
        session: Session,
        coverage: Coverage,
        trigger: str,
        turn: int | None = None,
        wording: str = "steer",
    ) -> Move:
        """Twice back to the problem, then it waits; twice again where the candidate had come back to it."""
        if self._steered(session, coverage) >= STEERS:
            return Move("listen", trigger, answers=turn)
        step = SPOKEN[coverage.step or STEPS[0]]
        text = self._say(wording, session.count("steer"), step=step)
        return Move("steer", trigger, text, answers=turn)

    @staticmethod
    def _steered(session: Session, coverage: Coverage) -> int:
        """How often it has led back since the candidate last worked on the problem, or in a row."""
        spoken = [m.kind for m in session.moves if m.turn is not None]
        row = next((n for n, kind in enumerate(reversed(spoken)) if kind != "steer"), len(spoken))
        worked = max((r.turn for r in coverage.raised if r.depth > NAMED), default=-1)
        since = sum(m.kind == "steer" and (m.turn or 0) > worked for m in session.moves)
        return max(since, row)

    def _answer(
        self, session: Session, heard: Understood, turn: int, taken: tuple[Fact, ...] = ()
    ) -> Move:
        """`taken` are facts that it had asked back about."""
        wanted = [*taken, *(asked.fact for asked in heard.asked if asked.fact is not None)]
        facts = list(dict.fromkeys(fact.id for fact in wanted))
        parts = [self._tell(session, self.question.fact(id)) for id in facts]
        verdict, assumption = None, None
        for assumed in heard.assumed:
            if assumed.fact is not None and assumed.fact.id in facts:
                continue
            line = self._judge(session, assumed)
            if line not in parts:
                parts.append(line)
            if assumed.fact is not None:
                facts.append(assumed.fact.id)
            verdict = assumed.verdict if verdict != "correct" else verdict
            assumption = assumption or assumed.text
        unknown = [asked for asked in heard.asked if asked.fact is None]
        offered = _meant(unknown, facts)
        if offered:
            parts.append(self._say("ask_back", session.count("ask_back"), about=named(offered)))
            if not all(asked.likely for asked in unknown):
                parts.append("Whatever else you asked there is your call.")
        elif unknown and not (facts and not self._stands_alone(heard)):
            parts.append(self._decline(session, unknown[0]))
        elif unknown:
            parts.append("For the rest: your call; state an assumption.")
        kind = "answer" if wanted else "decline"
        if heard.assumed and kind == "decline" and verdict is not None:
            kind = "assumption"
        elif kind == "decline" and offered:
            kind = "ask_back"
        return Move(
            kind,
            "turn",
            " ".join(parts),
            answers=turn,
            facts=tuple(facts),
            verdict=verdict,
            assumption=assumption,
            offered=tuple(fact.id for fact in offered),
        )

    def _tell(self, session: Session, fact: Fact) -> str:
        if fact.id not in session.told:
            return fact.answer
        return self._say("again", session.count("answer"), answer=fact.answer)

    def _offered(self, session: Session, turn: int) -> tuple[Fact, ...]:
        """What its last words before this turn asked back about, where this is the candidate's first since."""
        before = turn - 1
        if before < 0 or session.turns[before].speaker != "interviewer":
            return ()
        offered = [id for move in session.moves if move.turn == before for id in move.offered]
        facts = {fact.id: fact for fact in self.question.facts}
        return tuple(facts[id] for id in offered if id in facts)

    @staticmethod
    def _stands_alone(heard: Understood) -> bool:
        return not any(asked.fact for asked in heard.asked) and not heard.assumed

    def _judge(self, session: Session, assumed: Assumed) -> str:
        used = sum(move.verdict == assumed.verdict for move in session.moves)
        answer = assumed.fact.answer if assumed.fact else ""
        return self._say(assumed.verdict, used, answer=answer)

    def _decline(self, session: Session, asked: Asked) -> str:
        return self._say("decide" if asked.about_design else "decline", session.count("decline"))

    def _small_talk(
        self, session: Session, coverage: Coverage, heard: Understood, turn: int, now: int
    ) -> Move:
        kind = heard.talk[0]
        long = len(heard.words) > PROMPT_TOLD
        if kind in SMALL and (long or session.count("reply") >= COURTESIES):
            return Move("listen", "turn", answers=turn)
        if kind == "time":
            return Move("call_time", "turn", self._time(session, now), answers=turn)
        if kind == "where":
            step = SPOKEN[self._next_step(session, coverage)]
            text = self._say("direct", session.count("direct"), step=step)
            return Move("direct", "turn", text, answers=turn)
        if kind == "done" and not self._bare(coverage) and session.count("wrap_up") == 0:
            return Move("wrap_up", "turn", self._say("wrap_up", 0), answers=turn)
        values = {
            "step": SPOKEN[self._next_step(session, coverage)],
            "last": self._last_question(session, turn),
        }
        text = self._say(kind, session.count("reply"), **values)
        kept = self._offered(session, turn) if kind in ("repeat", "clarify", "thinking") else ()
        return Move("reply", "turn", text, answers=turn, offered=tuple(fact.id for fact in kept))

    def _last_question(self, session: Session, turn: int) -> str:
        """What it asked last, or the task itself."""
        asking = {move.turn for move in session.moves if move.kind in ASKING and move.turn}
        for number in range(turn - 1, -1, -1):
            if number in asking:
                return session.turns[number].text
        return " ".join(self.question.prompt.split())

    def _time(self, session: Session, now: int) -> str:
        left = session.clock.left(now)
        if left is None:
            minutes = session.clock.elapsed(now) // MINUTE
            return self._say("untimed", 0, minutes=str(minutes))
        return self._say("time_left", session.count("call_time"), minutes=str(round(left / MINUTE)))

    def _next_step(self, session: Session, coverage: Coverage) -> str:
        """The first step after the present one that was hardly touched; else the earliest such; else the one
        that had least of its time."""
        here = STEPS.index(coverage.step) if coverage.step in STEPS else -1
        bare = self._bare(coverage)
        later = [step for step in bare if STEPS.index(step) > here]
        least = min(
            STEPS, key=lambda step: coverage.steps.get(step, 0.0) / self._step_minutes[step]
        )
        return (later or bare or [least])[0]

    @staticmethod
    def _bare(coverage: Coverage) -> list[str]:
        return [step for step in STEPS if coverage.steps.get(step, 0.0) < TOUCHED]

    # silence ----------------------------------------------------------------------------------
    def _after_silence(
        self, session: Session, coverage: Coverage, seconds: float, now: int
    ) -> Move:
        if seconds >= SHORT_PAUSE and (call := self._due_call(session, now)) is not None:
            return call
        if self._gave_up(session, coverage):
            return Move("listen", "quiet")
        if self._waits(session, seconds):
            return self._unheard(session, coverage, seconds)
        if self._since_own(session, now) < self.persona.gap:
            return Move("listen", "quiet")
        if self._wandered(session, coverage):
            return self._steer(session, coverage, "quiet")
        if (overrun := self._overrun(session, coverage)) is not None:
            return overrun
        if (twist := self._twist(session, coverage, now)) is not None:
            return twist
        press = self.pressing.best(session, coverage, self.persona.per_criterion, now)
        return self._press(press, session, coverage) if press else Move("listen", "quiet")

    def _gave_up(self, session: Session, coverage: Coverage) -> bool:
        """It has led back as often as it does, and nothing of the problem came since: it waits."""
        led = max((m.turn or 0 for m in session.moves if m.kind == "steer"), default=0)
        back = any(
            # the document is heard beside a turn that may not have been said yet
            led < number < len(session.turns)
            and len(session.turns[number].text.split()) >= WORDS_OFF_TOPIC
            for number in coverage.on_topic
        )
        return not back and self._steered(session, coverage) >= STEERS

    def _waits(self, session: Session, seconds: float) -> bool:
        """The floor is the candidate's: a question is open, or the thought is not yet complete."""
        last = session.moves[-1] if session.moves else None
        if not session.turns or session.turns[-1].speaker == "candidate":
            return seconds < self.persona.patience
        if (
            last is not None
            and not last.offered
            and last.kind
            in (
                "answer",
                "assumption",
                "decline",
                "call_time",
                "reply",
            )
        ):
            spoken = any(
                turn.speaker == "candidate" and len(turn.text.split()) >= WORDS_OFF_TOPIC
                for turn in session.turns
            )
            return not spoken or seconds < AFTER_ANSWER * self.persona.patience
        return True

    def _unheard(self, session: Session, coverage: Coverage, seconds: float) -> Move:
        """A long silence after its own words, in which somebody may be thinking: it says that it listens, as often as
        it leads back, and then waits."""
        silent = seconds >= max(LEAST_SILENCE, LONG_SILENCE * self.persona.patience)
        spoke_last = bool(session.turns) and session.turns[-1].speaker == "interviewer"
        if not silent or not spoke_last:
            return Move("listen", "quiet")
        return self._steer(session, coverage, "quiet", wording="silence")

    def _since_own(self, session: Session, now: int) -> float:
        """Seconds of interview since it last asked something of its own accord."""
        for move in reversed(session.moves):
            if move.turn is not None and move.trigger == "quiet":
                elapsed = session.clock.elapsed(now) - session.turns[move.turn].at_ms
                return elapsed / 1000
        return float("inf")

    def _wandered(self, session: Session, coverage: Coverage) -> bool:
        """All that was said since its last words is about something else."""
        heard = []
        for number in range(len(session.turns) - 1, -1, -1):
            if session.turns[number].speaker == "interviewer":
                break
            heard.append(number)
        long = [n for n in heard if len(session.turns[n].text.split()) >= WORDS_OFF_TOPIC]
        spent = sum(len(session.turns[n].text.split()) for n in long)
        return spent >= WANDERED and not any(number in coverage.on_topic for number in long)

    def _due_call(self, session: Session, now: int) -> Move | None:
        left = session.clock.left(now)
        if left is None:
            return None
        if left <= LAST_WORD * MINUTE and session.count("wrap_up") == 0:
            if any(turn.speaker == "candidate" for turn in session.turns):
                return Move("wrap_up", "time", self._say("wrap_up", 0))
        limit = session.clock.limit or 0
        due = [m for m in self.persona.calls if left <= m * MINUTE < limit / 2]
        called = [
            session.turns[move.turn].at_ms
            for move in session.moves
            if move.kind == "call_time" and move.trigger == "time" and move.turn is not None
        ]
        if not due:
            return None
        since = limit - min(due) * MINUTE
        if any(at >= since for at in called) or left <= LAST_WORD * MINUTE:
            return None
        minutes = max(1, round(left / MINUTE))
        text = self._say("time_left", session.count("call_time"), minutes=str(minutes))
        return Move("call_time", "time", text)

    def _overrun(self, session: Session, coverage: Coverage) -> Move | None:
        """Once for a step: it has had far more than its share, and others have had none."""
        step = coverage.step
        if step not in STEPS or session.clock.limit is None:
            return None
        scale = session.clock.limit / MINUTE / 45
        spent = coverage.steps.get(step, 0.0) / 60
        following = self._next_step(session, coverage)
        said = any(m.kind == "call_time" and m.follow_up == step for m in session.moves)
        if said or following == step or coverage.steps.get(following, 0.0) >= TOUCHED:
            return None
        if spent < self._step_minutes[step] * scale * self.persona.overrun:
            return None
        text = self._say(
            "overrun",
            session.count("call_time"),
            minutes=str(round(spent)),
            step=SPOKEN[step],
            next=SPOKEN[following],
        )
        return Move("call_time", "quiet", text, follow_up=step)

    def _twist(self, session: Session, coverage: Coverage, now: int) -> Move | None:
        twist = self.pressing.twist_due(session, coverage, now)
        return None if twist is None else Move("twist", "quiet", twist.says, twist=twist.id)

    def _press(self, press: Press, session: Session, coverage: Coverage) -> Move:
        step = self._rubric.criteria[press.criterion][0].id if press.criterion else None
        if press.quote and not press.ask:
            text = self._say("probe", session.count("probe"), quote=press.quote)
            return Move("probe", "quiet", text, criterion=press.criterion)
        text = press.ask
        if (
            step
            and coverage.step in STEPS
            and step != coverage.step
            and not press.follow_up_of_said
        ):
            text = f"On {SPOKEN[step]}: {text[:1].lower() + text[1:] if _lowers(text) else text}"
        kind = "probe" if press.quote else "press"
        return Move(kind, "quiet", text, follow_up=press.id, criterion=press.criterion)

    # a hint -----------------------------------------------------------------------------------
    def _hint(self, session: Session, coverage: Coverage, now: int) -> Move:
        press = self.pressing.best(session, coverage, 3, now, for_hint=True)
        if press is None or not press.ask or press.criterion is None:
            return Move("reply", "hint", self._say("no_hint", 0))
        step = SPOKEN[self._rubric.criteria[press.criterion][0].id]
        text = self._say("hint", session.count("hint"), step=step, hint=press.ask)
        return Move("hint", "hint", text, follow_up=press.id, criterion=press.criterion)


def _meant(unknown: list[Asked], told: list[str]) -> tuple[Fact, ...]:
    """What to ask back about: the facts that one unsure question may have meant, or the likeliest of each of two."""
    unsure = [asked.likely for asked in unknown if asked.likely]
    meant = [likely[0] for likely in unsure[:2]] if len(unsure) > 1 else [*next(iter(unsure), ())]
    return tuple({fact.id: fact for fact in meant if fact.id not in told}.values())


def _lowers(text: str) -> bool:
    """Whether the first word may begin with a small letter: an ordinary opening, no name, no "I"."""
    first = text.split()[0]
    return first.isalpha() and first[1:].islower() and first in OPENINGS


OPENINGS = frozenset(
    "What How Which Who When Where Why Is Are Do Does Did Can Could Would Will Should Suppose If Say Take Walk Tell "
    "Imagine Your You The A An In On At For With Before After Once Now Given Some Two Once".split()
)
