"""A whole session on a fast clock: a simulated candidate, the interviewer, and no network between them."""

from dataclasses import dataclass, field

from app.candidates.candidate import Candidate, Leave, Scene, Speak, Wait
from app.interview.commands import (
    Command,
    Create,
    Expire,
    Finish,
    Refused,
    Reply,
    Say,
    Start,
    decide,
)
from app.interview.events import Created, Event, Spoke
from app.interview.policy import Interviewer, Quiet, Said, Trigger
from app.interview.session import Session, apply
from app.live.hearing import Expectations, Hearing

TICK = 1_000  # milliseconds between two looks of the interviewer at a silence
BEGIN = 0
LEAST_WAIT = 0.5
UNTIMED = 3 * 3600  # seconds after which even an untimed play ends


@dataclass(slots=True)
class Played:
    """`plants`: candidate's turn -> the criteria that its author planted in it; `asks`: the facts that it asks for.
    `composing`: from and until when (ms of interview) the candidate would have typed or spoken."""

    session: Session = field(default_factory=Session)
    events: list[tuple[Event, int]] = field(default_factory=list)
    plants: dict[int, frozenset[str]] = field(default_factory=dict)
    asks: dict[int, tuple[str, ...]] = field(default_factory=dict)
    composing: list[tuple[int, int]] = field(default_factory=list)


class Stage:
    """Runs one play. Times are milliseconds since its beginning."""

    def __init__(self, interviewer: Interviewer, expectations: Expectations) -> None:
        self._interviewer = interviewer
        self._hearing = Hearing(expectations)
        self._played = Played()
        self._now = BEGIN
        self._quiet_since = BEGIN
        self._idle: tuple[int, int] | None = None

    def play(self, candidate: Candidate, created: Created) -> Played:
        self._do(Create(created))
        self._do(Start(self._interviewer.pose()))
        while self._session.state == "running":
            act = candidate.act(self._scene())
            match act:
                case Leave():
                    self._do(Finish("finished", self._interviewer.closing(self._session)))
                case Wait(seconds):
                    self._wait(max(seconds, LEAST_WAIT))
                case Speak():
                    self._speak(act)
        return self._played

    @property
    def _session(self) -> Session:
        return self._played.session

    def _scene(self) -> Scene:
        clock = self._session.clock
        left = clock.left(self._now)
        return Scene(
            self._session.turns,
            clock.elapsed(self._now) / 1000,
            None if left is None else left / 1000,
        )

    def _do(self, command: Command) -> None:
        try:
            made = decide(self._session, command, self._now)
        except Refused:
            return
        for event in made:
            self._played.events.append((event, self._now))
            self._played.session = apply(self._session, event, self._now)
            if isinstance(event, Spoke):
                self._hearing.hear(len(self._session.turns) - 1, event)

    def _until(self, end: int, *, composing: bool) -> bool:
        """Ticks on to `end`; stops early where the interviewer speaks or the time is up."""
        turns = len(self._session.turns)
        while self._now < end and self._session.state == "running":
            self._now = min(end, self._now + TICK)
            self._do(Expire(self._interviewer.closing(self._session)))
            quiet = 0.0 if composing else (self._now - self._quiet_since) / 1000
            self._ask(Quiet(quiet, composing))
            if len(self._session.turns) > turns:
                return True
            if self._now > UNTIMED * 1000:
                self._do(Finish())
        return False

    def _wait(self, seconds: float) -> None:
        if self._until(self._now + round(seconds * 1000), composing=False):
            self._quiet_since = self._now

    def _speak(self, act: Speak) -> None:
        takes = round(act.seconds * 1000)
        begins = self._session.clock.elapsed(self._now)
        self._played.composing.append((begins, begins + takes))
        self._until(self._now + takes, composing=takes > 0)
        number = len(self._session.turns)
        self._do(Say(act.text))
        if len(self._session.turns) == number:
            return
        self._played.plants[number] = act.plants
        self._played.asks[number] = act.asks
        self._quiet_since = self._now
        self._ask(Said(number))
        if len(self._session.turns) > number + 1:
            self._quiet_since = self._now

    def _ask(self, trigger: Trigger) -> None:
        if self._session.state != "running":
            return
        coverage = self._hearing.coverage()
        move = self._interviewer.next_move(self._session, coverage, trigger, self._now)
        if move.text or move.answers is not None:
            self._do(Reply(move.chose(len(self._session.turns)), move.text))
