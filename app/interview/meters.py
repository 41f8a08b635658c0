"""What an interviewer should know of their own talking: how much of it there is, and which turns lead the candidate.

For the interviewer alone, and no mark depends on it. A question that was authored does not lead; one's own may: it
proposes the answer, asks for a yes, puts several things at once, or names what the candidate had not named.
"""

import re
from collections.abc import Iterator, Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.concepts.forms import compile_form
from app.concepts.hits import Index, NumberKinds
from app.interview.pressing import Pressing
from app.interview.session import MINUTE, Session

LATELY = 5 * MINUTE
REMEMBERED = 1024  # texts whose words are kept
MOST_TERMS = 3  # that are named in a reason
ALIKE = 3  # letters with which a word and its term begin alike
LEAST_QUESTION = 4  # words; "And why?" belongs to the question before it
Kind = Literal["proposes", "wants a yes", "several at once", "names"]

SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
WE = r"(?:you|we|one|they|it)"
NOT = r"(?:would|should|could|do|does|did|is|are|was|will|can|wo|ca|might|must|has|have)n['’]?t"
# "wouldn't you use", "isn't precision the better one": an answer that is put as a question
NEGATIVE = re.compile(
    rf"^(?:(?:and|but|so|then|ok|okay|well|hm+)[ ,]+)*{NOT}\s|"
    rf"(?<!what )(?<!which )(?<!who ){NOT}\s+(?:you|we|one|they|it|that|this|there|the|your)\b",
    re.IGNORECASE,
)
# "right?", "don't you think?", "agreed?" at the end of a sentence that says it all
TAG = re.compile(
    rf"(?P<comma>[,;]|\s-)?\s*\b(?:right|correct|agreed?|yes|no|true|surely|you know|"
    rf"i (?:assume|guess|suppose|take it)|{NOT}\s+(?:it|you|we|they|that)|"
    rf"{NOT} you (?:say|think|agree)|makes? sense|fair enough|of course)\s*\?\s*$",
    re.IGNORECASE,
)
OPEN = re.compile(
    r"\b(?:what|which|who|whose|how|why|when|where|whether|is|are|was|be|being)\b", re.IGNORECASE
)
LEAST_TAGGED = 3  # words; fewer are a "Right?" of its own, which checks that one is heard
OPEN_QUESTION = re.compile(
    r"^(?:(?:and|but|so|then|ok|okay|well)[ ,]+)*(?:what|which|who|whose|how|why|when|where)\b",
    re.IGNORECASE,
)
CLOSED = re.compile(
    r"^(?:(?:and|but|so|then|ok|okay|well)[ ,]+)*"
    r"(?:is|are|was|were|do|does|did|would|will|should|could|can|must|might|has|have)\b.*\?",
    re.IGNORECASE,
)
AUXILIARY = r"(?:would|should|could|is|are|do|does|will)"
# what proposes, however it goes on
PROPOSING = re.compile(
    r"\b(?:"
    r"(?:what|how) about (?:we|you|using|adding|trying|taking|doing|going|a|an|the|some|just|splitting|training)\b|"
    r"why (?:not|don['’]?t (?:you|we)) (?:just |simply |also )?\w+|"
    r"(?:have|did) (?:you|we) (?:not )?(?:also )?"
    r"(?:considere?d?|thought (?:of|about)|think (?:of|about)|tried|try|looked? at)\b|"
    r"(?:maybe|perhaps) (?:you|we) (?:could|should|need|want)\b|"
    r"i(?: would|['’]?d) (?:probably |rather |just |simply |always |have )*"
    r"(?:use|used|go|for|take|choose|chosen|pick|picked|start|add|put|split|try|prefer|train|do|done)\b|"
    r"(?:i was|i['’]m|i am) (?:looking|hoping|fishing) for\b|"
    r"(?:a|one|here['’]?s a|here is a|small|little|big) hint\b|"
    r"the (?:usual|standard|best|obvious|typical) (?:answer|way|choice|approach|solution) (?:is|would|here)\b|"
    r"the (?:right )?answer (?:is|would be)\b|"
    r"(?:most (?:people|teams)|people usually|normally (?:you|we|people)|usually (?:you|we|people))\b|"
    r"so (?:you|we)(?:['’](?:d|ll|re)| would| will| are going to)? (?:probably |just |then |simply |obviously )*"
    r"(?:use|pick|choose|take|go|need|split|train|measure|add|start|prefer|using|picking|going)\b|"
    r"(?<!how )(?<!what )(?<!where )(?<!when )(?<!why )"
    r"(?:would|will|could|can) you (?:perhaps |maybe |also |rather |then |just )*"
    r"(?:use|add|take|pick|try|train|apply|weight|sample|calibrate|normali[sz]e|retrain|split|cache)\b|"
    r"(?:is|was) (?:it|that|this) because\b|is what (?:you|we) (?:want|need)\b|"
    r"(?:can|could) we say that\b|would you say (?:that )?(?:it|the|this)\b|"
    r"(?:remember|keep in mind|bear in mind|note) that\b|(?:don['’]?t|you) forg[eo]t\b|let me help\b|"
    r"i (?:suppose|think|guess|assume) (?:you|we)\b|(?:did|do) you want to (?:say|mention|add|talk)\b|"
    r"should (?:you|we) (?!go|move|stop|begin|start|come|continue|take)\w+|"
    r"what if (?:you|we)\b|you['’](?:d|ll) (?:agree|need)\b|(?:perhaps|maybe) (?:a|an|the|some)\b|"
    r"(?:surely|obviously|clearly)[, ]"
    r")",
    re.IGNORECASE,
)
# what proposes unless it is part of an open question, or sets one up: "You could also do X. What speaks against it?"
OFFERING = re.compile(
    rf"\b(?:(?:you|we) (?:could|should|might want to|may want to|ought to|need to|had better|['’]?d better) "
    r"(?:also |probably |just |maybe |always |really |rather )*"
    r"(?!(?:tell|say|walk|come|ask|explain|talk|draw|write|pick|choose|decide|assume|be|have|stop|skip|leave)\b)\w+|"
    rf"{AUXILIARY} (?:it|you|we|that) not\b|{AUXILIARY}(?: it| that| this)? not (?:be )?"
    r"(?:better|best|easier|safer|simpler|cheaper)\b)",
    re.IGNORECASE,
)
WHY = {
    "proposes": "it proposes an answer: {said}",
    "wants a yes": "it says the answer and asks for a yes: {said}",
    "several at once": "it asks {said} things at once",
    "names": "it names what the candidate had not said: {said}",
}


