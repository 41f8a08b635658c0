"""Words that only come back: said by the interviewer shortly before, or by the question itself."""

from collections import deque

from app.concepts.words import Words
from app.scoring.gates import grams

ECHO_GRAM = 4
ECHO_TURNS = 3


class Echo:
    """Hears an interview in order and tells which of the candidate's words were there before."""

    def __init__(self, question: Words | None = None) -> None:
        self._question = frozenset(_rows(question)) if question else frozenset()
        self._told: deque[frozenset[tuple[str, ...]]] = deque(maxlen=ECHO_TURNS)

    def hear(self, words: Words) -> None:
        """A turn of somebody who is not the candidate."""
        self._told.append(frozenset(_rows(words)))

    def covers(self, words: Words) -> list[bool]:
        """For every word of a candidate's turn, whether it stands in a row that was heard before."""
        covered = [False] * len(words)
        for i, gram in enumerate(_rows(words)):
            if gram in self._question or any(gram in told for told in self._told):
                covered[i : i + ECHO_GRAM] = [True] * ECHO_GRAM
        return covered


def _rows(words: Words) -> list[tuple[str, ...]]:
    return grams(words, 0, len(words) - 1, ECHO_GRAM)
