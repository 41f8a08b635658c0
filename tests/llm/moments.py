"""Moments of interviews in which a move has to be worded: authored ones, and all of sessions that were played."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from app.candidates import make_candidate
from app.commands.practice import Table, play
from app.endpoint import Prices
from app.interview.coverage import Coverage
from app.interview.events import Chose, Created, Spoke, Started
from app.interview.move import Move
from app.interview.persona import Persona, get_persona
from app.interview.session import Session, fold
from app.llm.allowed import tokens_of
from app.llm.model import Answer, Ask, ModelFailed, Usage
from app.llm.screen import Screen, Verdict
from app.llm.speaker import VOICED, Speaker

PHRASINGS = yaml.safe_load((Path(__file__).parent / "phrasings.yaml").read_text("utf-8"))
PIECE = 5  # characters; smaller than a word, as tokens are
NOW = 120_000


@dataclass(frozen=True)
class Moment:
    slug: str
    session: Session
    move: Move


def began(table: Table, slug: str, said: str) -> Session:
    question = table.cast.question(slug).question
    created = Created(
        slug, question.title, "", "seven-step", "", "neutral", "practice", 45, voice="model"
    )
    posed = Spoke("interviewer", "Hello. " + " ".join(question.prompt.split()), 0)
    events = [created, Started(), posed, Chose("pose", "start", turn=0)]
    return fold([(event, 0) for event in [*events, Spoke("candidate", said, 60_000)]])


def authored(table: Table, item: dict) -> Moment:
    """Of an entry of phrasings.yaml."""
    question = table.cast.question(item["slug"]).question
    facts = (item["fact"],) if "fact" in item else ()
    scripts = {"follow_up": question.follow_ups, "trap": question.traps}
    pushed = next(((item[k], of) for k, of in scripts.items() if k in item), (None, ()))
    say = item.get("say")
    if say is None and facts:
        say = question.fact(facts[0]).answer
    elif say is None and "twist" in item:
        say = next(twist.says for twist in question.twists if twist.id == item["twist"])
    elif say is None and "quote" in item:
        say = (
            f'You said "{item["quote"]}". What exactly would that do here, and why that rather than '
            "something else?"
        )
    elif say is None:
        say = next(push.ask for push in pushed[1] if push.id == pushed[0])
    move = Move(
        item["kind"],
        "turn",
        say,
        answers=1,
        facts=facts,
        follow_up=pushed[0],
        verdict=item.get("verdict"),
        twist=item.get("twist"),
    )
    return Moment(item["slug"], began(table, item["slug"], item["said"]), move)


def played(
    table: Table, slug: str, candidate: str, persona: str, seed: int = 1
) -> Iterator[Moment]:
    """Every moment of a session in which a model could have spoken."""
    question = table.cast.question(slug).question
    acting = make_candidate(candidate, question, table.knowledge.rubric, seed)
    session = play(table, slug, acting, persona=persona).session
    for number, chose in enumerate(session.moves):
        if chose.turn is None or chose.kind not in VOICED:
            continue
        before = replace(session, turns=session.turns[: chose.turn], moves=session.moves[:number])
        yield Moment(slug, before, move_of(chose, session.turns[chose.turn].text))


def move_of(chose: Chose, text: str) -> Move:
    return Move(
        chose.kind,
        chose.trigger,
        text,
        chose.answers,
        chose.facts,
        chose.follow_up,
        chose.criterion,
        chose.verdict,
        chose.twist,
        chose.assumption,
    )


def sheet_of(table: Table, slug: str):
    kept = table.cast.question(slug)
    return table.cast.expectations(kept.question, kept.sha256).sheet


def screened(
    background, moment: Moment, text: str, piece: int = PIECE
) -> tuple[Verdict, list[str]]:
    """The verdict, and everything that was to be seen on the way."""
    screen = Screen(background, moment.session, moment.move)
    shown = []
    for start in range(0, len(text), piece):
        screen.feed(text[start : start + piece])
        shown.append(screen.shown)
    return screen.finish(), shown


def plain(text: str) -> str:
    """Its words only, to look for one row of words in another."""
    return f" {' '.join(token for token in tokens_of(text) if token != '.')} "


@dataclass
class Recited:
    """A model that says what it is given, reply by reply; a fault in place of a reply is raised after its pieces."""

    replies: list
    name: str = "recited"
    asks: list[Ask] = field(default_factory=list)
    closed: int = 0
    finish: str = "stop"
    prices: Prices = Prices()

    async def reply(self, ask: Ask) -> Answer:
        raise NotImplementedError

    async def stream(self, ask: Ask) -> AsyncIterator[str | Answer]:
        self.asks.append(ask)
        said = self.replies[min(len(self.asks), len(self.replies)) - 1]
        text, fault = said if isinstance(said, tuple) else (said, None)
        try:
            for start in range(0, len(text), PIECE):
                yield text[start : start + PIECE]
            if isinstance(fault, ModelFailed):
                raise fault
            yield Answer(text, self.name, self.finish, Usage(900, 40), 30, 80, 0.002)
        finally:
            self.closed += 1


def speaker_of(table: Table, slug: str, model, persona: Persona | None = None, **more) -> Speaker:
    extra = more.pop("extra", None)
    rubric = table.knowledge.rubric
    return Speaker(
        sheet_of(table, slug), rubric, persona or get_persona("neutral"), extra, model, **more
    )


async def spoke(speaker: Speaker, moment: Moment, shown: list[str] | None = None):
    seen = [] if shown is None else shown
    return await speaker.speak(moment.session, Coverage(), moment.move, NOW, seen.append)
