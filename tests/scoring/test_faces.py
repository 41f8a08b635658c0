"""The terminal and the Markdown report: complete, in bounds, and never misled by what was said."""

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from app.rubric.rubric import STEPS
from app.scoring.advice import next_best
from app.scoring.faces import wording
from app.scoring.faces.markdown import escaped, to_markdown
from app.scoring.faces.terminal import to_text
from app.scoring.report import Advisory, Evidence, Mark, RaisedFlag
from app.scoring.scorer import unscorable
from app.transcripts import Speaker, Transcript, Turn

HOSTILE = (
    "\x1b[31m\x07‮<script>alert(1)</script> | a | **b** [x](http://evil.example) "
    "![y](http://evil.example) `c` www.evil.example\n# heading\r\n- item"
)
FACES = [to_text, to_markdown]


def flat(text: str) -> str:
    return " ".join(text.split())


def fuller(report):
    """With every part of a report, whatever the rubric makes of the words today."""
    evidence = Evidence(2, 0, 33, "I assume nobody needs monitoring.")
    first = report.steps[0]
    marks = (Mark(first.criteria[0].id, 3, True, (evidence,), "rests on one quote"),)
    marks += tuple(Mark(mark.id, 0) for mark in first.criteria[1:-1])
    marks += (Mark(first.criteria[-1].id, None),)
    step = replace(first, level=0.4, criteria=marks, other=(evidence,))
    flag = RaisedFlag("some-flag", 2, 0, 33, evidence.quote, "It is needed.")
    return replace(
        report,
        steps=(step, *report.steps[1:]),
        flags=(flag,),
        advisories=(Advisory("keyword-list", 2, "Terms were listed."),),
        notes=({"id": "truncated", "message": "It breaks off."},),
    )


@pytest.mark.parametrize("face", FACES)
def test_a_face_shows_every_part(face, report, transcript, knowledge):
    report, rubric = fuller(report), knowledge.rubric
    shown = flat(face(report, transcript, rubric))
    step = rubric.steps[0]
    assert wording.verdict(report) in shown
    for advice in next_best(report, rubric):
        assert flat(advice.criterion.next_time) in shown
    assert step.criteria[0].title.rstrip(".") in shown
    assert "justified, after the interviewer raised it; rests on one quote" in shown
    assert "turn 2, 1:02:05" in shown
    assert flat(step.criteria[1].missed_title.rstrip(".")) in shown
    assert flat(step.criteria[1].next_time) in shown
    assert f"Not judged: {step.criteria[-1].title}" in shown
    assert "It is needed." in shown
    assert "Turn 2: Terms were listed." in shown
    assert "It breaks off." in shown
    assert f"{report.rubric.id}, version {report.rubric.version}" in shown
    assert report.rater.name in shown


def test_the_terminal_has_seven_bars_and_keeps_its_width(report, transcript, knowledge):
    lines = to_text(fuller(report), transcript, knowledge.rubric).splitlines()
    bars = [line for line in lines if "[#" in line or "[." in line]
    assert [bar.split()[0] for bar in bars] == list(STEPS)
    assert len({bar.index("]") for bar in bars}) == 1
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("face", FACES)
def test_what_cannot_be_scored_says_why(face, knowledge):
    report = unscorable(Transcript(()), knowledge, "The candidate says too little.")
    shown = face(report, Transcript(()), knowledge.rubric)
    assert wording.UNSCORED in shown and "The candidate says too little." in shown
    assert "of 100" not in shown


@pytest.mark.parametrize("face", FACES)
def test_a_step_that_could_not_be_judged_is_named_so(face, report, transcript, knowledge):
    nothing = replace(
        report,
        overall=None,
        decision=None,
        seniority=None,
        steps=tuple(
            replace(
                s, level=None, seconds=None, criteria=tuple(Mark(m.id, None) for m in s.criteria)
            )
            for s in report.steps
        ),
    )
    shown = face(nothing, transcript, knowledge.rubric)
    assert shown.count("not judged") >= 7
    assert "Too few steps" in shown


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("turn", [0, 99])
def test_evidence_without_a_time_or_a_turn_still_shows(face, turn, report, knowledge):
    transcript = Transcript((Turn(Speaker.CANDIDATE, "words"),))
    first = report.steps[0]
    mark = Mark(first.criteria[0].id, 1, False, (Evidence(turn, 0, 5, "words"),))
    step = replace(first, criteria=(mark, Mark("of-another-rubric", 4)))
    changed = replace(report, steps=(step, *report.steps[1:]), flags=())
    assert f"(turn {turn})" in face(changed, transcript, knowledge.rubric)


def hostile(report):
    first = report.steps[0]
    evidence = Evidence(1, 0, 10, HOSTILE)
    step = replace(first, criteria=(Mark(first.criteria[0].id, 2, False, (evidence,)),), other=())
    flag = RaisedFlag("some-flag", 1, 0, 10, HOSTILE, "why")
    note = {"id": "x", "message": HOSTILE}
    return replace(
        report, steps=(step, *report.steps[1:]), flags=(flag,), notes=(note,), file=HOSTILE
    )


def test_control_characters_never_reach_a_terminal(report, transcript, knowledge):
    shown = to_text(hostile(report), transcript, knowledge.rubric)
    assert all(c.isprintable() or c == "\n" for c in shown)


def test_what_was_said_is_never_markup(report, transcript, knowledge):
    shown = to_markdown(hostile(report), transcript, knowledge.rubric)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(shown)
    inner = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in (*tokens, *inner)}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "code_inline", "fence"}
    assert sum(token.type == "heading_open" and token.tag == "h1" for token in tokens) == 1


def test_escaping_keeps_the_words_and_leaves_prose_alone():
    assert escaped("Well, 0.5 - 1 (or so)! It's fine.") == "Well, 0.5 - 1 (or so)! It's fine."
    assert escaped("- a_b") == r"\- a\_b"


def test_a_long_quote_is_cut_at_a_word():
    assert wording.shortened("one two  three\nfour", 14) == "one two three…"
    assert wording.shortened("one two", 14) == "one two"
    assert wording.shortened("x" * 20, 14) == "x" * 13 + "…"


@pytest.mark.parametrize(
    "seconds, shown", [(None, ""), (0.0, "0:00"), (65.9, "1:05"), (3725.0, "1:02:05"), (-3, "0:00")]
)
def test_a_clock_reads_as_on_a_recording(seconds, shown):
    assert wording.clock(seconds) == shown


@pytest.mark.parametrize("face", FACES)
def test_a_face_is_a_pure_function(face, report, transcript, knowledge):
    rubric = knowledge.rubric
    assert face(report, transcript, rubric) == face(report, transcript, rubric)
