"""A whole judging over real HTTP: honest, at odds with itself, and with every way in which a judge can go wrong."""

import asyncio
import hashlib
import json
from dataclasses import replace

import pytest

from app.agreement.calibration import IDENTITY, Calibration, StepMap
from app.endpoint import Prices
from app.fake_llm.server import running
from app.llm.assess import assess, fingerprint
from app.llm.estimate import estimate
from app.llm.model import ModelFailed
from app.llm.openai_model import Connection, OpenAIModel
from app.rubric.rubric import STEPS
from app.scoring.gaps import gaps
from app.scoring.judged import Verdict, judged_report
from app.scoring.report import Rater
from app.scoring.rollup import facts_of
from app.scoring.scorer import hear, offline_report, score_transcript
from app.transcripts import Speaker, Transcript, Turn
from tests.llm.conftest import endpoint_at, run
from tests.llm.interviews import Drawer, interviews, knowledge

VOTES = 3 * len(STEPS)


@pytest.fixture(scope="module")
def transcript():
    return interviews()[0]


def judge(fake, transcript, votes=None, told=None, progress=None, **more):
    async def work():
        endpoint = endpoint_at(fake.base_url)
        connection = Connection(endpoint)
        try:
            model = OpenAIModel(endpoint, "judge", "json_schema", connection)
            return await assess(
                transcript,
                knowledge(),
                model,
                votes=Drawer() if votes is None else votes,
                progress=progress if told is None else told.append,
                **more,
            )
        finally:
            await connection.close()

    return run(work())


def marks(report):
    return [mark for step in report.steps for mark in step.criteria]


def test_an_honest_judge_quotes_the_candidate(fake, transcript):
    told = []
    report = judge(fake, transcript, told=told)
    assert (report.rater.kind, report.rater.name) == ("llm", "judge") and report.scorable
    found = [mark for mark in marks(report) if mark.depth]
    assert len(found) > 10
    for mark in found:
        assert mark.evidence
        for quote in mark.evidence:
            turn = transcript.turns[quote.turn]
            assert turn.speaker is Speaker.CANDIDATE
            assert turn.text[quote.start : quote.end] == quote.quote
    assert {step.judged for step in report.steps} == {1.0} and report.overall is not None
    assert (told[-1].steps_done, told[-1].votes_done, told[-1].votes_planned) == (7, VOTES, VOTES)
    assert told[-1].tokens_in > told[-1].tokens_out > 0
    assert len(fake.requests) == VOTES


def test_facts_are_the_same_for_both_raters(fake, transcript):
    report, offline = judge(fake, transcript), score_transcript(transcript, knowledge())
    for field in ("flags", "segments", "advisories", "pacing", "rubric", "question"):
        assert getattr(report, field) == getattr(offline, field)
    for one, other in zip(report.steps, offline.steps, strict=True):
        assert (one.share, one.seconds, one.first_at) == (
            other.share,
            other.seconds,
            other.first_at,
        )


def test_the_same_answers_give_the_same_bytes(fake, transcript):
    votes = Drawer()
    first = judge(fake, transcript, votes)
    asked = len(fake.requests)
    second = judge(fake, transcript, votes)
    assert first.to_json() == second.to_json() and len(fake.requests) == asked
    assert len(votes) == VOTES


def test_votes_that_differ_are_five():
    with running(seed=3) as fake:
        told = []
        transcript = interviews()[0]
        report = judge(fake, transcript, told=told)
        assert VOTES < told[-1].votes_done == told[-1].votes_planned <= 5 * len(STEPS)
        assert any("votes differed" in (mark.note or "") for mark in marks(report))


@pytest.mark.parametrize("kind", ["invent", "splice", "foreign", "all_top"])
def test_a_judge_that_lies_about_words_judges_nothing(fake, transcript, kind):
    fake.fault(kind, times=None)
    report = judge(fake, transcript)
    assert {mark.depth for mark in marks(report)} <= {None, 0}
    assert report.overall is None and report.decision is None
    assert all(
        mark.note.startswith("could not be judged: ")
        for mark in marks(report)
        if mark.depth is None
    )


def test_a_judge_that_negates_is_not_believed(fake, transcript):
    honest = judge(fake, transcript)
    fake.fault("negate", times=None)
    report = judge(fake, transcript)
    for mark, true in zip(marks(report), marks(honest), strict=True):
        assert mark.depth is None if true.depth else mark.depth == 0


@pytest.mark.parametrize("kind", ["wrong_ids", "missing", "bad_depth", "truncated_json"])
def test_a_judge_that_cannot_be_read_is_given_up(fake, transcript, kind):
    fake.fault(kind, times=None)
    votes = Drawer()
    with pytest.raises(ModelFailed) as failed:
        judge(fake, transcript, votes)
    assert failed.value.fault == "garbled" and not votes
    assert len(fake.requests) < VOTES


