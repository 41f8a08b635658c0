"""The models of the configured endpoint: one client, a breaker for each model, every call on a budget."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from app.endpoint import Endpoint
from app.llm.breaker import Breaker
from app.llm.ledger import Ledger
from app.llm.metered import Metered
from app.llm.model import Model, ModelFailed
from app.llm.openai_model import Connection, OpenAIModel
from app.llm.probe import Probed, ProbedModel, Role, probe

if TYPE_CHECKING:
    from app.llm.transport import Resolve

PROBE = "probe"  # the account


class Models:
    """One for a process, in one event loop. Building it opens, imports and sends nothing. `now_ms` is a clock of
    milliseconds; `resolve` replaces the system's resolver."""

    def __init__(
        self,
        endpoint: Endpoint,
        ledger: Ledger,
        now_ms: Callable[[], int],
        resolve: "Resolve | None" = None,
    ) -> None:
        self.endpoint = endpoint
        self._ledger = ledger
        self._now_ms = now_ms
        self._connection = Connection(endpoint, resolve)
        names = (endpoint.model, endpoint.judge_model)
        self._models = {
            name: OpenAIModel(endpoint, name, endpoint.structured, self._connection)
            for name in names
        }
        self._breakers = {name: Breaker() for name in names}

    def interviewer(self, account: str) -> Model:
        return self._metered(self.endpoint.model, account, self._breakers[self.endpoint.model])

    def judge(self, account: str) -> Model:
        name = self.endpoint.judge_model
        return self._metered(name, account, self._breakers[name])

    def is_down(self, role: Role) -> bool:
        """Whether a call would be refused now without being sent."""
        endpoint = self.endpoint
        name = endpoint.model if role == "interviewer" else endpoint.judge_model
        return self._breakers[name].is_open(self._now_ms())

    async def warm(self) -> None:
        """Imports the client ahead of the first call, in a thread; sends nothing. Where that fails the first call
        says so."""
        with suppress(ModelFailed):
            await self._connection.client()

    async def probe(self) -> Probed:
        """Asks every model, also one that is left alone; one that answers is asked again from now on."""
        probed = await asyncio.gather(*(self._probe(name) for name in self._models))
        return Probed(self.endpoint.host, tuple(probed))

    async def close(self) -> None:
        await self._connection.close()

    async def _probe(self, name: str) -> ProbedModel:
        roles: dict[Role, str] = {
            "interviewer": self.endpoint.model,
            "judge": self.endpoint.judge_model,
        }
        probed = await probe(
            self._metered(name, PROBE, Breaker()),
            tuple(role for role, model in roles.items() if model == name),
            lambda: self._models[name].structured,
        )
        if probed.fault is None:
            self._breakers[name].succeeded()
        return probed

    def _metered(self, name: str, account: str, breaker: Breaker) -> Metered:
        prices = self.endpoint.prices
        return Metered(self._models[name], breaker, self._ledger, prices, account, self._now_ms)
