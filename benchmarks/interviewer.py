"""How the scripted interviewer behaves with simulated candidates: misconduct, presses of what was said, facts told."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import product

from app.bank.bank import find_questions
from app.candidates import CANDIDATES, make_candidate
from app.candidates.conduct import KINDS, Finding, misconduct, presses
from app.commands.practice import Table, lay_table, play
from app.errors import InvalidContent
from app.interview.persona import find_personas

SEEDS = 2


@dataclass(slots=True)
class Tally:
    """Of one candidate's sessions."""

    sessions: int = 0
    minutes: float = 0.0
    seconds: float = 0.0
    turns: int = 0
    presses: int = 0
    missing: int = 0
    again: int = 0
    asked: int = 0
    told: int = 0
    wrong: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        for name in (
            "sessions",
            "minutes",
            "seconds",
            "turns",
            "presses",
            "missing",
            "again",
            "asked",
            "told",
            "wrong",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.findings.update(other.findings)
        self.shown += other.shown


def lines(seeds: int = SEEDS, show: int = 0) -> Iterator[str]:
    """Every candidate with every question; the personas take turns. `show` findings are printed."""
    slugs = list(_whole_questions())
    personas = list(find_personas())
    plays = [
        (name, slug, seed, personas[(number + place + seed) % len(personas)])
        for (place, name), (number, slug), seed in product(
            enumerate(CANDIDATES), enumerate(slugs), range(seeds)
        )
    ]
    tallies = {name: Tally() for name in CANDIDATES}
    with ProcessPoolExecutor() as pool:
        for (name, *_), tally in zip(plays, pool.map(played, plays, chunksize=8), strict=True):
            tallies[name].add(tally)
    total = Tally()
    yield (
        f"Interviewer ({len(plays)} sessions: {len(CANDIDATES)} candidates, {len(slugs)} questions, "
        f"{len(personas)} personas)"
    )
    yield f"  {'':16} sessions minutes  turns presses  again  told/asked  wrong  misconduct"
    for name, tally in tallies.items():
        yield _row(name, tally)
        total.add(tally)
    yield _row("all", total)
    for kind, about in KINDS.items():
        yield f"  {about:52} {total.findings[kind]:4}"
    fresh = 1 - total.again / total.missing if total.missing else 1.0
    yield f"  asks for a missing point that is missing  {fresh:7.1%} of {total.missing} (95 %)"
    yield f"  time for a session                        {total.seconds / total.sessions:7.2f} s"
    yield from (f"  {line}" for line in total.shown[:show])


def _whole_questions() -> Iterator[str]:
    table = lay_table()
    for slug in sorted(find_questions()):
        try:
            table.cast.question(slug)
        except InvalidContent:
            continue  # a draft that cannot be read yet
        yield slug


def _row(name: str, tally: Tally) -> str:
    told = f"{tally.told}/{tally.asked}"
    return (
        f"  {name:16} {tally.sessions:8} {tally.minutes / max(tally.sessions, 1):7.1f} {tally.turns:6} "
        f"{tally.presses:7} {tally.again:6} {told:>11} {tally.wrong:6} {sum(tally.findings.values()):11}"
    )


_tables: list[Table] = []


def played(one: tuple[str, str, int, str]) -> Tally:
    """One session, measured; each process lays its table once."""
    if not _tables:
        _tables.append(lay_table())
    table = _tables[0]
    name, slug, seed, persona = one
    kept = table.cast.question(slug)
    sheet = table.cast.expectations(kept.question, kept.sha256).sheet
    rubric = table.knowledge.rubric
    candidate = make_candidate(name, kept.question, rubric, seed)
    start = time.perf_counter()
    done = play(table, slug, candidate, persona=persona)
    tally = Tally(sessions=1, seconds=time.perf_counter() - start, turns=len(done.session.turns))
    tally.minutes = done.session.clock.elapsed(done.session.last_at) / 60_000
    pressed = presses(done.session, sheet, done.plants)
    tally.presses = len(pressed)
    tally.missing = sum(press.when == "missing" for press in pressed)
    tally.again = sum(press.covered and press.when == "missing" for press in pressed)
    answers = {move.answers: move for move in done.session.moves if move.answers is not None}
    for turn, facts in done.asks.items():
        tally.asked += len(facts)
        move = answers.get(turn)
        tally.wrong += bool(facts and move and not set(move.facts) <= set(facts))
        tally.told += sum(move is not None and fact in move.facts for fact in facts)
    for found in misconduct(done.session, sheet, rubric, done.composing, done.plants):
        tally.findings[found.kind] += 1
        tally.shown.append(_shown(one, found))
    return tally


def _shown(one: tuple[str, str, int, str], found: Finding) -> str:
    name, slug, seed, persona = one
    return f"{name} {slug} {seed} {persona}, turn {found.turn}: {found.kind}: {found.detail}"
