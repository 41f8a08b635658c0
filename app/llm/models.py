"""The models of the configured endpoint: one client, a breaker for each role, every call on a budget."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from app.endpoint import Endpoint, Timeouts
from app.llm.breaker import Breaker
from app.llm.dialect import Learnt
from app.llm.ledger import Ledger
from app.llm.metered import Metered
from app.llm.model import Model, ModelFailed
from app.llm.openai_model import Connection, OpenAIModel
from app.llm.probe import Probed, ProbedModel, Role, probe

if TYPE_CHECKING:
    from app.llm.transport import Resolve

PROBE = "probe"  # the account
# Nobody waits for a judgement, its prompt is a whole transcript, and its answer is ten times a turn's.
JUDGE_PATIENCE = 4


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
        self._names: dict[Role, str] = {
            "interviewer": endpoint.model,
            "judge": endpoint.judge_model,
        }
        self._learnt = {name: Learnt() for name in self._names.values()}
        # also where one model has both: a judging that meets its quota silences no interviewer
        self._breakers: dict[Role, Breaker] = {role: Breaker() for role in self._names}

    def interviewer(self, account: str) -> Model:
        name = self._names["interviewer"]
        return self._metered(self._model(name), account, self._breakers["interviewer"])

    def judge(self, account: str) -> Model:
        """With four times the endpoint's time to its first word, between words and to the end."""
        name = self._names["judge"]
        usual = self.endpoint.timeouts
        patient = Timeouts(
            connect=usual.connect,
            first=usual.first * JUDGE_PATIENCE,
            gap=usual.gap * JUDGE_PATIENCE,
            whole=usual.whole * JUDGE_PATIENCE,
        )
        return self._metered(self._model(name, patient), account, self._breakers["judge"])

    def is_down(self, role: Role) -> bool:
        """Whether a call would be refused now without being sent."""
        return self._breakers[role].is_open(self._now_ms())

    async def warm(self) -> None:
        """Imports the client ahead of the first call, in a thread; sends nothing. Where that fails the first call
        says so."""
        with suppress(ModelFailed):
            await self._connection.client()

    async def probe(self) -> Probed:
        """Asks every model, also one that is left alone; one that answers is asked again from now on."""
        probed = await asyncio.gather(*(self._probe(name) for name in self._learnt))
        return Probed(self.endpoint.host, tuple(probed))

    async def close(self) -> None:
        await self._connection.close()

    async def _probe(self, name: str) -> ProbedModel:
        model = self._model(name)
        roles = tuple(role for role, named in self._names.items() if named == name)
        metered = self._metered(model, PROBE, Breaker())
        probed = await probe(metered, roles, lambda: model.structured)
        if probed.fault is None:
            for role in roles:
                self._breakers[role].succeeded()
        return probed

    def _model(self, name: str, timeouts: Timeouts | None = None) -> OpenAIModel:
        endpoint = replace(self.endpoint, timeouts=timeouts or self.endpoint.timeouts)
        learnt = self._learnt[name]
        return OpenAIModel(endpoint, name, endpoint.structured, self._connection, learnt)

    def _metered(self, model: Model, account: str, breaker: Breaker) -> Metered:
        prices = self.endpoint.prices
        return Metered(model, breaker, self._ledger, prices, account, self._now_ms)
