"""Interviewers ready to be used: each question, persona and rubric is built once and shared."""

from pathlib import Path

from app.bank.asking import load_asking
from app.bank.bank import Kept, get_question
from app.bank.question import Question
from app.bank.sheet import FactSheet
from app.interview.persona import find_personas, get_persona, load_small_talk
from app.interview.policy import Interviewer
from app.live.hearing import Expectations
from app.llm.model import Model
from app.llm.speaker import Speaker
from app.scoring.knowledge import Knowledge


class Cast:
    """By rubric and content folder. Not locked: whoever shares it takes turns."""

    def __init__(self, knowledge: Knowledge, content: Path | None) -> None:
        self._knowledge = knowledge
        self._content = content
        self._expectations: dict[str, Expectations] = {}
        self._interviewers: dict[tuple[str, str], Interviewer] = {}

    def question(self, slug: str) -> Kept:
        return get_question(slug, self._content)

    def expectations(self, question: Question, sha256: str) -> Expectations:
        if sha256 not in self._expectations:
            sheet = FactSheet(question, self._knowledge.rubric.lexicon, load_asking(self._content))
            self._expectations[sha256] = Expectations(sheet, self._knowledge)
        return self._expectations[sha256]

    def knows(self, persona: str) -> bool:
        return persona in find_personas(self._content)

    def interviewer(self, question: Question, sha256: str, persona: str) -> Interviewer:
        key = (sha256, persona)
        if key not in self._interviewers:
            self._interviewers[key] = Interviewer(
                self.expectations(question, sha256).sheet,
                self._knowledge.rubric,
                get_persona(persona, self._content),
                load_small_talk(self._content),
            )
        return self._interviewers[key]

    def speaker(self, question: Question, sha256: str, persona: str, model: Model) -> Speaker:
        """Words the moves of one session."""
        interviewer = self.interviewer(question, sha256, persona)
        sheet = self.expectations(question, sha256).sheet
        return Speaker(sheet, self._knowledge.rubric, interviewer.persona, self._content, model)
