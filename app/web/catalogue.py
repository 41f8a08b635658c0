"""The bank to look through: cards and their index, made anew where a question has changed."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.bank.bank import Kept
from app.bank.card import Card, Outline, card_under, outline_of
from app.bank.search import Cards
from app.rubric.load import Rubric
from app.storage.desk import Standing

MANY = 4  # where one of so many has changed, or more, all are indexed again


@dataclass(frozen=True, slots=True)
class Indexed:
    """`source` is what the cards were made of; `seen` are the outlines by slug, each with whether its hidden words are
    searched."""

    source: object
    rubric: str
    opened: frozenset[str] | None
    seen: dict[str, tuple[Outline, bool]]
    cards: Cards


class Catalogue:
    """Two views: of what is published, and the curators', which holds drafts and searches the hidden texts as well;
    for somebody alone on a machine only those that they have opened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._published: Indexed | None = None
        self._all: Indexed | None = None

    def published(self, questions: Mapping[str, Kept], rubric: Rubric) -> Cards:
        with self._lock:
            self._published = _indexed(
                self._published, questions, questions.values(), rubric, frozenset()
            )
            return self._published.cards

    def everything(
        self,
        standings: Mapping[str, Standing],
        rubric: Rubric,
        opened: frozenset[str] | None = None,
    ) -> Cards:
        """`opened` are the slugs whose hidden texts are searched; None for all."""
        with self._lock:
            latest = (standing.latest for standing in standings.values())
            self._all = _indexed(self._all, standings, latest, rubric, opened)
            return self._all.cards


def _indexed(
    before: Indexed | None,
    source: object,
    questions: Iterable[Kept],
    rubric: Rubric,
    opened: frozenset[str] | None,
) -> Indexed:
    now = (rubric.sha256, opened)
    if before is not None and before.source is source and (before.rubric, before.opened) == now:
        return before
    outlines = [outline_of(kept.question, kept.sha256) for kept in questions]
    seen = {one.card.slug: (one, opened is None or one.card.slug in opened) for one in outlines}
    known = before.seen if before is not None and before.rubric == rubric.sha256 else {}
    put = [slug for slug, one in seen.items() if known.get(slug) != one]
    if before is None or MANY * len(put) >= len(seen):
        whole = [_indexable(rubric, *one) for one in seen.values()]
        cards = Cards([card for card, _ in whole], {card.slug: words for card, words in whole})
    else:
        changed = [_indexable(rubric, *seen[slug]) for slug in put]
        cards = before.cards.changed(changed, known.keys() - seen.keys())
    return Indexed(source, *now, seen, cards)


def _indexable(rubric: Rubric, outline: Outline, is_open: bool) -> tuple[Card, str]:
    """A card and the hidden words that it is found by."""
    card = card_under(rubric, outline.card, outline.pressed)
    return card, outline.words if is_open else ""
