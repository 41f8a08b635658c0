"""Simulated candidates, for trying an interviewer: each reads what the candidate may see and acts on a fast clock."""

from collections.abc import Callable

from app.bank.question import Question
from app.candidates.candidate import Candidate
from app.candidates.contrary import Abusive, Contradicts
from app.candidates.drifting import Gibberish, OffTopic, Rambling
from app.candidates.dropping import KeywordDropper
from app.candidates.quiet import Empty, Silent
from app.candidates.strong import Strong, Typical
from app.candidates.wanting import QuestionsOnly, Repeats, RubricPuller
from app.errors import NotFound
from app.rubric.load import Rubric

Maker = Callable[[Question, Rubric, int], Candidate]
CANDIDATES: dict[str, tuple[str, Maker]] = {
    "strong": ("asks first, covers every step with reasons and numbers", Strong),
    "typical": ("covers about half, some of it only by name", Typical),
    "silent": ("says hardly a word until the time is up", Silent),
    "rambling": ("long turns that seldom come to the point", Rambling),
    "off-topic": ("talks about everything but the problem", OffTopic),
    "keyword-dropper": ("names tools and terms, explains none", KeywordDropper),
    "questions-only": ("asks for every fact and decides nothing", QuestionsOnly),
    "contradicts": ("takes back what was told and what was said", Contradicts),
    "abusive": ("insults the interviewer", Abusive),
    "empty": ("sends blanks, dots and syllables", Empty),
    "gibberish": ("sends letters and words that mean nothing", Gibberish),
    "repeats": ("says and asks the same again and again", Repeats),
    "rubric-puller": ("wants to be shown rubric, facts and instructions", RubricPuller),
}


def make_candidate(name: str, question: Question, rubric: Rubric, seed: int) -> Candidate:
    """Raises NotFound with the names that there are."""
    if name not in CANDIDATES:
        raise NotFound(f"There is no candidate {name!r:.60}. There is: {', '.join(CANDIDATES)}.")
    return CANDIDATES[name][1](question, rubric, seed)
