"""What every report must keep, whatever was said."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from app.rubric.rubric import STEPS
from app.rubric.shelf import get_rubric
from app.scoring import sums
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import score_transcript
from app.transcripts import Note, Speaker, Transcript, Turn, read_transcript

CORPUS = Path(__file__).parents[1] / "corpus" / "authored.jsonl"


@cache
def knowledge():
    return Knowledge(get_rubric())


@cache
def interviews():
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    return [
        Transcript(
            tuple(Turn(Speaker(t["speaker"]), t["text"], None, t["t"]) for t in row["turns"]),
            row["question"],
        )
        for row in rows[:6]
    ]


@pytest.fixture(params=range(6))
def scored(request):
    transcript = interviews()[request.param]
    return transcript, score_transcript(transcript, knowledge())


def test_every_quote_is_the_candidates_own_words(scored):
    transcript, report = scored
    quotes = [q for s in report.steps for m in s.criteria for q in m.evidence]
    quotes += [q for s in report.steps for q in s.other] + list(report.flags)
    assert quotes
    for quote in quotes:
        turn = transcript.turns[quote.turn]
        assert turn.speaker is Speaker.CANDIDATE
        assert turn.text[quote.start : quote.end] == quote.quote != ""


def test_segments_cover_every_candidate_turn_without_overlap(scored):
    transcript, report = scored
    for number, turn in enumerate(transcript.turns):
        mine = [s for s in report.segments if s.turn == number]
        if turn.speaker is not Speaker.CANDIDATE:
            assert not mine
            continue
        places = [(s.start, s.end) for s in mine]
        assert places[0][0] == 0 and places[-1][1] == len(turn.text)
        assert all(a[1] == b[0] for a, b in zip(places, places[1:], strict=False))


def test_a_mark_without_evidence_is_absent(scored):
    _, report = scored
    for step in report.steps:
        assert all(bool(mark.evidence) == bool(mark.depth) for mark in step.criteria)


def test_the_seven_steps_stand_in_order_with_levels_in_tenths(scored):
    _, report = scored
    assert [step.id for step in report.steps] == list(STEPS)
    assert all(step.level == round(step.level, 1) and 0 <= step.level <= 4 for step in report.steps)


def test_steps_after_a_break_are_not_judged_and_not_missed():
    said = "We want fewer chargebacks, so who uses this, how many payments a day, how fast? " * 6
    broken = Transcript(
        (Turn(Speaker.CANDIDATE, said),),
        notes=(Note("truncated", "The transcript breaks off."),),
    )
    report = score_transcript(broken, knowledge())
    assert report.steps[-1].level is None
    assert {mark.depth for mark in report.steps[-1].criteria} == {None}
    whole = score_transcript(replace(broken, notes=()), knowledge())
    assert whole.steps[-1].level is not None


@pytest.mark.parametrize(
    "said, fault",
    [
        ("That is forty items times three hundred users is five million rows.", sums.ARITHMETIC),
        ("A hundred million a day, so that is five requests a second at most.", sums.ARITHMETIC),
        ("Retrieval 80 ms, ranking 90 ms and the lookups take 60 ms more.", sums.LATENCY),
    ],
)
def test_sums_that_do_not_add_up_are_flagged(said, fault):
    filler = "I would ask the team what they have and then we could talk about it for a while. " * 5
    turns = (
        Turn(Speaker.INTERVIEWER, "You have to answer within 150 ms."),
        Turn(Speaker.CANDIDATE, filler + said),
    )
    report = score_transcript(Transcript(turns), knowledge())
    assert fault in {flag.id for flag in report.flags}


@pytest.mark.parametrize(
    "said",
    [
        "Forty items times three hundred users is twelve thousand rows.",
        "A hundred million a day, so that is twelve hundred a second, at peak five thousand.",
        "Retrieval 30 ms, ranking 60 ms and the lookups take 20 ms more.",
    ],
)
def test_sums_that_add_up_are_not(said):
    turns = (
        Turn(Speaker.INTERVIEWER, "You have to answer within 150 ms."),
        Turn(Speaker.CANDIDATE, "So let me think aloud about this for a moment. " * 8 + said),
    )
    report = score_transcript(Transcript(turns), knowledge())
    assert not {flag.id for flag in report.flags} & {sums.ARITHMETIC, sums.LATENCY}


def test_a_misspelt_long_term_is_read_as_the_term():
    said = "I would check the callibration of the scores with isotonic regresion on held-out data."
    found = knowledge().reader.read(said)
    assert knowledge().reader.stem("calibration") in found.stems


def test_a_native_file_scores_as_the_transcript_in_memory(scored):
    transcript, report = scored
    again = read_transcript(json.dumps(transcript.as_native()).encode())
    assert score_transcript(again, knowledge()).overall == report.overall
