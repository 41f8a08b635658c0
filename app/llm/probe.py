"""Is it there, does it answer with words, in what form does it keep to a shape? Asked on purpose, never at start-up."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal, cast

from app.endpoint import Structured
from app.llm.json_text import json_of
from app.llm.model import FAULTS, Answer, Ask, Fault, Message, Model, ModelFailed, Shape
from app.llm.speaker import WITHIN
from app.llm.telling import LEAST_TOKENS, THOUGHT

Role = Literal["interviewer", "judge"]

ROOM = THOUGHT + LEAST_TOKENS  # as for the shortest turn
WORD = Ask((Message("user", "Answer with the one word: ready"),), max_tokens=ROOM, temperature=0.0)
SHAPED = Ask(
    (Message("user", 'Answer with this JSON object and nothing else: {"word": "ready"}'),),
    max_tokens=ROOM,
    temperature=0.0,
    shape=Shape(
        "one_word",
        {
            "type": "object",
            "properties": {"word": {"type": "string"}},
            "required": ["word"],
            "additionalProperties": False,
        },
    ),
)
# What a person can do about it.
ADVICE: dict[Fault, str] = {
    "unreachable": "Check the base URL, and that the server runs and can be reached from here.",
    "denied": "Check the key.",
    "not_found": "Check the model's name and the path of the base URL, which often ends in /v1.",
    "busy": "Wait, or look at the quota with whoever runs it.",
    "server": "Look at the server's own log.",
    "rejected": "The server does not speak this part of the protocol, or wants another model.",
    "redirect": "Set the base URL to the address that it redirects to, if you trust that one.",
    "forbidden": (
        "Use https, or http on this machine; name a host with a private address in "
        "SEVENSTEP_LLM_ALLOW."
    ),
    "slow": (
        "A local server may still be loading the model: ask again. Or allow more time in "
        "SEVENSTEP_LLM_TIMEOUTS."
    ),
    "stalled": "Ask again, or allow more time in SEVENSTEP_LLM_TIMEOUTS.",
    "overlong": "Ask again, or allow more time in SEVENSTEP_LLM_TIMEOUTS.",
    "cut": "Something on the way closes the line; look at proxies and at the server's log.",
    "empty": "A status of 200 without a word does not count. Look at the server's log, or try another model.",
    "garbled": "Something else answers at this address, a web page perhaps; check the base URL.",
    "too_large": "Try another model.",
    "filtered": "Its filter withholds a harmless word; try another model.",
    "budget": "Raise SEVENSTEP_LLM_BUDGET or SEVENSTEP_LLM_MONEY, or wait for tomorrow.",
    "down": "Ask again in a minute.",
    "ledger": "The database is busy: ask again.",
}
NO_JSON = "Try another model, or set SEVENSTEP_LLM_STRUCTURED to text."


@dataclass(frozen=True, slots=True)
class ProbedModel:
    """What one model did when asked. `first_ms` to the first word, `whole_ms` to the end; None where it did not
    answer. `structured` is the form in which it gave JSON; None where it gave none, or was not asked to."""

    model: str
    roles: tuple[Role, ...]
    fault: Fault | None = None
    http_status: int | None = None
    first_ms: int | None = None
    whole_ms: int | None = None
    structured: Structured | None = None
    shape_fault: Fault | None = None

    @property
    def works(self) -> bool:
        return self.fault is None and self.shape_fault is None

    @property
    def sentence(self) -> str:
        if self.fault is not None:
            status = f" (HTTP {self.http_status})" if self.http_status else ""
            return f"{self.model} is down: {FAULTS[self.fault]}{status}. {ADVICE[self.fault]}"
        answers = f"{self.model} answers; its first word came after {self.first_ms} ms"
        if self.shape_fault is not None:
            why = FAULTS[self.shape_fault]
            return f"{answers}. It cannot judge: asked for JSON, {why}. {NO_JSON}"
        form = f", its judgements as {self.structured}" if self.structured else ""
        return f"{answers}{form}."


@dataclass(frozen=True, slots=True)
class Probed:
    """`host` is where the words went."""

    host: str
    models: tuple[ProbedModel, ...]

    @property
    def works(self) -> bool:
        return all(model.works for model in self.models)

    @property
    def sentence(self) -> str:
        return " ".join(model.sentence for model in self.models)


async def probe(
    model: Model, roles: tuple[Role, ...], structured: Callable[[], Structured | None]
) -> ProbedModel:
    """One word and, where it is to judge, one small JSON object. `structured` tells afterwards what it took. Who is to
    speak is asked as in a turn: with its room and its time, in which thinking is no word."""
    probed = ProbedModel(model.name, roles)
    try:
        answer = await (_spoken(model) if "interviewer" in roles else model.reply(WORD))
    except ModelFailed as failure:
        return replace(probed, fault=failure.fault, http_status=failure.http_status)
    probed = replace(probed, first_ms=answer.first_ms, whole_ms=answer.whole_ms)
    if "judge" not in roles:
        return probed
    try:
        json_of((await model.reply(SHAPED)).text)
    except ModelFailed as failure:
        return replace(probed, shape_fault=failure.fault)
    return replace(probed, structured=structured())


async def _spoken(model: Model) -> Answer:
    ask = replace(WORD, until=asyncio.get_running_loop().time() + WITHIN)
    # every model's stream is a generator
    stream = cast(AsyncGenerator[str | Answer, None], model.stream(ask))
    async with aclosing(stream) as pieces:
        async for piece in pieces:
            if isinstance(piece, Answer):
                return piece
    raise ModelFailed("cut")
