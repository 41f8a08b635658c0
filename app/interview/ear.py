"""What a candidate's turn asks of the interviewer: facts, verdicts on assumptions, or something of the talk itself.

Read without trusting punctuation, which recognisers do not give: a question is known by its word order, a
request by its opening, an assumption by the words that mark it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.bank.question import Fact
from app.bank.sheet import FactSheet, Found
from app.concepts.clauses import ClauseCutter
from app.concepts.questions import Questions
from app.concepts.sequences import Sequences
from app.concepts.words import Words
from app.interview.asks import asks, question_inside
from app.interview.offer import likely
from app.interview.verdicts import Judge, Verdict

SENTENCE = re.compile(r"[^.!?;\n]*(?:\.(?=\d)[^.!?;\n]*)*[.!?;\n]?")
JOIN = re.compile(
    r",?\s+(?:and|also|or|plus|as well as)\s+(?=(?:what|how|who|whom|when|where|which|why)s?\b|"
    r"(?:is|are|do|does|did|can|could|will|should|any)\b)|,\s+(?:like\s+)?(?=(?:what|how|who|when|where|which)s?\b|(?:is|are|do|does|did|can|any)\b)",
    re.IGNORECASE,
)
LISTED = re.compile(
    r",\s*(?:and\s+|or\s+)?|\s+and\s+(?:the\s+|any\s+|also\s+)?|\s*/\s*", re.IGNORECASE
)
SUBORDINATE = re.compile(
    r"^(?:(?:so|and|ok|okay|well|but|now)[\s,]+)*(?:when|if|once|after|since|before|while|as)\s+"
    r"(?!do\b|does\b|did\b|is\b|are\b|will\b|can\b|would\b|should\b)\w+",
    re.IGNORECASE,
)
# "once it is booked, ...", "apart from trials, ...", "positives being so rare, ...", "one thing: ..."
LEADING = re.compile(
    r"^(?:(?:so|and|ok|okay|well|but|now)[\s,]+)*(?:when|whenever|if|once|after|since|before|while|as|because|given|"
    r"suppos(?:e|ing)|assum(?:e|ing)|apart|besides|beyond|beside|with|without|for|in|on|at|from|of|by|during|until|"
    r"say|imagine)\b|\b(?:being|having)\b|:\s*$",
    re.IGNORECASE,
)
# "could you tell me", "I'd like to know whether", "may I ask"
OPENING = re.compile(
    r"^(?:(?:so|and|ok|okay|well|but|now|also|then|hi|hello|um|uh|sorry|please|first|just|maybe|perhaps)[\s,]+)*"
    r"(?:(?:could|can|would|will) you (?:please |just |maybe |possibly )*(?:tell|say|share|give|clarify|explain|remind|"
    r"describe|talk)\b|(?:please )?(?:tell|give|remind) (?:me|us)\b|"
    r"i(?:['’]d| would)? (?:like|love|want|need) to (?:know|understand|hear|ask|learn|clarify)\b|"
    r"(?:do|did) (?:you|we) (?:happen to )?know\b|(?:may|can|could) i (?:just )?ask\b|i (?:was |am )?wonder(?:ing)?\b|"
    r"my (?:first |next )?question is\b|any idea\b)"
    r"(?: (?:me|us|you))?(?: (?:a bit|a little|something|more|anything))*(?: (?:about|whether|if|on))?[\s,:]+",
    re.IGNORECASE,
)
LEANING = re.compile(r"\b(?:that|it|this|then|these|those|they|them)\b", re.IGNORECASE)
FEW = 3  # content words
LISTED_WORDS = (
    8  # of a thing asked for beside a question: "the budget, and how many users are there?"
)
GOES_ON = 4  # words of a statement after a question, by which it is answered
GOES_ON_LONG = (
    9  # the same after one that a fact may be meant by: "that would help me a lot" is no answer
)
SHORT = 6  # content words of a sentence that only asks for agreement
LEAST_SENTENCE = 60  # words without any mark, beyond which the words themselves are cut
TALK_WORDS = 9  # a longer sentence with the world in it is no small talk
LONG_TURN = 45  # words of a turn in which the candidate talks to the problem, until its end
BIDDING = 18  # words of a sentence that may bid for what is behind the interview
ALONE = 0.60  # likelihood at which a part of a question asks for a fact of its own
SURELY_ASKED = 0.6
CERTAIN = 0.85  # so likely that it is no small talk
LIKELY = 0.5  # of each part of a question, for it to be two
ONE = 0.8  # so likely that the whole of a sentence asks for one fact, unless its parts are certain of theirs
CLEARER = 0.1  # by so much likelier with the words around it
ASSUMED = re.compile(r"\b(?:assum(?!ptions)|presum|suppos|let(?:'s| us) say)", re.IGNORECASE)
META = re.compile(r"\bassumptions\b", re.IGNORECASE)  # "I will put down some assumptions first"
GUESSED = re.compile(r"\b(?:guess|say\b|imagine|take it)", re.IGNORECASE)
# asked for or bidden: "the right answer is stored" and "we cache the answers" are design
BID = re.compile(
    r"\b(?:(?:can|could|would|will) you\s+(?:please\s+|just\s+)?(?:tell|give|show|reveal|share|read)(?:\s+(?:me|us))?|"
    r"(?:tell|give|show|reveal|read)\s+(?:me|us)|what(?:['’]s| is| are| would be))\s+the\s+"
    r"(?:right|correct|model|expected|ideal|perfect|sample)\s+(?:answers?|solution)\b",
    re.IGNORECASE,
)
SAY = re.compile(r"^(?:(?:so|and|then|or|ok|okay)[\s,]+)*say[\s,]", re.IGNORECASE)
SELF = re.compile(
    r"\b(?:should|shall|could|can|would|do)\s+(?:i|we)\b.*\b(?:use|choose|pick|build|train|deploy|add|"
    r"start with|optimi[sz]e|go with|try|prefer|split)\b",
    re.IGNORECASE,
)
# whose choice this is stands in the words: no fact answers it
CHOICE = re.compile(
    r"\b(?:should|shall)\s+(?:i|we)\s+(?:rather\s+|better\s+)?(?:use|choose|pick|build|train|fine-?tune|deploy|optimi[sz]e|"
    r"go with|go for|try|prefer|split|rank|frame|model|run|do|take)\b|\b(?:would|do) you\s+(?:rather |recommend|prefer|"
    r"use|choose|pick|go|run|rank|think|suggest|advise|say)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a fact; `fact` is None where the sheet does not hold it or none is sure (`likely` are those that it
    may have meant), `foreign` where none of its words is of this question's world."""

    text: str
    fact: Fact | None
    about_design: bool = False
    foreign: bool = False
    likely: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Assumed:
    """An assumption and what the sheet says to it; `fact` is None where it says nothing."""

    text: str
    verdict: Verdict
    fact: Fact | None


