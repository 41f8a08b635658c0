"""A move of the interviewer: what it does, what it says, and what it may tell."""

from dataclasses import dataclass
from typing import Any

from app.interview.events import Chose
from app.interview.verdicts import Verdict

KINDS = {
    "pose": "poses the question",
    "listen": "says nothing",
    "answer": "tells the facts that were asked for",
    "assumption": "agrees with an assumption, corrects it with the fact, or records it",
    "ask_back": "asks which fact is meant, where none is sure",
    "decline": "the sheet has no such fact: the candidate's call",
    "direct": "says where to go next, because it was asked",
    "reply": "answers something of the talk itself",
    "press": "asks about a point that is missing or thin",
    "probe": "takes up the candidate's own words that were not explained",
    "call_time": "says the time",
    "twist": "changes the world",
    "steer": "leads back to the problem",
    "hint": "gives the hint that was asked for",
    "wrap_up": "asks for the last word",
    "end": "closes the session",
    "say": "says something of its own (a person who leads)",
}
ASKING = frozenset({"press", "probe", "twist", "wrap_up", "hint", "steer", "direct", "ask_back"})
VERDICTS = ("agree", "correct", "record")


@dataclass(frozen=True, slots=True)
class Move:
    """`answers` is the candidate's turn that it reacts to; `text` is empty where it listens. `facts` it
    tells, `offered` it asks back about: only what they are about is said."""

    kind: str
    trigger: str
    text: str = ""
    answers: int | None = None
    facts: tuple[str, ...] = ()
    follow_up: str | None = None
    criterion: str | None = None
    verdict: Verdict | None = None
    twist: str | None = None
    assumption: str | None = None
    offered: tuple[str, ...] = ()

    def chose(self, turn: int) -> Chose:
        """As an event; `turn` is the number that its words will have."""
        return Chose(
            self.kind,
            self.trigger,
            answers=self.answers,
            turn=turn if self.text else None,
            facts=self.facts,
            follow_up=self.follow_up,
            criterion=self.criterion,
            verdict=self.verdict,
            twist=self.twist,
            assumption=self.assumption,
            offered=self.offered,
        )


def move_json(move: Chose) -> dict[str, Any]:
    """The `move` of an interviewer's turn in the native transcript of a played session."""
    return {
        "kind": move.kind,
        "facts": list(move.facts),
        "follow_up": move.follow_up,
        "criterion": move.criterion,
        "verdict": move.verdict,
        "twist": move.twist,
    }
