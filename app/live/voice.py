"""A model's voice in a room: who may be asked for it, and the word that it is just finding."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from app.endpoint import Endpoint
from app.interview.commands import Reply
from app.interview.events import Chose, Worded
from app.interview.move import Move
from app.llm.model import FAULTS, Model

# Why the script has the word where a model was asked for; each is a clause.
REASONS = {
    **{fault: f"the model does not answer ({words})" for fault, words in FAULTS.items()},
    "breach": "the model's words were not fit to be said",
    "prompt": "a prompt file cannot be used",
    "unset": "the model that this session was begun with is not set up here",
    "broken": "something went wrong on our side",
}


class Models(Protocol):
    """Those behind the endpoint that is set up; `account` is whom a call is charged to."""

    @property
    def endpoint(self) -> Endpoint: ...

    def interviewer(self, account: str) -> Model: ...

    async def warm(self) -> None: ...


def mark_of(host: str) -> str:
    """Stands for a host where its name need not be known: in an agreement, in a session's events."""
    return sha256(host.encode()).hexdigest()[:16]


@dataclass(slots=True, eq=False)
class Word:
    """`turn` is the one that it wants to be. `shown` is what the speaker lets be seen so far, `drawn` what pages were
    told of that, `drawn_at` when (seconds of the loop). `reply` is what is to be stored once all is said, or it was
    cut off."""

    move: Move
    turn: int
    cmd: str | None
    task: "asyncio.Task[None] | None" = None
    shown: str = ""
    drawn: str = ""
    drawn_at: float = float("-inf")
    drawing: asyncio.TimerHandle | None = None
    holding: asyncio.TimerHandle | None = None
    reply: Reply | None = None

    @property
    def chose(self) -> Chose:
        return self.move.chose(self.turn)

    @property
    def is_own_accord(self) -> bool:
        """It breaks a silence: nobody waits for it."""
        return self.move.answers is None and self.move.trigger != "hint"

    def stop(self) -> None:
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()
        for timer in (self.drawing, self.holding):
            if timer is not None:
                timer.cancel()


def by_script(chose: Chose, text: str, fault: str) -> Reply:
    """For a move whose speaker is not there, or did not come back; `fault` is one of REASONS."""
    worded = Worded(
        turn=0,
        by="script",
        prompt="",
        prompt_version=0,
        prompt_sha256="",
        model="",
        checks=(fault,),
    )
    return Reply(chose, text, worded, fault)