@pytest.mark.parametrize("kind", ["wrong_ids", "missing", "bad_depth", "truncated_json"])
def test_an_answer_that_cannot_be_read_is_asked_for_again(fake, transcript, kind):
    honest = judge(fake, transcript)
    fake.clear()
    fake.fault(kind, times=2)
    assert judge(fake, transcript, at_once=1).to_json() == honest.to_json()
    assert VOTES < len(fake.requests) <= VOTES + 2


@pytest.mark.parametrize("kind", ["fenced_json", "prose_json", "no_usage"])
def test_what_stands_around_an_answer_does_no_harm(fake, transcript, kind):
    honest = judge(fake, transcript)
    fake.fault(kind, times=None)
    assert judge(fake, transcript).to_json() == honest.to_json()


@pytest.mark.parametrize("kind", ["no_response_format", "no_json_object"])
def test_a_server_that_takes_no_schema_is_understood(fake, transcript, kind):
    honest = judge(fake, transcript)
    fake.fault(kind, times=None)

    async def work():
        endpoint = endpoint_at(fake.base_url)
        connection = Connection(endpoint)
        try:
            model = OpenAIModel(endpoint, "judge", None, connection)
            return await assess(transcript, knowledge(), model, votes=Drawer())
        finally:
            await connection.close()

    assert run(work()).to_json() == honest.to_json()


@pytest.mark.parametrize(
    "kind", ["401", "429", "500", "reset", "close", "empty", "html", "no_finish"]
)
def test_what_was_answered_before_a_failure_is_not_asked_again(fake, transcript, kind):
    honest = judge(fake, transcript)
    fake.clear()
    votes = Drawer()
    broken = []

    def progress(so_far):
        if so_far.votes_done == 5 and not broken:
            fake.fault(kind, times=1)
            broken.append(kind)

    with pytest.raises(ModelFailed):
        judge(fake, transcript, votes, progress=progress)
    kept = len(votes)
    assert 5 <= kept < VOTES
    before = len(fake.requests)
    assert judge(fake, transcript, votes).to_json() == honest.to_json()
    assert len(fake.requests) - before == VOTES - kept


def test_an_answer_that_is_withheld_is_one_void_vote(fake, transcript):
    honest = judge(fake, transcript)
    fake.fault("filtered", times=1)
    report = judge(fake, transcript)
    assert report.overall == honest.overall


def test_cancelling_ends_at_once_and_keeps_what_was_answered(fake, transcript):
    votes = Drawer()

    async def work():
        endpoint = endpoint_at(fake.base_url)
        connection = Connection(endpoint)
        model = OpenAIModel(endpoint, "judge", "json_schema", connection)
        reached = asyncio.Event()

        def told(progress):
            if progress.votes_done == 4:
                fake.fault("hang_before", times=None)
                reached.set()

        task = asyncio.create_task(
            assess(transcript, knowledge(), model, votes=votes, progress=told)
        )
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await connection.close()

    run(work())
    assert 4 <= len(votes) < VOTES


def test_what_cannot_be_scored_is_sent_nowhere(fake):
    short = Transcript((Turn(Speaker.CANDIDATE, "I would look at the labels."),))
    report = judge(fake, short)
    assert not report.scorable and report.reason and report.rater.kind == "llm"
    assert fake.requests == []


def test_a_calibration_maps_levels_and_says_so(fake, transcript):
    votes = Drawer()
    plain = judge(fake, transcript, votes, calibration=IDENTITY)
    mapped = Calibration(
        id="mine",
        version=3,
        judge="judge",
        steps=tuple(
            StepMap(step=step, pairs=20, method="shift", points=((0.0, 0.0), (4.0, 2.0)))
            for step in STEPS
        ),
    )
    report = judge(fake, transcript, votes, calibration=mapped)
    for one, other in zip(plain.steps, report.steps, strict=True):
        assert other.level == pytest.approx(one.level / 2, abs=0.06)
    assert report.overall < plain.overall
    (note,) = report.notes
    assert (
        note["id"] == "calibrated" and "version 3" in note["message"] and "140" in note["message"]
    )
    assert plain.notes == ()


def test_a_fingerprint_is_of_all_that_answers_depend_on(transcript, tmp_path):
    def of(transcript=transcript, model="judge", **more):
        return fingerprint(transcript, knowledge(), model, **more)

    own = tmp_path / "prompts" / "judge"
    own.mkdir(parents=True)
    (own / "repair.md").write_text(
        "---\nid: judge/repair\nversion: 9\nvariables: [problem, ids]\n---\n{{ problem }} {{ ids }}\n"
    )
    changed = replace(transcript, turns=transcript.turns[:-1])
    found = [of(), of(changed), of(model="other"), of(question_text="x"), of(content=tmp_path)]
    assert len(set(found)) == len(found) and of() == found[0]
    assert all(len(each) == 64 and int(each, 16) for each in found)


