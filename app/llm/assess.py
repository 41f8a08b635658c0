"""A transcript before the judge, step by step: ask, keep every answer, verify, and let code make the numbers."""

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path

from app.agreement.calibration import Calibration, load_calibration
from app.llm.judge import (
    ALL_VOTES,
    FEW_VOTES,
    Judged,
    Poll,
    Prompts,
    judge_prompts,
    judge_step,
    read_answer,
    step_ask,
)
from app.llm.model import Fault, Model, ModelFailed
from app.llm.verify import Quotes
from app.llm.votes import Kept, Votes
from app.rubric.rubric import Step
from app.scoring.judged import judged_report
from app.scoring.knowledge import Knowledge
from app.scoring.report import Rater, Report
from app.scoring.rollup import Facts, facts_of, unscorable
from app.scoring.scorer import hear
from app.transcripts import unscorable_reason
from app.transcripts.transcript import Transcript

KIND = "llm"  # of the rater
CALIBRATED, FAILED = "calibrated", "judge-failed"
NOTES = (CALIBRATED, FAILED)  # on reports that a judge was asked for
AT_ONCE = 2
LEAST_STEPS = 2  # without a readable answer, before the judge is given up
# The next try would go the same way, so the vote is void and the others go on.
WITHHELD: frozenset[Fault] = frozenset({"filtered", "too_large"})


@dataclass(frozen=True, slots=True)
class Progress:
    """What a judging has come to. Tokens and cost hold what was paid in earlier tries, as far as answers were kept."""

    steps_done: int
    steps: int
    votes_done: int
    votes_planned: int
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0


