"""One step of an interview before the judge: three votes, five where they disagree, a verdict for each criterion.

Pure: `judge_step` is a generator that yields what is to be asked and is sent the answers, or has a ModelFailed thrown
in for an answer that was withheld. Only labels and quotes are read from an answer; whatever else stands in it, and
whatever the transcript talked the model into, has no way to a mark but through words that were really said.
"""

import hashlib
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.llm.json_text import json_of
from app.llm.model import Ask, Message, ModelFailed, Shape
from app.llm.prompts import Prompt, get_prompt
from app.llm.telling import plain
from app.llm.verify import VOID, Quoted, Quotes, Void
from app.rubric.rubric import Criterion, Step
from app.scoring.judged import Verdict
from app.scoring.report import Evidence
from app.scoring.rollup import QUOTES
from app.transcripts.transcript import Transcript

Word = Literal["absent", "mentioned", "explained", "justified", "grounded", "cannot_tell"]
WORDS: tuple[Word, ...] = (
    "absent",
    "mentioned",
    "explained",
    "justified",
    "grounded",
    "cannot_tell",
)
PROMPTS = ("judge/system", "judge/step", "judge/repair")
SHAPE = "step_verdicts"

FEW_VOTES, ALL_VOTES = 3, 5
TRIES = 2  # an answer that cannot be read may be mended once
# Measured on the answers that the prompt asks for; an answer three times as long is still whole.
TOKENS_A_CRITERION, TOKENS_AROUND = 220, 200
MOST_QUOTES = 4  # of one criterion that are looked at
REUSED = 3  # criteria of a step that one stretch of words can explain; an order to the judge is quoted for all
SHORT_EVIDENCE = 8  # words; with fewer nothing is argued
LISTED, EXPLAINED, JUSTIFIED = 1, 2, 3
BAD_ANSWER = 4_000  # characters of an unreadable answer that are shown to the judge again
ONE_QUOTE = "rests on one quote"

SPOILT = "it holds no JSON object"
MISSHAPEN = "a field is missing, or holds what it cannot hold"
OTHER_CRITERIA = "the criteria are not those of the step, in their order"


class SaidQuote(BaseModel):
    """Anything else that an answer holds is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    turn: int
    text: str


class SaidVerdict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    quotes: tuple[SaidQuote, ...]
    depth: Word


class SaidVerdicts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    criteria: tuple[SaidVerdict, ...] = Field(max_length=100)


@dataclass(frozen=True, slots=True)
class Poll:
    """An answer that is needed: of which vote, counted from 1, and whether it is a mended one."""

    vote: int
    attempt: int
    ask: Ask


@dataclass(frozen=True, slots=True)
class Counted:
    """One vote on one criterion that counts. Evidence holds what was quoted and found."""

    depth: int
    evidence: tuple[Evidence, ...] = ()


Ballot = Counted | Void
Vote = dict[str, Ballot]


@dataclass(frozen=True, slots=True)
class Judged:
    """A step's verdicts by criterion; `readable` of its `votes` were in the form that was asked for."""

    verdicts: dict[str, Verdict]
    votes: int
    readable: int


class Prompts(NamedTuple):
    system: Prompt
    step: Prompt
    repair: Prompt


def judge_prompts(extra: Path | None = None) -> Prompts:
    """Raises InvalidContent where one of them is broken."""
    return Prompts(*(get_prompt(id, extra) for id in PROMPTS))


# what is asked -----------------------------------------------------------------------------------
def step_ask(step: Step, transcript: Transcript, prompts: Prompts) -> Ask:
    """The transcript comes first: it is the same in every call, so a server can keep what it has read of it."""
    turns = [
        {"number": number, "speaker": str(turn.speaker), "text": plain(turn.text)}
        for number, turn in enumerate(transcript.turns)
        if turn.text.strip()
    ]
    nonce = hashlib.sha256(repr(turns).encode()).hexdigest()[:16]
    told = prompts.step.render(
        nonce=nonce,
        turns=turns,
        step={"id": step.id, "title": step.title, "about": step.about},
        criteria=[_told(criterion) for criterion in step.criteria],
    )
    return Ask(
        (Message("system", prompts.system.render()), Message("user", told)),
        max_tokens=TOKENS_AROUND + TOKENS_A_CRITERION * len(step.criteria),
        shape=Shape(SHAPE, _schema(step)),
    )


def _told(criterion: Criterion) -> dict[str, Any]:
    """What a person wrote about it: two examples of what does not count, one of each depth."""
    return {
        "id": criterion.id,
        "title": criterion.title,
        "why": criterion.why,
        "examples": [
            (WORDS[depth], said[0]) for depth, said in criterion.examples.by_depth().items() if said
        ],
        "nothing": [(each.said, each.after) for each in criterion.examples.nothing[:2]],
    }


def _schema(step: Step) -> dict[str, Any]:
    def object_of(**properties: object) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": properties,
            "required": [*properties],
            "additionalProperties": False,
        }

    quote = object_of(turn={"type": "integer"}, text={"type": "string"})
    verdict = object_of(
        id={"type": "string", "enum": [criterion.id for criterion in step.criteria]},
        quotes={"type": "array", "items": quote},
        depth={"type": "string", "enum": [*WORDS]},
    )
    return object_of(criteria={"type": "array", "items": verdict})