@dataclass(frozen=True, slots=True)
class Understood:
    """`talk` are the kinds of small talk found, in the order of prompts/small_talk.yaml."""

    asked: tuple[Asked, ...]
    assumed: tuple[Assumed, ...]
    talk: tuple[str, ...]
    words: Words

    @property
    def asked_known(self) -> bool:
        """Some request is for a fact of the sheet."""
        return any(asked.fact for asked in self.asked)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`part` of several questions of one sentence; `around` is what was said in one breath with it."""

    text: str
    words: Words
    is_question: bool
    marked: bool = False
    part: bool = False
    around: str = ""


class Ear:
    """Listens by one question's sheet. Pure: the same words are always understood alike."""

    def __init__(self, sheet: FactSheet, small_talk: Mapping[str, tuple[str, ...]]) -> None:
        self.sheet = sheet
        self._reader = sheet.reader
        self._questions = Questions(sheet.reader)
        self._cutter = ClauseCutter(sheet.reader)
        self._judge = Judge(sheet)
        self._kinds = tuple(small_talk)
        self._talk = Sequences(small_talk, sheet.reader)

    def understand(self, text: str) -> Understood:
        words = self._reader.read(text)
        sentences = list(self._sentences(text))
        asked: list[Asked] = []
        assumed: list[Assumed] = []
        talk: list[str] = []
        for number, sentence in enumerate(sentences):
            manner = self.sheet.manner.find(sentence.words)
            kind = self._small_talk(sentence, manner)
            ends = len(words) <= LONG_TURN or number >= len(sentences) - 2
            if kind:
                if ends or kind in ("abuse", "scoring"):
                    talk.append(kind)  # in mid-monologue "is it working at all" is no talk
                continue
            if talk[-1:] == ["scoring"] and not sentence.is_question:
                continue  # "just give me the list": of the same
            if self._only_agreement(sentence, manner):
                before = sentences[number - 1] if number else None
                if before and not before.is_question and not self._is_judged(before, assumed):
                    taken = self._assumption(before)
                    if (
                        taken.verdict == "record"
                        and len(words) > LONG_TURN
                        and not ASSUMED.search(text)
                    ):
                        talk.append("verdict")  # it asks what is thought of a piece of design
                    else:
                        assumed.append(taken)
                continue
            supposed = "assuming" in manner or self._says_number(sentence)
            supposed = supposed and not CHOICE.search(sentence.text)
            if supposed and not self._opens_request(sentence, manner):
                taken = self._assumption(sentence)
                noted = ends or taken.verdict != "record"
                if noted and self._is_given(sentence, manner, taken.verdict):
                    assumed.append(taken)
                    continue
                if not (sentence.marked and self._asks(sentence.words)):
                    continue
            if (
                "agreeing" in manner
                and sentence.is_question
                and self._ends_agreeing(sentence, manner)
            ):
                assumed.append(self._assumption(sentence))
                continue
            if self._in_monologue(sentence, words) and not self._opens_request(sentence, manner):
                continue
            if sentence.is_question or self._opens_request(sentence, manner):
                for item in self._facts(sentence, self._context(sentences, number, words)):
                    if item.fact is None and "agreeing" in manner:
                        talk.append("verdict")  # "do you agree that this is the right one?"
                    elif item.fact is not None or not self._is_rhetorical(
                        sentences[number + 1 :], GOES_ON_LONG if item.likely else GOES_ON
                    ):
                        asked.append(item)
        order = {kind: place for place, kind in enumerate(self._kinds)}
        return Understood(
            _once(self._as_one(asked, words)),
            tuple(assumed),
            tuple(sorted(set(talk), key=order.__getitem__)),
            words,
        )

    def _as_one(self, asked: list[Asked], turn: Words) -> list[Asked]:
        """Questions of a short turn that find nothing each may ask for one fact together."""
        if not asked or len(turn) > LONG_TURN or any(a.fact or a.about_design for a in asked):
            return asked
        if len(asked) > 1 and any(a.likely for a in asked):
            return asked
        ranked = self.sheet.rank(turn)
        best = self.sheet.pick(ranked)
        if best is not None:
            return [Asked(turn.text, best)]
        meant = likely(ranked)
        return [Asked(turn.text, None, likely=meant)] if meant else asked

    # sentences --------------------------------------------------------------------------------
    def _sentences(self, text: str) -> Iterator[Sentence]:
        for match in SENTENCE.finditer(text):
            piece = match.group().strip()
            if not piece:
                continue
            marked = piece.endswith("?")
            questions = self._parts(piece)
            parts = self._together(piece, questions)
            joined = len(parts) < len(questions)
            several = sum(self._asks(self._reader.read(part)) for part in parts) > 1
            for place, part in enumerate(parts):
                words = self._reader.read(part)
                if len(words) == 0:
                    continue
                if len(words) > LEAST_SENTENCE and not marked:
                    yield from self._cut(part, words)
                    continue
                # before the question proper stands a lead-in, or a thing that is asked for too
                lead = (
                    place == 0
                    and len(parts) > 1
                    and (
                        bool(LEADING.search(part))
                        or len(words) > LISTED_WORDS
                        or self.sheet.find(words) is None
                    )
                    and not self._asks(words)
                )
                asked = (marked and not lead) or self._asks(words)
                asked = asked or (joined and place == len(parts) - 1)
                yield Sentence(part, words, asked, marked, several, piece)

    def _together(self, piece: str, parts: list[str]) -> list[str]:
        """Questions that do not ask for two facts are one: "when they say yes, do they come?"."""
        first = 0 if self._asks(self._reader.read(parts[0])) else 1
        asking = parts[first:]
        if len(asking) < 2:
            return parts
        ranked = self.sheet.rank(self._reader.read(piece))
        least = CERTAIN if self._is_one(ranked) else LIKELY
        wanted = {fact.id for part in asking if (fact := self._likely(part, least))}
        if len(wanted) > 1:
            return parts
        if self.sheet.pick(ranked) is None and wanted and all(map(self._has_world, asking)):
            return parts
        start = piece.index(asking[0], len(parts[0]) if first else 0)
        return [*parts[:first], piece[start:]]

    def _likely(self, part: str, least: float) -> Fact | None:
        ranked = self.sheet.rank(self._reader.read(part))
        return self.sheet.pick(ranked) if ranked and ranked[0].score >= least else None

    @staticmethod
    def _is_one(ranked: list[Found]) -> bool:
        """All of it asks for one fact: where it asks for two, they share the likelihood."""
        return bool(ranked) and ranked[0].score >= ONE

    def _has_world(self, text: str) -> bool:
        words = self._reader.read(text)
        return any(self.sheet.known(words.stems[place]) for place in words.content)

    def _parts(self, piece: str) -> list[str]:
        """Cut where a further question begins."""
        cuts = [0]
        for match in JOIN.finditer(piece):
            if self._asks(self._reader.read(piece[match.end() :])):
                cuts += [match.start(), match.end()]
        parts = [piece[a:b] for a, b in zip(cuts[::2], [*cuts[1::2], len(piece)], strict=True)]
        if not self._asks(self._reader.read(parts[0])):
            inside = question_inside(parts[0])
            if inside is not None:
                parts[:1] = [parts[0][:inside], parts[0][inside:]]
        return parts

    def _cut(self, text: str, words: Words) -> Iterator[Sentence]:
        """Speech without marks: its clauses stand for sentences."""
        for clause in self._cutter.cut(words):
            piece = text[words.starts[clause.first] : words.ends[clause.last]]
            read = self._reader.read(piece)
            if len(read):
                yield Sentence(piece, read, self._asks(read))

    def _asks(self, words: Words) -> bool:
        return self._questions.begins(words.stems, 0, len(words) - 1) or asks(words.text)

    # what kind --------------------------------------------------------------------------------
    def _small_talk(self, sentence: Sentence, manner: Mapping[str, object]) -> str | None:
        if len(sentence.words) <= BIDDING and BID.search(sentence.text):
            return "scoring"
        found = self._talk.find(sentence.words)
        if not found:
            return None
        if CHOICE.search(sentence.text):
            found.pop("where", None)  # "should I go with trees" is no "where should I go"
        world = [i for i in sentence.words.content if self.sheet.known(sentence.words.stems[i])]
        for kind in self._kinds:
            if kind not in found:
                continue
            if kind == "abuse":
                return kind
            if kind == "scoring":
                # "a cache of the answers" is design; who wants to be told asks, or bids in a few words
                if self._certain(self.sheet.rank(sentence.words)):
                    continue  # "are there chats with reference answers?"
                if sentence.is_question or len(sentence.words) <= BIDDING:
                    return kind
                continue
            long = len(sentence.words) > TALK_WORDS
            if kind in ("greeting", "thanks", "done", "skip", "thinking"):
                if sentence.is_question and "agreeing" in manner:
                    continue  # "is that okay?"
                first, last = found[kind][0]
                covered = last - first + 1
                if len(sentence.words) - covered > 6 or (sentence.is_question and world):
                    continue
                return kind
            if "assuming" in manner or (kind == "verdict" and "agreeing" in manner and world):
                continue
            if kind in (
                "time",
                "where",
                "clarify",
                "repeat",
                "drawing",
                "audible",
                "who",
                "verdict",
            ):
                if long and len(world) > 3 and kind != "where":
                    continue
                if (
                    kind == "time"
                    and len(world) > 1
                    and self._surely(self.sheet.rank(sentence.words))
                ):
                    continue  # "how much time may a run take"
                if kind in ("where", "verdict", "drawing", "audible", "who") and not (
                    sentence.is_question or not long
                ):
                    continue
                return kind
        return None

    @staticmethod
    def _opens_request(sentence: Sentence, manner: Mapping[str, list[tuple[int, int]]]) -> bool:
        spans = manner.get("request", [])
        return any(first <= 4 for first, _ in spans)

    @staticmethod
    def _in_monologue(sentence: Sentence, turn: Words) -> bool:
        """A long turn with marks, and none at this sentence: "and who is connected to whom." tells."""
        return len(turn) > LONG_TURN and "." in turn.text and not sentence.marked

    def _says_number(self, sentence: Sentence) -> bool:
        """ "Say a tenth of them"."""
        return bool(SAY.match(sentence.text) and self.sheet.quantities.find(sentence.words))

    def _only_agreement(
        self, sentence: Sentence, manner: Mapping[str, list[tuple[int, int]]]
    ) -> bool:
        spans = manner.get("agreeing")
        if spans and self.sheet.quantities.find(sentence.words):
            return False  # "sixty million places, right?" holds what is to be judged
        if sentence.text.lower().startswith("any"):
            return False  # "any fairness constraints?"
        return bool(spans) and len(sentence.words.content) <= 3 and len(sentence.words) <= SHORT

    @staticmethod
    def _ends_agreeing(sentence: Sentence, manner: Mapping[str, list[tuple[int, int]]]) -> bool:
        return max(last for _, last in manner["agreeing"]) >= len(sentence.words) - 3

    @staticmethod
    def _is_given(sentence: Sentence, manner: Mapping[str, object], verdict: Verdict) -> bool:
        """Said as an assumption: "I would go with trees" and a long "I expect ..., because ..." are design."""
        if "agreeing" in manner or ASSUMED.search(sentence.text):
            return True
        if META.search(sentence.text):
            return False
        return len(sentence.words) <= BIDDING and (
            verdict != "record" or bool(GUESSED.search(sentence.text))
        )

    @staticmethod
    def _is_judged(sentence: Sentence, assumed: list[Assumed]) -> bool:
        return any(item.text == sentence.text for item in assumed)

    @staticmethod
    def _is_rhetorical(following: list[Sentence], words: int) -> bool:
        """The candidate goes on after a question that the sheet does not answer: they answer it themselves."""
        return any(not s.is_question and len(s.words) >= words for s in following[:2])

    # which fact -------------------------------------------------------------------------------
    @staticmethod
    def _context(sentences: list[Sentence], number: int, turn: Words) -> tuple[str, ...]:
        """What a question may lean on: "Suppose we refuse a good one. What's the damage?"."""
        sentence = sentences[number]
        if sentence.part:
            return ()
        alone = sum(s.is_question for s in sentences) == 1 and len(turn) <= LONG_TURN
        around = (sentence.around, turn.text) if alone else (sentence.around,)
        return tuple(text for text in around if text and text != sentence.text)

    def _facts(self, sentence: Sentence, context: tuple[str, ...]) -> list[Asked]:
        """Two things asked in one breath ("latency and throughput?") are two, where each finds its own fact."""
        if CHOICE.search(sentence.text):
            return [Asked(sentence.text, None, about_design=True)]
        whole = self._rank(sentence.text)
        leans = self._leans(sentence)
        for text in context:
            wider = self._rank(text)
            if wider and (leans or not whole or wider[0].score > whole[0].score + CLEARER):
                whole = wider
        best = self.sheet.pick(whole)
        if sentence.part and best and whole[0].score < ALONE:
            return []  # "is it worldwide", "and how many items": of what was asked beside it
        parts = [part for part in LISTED.split(sentence.text) if part and part.strip()]
        if SUBORDINATE.match(sentence.text):
            parts = []  # "when people say yes, do they come?" asks one thing
        if 1 < len(parts) <= 5:
            found: dict[str, Fact] = {}
            least = CERTAIN if self._is_one(whole) else SURELY_ASKED
            for part in parts:
                if (fact := self._likely(part, least)) is not None:
                    found[fact.id] = fact
            if len(found) > 1 and (best is None or best.id in found):
                return [Asked(sentence.text, fact) for fact in found.values()]
        design = best is None and bool(SELF.search(sentence.text))
        stems = (sentence.words.stems[i] for i in sentence.words.content)
        foreign = best is None and not any(map(self.sheet.known, stems))
        meant = () if best or design or foreign else likely(whole)
        return [Asked(sentence.text, best, design, foreign, meant)]

    def _rank(self, text: str) -> list[Found]:
        """Without what only says that something is asked."""
        return self.sheet.rank(self._reader.read(OPENING.sub("", text))) or self.sheet.rank(
            self._reader.read(text)
        )

    @staticmethod
    def _leans(sentence: Sentence) -> bool:
        """ "How common is that?": what it asks about was said before it."""
        return len(sentence.words.content) <= FEW and bool(LEANING.search(sentence.text))

    def _surely(self, ranked: list[Found]) -> Fact | None:
        fact = self.sheet.pick(ranked)
        return fact if fact and ranked[0].score >= SURELY_ASKED else None

    def _certain(self, ranked: list[Found]) -> bool:
        return bool(ranked) and ranked[0].score >= CERTAIN

    def _assumption(self, sentence: Sentence) -> Assumed:
        return Assumed(sentence.text.strip(), *self._judge.of(sentence.words))


def _once(asked: list[Asked]) -> tuple[Asked, ...]:
    """Each fact once, in the order in which they were asked; what is not on the sheet once in all."""
    seen: set[tuple[str, ...]] = set()
    kept = []
    for item in asked:
        key = (item.fact.id,) if item.fact else tuple(fact.id for fact in item.likely)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return tuple(kept)
