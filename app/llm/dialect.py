"""What a server understands of the protocol. Many refuse a part of it; each is asked for less until it takes it."""

from dataclasses import dataclass, field, replace
from typing import Any

from app.endpoint import Structured
from app.llm.model import Ask

HINT = 300  # characters of a refusal in which the part is named; further on the request is echoed
LESS: dict[Structured, Structured] = {"json_schema": "json_object", "json_object": "text"}
# By what a refusal calls it. In the order in which they are given up where it names nothing.
NAMES = {
    "structured": ("response_format", "json_schema", "json schema", "structured", "grammar"),
    "usage": ("stream_options", "include_usage"),
    "limit": ("max_tokens", "max_completion_tokens"),
    "temperature": ("temperature",),
    "streaming": ("stream",),
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """`usage`: says what was used in a stream; `limit`: how the bound of an answer is called."""

    structured: Structured = "json_schema"
    usage: bool = True
    limit: str = "max_tokens"
    temperature: bool = True
    streaming: bool = True

    def request(self, ask: Ask, model: str, temperature: float | None) -> dict[str, Any]:
        """The arguments of a completion."""
        warmth = temperature if ask.temperature is None else ask.temperature
        request: dict[str, Any] = {
            "model": model,
            "messages": [{"role": m.role, "content": m.content} for m in ask.messages],
            "stream": self.streaming,
            self.limit: ask.max_tokens,
        }
        if self.temperature and warmth is not None:
            request["temperature"] = warmth
        if self.streaming and self.usage:
            request["stream_options"] = {"include_usage": True}
        if ask.shape and self.structured == "json_object":
            request["response_format"] = {"type": "json_object"}
        elif ask.shape and self.structured == "json_schema":
            described = {"name": ask.shape.name, "schema": dict(ask.shape.schema), "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": described}
        return request

    def given_up(self, part: str) -> "Dialect":
        match part:
            case "structured":
                return replace(self, structured=LESS[self.structured])
            case "limit":
                return replace(self, limit="max_completion_tokens")
            case "usage":
                return replace(self, usage=False)
            case "temperature":
                return replace(self, temperature=False)
            case _:
                return replace(self, streaming=False)

    def parts(self, ask: Ask, may_change_structure: bool) -> list[str]:
        """What of this request could still be given up, in the order in which it would be."""
        held = {
            "structured": bool(ask.shape) and may_change_structure and self.structured in LESS,
            "usage": self.usage and self.streaming,
            "limit": self.limit == "max_tokens",
            "temperature": self.temperature,
            "streaming": self.streaming,
        }
        return [part for part in NAMES if held[part]]


@dataclass(slots=True)
class Learnt:
    """What was found out about a model by asking, for all who ask it. `taken` holds whether requests without and
    with a shape were taken in this dialect."""

    dialect: Dialect = Dialect()
    taken: set[bool] = field(default_factory=set)


def named_part(refusal: str, parts: list[str]) -> str | None:
    """The part that a refusal names first, of those that could be given up."""
    text = refusal[:HINT].lower()
    places = [
        (text.find(name), order, part)
        for order, part in enumerate(parts)
        for name in NAMES[part]
        if name in text
    ]
    return min(places)[2] if places else None
