"""What must not move a score: how it was written down, hesitation, politeness, layout."""

import json
import random
import unicodedata
from dataclasses import replace
from statistics import fmean

import pytest

from app.content import read_yaml
from app.transcripts import Speaker, read_transcript
from benchmarks.corpus import FOLDER
from tests.robustness import disturb
from tests.robustness.figures import TABLE

pytestmark = pytest.mark.xdist_group("robustness-invariance")


def shifts(rows, before, score, disturbed):
    return [
        abs((score(disturbed(row.transcript)).overall or 0.0) - before[row.id].overall)
        for row in rows
    ]


def test_the_same_input_gives_the_same_bytes_twenty_times(rows, score):
    assert len({score(rows[0].transcript).to_json() for _ in range(20)}) == 1


@pytest.mark.parametrize(
    "name, edit, most",
    [
        ("lower case, no punctuation", disturb.bare, 1.0),
        ("10 % fillers", disturb.fillers, 2.0),
        ("adjectives inserted", disturb.adjectives, 1.0),
        ("word errors 5 %", disturb.errors(0.05), 3.0),
        ("word errors 10 %", disturb.errors(0.10), 5.0),
        ("word errors 20 %", disturb.errors(0.20), 12.0),
        ("word errors 30 %", disturb.errors(0.30), 20.0),
    ],
)
def test_how_it_was_heard_moves_little(name, edit, most, rows, before, score):
    found = shifts(rows, before, score, lambda t: disturb.change(t, edit))
    TABLE.invariant(shift <= most + 2 for shift in found)
    assert TABLE.note(f"{name}: mean change", fmean(found), f"at most {most:g}") <= most


def test_the_order_of_sections_moves_little(rows, before, score):
    def reordered(transcript):
        """An interviewer's turn stays before its answer, so that prompting is the same."""
        pairs = []
        for turn in transcript.turns:
            if turn.speaker is not Speaker.CANDIDATE or not pairs:
                pairs.append([])
            pairs[-1].append(replace(turn, at=None))
        random.Random(3).shuffle(pairs)
        return replace(transcript, turns=tuple(turn for pair in pairs for turn in pair))

    found = shifts(rows, before, score, reordered)
    TABLE.invariant(shift <= 5 for shift in found)
    assert TABLE.note("turns in another order: mean change", fmean(found), "at most 3") <= 3


@pytest.mark.parametrize("said", ["Thank you, that is kind.", "Sorry, please bear with me."])
def test_politeness_moves_nothing(said, rows, before, score):
    found = shifts(rows, before, score, lambda t: disturb.add(t, said))
    TABLE.invariant(shift <= 1 for shift in found)
    assert max(found) <= 1


def test_the_names_of_the_speakers_move_nothing(rows, before, score):
    def named(transcript):
        turns = tuple(
            replace(turn, name="Oluwaseun" if turn.speaker is Speaker.CANDIDATE else "Ann")
            for turn in transcript.turns
        )
        return replace(transcript, turns=turns)

    assert max(shifts(rows, before, score, named)) == 0


def plain(transcript) -> str:
    return "\n".join(f"{t.speaker.value.title()}: {t.text}" for t in transcript.turns)


@pytest.mark.parametrize(
    "name, written",
    [
        ("carriage returns", lambda text: text.replace("\n", "\r\n").encode()),
        ("byte order mark", lambda text: b"\xef\xbb\xbf" + text.encode()),
        ("decomposed", lambda text: unicodedata.normalize("NFD", text).encode()),
        ("curly quotes", lambda text: text.replace("'", "’").encode()),
        ("direction marks", lambda text: text.replace(": ", ": \u200e").encode()),
    ],
)
def test_the_way_a_file_is_written_moves_nothing(name, written, rows, score):
    text = plain(rows[0].transcript)
    assert (
        score(read_transcript(written(text))).overall
        == score(read_transcript(text.encode())).overall
    )


def test_native_and_in_memory_are_the_same(rows, before, score):
    for row in rows:
        data = json.dumps(row.transcript.as_native()).encode()
        assert score(read_transcript(data)).overall == before[row.id].overall


def test_every_quote_is_the_candidates_own_words(rows, before):
    for row in rows:
        report = before[row.id]
        quotes = [e for step in report.steps for m in step.criteria for e in m.evidence]
        assert quotes
        for quote in [*quotes, *report.flags]:
            turn = row.transcript.turns[quote.turn]
            assert turn.speaker is Speaker.CANDIDATE
            assert turn.text[quote.start : quote.end] == quote.quote


def test_segments_cover_every_turn_without_overlap(rows, before):
    for row in rows:
        ends = {}
        for segment in before[row.id].segments:
            assert segment.start == ends.get(segment.turn, 0)
            ends[segment.turn] = segment.end
        for number, turn in enumerate(row.transcript.turns):
            if turn.speaker is Speaker.CANDIDATE:
                assert ends.get(number, 0) == len(turn.text)


def test_one_more_justified_sentence_never_lowers_anything(rows, before, score, knowledge):
    """A written depth-3 example of something that the candidate did not say."""
    higher, fell, cases = [], [], 0
    for row in rows[::2]:
        marks = {m.id: m.depth for step in before[row.id].steps for m in step.criteria}
        missing = sorted(id for id, depth in marks.items() if depth == 0)
        for id in missing[:2]:
            cases += 1
            said = knowledge.rubric.criteria[id][1].examples.justified[0]
            after = score(disturb.add(row.transcript, said))
            depth = next(m.depth for s in after.steps for m in s.criteria if m.id == id)
            higher.append(depth > 0)
            fell.append(after.overall < before[row.id].overall)
    TABLE.directed(higher)
    TABLE.note("one justified sentence more: that item rises", fmean(higher), "1.00")
    TABLE.note("one justified sentence more: overall falls", fmean(fell), "0.00")
    assert cases and not any(fell) and all(higher)


def test_paraphrases_are_heard(knowledge):
    from app.scoring.examples import hear_alone

    said = read_yaml(FOLDER / "paraphrases.yaml")
    found = [
        name.split("/")[1] in {f.criterion for f in hear_alone(knowledge, text).findings}
        for name, texts in said.items()
        for text in texts[::3]
    ]
    TABLE.note("paraphrases heard (a third of them)", fmean(found), "printed")
    assert fmean(found) > 0.5
