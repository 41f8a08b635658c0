"""The scorer's ear in a running session: each committed turn is heard once, and coverage grows from it."""

from collections import Counter, defaultdict
from functools import lru_cache
from types import MappingProxyType

from app.bank.sheet import FactSheet
from app.concepts.forms import Form, Phrase, compile_form
from app.concepts.hits import Hit, Index, NumberKinds
from app.concepts.words import Words
from app.interview.coverage import Coverage, Raised
from app.interview.events import Spoke
from app.rubric.rubric import STEPS
from app.scoring.heard import Span
from app.scoring.knowledge import Knowledge
from app.scoring.listen import Listener
from app.transcripts.transcript import Speaker, Turn

MENTIONED, EXPLAINED, JUSTIFIED = 1, 2, 3
SURE_SLOTS = 3  # a form of so many slots is no chance likeness
EXPLAINING = 14  # words of a thought that does more than name
LEAST_WORDS = 2
MEANT = 0.2  # share of a turn's content that must mean something to somebody
DOCUMENT = "document"


class Expectations:
    """What a strong answer says to one question, as forms; built once for a question."""

    def __init__(self, sheet: FactSheet, knowledge: Knowledge) -> None:
        self.sheet = sheet
        self.knowledge = knowledge
        reader, lexicon = sheet.reader, sheet.lexicon
        forms: list[tuple[str, Form | Phrase]] = [
            (criterion, compile_form(text, reader, lexicon))
            for criterion, expected in sheet.question.expects.items()
            if criterion in knowledge.step_of
            for text in expected.forms
        ]
        self._index: Index[str] = Index(forms, NumberKinds(lexicon, reader))
        own = reader.read(
            " ".join(
                [sheet.question.title, sheet.question.prompt]
                + [f"{fact.about} {fact.answer}" for fact in sheet.question.facts]
            )
        )
        self._vocabulary = vocabulary(knowledge) | {own.stems[i] for i in own.content}

    def find(self, words: Words) -> list[Hit[str]]:
        """Forms that were asserted: not put as a question, not turned round."""
        negators = self.sheet.reader.negators
        return [
            hit
            for hit in self._index.find(words)
            if hit.form.has_negator
            or not any(s in negators for s in words.stems[max(0, hit.first - 4) : hit.first])
        ]

    def means_something(self, words: Words) -> bool:
        content = [words.stems[i] for i in words.content if words.numbers[i] is None]
        if len(content) < LEAST_WORDS:
            return len(words) > len(content)
        known = sum(stem in self._vocabulary for stem in content)
        return known >= MEANT * len(content) or len(words) - len(content) >= len(content)


@lru_cache(maxsize=4)
def vocabulary(knowledge: Knowledge) -> frozenset[str]:
    """Every word of the rubric's own sentences, in normal form."""
    rubric, reader = knowledge.rubric, knowledge.reader
    texts = [
        said for topic in type(rubric.talk).model_fields for said in getattr(rubric.talk, topic)
    ]
    for step in rubric.steps:
        texts += [*step.talk, *step.cues]
        for criterion in step.criteria:
            texts += [said for texts_ in criterion.examples.by_depth().values() for said in texts_]
    return frozenset(stem for text in texts for stem in reader.read(text).stems) | knowledge.known


