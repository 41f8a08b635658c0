"""A rubric made ready for reading: one index of all its forms, its markers, and the words of each step."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Literal

from app.concepts.forms import Form, FormError, Phrase, compile_form
from app.concepts.hits import Index, NumberKinds
from app.concepts.questions import Questions
from app.concepts.sequences import Sequences
from app.concepts.words import Reader, Words
from app.errors import InvalidContent
from app.rubric.load import Rubric
from app.scoring.gates import WordOrder
from app.scoring.stepwords import StepWords, learn_step_words

Role = Literal["form", "opposite", "lookalike", "sign", "excuse"]
INJECTIONS = (
    "ignore the rubric",
    "ignore all previous",
    "ignore previous instructions",
    "ignore the instructions",
    "ignore your instructions",
    "disregard the rubric",
    "disregard previous",
    "award full marks",
    "award full",
    "full marks",
    "out of four on every step",
    "output level",
    "give this candidate",
    "grade this candidate",
    "score this candidate",
    "rate this candidate",
    "mark this candidate",
    "the grading is finished",
    "grading is finished",
    "as the interviewer i",
    "system prompt",
    "you are now the grader",
    "maximum score",
    "steps id",
    "level 4 for",
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose form it is: a criterion or a flag, and the part the form plays for it."""

    role: Role
    id: str


class Knowledge:
    """Built once for a rubric (about a second) and shared by every transcript that is scored with it."""

    def __init__(self, rubric: Rubric) -> None:
        self.rubric = rubric
        lexicon = rubric.lexicon
        self.reader = reader = Reader(lexicon)
        self.kinds = NumberKinds(lexicon, reader)
        self.index: Index[Owner] = Index(compile_rubric(rubric, reader), self.kinds)
        markers = lexicon.markers
        self.markers = Sequences(
            {
                **{name: getattr(markers, name) for name in type(markers).model_fields},
                "negator": lexicon.negators,
                "pseudo": lexicon.pseudo_negators,
                "ends": lexicon.negation_ends,
                "attributed": lexicon.attributed,
                "withdrawn": lexicon.withdrawn,
                "needless": ("not need", "not necessary", "unnecessary", "no need", "not worth"),
                "injection": INJECTIONS,
            },
            reader,
        )
        self.questions = Questions(reader)
        self.how = {
            criterion.id: tuple(
                frozenset(words.stems[i] for i in words.content) or frozenset(words.stems)
                for words in map(reader.read, criterion.how)
            )
            for _, criterion in rubric.criteria.values()
        }
        self.step_of = {c.id: step.id for step, c in rubric.criteria.values()}
        self.asking = frozenset(c.id for _, c in rubric.criteria.values() if c.asking)
        written = {
            word
            for _, criterion in rubric.criteria.values()
            for form in criterion.all_forms()
            for word in form.lower().replace("|", " ").replace("=", " ").split()
        }
        self.known = frozenset(
            stem
            for word in (*sorted(written), *lexicon.vague)
            for stem in reader.read(word.removeprefix("@")).stems
        )
        self.step_words: StepWords = learn_step_words(rubric, reader)
        self.order = WordOrder(self._sentences())
        reader.learn_spelling(written)

    def renamed(self, rubric: Rubric) -> "Knowledge":
        """The same for a rubric that is another in its name and version alone."""
        other = copy(self)
        other.rubric = rubric
        return other

    def _sentences(self) -> Iterator[Words]:
        """The rubric's own sentences, read."""
        for topic in type(self.rubric.talk).model_fields:
            yield from map(self.reader.read, getattr(self.rubric.talk, topic))
        for step in self.rubric.steps:
            yield from map(self.reader.read, step.talk)
            for criterion in step.criteria:
                for said in criterion.examples.by_depth().values():
                    yield from map(self.reader.read, said)


def compile_rubric(rubric: Rubric, reader: Reader) -> list[tuple[Owner, Form | Phrase]]:
    """Raises InvalidContent with one sentence for every form that cannot be read."""
    problems: list[str] = []
    forms: list[tuple[Owner, Form | Phrase]] = []

    def add(role: Role, owner: str, texts: tuple[str, ...]) -> None:
        for text in texts:
            try:
                forms.append((Owner(role, owner), compile_form(text, reader, rubric.lexicon)))
            except FormError as error:
                problems.append(f"{owner}: {error}")

    for _, criterion in rubric.criteria.values():
        add("form", criterion.id, criterion.all_forms())
        add("opposite", criterion.id, criterion.opposite)
        add("lookalike", criterion.id, criterion.lookalike)
    for flag in rubric.flags:
        add("sign", flag.id, flag.signs)
        add("excuse", flag.id, flag.excused_by)
    if problems:
        raise InvalidContent(problems)
    return forms
