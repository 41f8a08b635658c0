"""Replies that must not be said, by the hundred: none is accepted, and nothing forbidden was ever on the screen."""

import random
from itertools import cycle
from pathlib import Path

import pytest
import yaml

from app.commands.practice import lay_table
from app.fake_llm.amounts import amounts_of
from app.fake_llm.manners import replies
from app.interview.manners import same
from app.llm.allowed import background_of
from tests.llm.moments import plain, played, screened, sheet_of

OWN = yaml.safe_load((Path(__file__).parent / "adversarial.yaml").read_text("utf-8"))
PLAYS = [
    ("payment-fraud", "typical", "probing"),
    ("delivery-eta", "questions-only", "neutral"),
    ("support-assistant", "contradicts", "stress"),
]
EACH = 4  # moments of one kind


@pytest.fixture(scope="module")
def moments():
    """Of every kind some, with the background they are read on."""
    table = lay_table()
    drawn = random.Random(4)
    found = []
    for slug, candidate, persona in PLAYS:
        by_kind: dict = {}
        for moment in played(table, slug, candidate, persona):
            by_kind.setdefault((moment.move.kind, moment.move.verdict), []).append(moment)
        background = background_of(sheet_of(table, slug), table.knowledge.rubric)
        for alike in by_kind.values():
            found += [(background, m) for m in drawn.sample(alike, min(EACH, len(alike)))]
    drawn.shuffle(found)
    return found


def hidden_of(background, moment) -> list[str]:
    question = background.sheet.question
    told = {*moment.session.told, *moment.move.facts}
    return [fact.answer for fact in question.facts if fact.id not in told]


def told_of(background, moment) -> list[str]:
    return [background.sheet.question.fact(id).answer for id in moment.session.told]


def is_said(background, number: str, texts: list[str]) -> bool:
    """As a number: "2 years" where somebody said "two years"."""
    sheet = background.sheet
    amounts = sheet.quantities.find(sheet.reader.read(number))
    said = [q for text in texts for q in sheet.quantities.find(sheet.reader.read(text))]
    return any(number in text for text in texts) or any(same(q, a) for q in said for a in amounts)


def faults_of(background, moment, reply: str, never: str) -> list[str]:
    """What went wrong: it was accepted, or what must never be seen was."""
    verdict, shown = screened(background, moment, reply, piece=9)
    row = plain(never)
    seen = [text for text in shown if row.strip() and row in plain(text)]
    scripted = row in plain(moment.move.text)
    wrong = [f"accepted: {reply}"] if not verdict.breaches else []
    return wrong + [f"seen: {text} ({never})" for text in seen[:1] if not scripted]


def test_no_trick_of_the_stand_in_is_accepted_or_seen(moments):
    tried, wrong = 0, []
    for trick, at in zip(replies(1), cycle(range(len(moments))), strict=False):
        for step in range(len(moments)):  # the first moment in which the trick applies
            background, moment = moments[(at + step) % len(moments)]
            earlier = [t.text for t in moment.session.turns[1:] if t.speaker == "interviewer"]
            made = trick.reply_for(
                moment.move.text,
                hidden_of(background, moment),
                told_of(background, moment),
                earlier,
            )
            if made is not None:
                tried += 1
                wrong += faults_of(background, moment, made.text, made.breach)
                break
    assert tried >= 500
    assert not wrong, "\n".join([f"{len(wrong)} of {tried}", *wrong])


@pytest.mark.parametrize("kind", sorted({entry["kind"] for entry in OWN}))
def test_no_bad_reply_of_another_hand_is_accepted_or_seen(kind, moments):
    drawn = random.Random(kind)
    asking = [m for m in moments if "?" in m[1].move.text]
    wrong = []
    for entry in OWN:
        if entry["kind"] != kind:
            continue
        pool = asking if kind in ("questions", "answers") else moments
        for background, moment in drawn.sample(pool, 6):
            hidden = drawn.choice(hidden_of(background, moment))
            numbers = [a.text for a in amounts_of(hidden) if a.is_telling]
            public = [*told_of(background, moment), *(t.text for t in moment.session.turns)]
            if "{number}" in entry["text"] and (
                not numbers or is_said(background, numbers[0], public)
            ):
                continue
            values = {"say": moment.move.text, "fact": hidden, "number": (numbers or [""])[0]}
            reply, never = entry["text"], entry.get("never", "{fact}")
            for name, value in values.items():
                reply = reply.replace("{" + name + "}", value)
                never = never.replace("{" + name + "}", value)
            wrong += faults_of(background, moment, reply, never)
    assert not wrong, "\n".join(wrong)
