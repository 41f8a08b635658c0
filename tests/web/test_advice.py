from app.rubric.shelf import get_rubric
from app.scoring import score
from app.scoring.advice import next_best, points_at
from app.scoring.knowledge import Knowledge
from app.scoring.scorer import score_transcript
from app.transcripts import read_transcript
from tests.web.conftest import SAMPLE


def test_the_weakest_step_comes_first_and_no_step_twice():
    rubric = get_rubric()
    transcript = read_transcript(SAMPLE.encode(), name="a.vtt")
    report = score_transcript(transcript, Knowledge(rubric))
    first, second = next_best(report, rubric)
    weakest = min(report.steps, key=lambda step: step.level)
    assert first.step.id == weakest.id != second.step.id
    assert first.criterion.core and first.depth < 3 and first.gain > 0
    assert len(next_best(report, rubric, n=20)) == 20


def test_nothing_is_advised_where_nothing_was_scored():
    rubric = get_rubric()
    transcript = read_transcript(b"Sam: I would use a model.")
    assert next_best(score_transcript(transcript, Knowledge(rubric)), rubric) == ()


def test_points_are_the_way_back_from_a_level():
    bars = get_rubric().scale.bars["data"]
    for tenths in range(41):
        assert score.level(bars, points_at(bars, tenths / 10)) == tenths / 10