# the flow ----------------------------------------------------------------------------------------
def judge_step(
    step: Step, ask: Ask, repair: Prompt, quotes: Quotes
) -> Generator[Poll, str, Judged]:
    votes: list[Vote | None] = []
    for most in (FEW_VOTES, ALL_VOTES):
        while len(votes) < most:
            votes.append((yield from _vote(len(votes) + 1, step, ask, repair, quotes)))
        if not _disagree(step, votes):
            break
    verdicts = {c.id: verdict([_ballot(vote, c.id) for vote in votes]) for c in step.criteria}
    return Judged(verdicts, len(votes), sum(vote is not None for vote in votes))


def _vote(
    number: int, step: Step, ask: Ask, repair: Prompt, quotes: Quotes
) -> Generator[Poll, str, Vote | None]:
    """None where no answer came that can be read."""
    expected = [criterion.id for criterion in step.criteria]
    asking = ask
    for attempt in range(1, TRIES + 1):
        try:
            answer = yield Poll(number, attempt, asking)
        except ModelFailed:
            return None
        said = read_answer(answer, expected)
        if not isinstance(said, str):
            return _verified(said, quotes)
        asking = replace(
            ask,
            messages=(
                *ask.messages,
                Message("assistant", answer[:BAD_ANSWER]),
                Message("user", repair.render(problem=said, ids=expected)),
            ),
        )
    return None


def read_answer(text: str, expected: list[str]) -> SaidVerdicts | str:
    """The verdicts, or what is wrong with the answer in our own words."""
    try:
        said = SaidVerdicts.model_validate(json_of(text))
    except ModelFailed:
        return SPOILT
    except ValidationError:
        return MISSHAPEN
    return said if [each.id for each in said.criteria] == expected else OTHER_CRITERIA


def _disagree(step: Step, votes: Sequence[Vote | None]) -> bool:
    """Whether for some criterion depths differ, or some votes count and most do not."""
    for criterion in step.criteria:
        ballots = [_ballot(vote, criterion.id) for vote in votes]
        depths = {ballot.depth for ballot in ballots if isinstance(ballot, Counted)}
        counted = sum(isinstance(ballot, Counted) for ballot in ballots)
        if len(depths) > 1 or 0 < counted <= len(ballots) / 2:
            return True
    return False


def _ballot(vote: Vote | None, criterion: str) -> Ballot:
    return Void("unreadable") if vote is None else vote[criterion]


# one vote ----------------------------------------------------------------------------------------
def _verified(said: SaidVerdicts, quotes: Quotes) -> Vote:
    vote = {each.id: _counted(each, quotes) for each in said.criteria}
    used = [
        (id, quote)
        for id, ballot in vote.items()
        if isinstance(ballot, Counted) and ballot.depth >= EXPLAINED
        for quote in ballot.evidence
    ]
    for id, quote in used:
        if len({other for other, their in used if _overlap(quote, their)}) > REUSED:
            vote[id] = Void("reused")
    return vote


def _counted(said: SaidVerdict, quotes: Quotes) -> Ballot:
    if said.depth == "cannot_tell":
        return Void("undecided")
    depth = WORDS.index(said.depth)
    if depth == 0:
        return Counted(0)
    checked = [quotes.check(quote.text, quote.turn) for quote in said.quotes[:MOST_QUOTES]]
    found = [each for each in checked if isinstance(each, Quoted)]
    if found:
        return Counted(capped(depth, found), tuple(quote.evidence for quote in found))
    return next((each for each in checked if isinstance(each, Void)), Void("no_quote"))


def capped(depth: int, found: Sequence[Quoted]) -> int:
    """No deeper than the quoted words can be: a list is a mention, an argument takes a few words, and what is grounded
    holds an amount or ties to what was agreed before."""
    if all(quote.listed for quote in found):
        return min(depth, LISTED)
    if sum(quote.words for quote in found) < SHORT_EVIDENCE:
        return min(depth, EXPLAINED)
    if not any(quote.grounds for quote in found):
        return min(depth, JUSTIFIED)
    return depth


def _overlap(one: Evidence, other: Evidence) -> bool:
    return one.turn == other.turn and one.start < other.end and other.start < one.end


# all votes ---------------------------------------------------------------------------------------
def verdict(ballots: Sequence[Ballot]) -> Verdict:
    """The lower median of the votes that count, with the words of those that said it; none where most are void."""
    counted = [ballot for ballot in ballots if isinstance(ballot, Counted)]
    if 2 * len(counted) <= len(ballots):
        voids = Counter(ballot.reason for ballot in ballots if isinstance(ballot, Void))
        commonest = max(VOID, key=lambda reason: voids[reason])
        return Verdict(None, note=f"could not be judged: {VOID[commonest]}")
    depths = sorted(ballot.depth for ballot in counted)
    depth = depths[(len(depths) - 1) // 2]
    evidence = _best(quote for b in counted if b.depth == depth for quote in b.evidence)
    notes = [ONE_QUOTE] if len(evidence) == 1 else []
    if len(set(depths)) > 1:
        notes.append(f"votes differed: {', '.join(WORDS[each] for each in depths)}")
    return Verdict(depth, evidence, "; ".join(notes) or None)


def _best(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """At most QUOTES that do not overlap: what most votes quoted, then the longer; shown in the order of the talk."""
    votes = Counter(evidence)
    ranked = sorted(votes, key=lambda e: (-votes[e], e.start - e.end, e.turn, e.start))
    kept: list[Evidence] = []
    for quote in ranked:
        if len(kept) < QUOTES and not any(_overlap(quote, other) for other in kept):
            kept.append(quote)
    return tuple(sorted(kept, key=lambda e: (e.turn, e.start)))
