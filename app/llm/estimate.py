"""What a judging would take, before it starts: tokens by characters, answers by their usual length."""

from dataclasses import dataclass
from pathlib import Path

from app.endpoint import Prices
from app.llm.judge import ALL_VOTES, BAD_ANSWER, FEW_VOTES, TRIES, judge_prompts, step_ask
from app.llm.model import estimated_tokens, seen_usage
from app.rubric.load import Rubric
from app.transcripts.transcript import Transcript

# A verdict with a quote of twenty words, and the JSON around it. The fake judge's own answers take 26 a criterion.
ANSWER_A_CRITERION = 70


@dataclass(frozen=True, slots=True)
class Estimate:
    """What it takes where votes agree, and the most that it can take: five votes for every step, each mended once,
    every answer as long as it may be. Money is zero where no prices are known."""

    calls: int
    tokens_in: int
    tokens_out: int
    money: float
    most_calls: int
    most_tokens: int
    most_money: float

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


def estimate(
    transcript: Transcript, rubric: Rubric, prices: Prices, content: Path | None = None
) -> Estimate:
    """Raises InvalidContent where a prompt is broken."""
    prompts = judge_prompts(content)
    asks = [step_ask(step, transcript, prompts) for step in rubric.steps]
    sent = sum(seen_usage(ask, 0).tokens_in for ask in asks)
    answers = ANSWER_A_CRITERION * sum(len(step.criteria) for step in rubric.steps)
    repair = prompts.repair.render(problem="", ids=[*rubric.criteria])
    mended = estimated_tokens(BAD_ANSWER + len(repair))
    most_in = ALL_VOTES * (TRIES * sent + (TRIES - 1) * mended * len(asks))
    most_out = ALL_VOTES * TRIES * sum(ask.max_tokens for ask in asks)
    return Estimate(
        calls=FEW_VOTES * len(asks),
        tokens_in=FEW_VOTES * sent,
        tokens_out=FEW_VOTES * answers,
        money=prices.of(FEW_VOTES * sent, FEW_VOTES * answers),
        most_calls=ALL_VOTES * TRIES * len(asks),
        most_tokens=most_in + most_out,
        most_money=prices.of(most_in, most_out),
    )