class Hearing:
    """One session's. Turns must be heard in order; the document as it is written."""

    def __init__(self, expectations: Expectations) -> None:
        self._expectations = expectations
        self._knowledge = expectations.knowledge
        prompt = expectations.sheet.question.prompt
        self._listener = Listener(expectations.knowledge, prompt)
        self._number = 0
        self._texts: dict[int, str] = {}
        self._turn_of: dict[int, int] = {}
        self._findings = 0
        self._clauses = 0
        self._depths: dict[str, int] = {}
        self._possible: set[str] = set()
        self._raised: list[Raised] = []
        self._seconds: dict[str, float] = defaultdict(float)
        self._step: str | None = None
        self._on_topic: set[int] = set()
        self._empty: set[int] = set()
        self._said: list[frozenset[str]] = []
        self._last_ms = 0
        self._written: dict[str, set[str]] = defaultdict(set)
        self._coverage: Coverage | None = None

    def hear(self, number: int, turn: Spoke) -> None:
        """`number` is the turn's in the session."""
        speaker = Speaker(turn.speaker)
        self._take(number, Turn(speaker, turn.text), (turn.at_ms - self._last_ms) / 1000)
        self._last_ms = turn.at_ms

    def read(self, section: str, text: str, at_turn: int) -> None:
        """The document's new lines count as said."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        new = [line for line in lines if line not in self._written[section]]
        self._written[section].update(new)
        if new:
            talking_of = self._step
            self._take(at_turn, Turn(Speaker.CANDIDATE, "\n".join(new)), 0.0)
            self._step = talking_of or self._step  # the conversation stays where it was

    def _take(self, number: int, turn: Turn, seconds: float) -> None:
        self._coverage = None
        self._listener.hear(self._number, turn)
        self._texts[self._number] = turn.text
        self._turn_of[self._number] = number
        self._number += 1
        if turn.speaker is Speaker.CANDIDATE:
            self._follow(number, turn.text, seconds)

    def _follow(self, number: int, text: str, seconds: float) -> None:
        heard = self._listener.heard
        words = self._expectations.sheet.reader.read(text)
        clauses = heard.clauses[self._clauses :]
        self._clauses = len(heard.clauses)
        spoken = Counter[str]()
        for clause in clauses:
            spoken[clause.step] += clause.words
        total = sum(spoken.values()) or 1
        for step, count in spoken.items():
            self._seconds[step] += seconds * count / total
        about = [clause.step for clause in clauses if clause.step in STEPS]
        if about:
            # where most of the turn was; of equals, where it ended
            self._step = max(reversed(about), key=spoken.__getitem__)
            self._on_topic.add(number)
        if not self._expectations.means_something(words):
            self._empty.add(number)
            self._on_topic.discard(number)
        for finding in heard.findings[self._findings :]:
            self._note(finding.criterion, finding.depth, finding.span)
        self._findings = len(heard.findings)
        self._expect(number, words)
        self._may_be(text)
        self._said.append(frozenset(words.stems[i] for i in words.content))

    def _note(self, criterion: str, depth: int, span: Span) -> None:
        self._depths[criterion] = max(depth, self._depths.get(criterion, 0))
        quote = self._texts[span.turn][span.start : span.end]
        self._raised.append(Raised(criterion, depth, self._turn_of[span.turn], quote))

    def _expect(self, number: int, words: Words) -> None:
        """What the question's author expected, said in this turn: more than a mention where it is a thought."""
        depth = EXPLAINED if len(words) >= EXPLAINING else MENTIONED
        for hit in self._expectations.find(words):
            known = self._depths.get(hit.owner, 0)
            now = JUSTIFIED if known >= EXPLAINED and depth == EXPLAINED else depth
            if now > known:
                self._depths[hit.owner] = now
                quote = words.text[words.starts[hit.first] : words.ends[hit.last]]
                self._raised.append(Raised(hit.owner, now, number, quote))
            self._on_topic.add(number)

    def _may_be(self, text: str) -> None:
        """Criteria that the words may have been about, ungated: enough not to ask for them."""
        forms: dict[str, set[str]] = defaultdict(set)
        for hit in self._knowledge.index.find(self._knowledge.reader.read(text)):
            if hit.owner.role == "form":
                forms[hit.owner.id].add(hit.form.text)
                sure = isinstance(hit.form, Phrase) or len(hit.form.slots) >= SURE_SLOTS
                if sure or len(forms[hit.owner.id]) > 1:
                    self._possible.add(hit.owner.id)

    def coverage(self) -> Coverage:
        if self._coverage is None:
            self._coverage = self._gathered()
        return self._coverage

    def _gathered(self) -> Coverage:
        return Coverage(
            depths=MappingProxyType(dict(self._depths)),
            possible=frozenset(self._possible),
            raised=tuple(self._raised),
            steps=MappingProxyType(dict(self._seconds)),
            step=self._step,
            on_topic=frozenset(self._on_topic),
            empty_turns=frozenset(self._empty),
            said=tuple(self._said),
        )
