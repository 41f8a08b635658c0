"""An answer in the shape of the chat completions protocol, streamed or whole, with what goes wrong on the line."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.fake_llm.asked import Asked
from app.fake_llm.wire import Wire

BEAT = 0.3  # seconds between the characters of a drip and between comments
STREAM = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
JSON = {"content-type": "application/json"}
PAGE = (
    b"<!doctype html><html><head><title>Welcome</title></head><body><h1>Sign in</h1></body></html>"
)
PIECE = re.compile(r"\s*\S+|\s+$")
STATUS = {
    "401": (401, "invalid_api_key", "Incorrect API key provided"),
    "404": (404, "model_not_found", "The model does not exist or you do not have access to it"),
    "429": (429, "rate_limit_exceeded", "Rate limit reached"),
    "429_long": (429, "insufficient_quota", "You exceeded your current quota"),
    "500": (500, "server_error", "The server had an error while processing your request"),
    "503": (503, "overloaded", "The engine is currently overloaded"),
    "no_response_format": (400, "unsupported_value", "response_format json_schema is unavailable"),
    "no_json_object": (400, "unsupported_parameter", "response_format is not supported"),
    "no_stream_options": (400, "unsupported_parameter", "stream_options is not supported"),
    "no_temperature": (400, "unsupported_value", "temperature does not support this value"),
    "max_completion_tokens": (
        400,
        "unsupported_parameter",
        "max_tokens is not supported, use max_completion_tokens instead",
    ),
}
WAIT = {"429": "1", "429_long": "60"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`key` is the request's Authorization header: a careless gateway repeats it in its errors, and so does this."""

    asked: Asked
    text: str
    key: str = ""
    finish: str | None = "stop"
    usage: bool = True
    pace: float = 0.0

    @property
    def used(self) -> dict[str, int]:
        tokens_in, tokens_out = tokens(self.asked.prompt), tokens(self.text)
        return {
            "prompt_tokens": tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
        }

    def error(self, message: str, code: str) -> dict[str, object]:
        said = f"{message} (key {self.key!r}, prompt {self.asked.prompt[:200]!r})."
        return {"error": {"message": said, "type": "invalid_request_error", "code": code}}