@dataclass(frozen=True, slots=True)
class TalkRatio:
    """Words of the person who leads and of the candidate; the shares are the interviewer's, None without a word."""

    interviewer: int
    candidate: int
    lately_interviewer: int
    lately_candidate: int

    @property
    def share(self) -> float | None:
        return _share(self.interviewer, self.candidate)

    @property
    def lately(self) -> float | None:
        return _share(self.lately_interviewer, self.lately_candidate)


@dataclass(frozen=True, slots=True)
class Lead:
    """A turn of the interviewer's that leads; `why` is a clause."""

    turn: int
    kind: Kind
    why: str


def talk_ratio(session: Session) -> TalkRatio:
    """Of people: the posed question and what the script said are nobody's talking. The last five minutes are those
    before the latest event."""
    since = session.clock.elapsed(session.last_at) - LATELY
    theirs = _by_others(session)
    counts = {"interviewer": 0, "candidate": 0}
    lately = dict(counts)
    for number, turn in enumerate(session.turns):
        if number in theirs:
            continue
        words = len(turn.text.split())
        counts[turn.speaker] += words
        if turn.at_ms >= since:
            lately[turn.speaker] += words
    return TalkRatio(
        counts["interviewer"], counts["candidate"], lately["interviewer"], lately["candidate"]
    )


def _share(one: int, other: int) -> float | None:
    return one / (one + other) if one + other else None


def _by_others(session: Session) -> frozenset[int]:
    """Turns of the interviewer's side that no person chose."""
    return frozenset(
        move.turn for move in session.moves if move.turn is not None and move.trigger != "human"
    )


def leading(pressing: Pressing, session: Session) -> tuple[Lead, ...]:
    """The turns that lead, in order, each with the plainest reason."""
    terms = terms_of(pressing)
    theirs = _by_others(session)
    telling = {move.turn for move in session.moves if move.facts or move.twist}
    said, heard = set(terms.posed), set[str]()
    found: list[Lead] = []
    for number, turn in enumerate(session.turns):
        if turn.speaker == "interviewer" and number not in theirs:
            if not terms.is_authored(turn.text) and number not in telling:
                found.extend(_leads(turn.text, number, terms, said, heard))
        said.update(terms.stems(turn.text))
        if turn.speaker == "candidate":
            heard.update(terms.expects(turn.text))
    return tuple(found)


