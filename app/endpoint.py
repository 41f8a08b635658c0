"""The model endpoint that was configured: where it is, what may be asked of it, and what it may cost."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

Structured = Literal["json_schema", "json_object", "text"]
STRUCTURED: tuple[Structured, ...] = ("json_schema", "json_object", "text")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, to the first token, between two tokens, for the whole reply."""

    connect: float = 3.0
    first: float = 8.0
    gap: float = 5.0
    whole: float = 30.0


@dataclass(frozen=True, slots=True)
class Budget:
    """Most tokens and most money that may be spent; None sets no bound. Money is in the currency of the prices."""

    session_tokens: int | None = 200_000
    day_tokens: int | None = 2_000_000
    session_money: float | None = None
    day_money: float | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """Money for a million tokens; zero where nothing is paid or nothing was said."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    @property
    def are_set(self) -> bool:
        return self.tokens_in > 0 or self.tokens_out > 0

    def of(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`structured` None: probed once. `allowed` names hosts that may be reached although their address is private.

    The key is in no repr, so that no error and no log can hold it.
    """

    base_url: str
    model: str
    judge_model: str
    key: str | None = field(default=None, repr=False)
    structured: Structured | None = None
    temperature: float | None = 0.4
    timeouts: Timeouts = Timeouts()
    budget: Budget = Budget()
    prices: Prices = Prices()
    allowed: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Where words are sent, as a page says it."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]
