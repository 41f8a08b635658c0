"""The model's words where they may stand, else the script's, in the same turn; and what stands when it is cut short."""

import asyncio
import contextlib

import pytest

from app.commands.practice import lay_table
from app.endpoint import Prices
from app.interview.move import KINDS
from app.interview.persona import get_persona
from app.llm.breaker import Breaker
from app.llm.ledger import Spent
from app.llm.metered import Metered
from app.llm.model import ModelFailed
from app.llm.openai_model import OpenAIModel
from app.llm.prompts import get_prompt
from app.llm.speaker import VOICED
from tests.llm.conftest import endpoint_at, run
from tests.llm.moments import (
    Recited,
    authored,
    plain,
    speaker_of,
    spoke,
)

SLUG = "payment-fraud"
VOLUME = {"slug": SLUG, "kind": "answer", "fact": "volume", "said": "How many payments a day?"}
PRESS = {"slug": SLUG, "kind": "press", "follow_up": "is-ml-missing", "said": "I train a model."}
FINE = "Okay. About 40 million payments on an ordinary day."
LEAK = (
    "About 40 million payments on an ordinary day, and around 3,000 a second on a Friday evening."
)


@pytest.fixture(scope="module")
def table():
    return lay_table()


def worded(table, item, *replies, **more):
    """What a model that recites comes to: the words, how they came about, and all that was shown."""
    model, shown = Recited(list(replies)), []
    moment = authored(table, item)
    spoken = run(spoke(speaker_of(table, SLUG, model, **more), moment, shown))
    return spoken, model, shown, moment.move.text


def test_a_model_words_all_kinds_but_the_authored_ones():
    assert VOICED == set(KINDS) - {"pose", "listen", "ask_back", "end", "say"}
    for kind in VOICED:
        assert get_prompt(f"voice/moves/{kind}").render()


def test_words_that_may_be_said_stand(table):
    spoken, model, shown, _ = worded(table, VOLUME, FINE)
    assert (spoken.text, spoken.reason, spoken.worded.by) == (FINE, "", "model")
    assert spoken.worded.checks == ("ok",)
    assert shown and all(FINE.startswith(text) for text in shown)
    assert shown == sorted(shown, key=len)
    told = spoken.worded
    assert (told.tokens_in, told.tokens_out, told.cost, told.first_ms, told.whole_ms) == (
        900,
        40,
        0.002,
        30,
        80,
    )
    assert (
        told.prompt == "voice/moves/answer"
        and told.prompt_version == 1
        and len(told.prompt_sha256) == 64
    )
    assert told.model == "recited" and not told.cut
    assert model.closed == 1


def test_a_breach_is_tried_once_more_and_told_why(table):
    spoken, model, shown, _ = worded(table, VOLUME, LEAK, FINE)
    assert (spoken.text, spoken.worded.by) == (FINE, "model")
    first, second = spoken.worded.checks
    assert "leak" in first.split() and second == "ok"
    assert spoken.worded.cost == pytest.approx(0.004) and spoken.worded.tokens_in > 900
    assert "" in shown and not any("second" in text for text in shown)
    again = model.asks[1].messages[1].content
    assert "was not fit to be said" in again and "3,000" not in again
    assert model.closed == 2


def test_two_breaches_leave_it_to_the_script(table):
    spoken, model, shown, script = worded(table, VOLUME, LEAK, LEAK)
    assert (spoken.text, spoken.reason, spoken.worded.by) == (script, "breach", "script")
    assert len(model.asks) == 2 and shown[-1] == ""


@pytest.mark.parametrize(
    ("fault", "tries"),
    [
        ("denied", 1), ("not_found", 1), ("budget", 1), ("down", 1), ("forbidden", 1), ("slow", 1), ("overlong", 1),
        ("unreachable", 2), ("server", 2), ("cut", 2), ("stalled", 2), ("empty", 2), ("filtered", 2), ("too_large", 2),
        ("rejected", 2), ("garbled", 2), ("redirect", 1), ("busy", 1), ("ledger", 1),
    ],
)  # fmt: skip
def test_a_fault_leaves_it_to_the_script_in_the_same_turn(table, fault, tries):
    spoken, model, shown, script = worded(table, VOLUME, ("About 40 million ", ModelFailed(fault)))
    assert (spoken.text, spoken.reason, spoken.worded.by) == (script, fault, "script")
    assert spoken.worded.checks == (fault,) * tries and len(model.asks) == tries
    assert shown[-1] == ""


def test_a_fault_that_passes_is_tried_again(table):
    faulty = ("About", ModelFailed("busy", retry_after=0.01))
    spoken, model, _, _ = worded(table, VOLUME, faulty, FINE)
    assert (spoken.text, spoken.worded.checks) == (FINE, ("busy", "ok"))
    spoken, model, _, _ = worded(table, VOLUME, ("", ModelFailed("busy", retry_after=30)), FINE)
    assert spoken.reason == "busy" and len(model.asks) == 1


