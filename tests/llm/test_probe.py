"""Asking on purpose: a model that says nothing is down, and the sentence says what to do."""

import asyncio
from datetime import UTC, datetime

import pytest

from app.endpoint import Budget, Timeouts
from app.fake_llm.server import Fake
from app.llm.breaker import FAILURES
from app.llm.model import FAULTS, ModelFailed
from app.llm.models import Models
from app.llm.probe import ADVICE, WORD, Probed
from app.storage.db import migrate, open_database
from app.storage.spending import SqlLedger
from tests.llm.conftest import ASK, KEY, SHAPED, endpoint_at, events, raw_server, run, said, until

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(engine)
    yield SqlLedger(engine, Budget(), lambda: NOW)
    engine.dispose()


async def probed(fake: Fake, ledger: SqlLedger, **more) -> Probed:
    models = Models(endpoint_at(fake.base_url, **more), ledger, lambda: 0)
    try:
        return await models.probe()
    finally:
        await models.close()


def test_every_fault_has_an_advice():
    assert set(ADVICE) == set(FAULTS)


def test_models_that_answer_work(fake, ledger):
    found = run(probed(fake, ledger))
    assert found.works and found.host == fake.base_url.split("/")[2]
    voice, judge = found.models
    assert (voice.model, voice.roles, voice.structured) == ("voice", ("interviewer",), None)
    assert (judge.model, judge.roles, judge.structured) == ("judge", ("judge",), "json_schema")
    assert all(m.first_ms is not None and m.whole_ms >= m.first_ms for m in found.models)
    assert [request["model"] for request in fake.requests].count("voice") == 1
    assert len(fake.requests) == 3


def test_one_model_for_both_is_asked_once(fake, ledger):
    found = run(probed(fake, ledger, judge_model="voice"))
    assert [model.roles for model in found.models] == [("interviewer", "judge")]
    assert len(fake.requests) == 2


def test_a_probe_is_paid_from_its_own_account(fake, ledger):
    run(probed(fake, ledger))
    assert ledger.spent("probe").calls == 3
    assert ledger.spent("probe").tokens == ledger.spent().tokens > 0


@pytest.mark.parametrize(
    ("kind", "form"), [("no_json_object", "text"), ("no_response_format", "json_object")]
)
def test_the_form_of_json_is_found_by_asking(kind, form, fake, ledger):
    fake.fault(kind, times=None)
    fake.script(["ready", 'Here you are: {"word": "ready"}'])
    found = run(probed(fake, ledger, judge_model="voice"))
    assert found.works and found.models[0].structured == form
    assert form in found.sentence


def test_a_status_of_200_without_a_word_is_down(fake, ledger):
    fake.fault("empty", times=None)
    found = run(probed(fake, ledger))
    assert not found.works
    assert {model.fault for model in found.models} == {"empty"}
    assert "voice is down: it answered with nothing" in found.sentence


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("401", "HTTP 401). Check the key."),
        ("404", "HTTP 404). Check the model's name"),
        ("html", "check the base URL"),
        ("hang_before", "SEVENSTEP_LLM_TIMEOUTS"),
    ],
)
def test_the_sentence_says_what_to_do(kind, told, fake, ledger):
    fake.fault(kind, times=None)
    found = run(probed(fake, ledger, timeouts=Timeouts(connect=10, first=0.5, gap=20, whole=60)))
    assert not found.works
    assert told in found.sentence and KEY not in repr(found)


def test_who_is_to_speak_is_asked_as_in_a_turn(ledger):
    """With no more room, and thinking is no word: a model that comes to none in time does not work."""

    async def reply(body, writer):
        writer.write(events(said(None, reasoning_content="Hm."), done=False))
        await writer.drain()
        await asyncio.Event().wait()

    async def work():
        async with raw_server(reply) as raw:
            quick = Timeouts(connect=10, first=2.0, gap=0.3, whole=60)
            models = Models(endpoint_at(raw.base_url, timeouts=quick), ledger, lambda: 0)
            found = await models.probe()
            await models.close()
            return found, raw.bodies

    found, bodies = run(work())
    faults = {model.model: model.fault for model in found.models}
    assert faults == {"voice": "slow", "judge": "stalled"}
    assert {body["max_tokens"] for body in bodies} == {WORD.max_tokens}


def test_a_model_without_json_can_speak_but_not_judge(fake, ledger):
    fake.script(["ready", "I would rather not."])
    found = run(probed(fake, ledger, judge_model="voice"))
    assert found.models[0].fault is None and found.models[0].shape_fault == "garbled"
    assert "voice answers" in found.sentence and "cannot judge" in found.sentence


