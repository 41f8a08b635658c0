"""The form language of rubrics and questions: how a thing can be said.

`split|divide the data|set by time|week` is a row of slots, function words left out; a form is found where
one word of every slot stands within a short stretch of content words, in any order. `=as of` is literal:
these words, in this order, next to each other. rubrics/README.md tells authors the same.
"""

from dataclasses import dataclass

from app.concepts.lexicon import Lexicon
from app.concepts.words import Reader

NUMBER_CLASSES = frozenset({"@number", "@duration", "@money", "@percent"})


@dataclass(frozen=True, slots=True)
class Form:
    """`slots` are sets of stems (and of `@number` classes); `reach` is how many content words they may span."""

    text: str
    slots: tuple[frozenset[str], ...]
    reach: int
    has_negator: bool

    @property
    def identity(self) -> frozenset[frozenset[str]]:
        """Equal for forms that differ only by inflection, order or function words."""
        return frozenset(self.slots)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A literal form: sets of stems that must follow one another."""

    text: str
    stems: tuple[frozenset[str], ...]
    has_negator: bool


class FormError(ValueError):
    """A sentence for the author."""


def compile_form(text: str, reader: Reader, lexicon: Lexicon) -> Form | Phrase:
    if text.startswith("="):
        words = [_literal(word, reader) for word in text[1:].split()]
        if not words:
            raise FormError(f"'{text}' has no words")
        flat = frozenset().union(*words)
        return Phrase(text, tuple(words), bool(flat & reader.negators))
    slots: list[frozenset[str]] = []
    for word in _joined(text, reader):
        slot = _slot(word, reader, lexicon)
        if slot and slot not in slots:
            slots.append(slot)
    if not slots:
        raise FormError(f"'{text}' has only function words; write it literally as '={text}'")
    negators = any(slot <= reader.negators for slot in slots)
    return Form(text, tuple(slots), reach(len(slots)), negators)


def reach(slots: int) -> int:
    """Content words that a form of so many slots may span: people put two or three words between.

    Chosen on the executed examples of the rubric, November 2026: shorter loses hurried speech, longer
    joins words of different thoughts.
    """
    return 1 if slots == 1 else 2 * slots + 1


def _joined(text: str, reader: Reader) -> list[str]:
    """Words of the form; a run without alternatives is read as text, so that `roll back` is one term."""
    words: list[str] = []
    run: list[str] = []
    for word in text.split():
        if "|" in word or word.startswith("@"):
            words += _terms(run, reader)
            run = []
            words.append(word)
        else:
            run.append(word)
    return words + _terms(run, reader)


def _terms(run: list[str], reader: Reader) -> list[str]:
    if not run:
        return []
    words = reader.read(" ".join(run))
    return [f"^{words.stems[place]}" for place in words.content]


def _slot(word: str, reader: Reader, lexicon: Lexicon) -> frozenset[str]:
    found: set[str] = set()
    for choice in word.split("|"):
        if choice.startswith("^"):
            found.add(choice[1:])
        elif choice in NUMBER_CLASSES:
            found.add(choice)
            if choice == "@money":
                found |= {reader.stem(member) for member in lexicon.classes["money"]}
        elif choice.startswith("@"):
            if choice[1:] not in lexicon.classes:
                raise FormError(f"'{choice}' is not a word class of lexicon.yaml")
            found |= {reader.stem(member) for member in lexicon.classes[choice[1:]]}
        elif choice:
            # one written alternative may be several words ("time-stamp"): its last content word decides
            if (term := reader.term(choice)) is not None:
                found.add(term)
    return frozenset(found)


def _literal(word: str, reader: Reader) -> frozenset[str]:
    return frozenset(stem for choice in word.split("|") for stem in reader.read(choice).stems)
