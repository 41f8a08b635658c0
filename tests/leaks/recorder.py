"""Everything that leaves the service, and to whom: taken where it leaves, before any client has looked at it.

Clients say who they are in a header of the tests' own, which the service knows nothing of.
"""

import json
import threading
from dataclasses import dataclass

from starlette.datastructures import Headers

WHO = "x-leaks-who"


@dataclass(frozen=True)
class Record:
    """`who` is a role; `session` whose part they have (not the one that they ask for)."""

    number: int
    who: str
    session: str
    kind: str
    path: str
    text: str

    @property
    def frame(self) -> dict:
        return json.loads(self.text)


class Recorder:
    """Around the application, as the outermost thing."""

    def __init__(self, app) -> None:
        self.app = app
        self.records: list[Record] = []
        self._lock = threading.Lock()

    @property
    def mark(self) -> int:
        """The number of the next record."""
        return len(self.records)

    def keep(self, scope, kind, text) -> None:
        who, _, session = Headers(scope=scope).get(WHO, "").partition(":")
        with self._lock:
            number = len(self.records)
            self.records.append(Record(number, who, session, kind, scope["path"], text))

    async def __call__(self, scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        parts: list[bytes] = []

        async def taken(message):
            match message["type"]:
                case "http.response.start":
                    head = [f"{k.decode()}: {v.decode('latin-1')}" for k, v in message["headers"]]
                    self.keep(scope, "head", f"{message['status']}\n" + "\n".join(head))
                case "http.response.body":
                    parts.append(message.get("body", b""))
                    if not message.get("more_body"):
                        self.keep(scope, "body", b"".join(parts).decode("utf-8", "replace"))
                case "websocket.send":
                    self.keep(scope, "frame", message.get("text") or repr(message.get("bytes")))
                case "websocket.close":
                    self.keep(scope, "close", f"{message.get('code')} {message.get('reason')}")
            await send(message)

        await self.app(scope, receive, taken)