def test_the_estimate_is_near_what_it_takes_and_never_below_the_most(fake, transcript):
    expected = estimate(transcript, knowledge().rubric, Prices(1.0, 10.0))
    told = []
    judge(fake, transcript, told=told)
    assert expected.calls == len(fake.requests) == VOTES
    assert told[-1].tokens_in == pytest.approx(expected.tokens_in, rel=0.15)
    fake.clear()
    fake.script(["nothing that can be read"] * 12)
    with pytest.raises(ModelFailed):
        judge(fake, transcript, told=told)
    assert expected.most_calls == 70 and expected.most_tokens > 3 * expected.tokens
    assert expected.most_money > expected.money > 0


# the roll-up -------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def facts(transcript):
    return facts_of(transcript, knowledge(), hear(transcript, knowledge()))


def rolled(facts, verdicts):
    return judged_report(facts, verdicts, Rater("llm", "judge"))


def test_what_could_not_be_judged_is_left_out_and_not_absent(facts):
    step = knowledge().rubric.steps[2]
    deep = {c.id: Verdict(3) for c in step.criteria}
    full = rolled(facts, deep).steps[2]
    some = rolled(facts, {c.id: Verdict(3) for c in step.criteria[2:]}).steps[2]
    missed = rolled(facts, deep | {c.id: Verdict(0) for c in step.criteria[:2]}).steps[2]
    weight = sum(c.weight for c in step.criteria)
    assert some.judged == round(sum(c.weight for c in step.criteria[2:]) / weight, 3)
    assert missed.judged == full.judged == 1.0
    assert some.level == full.level > missed.level
    assert [mark.depth for mark in some.criteria[:2]] == [None, None]


def test_a_level_rests_on_half_of_the_weight_at_least(facts):
    step = knowledge().rubric.steps[0]
    weight = sum(c.weight for c in step.criteria)
    given, verdicts = 0, {}
    for criterion in step.criteria:
        verdicts[criterion.id] = Verdict(2)
        given += criterion.weight
        found = rolled(facts, verdicts).steps[0]
        assert (found.level is None) == (given < weight / 2)


def test_what_the_interviewer_raised_first_is_prompted(facts):
    raised = next(iter(facts.heard.raised.items()))
    criterion, turn = raised
    offline = {mark.id: mark for mark in marks(offline_report(facts))}
    after = next(e for m in offline.values() for e in m.evidence if e.turn > turn)
    before = next((e for m in offline.values() for e in m.evidence if e.turn < turn), None)
    by = {m.id: m for m in marks(rolled(facts, {criterion: Verdict(3, (after,))}))}
    assert by[criterion].prompted
    if before:
        by = {m.id: m for m in marks(rolled(facts, {criterion: Verdict(3, (before,))}))}
        assert not by[criterion].prompted


def test_gaps_are_more_than_a_level(facts):
    offline = offline_report(facts)

    def at(level, depth):
        first = replace(
            offline.steps[0],
            level=level,
            criteria=(replace(offline.steps[0].criteria[0], depth=depth),),
        )
        return replace(offline, steps=(first, *offline.steps[1:]))

    def found(one, other):
        return [(gap.criterion is None, gap.here, gap.beside) for gap in gaps(one, other)]

    assert found(at(2.3, 1), at(1.3, 2)) == []
    assert found(at(2.4, 0), at(1.3, 2)) == [(True, 2.4, 1.3), (False, 0, 2)]
    assert found(at(None, None), at(4.0, 4)) == []


# Over the reports of tests/corpus/authored.jsonl. If it changes, scores have moved: CHANGELOG says so, and why.
OFFLINE = "d0d1a7649e36539da8b7b91707419d7badeee6f1942f092c8ed9de3d51b2e159"


def test_the_offline_scores_have_not_moved():
    digest = hashlib.sha256()
    for transcript in interviews("authored.jsonl", 100):
        report = score_transcript(transcript, knowledge()).as_json()
        digest.update(json.dumps({**report, "rubric": None}).encode())
    assert digest.hexdigest() == OFFLINE


def test_requests_hold_what_the_protocol_wants(fake, transcript):
    judge(fake, transcript)
    for body in fake.requests:
        assert [message["role"] for message in body["messages"]] == ["system", "user"]
        shape = body["response_format"]["json_schema"]
        assert shape["name"] == "step_verdicts" and shape["strict"]
        assert json.dumps(shape["schema"]).count("additionalProperties") == 3


@pytest.mark.parametrize(
    ("depth", "least", "most"),
    [(0, 0.0, 0.0), (1, 0.5, 1.0), (2, 2.1, 3.1), (3, 3.1, 3.7), (4, 3.5, 4.0)],
)
def test_a_judges_levels_follow_its_depths_alone(facts, depth, least, most):
    """A judge who finds nothing gives nothing, however much the offline scorer heard."""
    assert not facts.flags, "this transcript is to be without faults"
    report = rolled(facts, {id: Verdict(depth) for id in knowledge().rubric.criteria})
    levels = [step.level for step in report.steps]
    assert all(level is not None and least <= level <= most for level in levels), levels