def test_a_probe_that_succeeds_lets_sessions_ask_again(fake, ledger):
    """Somebody mended the endpoint and pressed the button; nobody has to wait for the minute."""

    async def work():
        models = Models(endpoint_at(fake.base_url), ledger, lambda: 0)
        voice = models.interviewer("session:1")
        fake.fault("401", times=FAILURES)
        for _ in range(FAILURES):
            with pytest.raises(ModelFailed):
                await voice.reply(ASK)
        down = models.is_down("interviewer"), models.is_down("judge")
        with pytest.raises(ModelFailed) as failed:
            await models.interviewer("session:2").reply(ASK)
        refused = failed.value.fault
        found = await models.probe()
        answer = await voice.reply(ASK)
        await models.close()
        return down, refused, found.works, models.is_down("interviewer"), answer.text

    down, refused, works, still_down, text = run(work())
    assert down == (True, False) and refused == "down"
    assert works and not still_down and text


def test_a_judging_that_meets_its_quota_silences_no_interviewer_of_the_same_model(fake, ledger):
    async def work():
        models = Models(endpoint_at(fake.base_url, judge_model="voice"), ledger, lambda: 0)
        fake.fault("429", times=FAILURES)
        for _ in range(FAILURES):
            with pytest.raises(ModelFailed):
                await models.judge("report:1").reply(ASK)
        down = models.is_down("judge"), models.is_down("interviewer")
        answer = await models.interviewer("session:1").reply(ASK)
        still = models.is_down("judge")
        await models.probe()
        await models.close()
        return down, answer.text, still, models.is_down("judge")

    down, text, still, after = run(work())
    assert down == (True, False) and text
    assert still and not after


def test_a_probe_that_fails_tells_the_truth_also_while_the_model_is_left_alone(fake, ledger):
    async def work():
        models = Models(endpoint_at(fake.base_url), ledger, lambda: 0)
        fake.fault("401", times=None)
        for _ in range(FAILURES):
            with pytest.raises(ModelFailed):
                await models.judge("report:1").reply(ASK)
        found = await models.probe()
        await models.close()
        return [model.fault for model in found.models], models.is_down("judge")

    assert run(work()) == (["denied", "denied"], True)


def test_sessions_and_the_judge_are_on_the_budget_of_their_accounts(fake, ledger):
    async def work():
        models = Models(endpoint_at(fake.base_url), ledger, lambda: 0)
        await models.interviewer("session:1").reply(ASK)
        await models.judge("report:1").reply(ASK)
        names = models.interviewer("session:1").name, models.judge("report:1").name
        await models.close()
        return names

    assert run(work()) == ("voice", "judge")
    assert ledger.spent("session:1").calls == ledger.spent("report:1").calls == 1
    assert [request["model"] for request in fake.requests] == ["voice", "judge"]


def test_warming_sends_nothing(fake, ledger):
    async def work():
        models = Models(endpoint_at(fake.base_url), ledger, lambda: 0)
        await models.warm()
        await models.close()

    run(work())
    assert fake.requests == []


def test_warming_a_forbidden_address_is_no_fault_before_it_is_asked(fake, ledger):
    async def work():
        models = Models(endpoint_at("http://a.example/v1"), ledger, lambda: 0)
        await models.warm()
        return [model.fault for model in (await models.probe()).models]

    assert run(work()) == ["forbidden", "forbidden"]


def test_what_one_call_learns_about_a_server_the_next_one_knows(fake, ledger):
    fake.fault("no_response_format", times=None)

    async def work():
        models = Models(endpoint_at(fake.base_url), ledger, lambda: 0)
        asked = []
        for report in ("report:1", "report:2"):
            await models.judge(report).reply(SHAPED)
            asked.append(len(fake.requests))
        await models.close()
        return asked

    assert run(work()) == [2, 3]


def test_the_judge_has_more_time_than_the_interviewer(ledger):
    """The judge is asked first and answered once the interviewer has been given up."""
    given_up = asyncio.Event()

    async def reply(body, writer):
        if body["model"] == "judge":
            await given_up.wait()
            writer.write(events(said("Yes.", "stop")))
            await writer.drain()
        else:
            await asyncio.Event().wait()

    async def work():
        async with raw_server(reply) as raw:
            quick = Timeouts(connect=10, first=2, gap=20, whole=60)
            models = Models(endpoint_at(raw.base_url, timeouts=quick), ledger, lambda: 0)
            judging = asyncio.create_task(models.judge("report:1").reply(ASK))
            await until(lambda: len(raw.bodies) == 1)
            with pytest.raises(ModelFailed) as failed:
                await models.interviewer("session:1").reply(ASK)
            given_up.set()
            answer = await judging
            await models.close()
            return failed.value.fault, answer.text

    assert run(work()) == ("slow", "Yes.")
