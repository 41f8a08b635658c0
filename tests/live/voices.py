"""A model that the test holds in its hand: nothing comes before it is let go, and what comes is the test's."""

import asyncio
import re

from app.endpoint import Endpoint, Prices
from app.llm.model import Answer, ModelFailed, Usage

SAY = re.compile(r"<say>\s*(.*?)\s*</say>", re.DOTALL)
HOST = "127.0.0.1:9"


class HandModel:
    """Says the words of the move. `let(n)` lets it say n words, `let()` all the rest of this and later replies;
    `fails` is raised instead of the next piece."""

    name = "hand"
    prices = Prices()

    def __init__(self):
        self.asks = []
        self.asked = asyncio.Event()
        self.fails = None
        self.lies = None  # what it says instead
        self.gone = 0  # replies that were cut off
        self._left = 0
        self._more = asyncio.Event()

    def let(self, words=1_000_000):
        self._left += words
        self._more.set()

    def hold(self):
        self._left = 0
        self._more.clear()

    async def _word(self):
        while self._left <= 0:
            self._more.clear()
            await self._more.wait()
        self._left -= 1

    async def reply(self, ask):
        raise NotImplementedError

    async def stream(self, ask):
        self.asks.append(ask)
        self.asked.set()
        text = self.lies or SAY.search(ask.messages[-1].content)[1]
        try:
            for piece in re.findall(r"\s*\S+", text):
                await self._word()
                if self.fails is not None:
                    raise ModelFailed(self.fails)
                yield piece
        except (asyncio.CancelledError, GeneratorExit):
            self.gone += 1
            raise
        yield Answer(text, self.name, "stop", Usage(10, 10), first_ms=1, whole_ms=2)


class Hands:
    """Behind an endpoint that is never dialled; every session's interviewer is the same model."""

    def __init__(self, host=HOST):
        self.endpoint = Endpoint(f"http://{host}/v1", "hand", "hand")
        self.model = HandModel()
        self.accounts = []

    def interviewer(self, account):
        self.accounts.append(account)
        return self.model

    async def warm(self):
        pass
