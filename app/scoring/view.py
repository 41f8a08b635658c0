"""One candidate's turn with its markers, asked for what surrounds a hit: is it put as a question, turned round,
explained, reasoned, grounded?"""

from bisect import bisect_left

from app.concepts.clauses import Clause
from app.concepts.hits import Hit
from app.concepts.words import Words
from app.scoring.knowledge import Knowledge, Owner

REACH = 25
NEGATION_REACH = 5
QUESTION_REACH = 14
SIDE = 3
LARGE = 10  # a whole number from here on is an amount, below it mostly counts points ("two things")


class TurnView:
    """One candidate's turn with its markers, asked for what surrounds a hit."""

    def __init__(
        self,
        knowledge: Knowledge,
        words: Words,
        markers: dict[str, list[tuple[int, int]]],
        clauses: list[Clause],
    ) -> None:
        self.words = words
        self._knowledge = knowledge
        self._kinds = knowledge.kinds
        self._markers = markers
        self._starts = {kind: [a for a, _ in places] for kind, places in markers.items()}
        self._clauses = clauses
        self._clause_starts = [clause.first for clause in clauses]
        self.listed: list[bool] = []
        self.echoed: list[bool] = []

    def clause_of(self, place: int) -> int:
        return bisect_left(self._clause_starts, place + 1) - 1

    def has(self, kinds: tuple[str, ...], clause: Clause) -> bool:
        return any(self._within(kind, clause.first, clause.last) for kind in kinds)

    def _within(self, kind: str, low: int, high: int) -> list[tuple[int, int]]:
        starts = self._starts.get(kind)
        if not starts:
            return []
        return self._markers[kind][bisect_left(starts, low) : bisect_left(starts, high + 1)]

    def count(self, kinds: tuple[str, ...], low: int, high: int, but: tuple[int, ...] = ()) -> int:
        return sum(
            1
            for kind in kinds
            for first, last in self._within(kind, low, high)
            if not any(first <= place <= last for place in but)
        )

    def share(self, row: list[bool], clause: Clause) -> float:
        inside = row[clause.first : clause.last + 1]
        return sum(inside) / len(inside)

    def thought(self, hit: Hit[Owner]) -> tuple[int, int]:
        """The hit's clause with its neighbours, REACH words to each side at most."""
        first, last = self.clause_of(hit.first), self.clause_of(hit.last)
        low = self._clauses[max(0, first - 1)].first
        high = self._clauses[min(len(self._clauses) - 1, last + 1)].last
        return max(low, hit.first - REACH), min(high, hit.last + REACH)

    def justifies(self, hit: Hit[Owner], low: int, high: int) -> bool:
        """A reason, comparison or condition with something said on both of its sides."""
        for kind in ("reason", "contrast", "condition", "purpose"):
            for first, last in self._within(kind, low, high):
                if (
                    self._content(low, first - 1) >= SIDE - 1
                    and self._content(last + 1, high) >= SIDE
                ):
                    return True
        return False

    def content_between(self, low: int, high: int) -> tuple[int, ...]:
        content = self.words.content
        return content[bisect_left(content, low) : bisect_left(content, high + 1)]

    def _content(self, low: int, high: int) -> int:
        return len(self.content_between(low, high))

    def grounds(self, low: int, high: int) -> bool:
        return self.amount(low, high) or bool(self._within("earlier", low, high))

    def amount(self, low: int, high: int) -> bool:
        """A number with a unit, or one too large or too exact to be a way of counting points."""
        numbers = self.words.numbers
        for place in range(low, high + 1):
            value = numbers[place]
            if value is None:
                continue
            if value >= LARGE or value != int(value) or len(self._kinds.of(self.words, place)) > 1:
                return True
        return False

    def is_question(self, clause: Clause) -> bool:
        return self._knowledge.questions.begins(self.words.stems, clause.first, clause.last)

    def is_asked(self, hit: Hit[Owner]) -> bool:
        """In the opening of a clause that is put as a question, and before its question mark if it has one."""
        clause = self._clauses[self.clause_of(hit.first)]
        if hit.first - clause.first > QUESTION_REACH or not self.is_question(clause):
            return False
        words = self.words
        return "?" not in words.text[words.starts[clause.first] : words.starts[hit.first]]

    def is_negated(self, hit: Hit[Owner]) -> bool:
        low = max(self._clauses[self.clause_of(hit.first)].first, hit.first - NEGATION_REACH)
        for first, last in self._within("negator", low, hit.last):
            if first in hit.places:
                continue
            if any(a <= first <= b for a, b in self._within("pseudo", first - 2, last + 1)):
                continue
            if first < hit.first and any(
                last < a < hit.first for a, _ in self._within("ends", last, hit.first)
            ):
                continue
            return True
        return bool(self._within("needless", hit.last, hit.last + 4))

    def near(self, kind: str, hit: Hit[Owner], reach: int) -> bool:
        return bool(self._within(kind, hit.first - reach, hit.last))

    def near_after(self, kind: str, hit: Hit[Owner], reach: int) -> bool:
        return bool(self._within(kind, hit.last, hit.last + reach))

    def clause_bounds(self, hit: Hit[Owner]) -> tuple[int, int]:
        """Places of the first and last word of the hit's clause or clauses."""
        return (
            self._clauses[self.clause_of(hit.first)].first,
            self._clauses[self.clause_of(hit.last)].last,
        )
