"""The bank to look through: cards and their index, made anew where a question has changed."""

import threading
from collections.abc import Mapping

from app.bank.bank import Kept
from app.bank.card import Card, card_of
from app.bank.search import Cards, hidden_text
from app.rubric.load import Rubric
from app.storage.desk import Standing


class Catalogue:
    """Two views: of what is published, and the curators', which holds drafts and searches the hidden texts as well;
    for somebody alone on a machine only those that they have opened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cards: dict[tuple[str, str], Card] = {}
        self._hidden: dict[str, str] = {}
        self._published: tuple[object, Cards] | None = None
        self._all: tuple[object, Cards] | None = None

    def published(self, questions: Mapping[str, Kept], rubric: Rubric) -> Cards:
        key = (rubric.sha256, tuple(kept.sha256 for kept in questions.values()))
        with self._lock:
            if self._published is None or self._published[0] != key:
                cards = [self._card(kept, rubric) for kept in questions.values()]
                self._published = (key, Cards(cards))
            return self._published[1]

    def everything(
        self,
        standings: Mapping[str, Standing],
        rubric: Rubric,
        opened: frozenset[str] | None = None,
    ) -> Cards:
        """`opened` are the slugs whose hidden texts are searched; None for all."""
        latest = [standing.latest for standing in standings.values()]
        key = (rubric.sha256, tuple(kept.sha256 for kept in latest), opened)
        with self._lock:
            if self._all is None or self._all[0] != key:
                cards = [self._card(kept, rubric) for kept in latest]
                hidden = {
                    kept.question.slug: self._hidden_text(kept)
                    for kept in latest
                    if opened is None or kept.question.slug in opened
                }
                self._all = (key, Cards(cards, hidden))
            return self._all[1]

    def _card(self, kept: Kept, rubric: Rubric) -> Card:
        key = (kept.sha256, rubric.sha256)
        if key not in self._cards:
            self._cards[key] = card_of(kept.question, kept.sha256, rubric)
        return self._cards[key]

    def _hidden_text(self, kept: Kept) -> str:
        if kept.sha256 not in self._hidden:
            self._hidden[kept.sha256] = hidden_text(kept.question)
        return self._hidden[kept.sha256]