def tokens(text: str) -> int:
    return -(-len(text) // 4)


def bounded(answer: Answer) -> Answer:
    """Cut where the request's max_tokens end, as real servers do."""
    most = answer.asked.max_tokens
    if most is None or tokens(answer.text) <= most:
        return answer
    return replace(answer, text=answer.text[: most * 4], finish="length")


def half(text: str) -> str:
    return text[: len(text) // 2]


ALTERED: dict[str, Callable[[Answer], Answer]] = {
    "empty": lambda a: replace(a, text=""),
    "no_finish": lambda a: replace(a, text=half(a.text), finish=None),
    "truncated_json": lambda a: replace(a, text=half(a.text)),
    "filtered": lambda a: replace(a, text=half(a.text), finish="content_filter"),
    "fenced_json": lambda a: replace(a, text=f"```json\n{a.text}\n```"),
    "prose_json": lambda a: replace(
        a,
        text=f"Sure! Here is what you asked for:\n\n{a.text}\n\nLet me know if {{you}} need more.",
    ),
    "no_usage": lambda a: replace(a, usage=False),
}


async def deliver(wire: Wire, answer: Answer, fault: str | None, elsewhere: str) -> None:
    """`elsewhere` is where a redirect leads."""
    if fault == "refuse":
        wire.reset()
    elif fault == "hang_before":
        await wire.hang()
    elif fault in STATUS:
        status, code, message = STATUS[fault]
        wait = {"retry-after": WAIT[fault]} if fault in WAIT else {}
        await wire.head(status, {**JSON, **wait})
        await wire.end(_json(answer.error(message, code)))
    elif fault == "html":
        await wire.head(200, {"content-type": "text/html; charset=utf-8"})
        await wire.end(PAGE)
    elif fault == "redirect":
        await wire.head(307, {"location": elsewhere})
        await wire.end()
    else:
        answer = ALTERED[fault](answer) if fault in ALTERED else answer
        await (_stream if answer.asked.stream else _whole)(wire, answer, fault)


async def _stream(wire: Wire, answer: Answer, fault: str | None) -> None:
    await wire.head(200, STREAM)
    if fault == "hang_after_headers":
        await wire.hang()
    while fault == "keep_alive":
        await wire.say(b": keep-alive\n\n")
        await asyncio.sleep(BEAT)
    await wire.say(_event(answer, {"role": "assistant", "content": ""}))
    pieces = PIECE.findall(answer.text)
    middle = max(1, len(pieces) // 2)
    await _say(wire, answer, pieces[:middle])
    if fault in ("hang_between", "reset", "close"):
        await _break(wire, fault)
        return
    if fault in ("drip", "flood"):
        await _go_on(wire, answer, fault)
    if fault == "bad_chunk":
        await wire.say(b'data: {"choices": [{"delta": {"content": "and th\n\n')
    if fault == "error_chunk":
        await wire.say(b"data: " + _json(answer.error("Internal error", "server_error")) + b"\n\n")
    await _say(wire, answer, pieces[middle:])
    if answer.finish is not None:
        await wire.say(_event(answer, {}, answer.finish))
    if answer.usage and answer.asked.wants_usage:
        used = {**_frame(answer), "choices": [], "usage": answer.used}
        await wire.say(b"data: " + _json(used) + b"\n\n")
    await wire.end(b"data: [DONE]\n\n")


async def _say(wire: Wire, answer: Answer, pieces: list[str]) -> None:
    for piece in pieces:
        await wire.say(_event(answer, {"content": piece}))
        if answer.pace:
            await asyncio.sleep(1 / answer.pace)


async def _break(wire: Wire, fault: str) -> None:
    if fault == "hang_between":
        await wire.hang()
    elif fault == "reset":
        # What was written last must have left before the RST, or the client never sees the beginning.
        await asyncio.sleep(0.05)
        wire.reset()
    else:
        wire.close()


async def _go_on(wire: Wire, answer: Answer, fault: str) -> None:
    while True:
        if fault == "flood":
            await wire.say(_event(answer, {"content": " and so on" * 100}))
            await asyncio.sleep(0)
        else:
            for letter in " and so on":
                await wire.say(_event(answer, {"content": letter}))
                await asyncio.sleep(BEAT)


async def _whole(wire: Wire, answer: Answer, fault: str | None) -> None:
    body = _json(_completion(answer))
    if fault == "bad_chunk":
        body = body[: len(body) // 2] + b" <<<"
    if fault == "error_chunk":
        body = _json(answer.error("Internal error", "server_error"))
    endless = fault in ("keep_alive", "drip", "flood")
    await wire.head(200, JSON if endless else {**JSON, "content-length": str(len(body))})
    middle = len(body) // 2
    if fault == "hang_after_headers":
        await wire.hang()
    if fault in ("hang_between", "reset", "close"):
        await wire.say(body[:middle])
        await _break(wire, fault)
        return
    if fault == "drip":
        for byte in body[:-1]:
            await wire.say(bytes([byte]))
            await asyncio.sleep(BEAT)
    while endless:
        await wire.say(b" " * 1000 if fault == "flood" else b" ")
        await asyncio.sleep(0 if fault == "flood" else BEAT)
    await wire.end(body)


def _completion(answer: Answer) -> dict[str, object]:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": answer.text},
        "finish_reason": answer.finish,
    }
    whole = {**_frame(answer), "object": "chat.completion", "choices": [choice]}
    return {**whole, "usage": answer.used} if answer.usage else whole


def _event(answer: Answer, delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + _json({**_frame(answer), "choices": [choice]}) + b"\n\n"


def _frame(answer: Answer) -> dict[str, Any]:
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": answer.asked.model,
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
