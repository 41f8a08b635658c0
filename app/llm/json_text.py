"""The JSON object in a model's text, which likes to put fences and sentences around it."""

import json
from typing import Any

from app.llm.model import ModelFailed

MOST_STARTS = 200  # braces at which an object is looked for; prose holds few


def json_of(text: str) -> dict[str, Any]:
    """The longest JSON object that stands in it. Raises ModelFailed("garbled") where none does."""
    decoder = json.JSONDecoder()
    found: dict[str, Any] | None = None
    longest, at = 0, text.find("{")
    for _ in range(MOST_STARTS):
        if at < 0:
            break
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if end - at > longest:
                found, longest = value, end - at
        at = text.find("{", end)
    if found is None:
        raise ModelFailed("garbled")
    return found