def test_an_answer_that_ran_into_its_limit_is_not_taken_for_a_whole_one(table):
    """It holds all that has to be told, but nobody knows what was to follow."""
    moment, shown = authored(table, VOLUME), []
    model = Recited([FINE.removesuffix("."), FINE], finish="length")
    spoken = run(spoke(speaker_of(table, SLUG, model), moment, shown))
    assert (spoken.text, spoken.reason) == (moment.move.text, "breach")
    assert spoken.worded.checks == ("long", "long") and shown[-1] == ""
    assert "is much longer than the script" in model.asks[1].messages[1].content


def test_a_model_that_never_ends_is_given_up(table):
    class Endless(Recited):
        async def stream(self, ask):
            yield "About 40 million "
            await asyncio.Event().wait()

    moment, shown = authored(table, VOLUME), []
    speaker = speaker_of(table, SLUG, Endless([]), within=0.2)
    spoken = run(spoke(speaker, moment, shown))
    assert (spoken.text, spoken.reason) == (moment.move.text, "overlong")


def test_a_broken_prompt_of_ones_own_leaves_it_to_the_script(table, tmp_path):
    path = tmp_path / "prompts" / "voice" / "system.md"
    path.parent.mkdir(parents=True)
    path.write_text("---\nid: voice/system\nversion: 1\n---\nBe {{ nice }}.\n", encoding="utf-8")
    spoken, model, _, script = worded(table, VOLUME, FINE, extra=tmp_path)
    assert (spoken.text, spoken.reason, spoken.worded.by) == (script, "prompt", "script")
    assert not model.asks


def test_a_prompt_of_ones_own_is_used_and_leaves_another_hash(table, tmp_path):
    path = tmp_path / "prompts" / "voice" / "personas" / "neutral.md"
    path.parent.mkdir(parents=True)
    path.write_text(
        "---\nid: voice/personas/neutral\nversion: 7\n---\nSpeak like a pilot.\n", encoding="utf-8"
    )
    own, model, _, _ = worded(table, VOLUME, FINE, extra=tmp_path)
    ours, _, _, _ = worded(table, VOLUME, FINE)
    assert "like a pilot" in model.asks[0].messages[0].content
    assert own.worded.prompt_sha256 != ours.worded.prompt_sha256


def test_a_persona_without_a_voice_of_its_own_is_described(table):
    persona = get_persona("neutral").model_copy(
        update={"id": "captain", "about": "Speaks like a pilot."}
    )
    _, model, _, _ = worded(table, VOLUME, FINE, persona=persona)
    assert "Speaks like a pilot." in model.asks[0].messages[0].content


def test_cancelling_closes_the_stream(table):
    class Slow(Recited):
        started = None

        async def stream(self, ask):
            try:
                yield "Roughly "
                self.started.set()
                await asyncio.Event().wait()
            finally:
                self.closed += 1

    async def cancelled():
        model = Slow([])
        model.started = asyncio.Event()
        task = asyncio.create_task(spoke(speaker_of(table, SLUG, model), authored(table, VOLUME)))
        await model.started.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return task.cancelled(), model.closed

    assert run(cancelled()) == (True, 1)


class Book:
    """A ledger that refuses nothing and remembers what was paid."""

    def __init__(self):
        self.paid = []

    def claim(self, account, *, tokens, money):
        return "claim"

    def settle(self, claim, *, model, tokens_in, tokens_out, money):
        self.paid.append((tokens_in, tokens_out, money))

    def spent(self, account=None):
        return Spent()


@pytest.mark.parametrize(
    "replies",
    [
        (FINE,),
        (LEAK, FINE),
        (LEAK, LEAK),
        (("About 40 million ", ModelFailed("server")), FINE),
        (("", ModelFailed("server")), FINE),
        (("", ModelFailed("cut")), ("About 40", ModelFailed("cut"))),
    ],
)
def test_a_turn_says_what_the_ledger_says(table, replies):
    book, recited = Book(), Recited(list(replies))
    model = Metered(recited, Breaker(), book, Prices(2.0, 8.0), "session:1", lambda: 0)
    worded = run(spoke(speaker_of(table, SLUG, model), authored(table, VOLUME))).worded
    tokens_in, tokens_out, money = map(sum, zip(*book.paid, strict=True))
    assert (worded.tokens_in, worded.tokens_out) == (tokens_in, tokens_out)
    assert worded.cost == pytest.approx(money) and money > 0


