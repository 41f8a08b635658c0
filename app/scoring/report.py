"""All that is known about one transcript under one rubric: levels, marks, and the words behind them.

`as_json` is the shape of docs/reference.md. Offsets are code points of a turn's text, end excluded.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA = 1
DECISIONS = ("strong_no", "no", "lean_no", "lean_yes", "yes", "strong_yes")
SENIORITIES = ("below-L4", "L4", "L5", "L6")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of one candidate's turn."""

    turn: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One criterion: depth 0 to 4, or None where it could not be judged.

    `prompted` is true where the interviewer had raised the matter first. `note` says what an uncertain
    reader should know, for instance that the mark rests on one quote.
    """

    id: str
    depth: int | None
    prompted: bool = False
    evidence: tuple[Evidence, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class StepScore:
    """`level` 0.0 to 4.0 in tenths, None where it could not be judged; `judged` is the share of criterion
    weight that could be. `share` is of the candidate's words. `other` are substantial points on the step
    that no criterion names."""

    id: str
    level: float | None
    judged: float
    share: float
    seconds: float | None
    first_at: float | None
    summary: str
    criteria: tuple[Mark, ...] = ()
    other: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    id: str
    turn: int
    start: int
    end: int
    quote: str
    why: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a candidate's turn and the step it is about ("other" for none)."""

    turn: int
    start: int
    end: int
    step: str


@dataclass(frozen=True, slots=True)
class Advisory:
    """Something about the way it was said that a reader should know; a closed id and a sentence."""

    id: str
    turn: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Pacing:
    """`first_pass_at`: when every step had been touched, in seconds; None where never or not timed."""

    first_pass_at: float | None
    timed: bool


@dataclass(frozen=True, slots=True)
class RubricName:
    id: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Rater:
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Report:
    """`beside` is the offline report of the same transcript, where another rater's stands first."""

    scorable: bool
    reason: str | None
    notes: tuple[dict[str, str], ...]
    rubric: RubricName
    rater: Rater
    question: str | None
    overall: float | None
    decision: str | None
    seniority: str | None
    steps: tuple[StepScore, ...]
    flags: tuple[RaisedFlag, ...] = ()
    segments: tuple[Segment, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    pacing: Pacing = field(default=Pacing(None, False))
    file: str | None = None
    beside: "Report | None" = None

    def as_json(self) -> dict[str, Any]:
        """`beside` is there only where it is something."""
        found = {"schema": SCHEMA, **asdict(self)}
        if self.beside is None:
            del found["beside"]
        else:
            found["beside"] = self.beside.as_json()
        return found

    def to_json(self, *, indent: int | None = None) -> str:
        return json.dumps(self.as_json(), ensure_ascii=False, indent=indent)
