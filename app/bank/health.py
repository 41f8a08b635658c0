"""How the bank as a whole is: what it covers, what is missing, what repeats, what its figures come to."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from app.bank.card import FAMILIES, Card
from app.bank.experience import LEAST as LEAST_SESSIONS, Experience
from app.bank.question import Domain, Question, Seniority, Status
from app.bank.search import LITTLE
from app.bank.similar import Pair
from app.bank.sums import Sum, work_out
from app.concepts.words import Reader
from app.rubric.load import Rubric
from app.rubric.rubric import STEPS

SELDOM = 0.15  # of the questions: a criterion that fewer press is a gap
NAMED = 5
IN_USE = ("draft", "review", "published")
LANDS_SELDOM = 0.1
AGAINST = -0.2  # an item that weak candidates do better on


@dataclass(frozen=True, slots=True)
class Row:
    """Questions of one domain and family: how many in all, for each seniority, and with enough on each step."""

    domain: str
    family: str
    questions: int
    seniority: dict[str, int]
    steps: dict[str, int]


@dataclass(frozen=True, slots=True)
class Napkin:
    """A question's sums as they come out, and those that could not be worked out."""

    slug: str
    sums: tuple[Sum, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """Retired questions are counted by status alone."""

    questions: int
    status: dict[str, int]
    matrix: tuple[Row, ...]
    pressed: dict[str, int]
    gaps: tuple[str, ...]
    pairs: tuple[Pair, ...]
    problems: dict[str, tuple[str, ...]]
    advice: dict[str, tuple[str, ...]]
    napkins: tuple[Napkin, ...]
    used: dict[str, Experience]
    wear: tuple[str, ...]


def health(
    questions: Mapping[str, Question],
    cards: Iterable[Card],
    rubric: Rubric,
    *,
    pairs: Sequence[Pair] = (),
    problems: Mapping[str, Sequence[str]] | None = None,
    advice: Mapping[str, Sequence[str]] | None = None,
    experience: Mapping[str, Experience] | None = None,
) -> Health:
    """`problems` and `advice` are the linter's sentences by slug; `experience` is of stored sessions."""
    every = list(cards)
    shown = [card for card in every if card.status in IN_USE]
    pressed = _pressed([questions[card.slug] for card in shown], rubric)
    reader = Reader(rubric.lexicon)
    used = {slug: one for slug, one in (experience or {}).items() if slug in questions}
    return Health(
        questions=len(shown),
        status={s: n for s in get_args(Status) if (n := sum(c.status == s for c in every))},
        matrix=_matrix(shown),
        pressed=pressed,
        gaps=(*_gaps(shown), *_unpressed(pressed, len(shown), rubric)),
        pairs=tuple(pairs),
        problems={slug: tuple(told) for slug, told in (problems or {}).items() if told},
        advice={slug: tuple(told) for slug, told in (advice or {}).items() if told},
        napkins=tuple(napkin(questions[card.slug], reader) for card in shown),
        used=used,
        wear=tuple(_wear(questions, shown, used)) if experience is not None else (),
    )


def napkin(question: Question, reader: Reader) -> Napkin:
    done, problems = work_out(question, reader)
    return Napkin(question.slug, tuple(done), tuple(problems))


def _matrix(cards: Sequence[Card]) -> tuple[Row, ...]:
    rows = []
    for domain, family in sorted({(card.domain, card.family) for card in cards}):
        these = [card for card in cards if (card.domain, card.family) == (domain, family)]
        seniority = {s: sum(s in c.seniority for c in these) for s in get_args(Seniority)}
        steps = {step: sum(c.steps[step].total > LITTLE for c in these) for step in STEPS}
        rows.append(Row(domain, family, len(these), seniority, steps))
    return tuple(rows)


def _pressed(questions: Sequence[Question], rubric: Rubric) -> dict[str, int]:
    """criterion -> questions with a follow-up at it, in the order of the rubric."""
    counts = Counter(id for q in questions for id in {f.criterion for f in q.follow_ups})
    return {id: counts[id] for id in rubric.criteria}


def _gaps(cards: Sequence[Card]) -> list[str]:
    gaps = []
    for domain in get_args(Domain):
        there = [card for card in cards if card.domain == domain]
        if not there:
            gaps.append(f"no question in {domain}")
            continue
        for seniority in get_args(Seniority):
            if not any(seniority in card.seniority for card in there):
                gaps.append(f"no {seniority} question in {domain}")
    for family in FAMILIES:
        if not any(card.family == family for card in cards):
            gaps.append(f"no question of the kind {family}")
    for step in STEPS:
        little = [card.slug for card in cards if card.steps[step].total <= LITTLE]
        if little:
            have = "question has" if len(little) == 1 else "questions have"
            gaps.append(f"{len(little)} {have} little on {step} ({named(little)})")
    return gaps


def _unpressed(pressed: Mapping[str, int], questions: int, rubric: Rubric) -> list[str]:
    return [
        f"{count or 'none'} of {questions} press{'es' if count < 2 else ''} "
        f"{rubric.criteria[id][1].title} ({id})"
        for id, count in sorted(pressed.items(), key=lambda item: item[1])
        if count < SELDOM * questions
    ]


def _wear(
    questions: Mapping[str, Question], cards: Sequence[Card], used: Mapping[str, Experience]
) -> list[str]:
    """What sessions say that a curator should look at."""
    unused = [card.slug for card in cards if card.slug not in used]
    told = [f"{len(unused)} questions were never used ({named(unused)})"] if unused else []
    for slug, one in used.items():
        if one.used >= LEAST_SESSIONS:
            silent = [f.id for f in questions[slug].facts if f.id not in one.facts]
            if silent:
                were = "fact was" if len(silent) == 1 else "facts were"
                told.append(
                    f"{slug}: {len(silent)} {were} never asked for in {one.used} sessions "
                    f"({named(silent)})"
                )
        flat = [
            id
            for id, pushed in one.follow_ups.items()
            if pushed.judged >= LEAST_SESSIONS and pushed.landed <= LANDS_SELDOM * pushed.judged
        ]
        if flat:
            told.append(f"{slug}: follow-ups that hardly ever land ({named(flat)})")
        against = [
            f"{kind} {id}" for (kind, id), s in one.separations.items() if s.value <= AGAINST
        ]
        if against:
            told.append(f"{slug}: goes against doing well otherwise ({named(against)})")
    return told


def named(slugs: Sequence[str]) -> str:
    more = f" and {len(slugs) - NAMED} more" if len(slugs) > NAMED else ""
    return ", ".join(slugs[:NAMED]) + more
