"""What a request asks for, read from nothing but its own messages."""

import html
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Kind = Literal["interviewer", "judge", "other"]

SAY = re.compile(r"<say>(.*?)</say>", re.DOTALL)
TRANSCRIPT = re.compile(r"<transcript\b[^>]*>(.*?)</transcript\b[^>]*>", re.DOTALL)
CONVERSATION = re.compile(r"<conversation\b[^>]*>(.*?)</conversation\b[^>]*>", re.DOTALL)
CRITERION = re.compile(r'<criterion id="([^"]+)"[^>]*>(.*?)</criterion>', re.DOTALL)
TURN = re.compile(r"^\[(\d+)\] (\w+): ?", re.MULTILINE)
SPOKEN = re.compile(r"^(candidate|interviewer): ?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Turn:
    number: int
    speaker: str
    text: str


@dataclass(frozen=True)
class Asked:
    """`body` is the request's JSON as it came."""

    body: dict[str, Any]

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def stream(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def wants_usage(self) -> bool:
        options = self.body.get("stream_options")
        return not self.stream or (isinstance(options, dict) and bool(options.get("include_usage")))

    @property
    def format(self) -> str:
        """`text`, `json_object` or `json_schema`."""
        format = self.body.get("response_format")
        return str(format.get("type", "text")) if isinstance(format, dict) else "text"

    @property
    def schema(self) -> dict[str, Any] | None:
        if self.format != "json_schema":
            return None
        named = self.body["response_format"].get("json_schema")
        schema = named.get("schema") if isinstance(named, dict) else None
        return schema if isinstance(schema, dict) else None

    @property
    def max_tokens(self) -> int | None:
        most = self.body.get("max_completion_tokens", self.body.get("max_tokens"))
        return most if isinstance(most, int) else None

    @cached_property
    def prompt(self) -> str:
        messages = self.body.get("messages")
        return "\n".join(_text(message) for message in messages) if messages else ""

    @cached_property
    def last(self) -> str:
        """The last user message."""
        said = [m for m in self.body.get("messages") or [] if m.get("role") == "user"]
        return _text(said[-1]) if said else ""

    @cached_property
    def _about(self) -> str:
        """The user message that tells the task: a repair may follow it."""
        for message in reversed(self.body.get("messages") or []):
            text = _text(message)
            if message.get("role") == "user" and ("<say>" in text or "<transcript" in text):
                return text
        return self.last

    @cached_property
    def kind(self) -> Kind:
        if SAY.search(self._about):
            return "interviewer"
        return "judge" if "<transcript" in self._about else "other"

    @cached_property
    def say(self) -> str:
        """The scripted words of the move; the last such tag, since a candidate's words stand before it."""
        found = SAY.findall(self._about)
        return " ".join(html.unescape(found[-1]).split()) if found else ""

    @cached_property
    def criteria(self) -> list[tuple[str, str]]:
        """(id, what is said about it, its title on the first line), in their order."""
        found = CRITERION.findall(self._about)
        return [(id, html.unescape(text).strip()) for id, text in found]

    @cached_property
    def turns(self) -> list[Turn]:
        found = TRANSCRIPT.search(self._about)
        if not found:
            return []
        parts = TURN.split(found[1])[1:]
        return [
            Turn(int(number), speaker.lower(), html.unescape(text).strip())
            for number, speaker, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        ]

    @cached_property
    def earlier(self) -> list[str]:
        """What the interviewer has said in the conversation."""
        found = CONVERSATION.search(self._about)
        parts = SPOKEN.split(found[1])[1:] if found else []
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return [html.unescape(text).strip() for who, text in pairs if who == "interviewer"]


def _text(message: Any) -> str:
    """A message's content: a text, or a list of parts."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
