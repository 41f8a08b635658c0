"""What reading a model's words costs, in processor time: the set-up for a move, a whole reply; and how long a word
waits until it may be shown, as the stand-in phrases the moves of a played session."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

from app.candidates import make_candidate
from app.commands.practice import lay_table, play
from app.fake_llm.interviewer import phrase
from app.interview.move import Move
from app.llm.allowed import background_of
from app.llm.screen import Screen
from app.llm.telling import VOICED

SLUGS = ("payment-fraud", "photo-search", "delivery-eta")
PIECE = 5  # characters
MOST_SETTING, MOST_READING = 10, 2  # ms


def lines() -> Iterator[str]:
    table = lay_table()
    setting, reading, lengths, waiting, accepted = [], [], [], [], []
    for slug in SLUGS:
        kept = table.cast.question(slug)
        sheet = table.cast.expectations(kept.question, kept.sha256).sheet
        background = background_of(sheet, table.knowledge.rubric)
        acting = make_candidate("typical", kept.question, table.knowledge.rubric, 1)
        session = play(table, slug, acting, persona="probing").session
        for number, chose in enumerate(session.moves):
            if chose.turn is None or chose.kind not in VOICED:
                continue
            before = replace(
                session, turns=session.turns[: chose.turn], moves=session.moves[:number]
            )
            move = Move(
                chose.kind,
                chose.trigger,
                session.turns[chose.turn].text,
                facts=chose.facts,
                follow_up=chose.follow_up,
                verdict=chose.verdict,
                twist=chose.twist,
            )
            at = time.process_time()
            screen = Screen(background, before, move)
            setting.append(1000 * (time.process_time() - at))
            text, first = phrase(move.text, number), ""
            at = time.process_time()
            for start in range(0, len(text), PIECE):
                if screen.feed(text[start : start + PIECE]) and not first:
                    first = text[: start + PIECE]
            accepted.append(not screen.finish().breaches)
            reading.append(1000 * (time.process_time() - at))
            lengths.append(len(text.split()))
            waiting.append(len((first or text).split()))
    yield f"Screen ({len(reading)} replies of {statistics.mean(lengths):.0f} words on average)"
    yield row("set up", setting, MOST_SETTING)
    yield row("a reply", reading, MOST_READING)
    late = statistics.quantiles(waiting, n=20)[-1]
    yield f"  words that come before one is shown: median {statistics.median(waiting):.0f}, p95 {late:.0f}"
    yield f"  honest replies accepted: {100 * statistics.mean(accepted):.1f} %"


def row(name: str, times: list[float], most: int) -> str:
    p95 = statistics.quantiles(times, n=20)[-1]
    return f"  {name:8} median {statistics.median(times):5.2f} ms ({most}), p95 {p95:5.2f}"
