"""What the server has been asked and what it is to do next; shared by its thread and whoever holds it."""

import hashlib
import json
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from app.fake_llm.asked import Asked
from app.fake_llm.faults import FAULTS

# A demo may run for days, and what is asked holds whole transcripts.
KEPT = 200  # requests
MOST_KEPT = 20_000_000  # characters of them
SEEN = 10_000  # requests that are known again


@dataclass(slots=True)
class Trouble:
    """A fault of FAULTS for the next `times` requests that it fits (None: until cleared); `text` for a leak."""

    kind: str
    times: int | None = 1
    text: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"There is no fault {self.kind!r}.")
        if self.times is not None and self.times < 1:
            raise ValueError("A fault happens once at least.")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a script: the next reply, as it is, or the fault that befalls it."""

    text: str | None = None
    fault: str | None = None


def lines_of(script: str) -> list[Line]:
    """One reply on each line, blank ones left out. A line that is a JSON object with `text`, `fault` or both
    says more: `fault` befalls the request, and `text` is the reply, or what a leak tells. Raises ValueError."""
    lines = []
    for number, line in enumerate(script.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            parsed = json.loads(line)
        except ValueError:
            parsed = None
        if isinstance(parsed, dict) and parsed and parsed.keys() <= {"text", "fault"}:
            if parsed.get("fault", "500") not in FAULTS:
                raise ValueError(f"Line {number}: there is no fault {parsed['fault']!r}.")
            lines.append(Line(parsed.get("text"), parsed.get("fault")))
        else:
            lines.append(Line(line))
    return lines


@dataclass
class Desk:
    """`seed` makes the votes of a judge differ; `pace` is words a second, 0 all at once. Of the requests the last
    `kept` can be read."""

    seed: int = 0
    pace: float = 0.0
    kept: int = KEPT
    _troubles: list[Trouble] = field(default_factory=list)
    _script: deque[Line] = field(default_factory=deque)
    _requests: deque[Asked] = field(default_factory=deque)
    _characters: int = 0
    _strays: list[str] = field(default_factory=list)
    _seen: Counter[bytes] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Bodies of the last chat requests, oldest first."""
        with self._lock:
            return [asked.body for asked in self._requests]

    @property
    def strays(self) -> list[str]:
        """Addresses that were asked because a client followed a redirect."""
        with self._lock:
            return list(self._strays)

    @property
    def troubles(self) -> list[dict[str, object]]:
        with self._lock:
            return [{"kind": t.kind, "times": t.times, "text": t.text} for t in self._troubles]

    def add_trouble(self, trouble: Trouble) -> None:
        with self._lock:
            self._troubles.append(trouble)

    def add_script(self, lines: Sequence[Line]) -> None:
        with self._lock:
            self._script.extend(lines)

    def mend(self) -> None:
        """No faults any more."""
        with self._lock:
            self._troubles.clear()

    def clear(self) -> None:
        """As new: no faults, no script, nothing was asked."""
        with self._lock:
            self._troubles.clear()
            self._script.clear()
            self._requests.clear()
            self._characters = 0
            self._strays.clear()
            self._seen.clear()

    def strayed(self, address: str) -> None:
        with self._lock:
            self._strays.append(address)

    def note(self, asked: Asked) -> int:
        """Keeps a request; how often the same was asked before."""
        print_ = hashlib.sha256(asked.prompt.encode()).digest()
        with self._lock:
            self._keep(asked)
            self._seen[print_] += 1
            if len(self._seen) > SEEN:
                del self._seen[next(iter(self._seen))]
            return self._seen[print_] - 1

    def _keep(self, asked: Asked) -> None:
        self._requests.append(asked)
        self._characters += len(asked.prompt)
        while len(self._requests) > self.kept or self._characters > MOST_KEPT:
            self._characters -= len(self._requests.popleft().prompt)

    def next_trouble(self, asked: Asked, wished: str | None) -> Trouble | None:
        """The one that the request wishes for, else the first that fits it, which is used up by once."""
        if wished is not None:
            trouble = Trouble(wished)
            return trouble if fits(trouble.kind, asked) else None
        with self._lock:
            for trouble in self._troubles:
                if fits(trouble.kind, asked):
                    if trouble.times is not None:
                        trouble.times -= 1
                        if not trouble.times:
                            self._troubles.remove(trouble)
                    return trouble
            return None

    def next_line(self) -> Line | None:
        with self._lock:
            return self._script.popleft() if self._script else None


def fits(kind: str, asked: Asked) -> bool:
    """Whether a fault can befall this request."""
    of = FAULTS[kind].of
    if of == "refusal":
        return REFUSED[kind](asked)
    return of == "line" or of == asked.kind


REFUSED: dict[str, Callable[[Asked], bool]] = {
    "no_response_format": lambda asked: asked.format == "json_schema",
    "no_json_object": lambda asked: asked.format != "text",
    "no_stream_options": lambda asked: "stream_options" in asked.body,
    "no_temperature": lambda asked: asked.body.get("temperature") not in (None, 1),
    "max_completion_tokens": lambda asked: "max_tokens" in asked.body,
}
