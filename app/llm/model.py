"""What is asked of a model and what comes back. `Model` is the door: the rest of the system knows no client library."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from app.endpoint import Prices
from app.errors import SevenstepError

# Why a model gave nothing that can be used. A closed list: it stands in events, pages and the reference.
FAULTS = {
    "unreachable": "it cannot be connected to",
    "denied": "it does not take the key",
    "not_found": "it knows no such model or address",
    "busy": "it has too much to do or its quota is used up",
    "server": "it reports a fault of its own",
    "rejected": "it does not take the request as it was sent",
    "redirect": "it sends the request elsewhere, which is not followed",
    "forbidden": "its address is one that must not be reached",
    "slow": "its first word did not come in time",
    "stalled": "it stopped in the middle",
    "overlong": "it did not come to an end in time",
    "cut": "the line broke before the end",
    "empty": "it answered with nothing",
    "garbled": "its answer is not in the form that was asked for",
    "too_large": "its answer is far too long",
    "filtered": "its own filter withheld the answer",
    "budget": "the budget is spent",
    "down": "it failed repeatedly and is left alone for a while",
    "ledger": "what it costs cannot be written down now, so it is not asked",
}
Fault = Literal[
    "unreachable",
    "denied",
    "not_found",
    "busy",
    "server",
    "rejected",
    "redirect",
    "forbidden",
    "slow",
    "stalled",
    "overlong",
    "cut",
    "empty",
    "garbled",
    "too_large",
    "filtered",
    "budget",
    "down",
    "ledger",
]
# The model did no work, so nothing is paid, unless words came nevertheless.
FREE: frozenset[Fault] = frozenset(
    {
        "unreachable",
        "denied",
        "not_found",
        "busy",
        "server",
        "rejected",
        "redirect",
        "forbidden",
        "budget",
        "down",
        "ledger",
    }
)


@dataclass(frozen=True, slots=True)
class Usage:
    """`counted` is false where the server told nothing and the numbers are estimates from characters."""

    tokens_in: int
    tokens_out: int
    counted: bool = True


class ModelFailed(SevenstepError):
    """Its sentence is ours: a provider's text may hold the key or the transcript and is never passed on.

    `retry_after`: seconds that the server asked to wait, where it did. `status`: of its HTTP answer, for people
    who look after the endpoint. `usage`: what it took, where a part of an answer or the server's count came.
    """

    status = 503

    def __init__(
        self, fault: Fault, *, retry_after: float | None = None, http_status: int | None = None
    ) -> None:
        super().__init__(f"The model cannot be used: {FAULTS[fault]}.")
        self.fault: Fault = fault
        self.retry_after = retry_after
        self.http_status = http_status
        self.usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The JSON Schema that an answer must have; how far a server is told depends on what it understands."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """`temperature` None takes the endpoint's. `max_tokens` bounds the answer. `until`: a moment of the loop's clock at
    which whoever asks stops waiting, however patient the endpoint's timeouts are."""

    messages: tuple[Message, ...]
    max_tokens: int = 300
    temperature: float | None = None
    shape: Shape | None = None
    until: float | None = None

    @property
    def characters(self) -> int:
        return sum(len(message.content) for message in self.messages)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, never empty. `first_ms` and `whole_ms` are counted from the request."""

    text: str
    model: str
    finish: str
    usage: Usage
    first_ms: int
    whole_ms: int
    cost: float = 0.0


class Model(Protocol):
    """Every failure is a ModelFailed; nothing waits longer than the endpoint's timeouts and the ask's."""

    @property
    def name(self) -> str: ...

    @property
    def prices(self) -> Prices: ...

    async def reply(self, ask: Ask) -> Answer: ...

    def stream(self, ask: Ask) -> AsyncIterator[str | Answer]:
        """Pieces of text as they come and, last, the Answer that holds all of them."""
        ...


def estimated_tokens(characters: int) -> int:
    """Four characters a token, as a rule of thumb for English; rounded up."""
    return -(-characters // 4)


def seen_usage(ask: Ask, characters: int) -> Usage:
    """An estimate of what was sent and of the so many characters that came back."""
    shape = len(json.dumps(dict(ask.shape.schema))) if ask.shape else 0
    tokens_in = estimated_tokens(ask.characters + shape)
    return Usage(tokens_in, estimated_tokens(characters), counted=False)


def failed_usage(failure: ModelFailed, ask: Ask, characters: int) -> Usage:
    """What a call took that failed after so many characters were passed on."""
    if failure.usage is not None:
        return failure.usage
    if failure.fault in FREE and not characters:
        return Usage(0, 0, counted=False)
    return seen_usage(ask, characters)
