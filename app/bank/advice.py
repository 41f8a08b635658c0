"""What could be better about a question, though nothing is wrong with it: told on request, never a reason to stop."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.bank.asking import Asking
from app.bank.consistency import contradictions, unneeded
from app.bank.proofread import Proofreader, words_of_rubric
from app.bank.question import Question
from app.bank.sheet import FactSheet
from app.concepts.forms import FormError
from app.rubric.load import Rubric

OF_THE_TRADE = 3  # a word that so many questions use is no slip


@dataclass(frozen=True, slots=True)
class Advice:
    """`slips` are (word, sentence): whether a word is a slip is known once all questions have been read."""

    sentences: tuple[str, ...]
    slips: tuple[tuple[str, str], ...]


class Checker:
    """Made once for many questions. `words` are known beyond the rubric's."""

    def __init__(self, rubric: Rubric, asking: Asking, words: Iterable[str] = ()) -> None:
        self._rubric = rubric
        self._asking = asking
        self._proofreader = Proofreader(words_of_rubric(rubric) | frozenset(words))

    def advise(self, question: Question) -> Advice:
        try:
            sheet = FactSheet(question, self._rubric.lexicon, self._asking)
        except FormError:
            found: list[str] = []  # the linter tells of the form
        else:
            found = [*contradictions(question, sheet), *unneeded(question, sheet)]
        slips = self._proofreader.slips(question)
        return Advice(
            tuple(f"{question.slug}: {told}" for told in found),
            tuple((word, f"{question.slug}: {told}") for word, told in slips),
        )


def told_seldom(slips: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, tuple[str, ...]]:
    """slug -> sentences about words that few questions use."""
    used = Counter(word for found in slips.values() for word, _ in found)
    return {
        slug: tuple(told for word, told in found if used[word] < OF_THE_TRADE)
        for slug, found in slips.items()
    }