# spoken over -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("item", "shown", "text", "by"),
    [
        (VOLUME, FINE, FINE, "model"),
        (VOLUME, "Roughly 40 million", None, "script"),
        (VOLUME, "", None, "script"),
        (PRESS, "A colleague says that another", "A colleague says that another", "model"),
        (PRESS, "A colleague", "", None),
        (PRESS, "", "", None),
    ],
)
def test_what_stands_when_the_candidate_speaks_on(table, item, shown, text, by):
    """What has to be told is told whole; a question that had hardly begun was never asked."""
    moment = authored(table, item)
    part = speaker_of(table, SLUG, Recited([])).part(moment.session, moment.move, shown)
    if by is None:
        assert part is None
    else:
        assert part.text == (moment.move.text if text is None else text)
        assert (part.worded.by, part.worded.cut) == (by, True)


@pytest.mark.parametrize(("item", "by"), [(VOLUME, "script"), (PRESS, "model")])
def test_what_was_cut_off_leaves_what_it_took_and_which_prompt_it_was(table, item, by):
    """As the ledger has it: a try that was not fit to be said, and the one that was cut off."""
    moment, book = authored(table, item), Book()

    class Held(Recited):
        async def stream(self, ask):
            if self.asks:
                yield "A colleague says that another "
                held.set()
                await asyncio.Event().wait()
            async for piece in super().stream(ask):
                yield piece

    held = asyncio.Event()

    async def cut():
        model = Metered(Held([LEAK]), Breaker(), book, Prices(2.0, 8.0), "session:1", lambda: 0)
        speaker = speaker_of(table, SLUG, model)
        speaking = asyncio.create_task(spoke(speaker, moment))
        await held.wait()
        speaking.cancel()
        part = speaker.part(moment.session, moment.move, "A colleague says that another")
        await asyncio.gather(speaking, return_exceptions=True)
        return part.worded, speaker.part(moment.session, moment.move, "A colleague says that")

    worded, later = run(cut())
    assert (worded.by, worded.cut, len(worded.checks)) == (by, True, 1)
    assert worded.prompt == f"voice/moves/{item['kind']}" and len(worded.prompt_sha256) == 64
    tokens_in, tokens_out, money = map(sum, zip(*book.paid, strict=True))
    assert (worded.tokens_in, worded.tokens_out) == (tokens_in, tokens_out)
    assert worded.cost == pytest.approx(money) and tokens_out > 0
    assert (
        later.worded.tokens_in == 0 and later.worded.prompt == ""
    )  # another word, of which nothing is known


def test_a_change_of_the_world_is_never_told_by_half(table):
    moment = authored(
        table, {"slug": SLUG, "kind": "twist", "twist": "authorised-scams", "said": "Next."}
    )
    speaker = speaker_of(table, SLUG, Recited([]))
    half = "Something has come in from legal. From January on, the company must refund people."
    assert speaker.part(moment.session, moment.move, half).text == moment.move.text


# over HTTP -------------------------------------------------------------------------------------
def over_http(table, fake, item):
    async def asked():
        model, shown = OpenAIModel(endpoint_at(fake.base_url), "voice", None), []
        try:
            return await spoke(speaker_of(table, SLUG, model), authored(table, item), shown), shown
        finally:
            await model.close()

    return run(asked())


def test_the_stand_in_speaks_for_the_script(table, fake):
    spoken, shown = over_http(table, fake, VOLUME)
    assert (spoken.worded.by, spoken.worded.checks) == ("model", ("ok",))
    assert "40 million payments on an ordinary day" in spoken.text and shown
    assert spoken.worded.tokens_in > 0


def test_an_ill_mannered_stand_in_is_never_heard(table, fake):
    for reply in (
        LEAK,
        f"Great question! {FINE}",
        f"{FINE} What else? And what then?",
        "As an AI I cannot.",
    ):
        fake.clear()
        fake.script([reply, reply])
        spoken, shown = over_http(table, fake, VOLUME)
        assert (spoken.worded.by, spoken.reason) == ("script", "breach")
        assert not any(
            plain(bad) in plain(text) for text in shown for bad in ("Great", "second", "What", "AI")
        )


@pytest.mark.parametrize(("kind", "fault"), [("drip", "overlong"), ("hang_before", "slow")])
def test_an_endpoint_that_keeps_turns_waiting_is_left_alone_after_three(table, fake, kind, fault):
    """Its own timeouts would be more patient than a turn is."""
    fake.fault(kind, times=None)

    async def asked():
        model = OpenAIModel(endpoint_at(fake.base_url), "voice", None)
        paid = Metered(model, Breaker(), Book(), Prices(), "session:1", lambda: 0)
        speaker = speaker_of(table, SLUG, paid, within=1.0)
        try:
            return [(await spoke(speaker, authored(table, VOLUME))).reason for _ in range(4)]
        finally:
            await model.close()

    assert run(asked()) == [fault] * 3 + ["down"]
    assert len(fake.requests) == 3


@pytest.mark.parametrize("kind", ["500", "401", "empty", "close", "no_finish"])
def test_faults_of_the_line_leave_it_to_the_script(table, fake, kind):
    fake.fault(kind, times=5)
    spoken, _ = over_http(table, fake, VOLUME)
    assert spoken.worded.by == "script" and spoken.reason and spoken.text