def fingerprint(
    transcript: Transcript,
    knowledge: Knowledge,
    model: str,
    *,
    question_text: str | None = None,
    content: Path | None = None,
) -> str:
    """64 hex digits over all that answers depend on: the words, the rubric, the prompts, the model's name. Raises
    InvalidContent where a prompt is broken."""
    prompts = judge_prompts(content)
    parts = [
        [(str(turn.speaker), turn.text) for turn in transcript.turns],
        question_text or transcript.question,
        knowledge.rubric.sha256,
        [(each.id, each.version, each.sha256) for each in prompts],
        model,
        [FEW_VOTES, ALL_VOTES],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def outcome_key(
    transcript: Transcript,
    knowledge: Knowledge,
    model: str,
    *,
    question_text: str | None = None,
    content: Path | None = None,
) -> str:
    """64 hex digits over all that the report depends on: what answers do, and how levels are mapped. Raises
    InvalidContent where a prompt or a calibration is broken."""
    answers = fingerprint(
        transcript, knowledge, model, question_text=question_text, content=content
    )
    mapped = load_calibration(content, model)
    return hashlib.sha256(f"{answers} {mapped.id} {mapped.version}".encode()).hexdigest()


async def assess(
    transcript: Transcript,
    knowledge: Knowledge,
    model: Model,
    *,
    votes: Votes,
    question_text: str | None = None,
    content: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    calibration: Calibration | None = None,
    at_once: int = AT_ONCE,
) -> Report:
    """The judge's report. What cannot be scored is not sent anywhere. Without a `calibration` that of the judge is
    looked up. Raises ModelFailed where the endpoint fails: what was answered is kept, so the next try goes on from
    there; "garbled" says that nothing it answers can be read."""
    rater = Rater(KIND, model.name)
    if reason := unscorable_reason(transcript):
        return unscorable(transcript, knowledge, reason, rater)
    prompts = judge_prompts(content)
    facts, quotes = await asyncio.to_thread(_read, transcript, knowledge, question_text)
    bench = Bench(
        transcript,
        model,
        votes,
        prompts,
        quotes,
        fingerprint(
            transcript, knowledge, model.name, question_text=question_text, content=content
        ),
        progress,
        len(knowledge.rubric.steps),
    )
    judged = await bench.hear(knowledge.rubric.steps, at_once)
    verdicts = {id: verdict for each in judged for id, verdict in each.verdicts.items()}
    mapped = load_calibration(content, model.name) if calibration is None else calibration
    notes = () if mapped.is_identity else (_mapped(mapped),)
    return judged_report(facts, verdicts, rater, calibrate=mapped.level, notes=notes)


def _read(
    transcript: Transcript, knowledge: Knowledge, question_text: str | None
) -> tuple[Facts, Quotes]:
    heard = hear(transcript, knowledge, question_text)
    return (
        facts_of(transcript, knowledge, heard),
        Quotes(transcript, knowledge, heard, question_text),
    )


def _mapped(calibration: Calibration) -> dict[str, str]:
    pairs = "1 pair" if calibration.total_pairs == 1 else f"{calibration.total_pairs} pairs"
    return {
        "id": CALIBRATED,
        "message": f"The judge's levels were mapped to people's by {calibration.id}, version "
        f"{calibration.version}, which rests on {pairs} of levels.",
    }


class Bench:
    """One judging: its steps, a few of them at once, and what they came to so far."""

    def __init__(
        self,
        transcript: Transcript,
        model: Model,
        votes: Votes,
        prompts: Prompts,
        quotes: Quotes,
        fingerprint: str,
        told: Callable[[Progress], None] | None,
        steps: int,
    ) -> None:
        self._transcript = transcript
        self._model = model
        self._votes = votes
        self._prompts = prompts
        self._quotes = quotes
        self._fingerprint = fingerprint
        self._told = told
        self._progress = Progress(0, steps, 0, steps * FEW_VOTES)
        self._readable = 0
        self._stopped = False

    async def hear(self, steps: tuple[Step, ...], at_once: int) -> list[Judged]:
        """Raises what the first of them raised. The others end with the answer that is on its way, which is paid."""
        waiting, judged = deque(steps), dict[str, Judged]()

        async def work() -> None:
            while waiting and not self._stopped:
                step = waiting.popleft()
                try:
                    if (came := await self._step(step)) is not None:
                        judged[step.id] = came
                except BaseException:
                    self._stopped = True
                    raise

        self._tell()
        outcomes = await asyncio.gather(*(work() for _ in range(at_once)), return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        return [judged[step.id] for step in steps]

    async def _step(self, step: Step) -> Judged | None:
        """None where another step has failed meanwhile."""
        ask = step_ask(step, self._transcript, self._prompts)
        flow = judge_step(step, ask, self._prompts.repair, self._quotes)
        expected = [criterion.id for criterion in step.criteria]
        state: Poll | Judged = next(flow)
        planned, spent = FEW_VOTES, Kept("", 0, 0, 0.0)
        while isinstance(state, Poll):
            key = f"{self._fingerprint}/{step.id}/{state.vote}"
            kept = await asyncio.to_thread(self._votes.get, key)
            if kept is None:
                if self._stopped:
                    return None
                outcome = await self._asked(state)
                if isinstance(outcome, Kept):
                    spent = _sum(spent, outcome)
                    if not isinstance(read_answer(outcome.text, expected), str):
                        await asyncio.to_thread(self._votes.put, key, spent)
            else:
                outcome = kept
                self._spend(kept)
            came = await asyncio.to_thread(_go_on, flow, outcome)
            if isinstance(came, Judged) or came.vote != state.vote:
                spent = Kept("", 0, 0, 0.0)
                self._add(votes_done=1)
            if isinstance(came, Poll) and came.vote > planned:
                planned = ALL_VOTES
                self._add(votes_planned=ALL_VOTES - FEW_VOTES)
            state = came
        self._add(steps_done=1)
        self._readable += state.readable
        if not self._readable and self._progress.steps_done >= LEAST_STEPS:
            raise ModelFailed("garbled")
        return state

    async def _asked(self, poll: Poll) -> "Kept | ModelFailed":
        try:
            answer = await self._model.reply(poll.ask)
        except ModelFailed as failure:
            if failure.fault not in WITHHELD:
                raise
            return failure
        usage = answer.usage
        kept = Kept(answer.text, usage.tokens_in, usage.tokens_out, answer.cost)
        self._spend(kept)
        return kept

    def _spend(self, kept: Kept) -> None:
        so_far = self._progress
        self._progress = replace(
            so_far,
            tokens_in=so_far.tokens_in + kept.tokens_in,
            tokens_out=so_far.tokens_out + kept.tokens_out,
            cost=so_far.cost + kept.cost,
        )
        self._tell()

    def _add(self, *, steps_done: int = 0, votes_done: int = 0, votes_planned: int = 0) -> None:
        so_far = self._progress
        self._progress = replace(
            so_far,
            steps_done=so_far.steps_done + steps_done,
            votes_done=so_far.votes_done + votes_done,
            votes_planned=so_far.votes_planned + votes_planned,
        )
        self._tell()

    def _tell(self) -> None:
        if self._told is not None:
            self._told(self._progress)


def _sum(one: Kept, other: Kept) -> Kept:
    return Kept(
        other.text,
        one.tokens_in + other.tokens_in,
        one.tokens_out + other.tokens_out,
        one.cost + other.cost,
    )


def _go_on(flow: Generator[Poll, str, Judged], outcome: Kept | ModelFailed) -> Poll | Judged:
    """In a thread: quotes are searched for here."""
    try:
        return flow.send(outcome.text) if isinstance(outcome, Kept) else flow.throw(outcome)
    except StopIteration as end:
        judged: Judged = end.value
        return judged
