"""What the model is told for one move: its persona, what was said so far, the move's own words. Nothing else.

No untold fact, no criterion, no other question and no reference stands in it, so that none can slip out.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from app.bank.question import Question
from app.errors import NotFound
from app.interview.coverage import Coverage
from app.interview.events import Spoke
from app.interview.move import Move
from app.interview.persona import Persona
from app.interview.policy import SPOKEN, TOUCHED
from app.interview.session import MINUTE, Session
from app.llm.model import Ask, Message, estimated_tokens
from app.llm.prompts import Prompt, get_prompt
from app.rubric.rubric import STEPS

# Kinds that a model may word. The task, the closing words and what is asked back about stand as they are authored;
# listening has none.
VOICED = frozenset(
    (
        "answer",
        "assumption",
        "decline",
        "direct",
        "reply",
        "press",
        "probe",
        "call_time",
        "twist",
        "steer",
        "hint",
        "wrap_up",
    )
)
BUDGET = 3_000  # tokens of conversation; what is older is folded
LEAST_CUT = 200  # characters of a long turn below which it is left out
TAG = re.compile(r"<(?=[/A-Za-z!?])")  # "p < 0.05" is no tag
NONCE = 16
TOKENS_A_WORD = 2
LEAST_TOKENS, MOST_TOKENS = 120, 500  # of words
THOUGHT = 1_000  # tokens more, for a model that thinks before its first word; how long words may be is read from them


@dataclass(frozen=True, slots=True)
class Telling:
    """An ask, and for the record which prompts it was made of: the move's, and a hash over all of them."""

    ask: Ask
    prompt: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Line:
    speaker: str
    text: str


def telling_of(
    session: Session,
    coverage: Coverage,
    move: Move,
    question: Question,
    persona: Persona,
    now_ms: int,
    *,
    extra: Path | None = None,
    budget: int = BUDGET,
    again: str = "",
) -> Telling:
    """`again` says what was wrong with an earlier try: it completes "it ...". Raises InvalidContent for a prompt
    file that is broken, NotFound for a move that has none."""
    system, request = get_prompt("voice/system", extra), get_prompt("voice/request", extra)
    doing = get_prompt(f"voice/moves/{move.kind}", extra)
    manner, manner_hash = _manner(persona, extra)
    kept, folded = _within(session.turns, budget)
    facts, assumptions = _ledger(session, question, folded)
    left = session.clock.left(now_ms)
    nonce = hashlib.sha256(repr((kept, facts, assumptions)).encode()).hexdigest()[:NONCE]
    messages = (
        Message(
            "system",
            system.render(title=question.title, prompt=plain(question.prompt), persona=manner),
        ),
        Message(
            "user",
            request.render(
                nonce=nonce,
                minutes_gone=round(session.clock.elapsed(now_ms) / MINUTE),
                minutes_left=None if left is None else round(left / MINUTE),
                topics=[SPOKEN[step] for step in STEPS if coverage.steps.get(step, 0.0) >= TOUCHED],
                facts=facts,
                assumptions=assumptions,
                turns=kept,
                kind=move.kind,
                instructions=doing.render(),
                again=again,
                say=plain(move.text),
            ),
        ),
    )
    return Telling(
        Ask(messages, max_tokens=_most_tokens(move.text)),
        doing.id,
        doing.version,
        _hash_of((system, request, doing), manner_hash),
    )


def plain(text: str) -> str:
    """On one line, and unable to open or close a tag."""
    return TAG.sub("‹", " ".join(text.split()))


def _manner(persona: Persona, extra: Path | None) -> tuple[str, str]:
    """How it speaks, and the hash of where that stands; a persona without a voice of its own is described."""
    try:
        voice = get_prompt(f"voice/personas/{persona.id}", extra)
    except NotFound:
        return persona.about, hashlib.sha256(persona.about.encode()).hexdigest()
    return voice.render(), voice.sha256


def _within(turns: tuple[Spoke, ...], budget: int) -> tuple[list[Line], int]:
    """The latest turns that fit into so many tokens, and how many were left out before them. Of a turn that
    does not fit as a whole its end is kept, since a reply is to that."""
    kept: list[Line] = []
    room = budget * 4  # characters, as in estimated_tokens
    for number in range(len(turns) - 1, -1, -1):
        turn = turns[number]
        text = plain(turn.text)
        cost = estimated_tokens(len(turn.speaker) + 3 + len(text)) * 4
        if cost > room:
            room -= len(turn.speaker) + 8
            if room >= LEAST_CUT:
                kept.append(Line(turn.speaker, "... " + text[-room:].split(" ", 1)[-1]))
            return kept[::-1], number + 1
        kept.append(Line(turn.speaker, text))
        room -= cost
    return kept[::-1], 0


def _ledger(session: Session, question: Question, folded: int) -> tuple[list[str], list[str]]:
    """Facts told and assumptions stated in the turns that were left out, in the sheet's and the candidate's words."""
    facts = [plain(question.fact(id).answer) for id, turn in session.told.items() if turn < folded]
    assumptions = [
        plain(move.assumption)
        for move in session.moves
        if move.assumption and move.answers is not None and move.answers < folded
    ]
    return facts, list(dict.fromkeys(assumptions))


def _most_tokens(say: str) -> int:
    return THOUGHT + min(MOST_TOKENS, max(LEAST_TOKENS, TOKENS_A_WORD * 2 * len(say.split())))


def _hash_of(prompts: tuple[Prompt, ...], manner: str) -> str:
    return hashlib.sha256(" ".join([*(p.sha256 for p in prompts), manner]).encode()).hexdigest()
