"""What was heard: clauses with their step, criteria found in them, signs of faults. Lists only grow."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """Places of a turn's words and the code points that they cover."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A criterion found in a clause, with its depth; `support` counts the forms that say so there."""

    criterion: str
    depth: int
    span: Span
    clause: int
    prompted: bool
    step_fits: bool
    support: int = 1


@dataclass(frozen=True, slots=True)
class FlagSign:
    id: str
    span: Span


@dataclass(slots=True)
class HeardClause:
    """A clause of the candidate: its place, its step, and what kind of talk it is."""

    turn: int
    start: int
    end: int
    words: int
    content: int
    scores: list[float]
    step: str = "other"
    reasons: bool = False
    contrast: bool = False
    how: bool = False
    numbers: bool = False
    specific: int = 0
    repeated: bool = False
    listed: bool = False
    asked: bool = False
    echoed: bool = False
    ordered: bool = False


@dataclass(slots=True)
class Heard:
    """All that was heard so far. Lists only grow. `raised`: criterion -> the interviewer's turn that spoke of it
    before the candidate did."""

    clauses: list[HeardClause] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    flags: list[FlagSign] = field(default_factory=list)
    raised: dict[str, int] = field(default_factory=dict)
    strange_pairs: int = 0
    function_pairs: int = 0
    listed_turns: list[int] = field(default_factory=list)
    repeated_turns: list[int] = field(default_factory=list)
    ordered_turns: list[int] = field(default_factory=list)
    echoing_turns: list[int] = field(default_factory=list)
