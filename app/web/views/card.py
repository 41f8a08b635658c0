"""The scorecard laid out for a committee: one page to decide by, the words behind it on the next."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.rubric.load import Rubric
from app.scoring.cards import Card, CardStep, Machine
from app.scoring.faces.card_markdown import DIFFERS, between, level
from app.scoring.faces.wording import VERDICTS
from app.transcripts.transcript import Transcript
from app.web.views import words
from app.web.views.report import FlagView, Quote
from app.web.views.side_by_side import QuoteView, quote_view

WIDTH = 200  # of the strip on which final mark, raters' range and scorer stand, 0 to 4
RANGE_LEAST = 6


@dataclass(frozen=True, slots=True)
class Strip:
    """Places on the strip; None where there is no such mark."""

    final: float | None
    low: float | None
    wide: float
    machine: float | None


@dataclass(frozen=True, slots=True)
class CardRow:
    step: CardStep
    number: int
    final: str
    raters: str
    machine: str
    judge: str
    strip: Strip
    quotes: tuple[QuoteView, ...]


@dataclass(frozen=True, slots=True)
class CardView:
    """`decided` is the interviewer's own choice in words, `computed` what the final levels make, `differs` a sentence
    where the two are not the same."""

    card: Card
    decided: str
    computed: str
    differs: str
    machines: tuple[str, ...]
    rows: tuple[CardRow, ...]
    flags: tuple[FlagView, ...]
    unjudged: int


def card_view(card: Card, rubric: Rubric, transcript: Transcript) -> CardView:
    return CardView(
        card=card,
        decided=words.DECISIONS[card.chosen][0] if card.chosen else "",
        computed=_computed(card.overall, card.decision),
        differs=DIFFERS if card.decision and card.chosen not in (None, card.decision) else "",
        machines=tuple(_machine(machine) for machine in (card.machine, card.judge) if machine),
        rows=tuple(
            CardRow(
                step=step,
                number=number,
                final=level(step.level),
                raters=between(step),
                machine=level(step.machine),
                judge=level(step.judge) if card.judge else "",
                strip=_strip(step),
                quotes=tuple(map(quote_view, step.evidence)),
            )
            for number, step in enumerate(card.steps, start=1)
        ),
        flags=tuple(_flags(card, rubric, transcript)),
        unjudged=sum(step.level is None for step in card.steps),
    )


def _computed(overall: float | None, decision: str | None) -> str:
    if overall is None or decision is None:
        return "Too few steps could be judged to compute an overall."
    return f"{overall:.0f} of 100, {VERDICTS[decision]} for a senior (L5) engineer"


def _machine(machine: Machine) -> str:
    who = words.RATERS.get(machine.rater.kind, machine.rater.kind)
    if machine.overall is None:
        return f"{who} ({machine.rater.name}): no overall"
    return f"{who} ({machine.rater.name}): {_computed(machine.overall, machine.decision)}"


def _strip(step: CardStep) -> Strip:
    low, high = _place(step.low), _place(step.high)
    wide = max(RANGE_LEAST, high - low) if low is not None and high is not None else 0
    if low is not None and high is not None and high - low < RANGE_LEAST:
        low -= (RANGE_LEAST - (high - low)) / 2
    return Strip(_place(step.level), low, wide, _place(step.machine))


def _place(value: float | None) -> float | None:
    return None if value is None else round(WIDTH * value / 4, 1)


def _flags(card: Card, rubric: Rubric, transcript: Transcript) -> Iterable[FlagView]:
    titles = {flag.id: flag.title for flag in rubric.flags}
    for flag in card.flags:
        at = transcript.turns[flag.turn].at
        yield FlagView(titles.get(flag.id, flag.id), flag.why, Quote(flag.quote, "", at))
