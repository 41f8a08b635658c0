"""Graded transcripts and paraphrases as values."""

import json
from dataclasses import dataclass
from pathlib import Path

from app.transcripts import Speaker, Transcript, Turn

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "corpus"
KEPT_BACK = frozenset(
    [f"n1-{number:02}" for number in range(1, 7)] + [f"w2-{number:02}" for number in range(5, 9)]
)


@dataclass(frozen=True, slots=True)
class Graded:
    """A transcript with the levels, the overall (0-4) and the decision that its graders agreed on."""

    id: str
    transcript: Transcript
    levels: dict[str, int]
    overall: float
    decision: str

    @property
    def kept_back(self) -> bool:
        """Not looked at while the forms of the rubric were written."""
        return self.id in KEPT_BACK


def graded() -> list[Graded]:
    lines = (FOLDER / "graded.jsonl").read_text("utf-8").splitlines()
    return [_graded(json.loads(line)) for line in lines]


def _graded(row: dict) -> Graded:
    turns = tuple(Turn(Speaker(t["speaker"]), t["text"], at=t["t"]) for t in row["turns"])
    return Graded(
        row["id"],
        Transcript(turns, question=row["question"]),
        row["consensus"],
        row["overall"],
        row["decision"],
    )