def _leads(
    text: str, number: int, terms: "Terms", said: AbstractSet[str], heard: AbstractSet[str]
) -> Iterator[Lead]:
    """At most one."""
    sentences = [sentence.strip() for sentence in SENTENCE.findall(text) if sentence.strip()]
    is_set_up = bool(sentences) and bool(OPEN_QUESTION.match(sentences[-1]))
    for sentence in sentences:
        kind = _kind(sentence, is_set_up=is_set_up)
        if kind is not None:
            yield Lead(number, kind, WHY[kind].format(said=f'"{_clipped(sentence)}"'))
            return
    named = terms.named(text, said)
    if not named:
        named = [name for s in sentences if is_closed(s) for name in terms.expected(s, heard)]
    if named and any(s.endswith("?") or is_closed(s) for s in sentences):
        yield Lead(number, "names", WHY["names"].format(said=", ".join(named[:MOST_TERMS])))
        return
    asked = [s for s in sentences if s.endswith("?") and len(s.split()) >= LEAST_QUESTION]
    if len(asked) > 1:
        several = {2: "two", 3: "three"}.get(len(asked), "several")
        yield Lead(number, "several at once", WHY["several at once"].format(said=several))


@lru_cache(REMEMBERED)
def _kind(sentence: str, *, is_set_up: bool) -> Kind | None:
    tag = TAG.search(sentence)
    before = sentence[: tag.start()] if tag else ""
    if (
        NEGATIVE.search(sentence)
        or PROPOSING.search(sentence)
        or (not is_set_up and OFFERING.search(sentence))
    ):
        return "wants a yes" if tag else "proposes"
    if tag is None or len(before.split()) < LEAST_TAGGED:
        return None
    is_open = OPEN_QUESTION.match(before) if tag["comma"] else OPEN.search(before)
    return None if is_open else "wants a yes"


def is_closed(sentence: str) -> bool:
    """To be answered by yes or no, or a sentence that says what to do."""
    return (
        bool(CLOSED.match(sentence))
        or bool(re.search(r"\b(?:you|we)\b", sentence))
        and not (sentence.endswith("?"))
    )


def _clipped(sentence: str) -> str:
    words = sentence.split()
    return " ".join(words[:12]) + (" ..." if len(words) > 12 else "")


class Terms:
    """The rubric's own terms of the trade, single words such as "calibration", and what the question says itself."""

    def __init__(self, pressing: Pressing) -> None:
        self._reader = pressing.reader
        question, rubric = pressing.question, pressing.rubric
        self._titles = {id: criterion.title for id, (_, criterion) in rubric.criteria.items()}
        self._expects: Index[str] = Index(
            [
                (criterion, compile_form(form, self._reader, pressing.lexicon))
                for criterion, expected in question.expects.items()
                if criterion in self._titles
                for form in expected.forms
            ],
            NumberKinds(pressing.lexicon, self._reader),
        )
        self.read = lru_cache(REMEMBERED)(self._reader.read)
        self.stems = lru_cache(REMEMBERED)(self._stems)
        self.expects = lru_cache(REMEMBERED)(self._find_expected)
        written = [
            word
            for _, criterion in rubric.criteria.values()
            for form in criterion.forms["textbook"]
            if " " not in form
            for word in form.split("|")
        ]
        self._terms = {stem: word for word in reversed(written) for stem in self._stems(word)}
        self.is_authored = lru_cache(REMEMBERED)(self._is_authored)
        self._authored = frozenset(
            _bare(text)
            for text in (
                *(follow_up.ask for follow_up in question.follow_ups),
                *(trap.ask for trap in question.traps),
                *(twist.says for twist in question.twists),
                *(probe for _, c in rubric.criteria.values() for probe in c.probes),
            )
        )
        self.posed = self._stems(f"{question.title} {question.prompt}")

    def _stems(self, text: str) -> frozenset[str]:
        return frozenset(self._reader.read(text).stems)

    def _find_expected(self, text: str) -> frozenset[str]:
        return frozenset(hit.owner for hit in self._expects.find(self._reader.read(text)))

    def expected(self, text: str, heard: AbstractSet[str]) -> list[str]:
        """What a strong answer says and the candidate had not said, as the rubric calls it."""
        return sorted(self._titles[id] for id in self.expects(text) - heard)

    def _is_authored(self, text: str) -> bool:
        return _bare(text) in self._authored

    def named(self, text: str, said: AbstractSet[str]) -> list[str]:
        """Terms that nobody had said before."""
        words = self.read(text)
        new: dict[str, str] = {}
        for stem, start, end in zip(words.stems, words.starts, words.ends, strict=True):
            term = self._terms.get(stem)
            if term is not None and stem not in said and _is_written(text[start:end], term):
                new.setdefault(stem, term)
        return list(new.values())


@lru_cache(maxsize=32)
def terms_of(pressing: Pressing) -> Terms:
    return Terms(pressing)


def _is_written(word: str, term: str) -> bool:
    """Not another word that the reader took for a slip of the pen; abbreviations may be written in several words."""
    return " " in word or len(word) < ALIKE or word.lower()[:ALIKE] == term[:ALIKE]


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
