"""Whether a reply may be said: code reads every sentence of it before it stands, whatever the model was told.

Nothing here is certain of meaning. It errs towards the script, which costs a sentence less well put.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from app.concepts.quantities import LEAST, MOST, PARTS, Quantity
from app.interview.asks import asks
from app.interview.manners import PRAISE, QUOTED, same
from app.interview.policy import SPOKEN
from app.llm.allowed import (
    BREAK,
    FOLD,
    NEGATING,
    Allowance,
    Text,
    clauses_of,
    is_numeric,
    tokens_of,
)
from app.llm.patterns import (
    AFFIRMING,
    AGREEING,
    APPRAISAL,
    AS_A_NOUN,
    ASIDE,
    BRIDGE,
    CONDITION,
    FIRST_ASKER,
    FURTHER,
    LEADING,
    LEAVING,
    LISTED,
    MARKS,
    MARKUP,
    NODDING,
    NOTING,
    OPPOSITES,
    ORDERING,
    PAIRED,
    PUT,
    ROLE,
    SENTENCE,
    SETTING,
    TAKEN_BACK,
    TAKING_UP,
    UNSETTLED,
)
from app.matching import likeness

# What a reply must not do: completes "it ...". In the order in which it is looked for.
BREACHES = {
    "empty": "says nothing",
    "markup": "holds marks, lists, brackets or an address, which nobody says aloud",
    "script": "is written in letters or signs that do not belong in English speech",
    "role": "speaks of rules, prompts or models",
    "long": "is much longer than the script",
    "leak": "tells what has not been asked for",
    "prepared": "asks or tells what is meant for another moment",
    "number": "holds a number that was not given",
    "invented": "adds things that nobody has said",
    "method": "names a method or measure that the candidate has not named",
    "praise": "praises or agrees where it must not",
    "marks": "speaks of how things are judged",
    "rubric": "holds words of the criteria",
    "questions": "asks more than one question",
    "question": "asks something where it only tells",
    "answers": "answers its own question or leads to the answer",
    "contradiction": "contradicts what was told",
    "repeat": "repeats what was said before",
    "missing": "leaves out what the script holds",
}

LONGEST, STRETCH, SPARE = 60, 1.6, 25  # words; of the script's; beyond them
ALIKE, ALIKE_INSIDE, AS_SCRIPTED = 85.0, 75.0, 70.0
LEAST_REPEATED = 5  # words
NEW_TOLD, NEW_ASKED, NEW_SHARE = 2, 6, 0.4  # content words that stand nowhere else
KEPT_TOLD, KEPT_NEWS, KEPT_ASKED, KEPT_SAID = 0.5, 0.5, 0.2, 0.4  # of the script's own
OF_COMMON = 0.5  # where it has only words that anybody uses
OF_TOLD = 0.5  # where it tells
OF_SCRIPT = 0.34  # of a sentence's words of meaning that the script holds too
LONGEST_PHRASE, SHORT_PHRASE = 16, 5  # words
STRANGE, STRANGE_OF_TALK = 2, 4  # words of meaning in a clause, none of them the script's


def breaches_of(text: str, allowance: Allowance, *, whole: bool, raw: str = "") -> tuple[str, ...]:
    """What speaks against it, in the order of BREACHES. Without `whole` the text is a beginning that ends with a
    sentence: what is missing is not yet missed. `raw` is the text with the line breaks that it came with."""
    return tuple(dict.fromkeys(_Reading(text, raw or text, allowance).all(whole)))


class _Reading:
    """One reply beside what may be said."""

    def __init__(self, text: str, raw: str, allowance: Allowance) -> None:
        self.text = text
        self.raw = raw
        self.allowed = allowance
        self.background = allowance.background
        self.move = allowance.move
        self.say = allowance.say
        self.said: Text = self.background.part(text)
        self.words = self.said.joined.split()
        self.bare = self._without_quotes()
        self.row = (BREAK, *tokens_of(self.bare), BREAK)
        self.sentences = [s for s in SENTENCE.split(text) if s.strip()]
        self.scripted = set(self.say.content) - self.background.negators
        self.talk = allowance.talk_stems

    def all(self, whole: bool) -> Iterator[str]:
        if not self.words:
            yield from ["empty"] * whole
            return
        yield from self._form()
        yield from self._hidden()
        yield from self._numbers()
        yield from self._new()
        yield from self._manner()
        yield from self._questions(whole)
        yield from self._contradicted()
        yield from self._repeated()
        if whole and self._lacks():
            yield "missing"

    def _without_quotes(self) -> str:
        """Quotations of what was said in the room are nobody's judgement."""

        def gone(match: re.Match[str]) -> str:
            inner = [token for token in tokens_of(match[0]) if token != BREAK]
            return " " if self.allowed.was_said(inner) else match[0]

        return QUOTED.sub(gone, self.text)

    def _in_script(self, phrase: str) -> bool:
        """Wherever these words stand in the reply, they stand so in the script: with the same words "
        "around them."""
        inner = tuple(token for token in tokens_of(phrase) if token != BREAK)
        if not inner:
            return False
        size = len(inner)
        places = [i for i in range(1, len(self.row) - size) if self.row[i : i + size] == inner]
        if not places:  # it ends within a word: "the language model's"
            return phrase.strip().lower() in self.say.text.lower()
        return all(
            any(
                _holds_row(text.tokens, self.row[i - 1 : i + size + 1])
                for text in self.allowed.sources
            )
            for i in places
        )

    def _any(self, pattern: re.Pattern[str], text: str) -> bool:
        return any(not self._in_script(match[0]) for match in pattern.finditer(text))

    # how it is written --------------------------------------------------------------------------
    def _form(self) -> Iterator[str]:
        marks = [match[0] for match in MARKUP.finditer(self.raw)]
        if LISTED.search(self.raw) or any(mark not in self.say.text for mark in marks):
            yield "markup"
        if any(_foreign(char) and char not in self.say.text for char in self.raw):
            yield "script"
        if self._any(ROLE, self.text):
            yield "role"
        if len(self.words) > most_words(self.say.text):
            yield "long"

    # what it tells ------------------------------------------------------------------------------
    def _hidden(self) -> Iterator[str]:
        allowed, background = self.allowed, self.background
        for size in background.run_sizes:
            for i in range(len(self.words) - size + 1):
                run = tuple(self.words[i : i + size])
                owners = background.runs.get(run)
                if not owners or all(map(allowed.is_public, owners)):
                    continue
                if self._is_telling(run) and not allowed.was_said(run):
                    yield from (h.kind for h in owners if not allowed.is_public(h))
        own: Counter[int] = Counter()
        for stem in set(self.said.content) - allowed.stems:
            for hidden in background.by_stem.get(stem, ()):
                own[id(hidden)] += 1
        for hidden in background.hidden:
            if hidden.least is not None and own[id(hidden)] >= hidden.least:
                if not allowed.is_public(hidden):
                    yield hidden.kind

    def _is_telling(self, run: tuple[str, ...]) -> bool:
        """It holds something that neither the script nor ordinary speech does."""
        known = self.allowed.source_stems | self.background.general
        return any(
            word[0].isdigit() or not known.issuperset(self.background.stems_of(word))
            for word in run
            if word not in self.say.tokens
        )

    def _numbers(self) -> Iterator[str]:
        allowed = self.allowed
        for quantity in self.said.quantities:
            if allowed.holds(quantity) or self._is_small_talk(quantity) or self._is_part(quantity):
                continue
            yield "leak" if self._is_hidden(quantity) else "number"
        sources = [*allowed.sources, *(allowed.talk if allowed.asks else [])]
        for word in set(self.words):
            if is_numeric(word) and not word[0].isdigit() or FOLD.match(word):
                stems = self.background.stems_of(word)
                if not any(set(stems) <= text.stems for text in sources):
                    if not (allowed.asks and word in ASKED_FREELY):
                        yield "number"

    def _is_hidden(self, quantity: Quantity) -> bool:
        return any(
            same(quantity, value)
            for hidden in self.background.hidden
            if hidden.owner and not self.allowed.is_public(hidden)
            for value in hidden.text.quantities
        )

    def _is_part(self, quantity: Quantity) -> bool:
        """ "half of them" where the script has "about half"."""
        return any(
            quantity.amount == size and quantity.dimension == "share" and word in self.say.tokens
            for word, size in PARTS.items()
        )

    def _is_small_talk(self, quantity: Quantity) -> bool:
        """ "the two of them", "one or two things": of nothing that can be counted in this world."""
        after = self._after(quantity)
        return (
            self.allowed.asks
            and quantity.dimension == "count"
            and quantity.amount <= 2
            and after <= self.background.general | self.scripted
        )

    def _after(self, quantity: Quantity) -> set[str]:
        words = self.background.sheet.reader.read(self.text)
        return set(words.stems[quantity.last + 1 : quantity.last + 2])

    def _new(self) -> Iterator[str]:
        allowed = self.allowed
        new = [stem for stem in dict.fromkeys(self.said.content) if stem not in allowed.stems]
        if allowed.asks:
            most = max(NEW_ASKED, int(NEW_SHARE * len(self.said.content)))
        else:
            most = NEW_TOLD
        if len(new) > most or self._any(ASIDE, self.text) or self._is_unaccounted():
            yield "invented"
        if set(new) & self.background.terms:
            yield "method"

    def _is_unaccounted(self) -> bool:
        """A sentence, or a long clause, that is neither the script's nor a bridge to it."""
        return not all(map(self._is_accounted, self.sentences)) or any(
            map(self._is_strange, clauses_of(self.text))
        )

    def _is_accounted(self, sentence: str) -> bool:
        bare = BRIDGE.sub("", sentence.strip(" \"“”'")).strip(" .,;:!?…–—-\"”'")
        if not bare:
            return "?" not in sentence
        if self._is_verbatim(sentence) or self._is_verbatim(bare):
            return True
        read = self.background.part(bare)
        core = set(read.content) - self.background.negators
        special = core - self.background.general
        shared = (special or core) & self.scripted
        strict = not self.allowed.asks or self.move.kind == "twist"
        part = OF_TOLD if strict else OF_SCRIPT
        least = part * len(special) if special else OF_COMMON * len(core)
        if shared and len(shared) >= least:
            return True
        allowed = self.allowed
        put = allowed.asks and is_put(bare)
        if TAKING_UP.match(bare) or put:
            on_it = bool(core & self.scripted)
            if put and not on_it and self.move.kind in ("steer", "direct"):
                return False
            return len(special - allowed.stems) <= (2 if on_it else 0)
        if read.quantities:
            scripted = all(
                any(same(q, own) for own in self.say.quantities) for q in read.quantities
            )
            return scripted and not special - allowed.source_stems and len(core) <= SHORT_PHRASE
        if special - self.scripted or len(bare.split()) > LONGEST_PHRASE:
            return False
        return self._is_phrase(bare)

    def _is_verbatim(self, part: str) -> bool:
        inner = " ".join(token for token in tokens_of(part) if token != BREAK)
        return f" {inner} " in self.say.joined

    def _is_phrase(self, bare: str) -> bool:
        """A short way of doing what the script does: leaving it to them, agreeing, noting, having no answer."""
        say, verdict = self.say.text, self.move.verdict
        if LEAVING.search(say) and (LEAVING.search(bare) or UNSETTLED.search(bare)):
            return True
        if verdict == "agree" and AFFIRMING.search(bare):
            return True
        if verdict == "correct" and self._negators(bare) and len(bare.split()) <= SHORT_PHRASE:
            return True
        return verdict == "record" and bool(NOTING.search(bare))

    def _is_strange(self, clause: str) -> bool:
        bare = BRIDGE.sub("", clause.strip())
        core = set(self.background.part(bare).content) - self.background.negators
        if self.allowed.asks and is_put(bare):
            core -= self.background.general
        if len(core) < STRANGE or core & self.scripted:
            return False
        return len(core) >= STRANGE_OF_TALK or not core & self.talk

    # manners ------------------------------------------------------------------------------------
    def _manner(self) -> Iterator[str]:
        praised = [*PRAISE.finditer(self.bare.strip()), *APPRAISAL.finditer(self.bare.strip())]
        for match in praised:
            phrase = match[0].strip(" .!?,")
            agreeing = self.move.verdict == "agree" and AGREEING.fullmatch(phrase)
            if not agreeing and not self._in_script(phrase):
                yield "praise"
        nods = self.move.kind == "answer" or self.move.verdict == "agree"
        if not nods and not NODDING.match(self.say.text):
            if any(NODDING.match(s) and not self._is_verbatim(s) for s in self.sentences):
                yield "praise"
        if self._any(MARKS, self.bare):
            yield "marks"

    # questions ----------------------------------------------------------------------------------
    def _questions(self, whole: bool) -> Iterator[str]:
        scripted, asked = count_asks(self.say.text), count_asks(self.text)
        leaves = bool(LEAVING.search(self.say.text)) or self.allowed.asks
        if asked > max(scripted, leaves):
            yield "questions" if self.allowed.asks else "question"
        elif "?" in self.text and "?" not in self.say.text and not self.allowed.asks:
            yield "question"
        if self.allowed.asks:
            if self._any(LEADING, self.bare):
                yield "answers"
            elif self._goes_on():
                yield "answers"

    def _goes_on(self) -> bool:
        """Something is said behind the last question."""
        if "?" not in self.text:
            return False
        rest = self.text.rpartition("?")[2].strip(" \"'”’")
        scripted = self.say.text.rpartition("?")[2].strip() if "?" in self.say.text else ""
        return len(rest.split()) > len(scripted.split()) + 1

    # contradiction ------------------------------------------------------------------------------
    def _contradicted(self) -> Iterator[str]:
        tells = not self.allowed.asks
        if self._any(TAKEN_BACK, self.text):
            yield "contradiction"
        if self.move.verdict and self._turns_verdict():
            yield "contradiction"
        if self._leads_elsewhere():
            yield "contradiction"
        if self._turned(tells) or self._swapped() or self._bounded() or self._opposite(tells):
            yield "contradiction"

    def _leads_elsewhere(self) -> bool:
        """To another part of the design than the script does."""
        if self.move.kind not in ("direct", "steer", "call_time"):
            return False
        return any(
            name in self.said.joined and name not in self.say.joined
            for name in (f" {part} " for part in SPOKEN.values())
        )

    def _turns_verdict(self) -> bool:
        """A yes for a no. Facts of other questions in the same turn make it unclear: those are compared "
        "below."""
        first = BRIDGE.sub("", self.text, count=1)
        first = SENTENCE.split(first)[0]
        negated = bool(self._negators(first))
        scripted = bool(self._negators(SENTENCE.split(self.say.text)[0]))
        affirms = bool(AFFIRMING.search(" ".join(first.split()[:4])))
        if self.move.verdict == "agree":
            return negated and not scripted
        return affirms and not AFFIRMING.search(" ".join(self.say.text.split()[:4])) and not negated

    def _negators(self, text: str) -> set[str]:
        return set(self.background.part(text).stems) & self.background.negators

    def _turned(self, tells: bool) -> bool:
        """A clause denies what a clause of the script or of a told fact says, or says what that denies."""
        for sentence in self.sentences:
            if not tells and (is_asking(sentence) or CONDITION.match(sentence.lstrip())):
                continue
            if self._denies_twice(sentence):
                return True
            for clause in clauses_of(sentence):
                read = self.background.part(clause)
                denied = bool(read.stems & self.background.negators)
                stems = self.background.matter(read)
                if not stems:
                    continue
                common, _, near = max(
                    ((len(stems & c.matter), c.denied == denied, c) for c in self.allowed.claims),
                    key=lambda found: found[:2],
                )
                if common >= max(1, 0.5 * len(stems)) and near.denied != denied:
                    if denied or common >= 0.6 * len(near.matter):
                        return True
        return False

    def _denies_twice(self, sentence: str) -> bool:
        """More denials than the script has in all."""
        return _denials(tokens_of(sentence)) > max(1, _denials(self.say.tokens))

    def _swapped(self) -> bool:
        """Two amounts of one kind, each where the other stands in the script."""
        scripted = [q for q in self.say.quantities]
        for first in scripted:
            for second in scripted:
                if first is second or first.dimension != second.dimension or same(first, second):
                    continue
                own, other = first.nouns - second.nouns, second.nouns - first.nouns
                for said in self.said.quantities:
                    if same(said, first) and len(said.nouns & other) > len(said.nouns & own):
                        return True
        return False

    def _bounded(self) -> bool:
        """ "at least" where the script has "at most"."""
        for said in self.said.quantities:
            if said.bound == "about" or not STRICT & set(self.words):
                continue
            known = [q for q in self.allowed.amounts if same(said, q)]
            turned = {"most": "least", "least": "most"}[said.bound]
            if known and all(q.bound == turned for q in known):
                return True
            if known and not self.allowed.asks and all(q.bound == "about" for q in known):
                words = COMPARED[said.bound]
                if not any(f" {word} " in t.joined for t in self.allowed.sources for word in words):
                    return True
        return False

    def _opposite(self, tells: bool) -> bool:
        if not tells and self.move.kind != "twist":
            return False
        mine, script = set(self.words), set(self.say.joined.split())
        for pair in OPPOSITES:
            one, other = sorted(pair)
            for here, there in ((one, other), (other, one)):
                if here in mine and here not in script and there in script and there not in mine:
                    return True
        return False

    # repeating ----------------------------------------------------------------------------------
    def _repeated(self) -> Iterator[str]:
        mine = len(self.words)
        for earlier in self.allowed.earlier[1:]:
            before = earlier.joined.split()
            if len(before) < LEAST_REPEATED or not 0.5 * mine <= len(before) <= 2 * mine:
                continue
            if likeness(before, self.words) >= ALIKE:
                if likeness(before, self.say.joined.split()) <= AS_SCRIPTED:
                    yield "repeat"
        for sentence in self.sentences:
            own = [token for token in tokens_of(sentence) if token != BREAK]
            run = f" {' '.join(own)} "
            if len(own) >= LEAST_REPEATED and run not in self.say.joined:
                if any(run in earlier.joined for earlier in self.allowed.earlier):
                    yield "repeat"
        rows = [[t for t in tokens_of(sentence) if t != BREAK] for sentence in self.sentences]
        for place, row in enumerate(rows):
            alike = (likeness(row, other) >= ALIKE_INSIDE for other in rows[:place])
            if len(row) >= LEAST_REPEATED and any(alike):
                yield "repeat"
        half = len(self.words) // 2
        if half >= LEAST_REPEATED and self.words[:half] == self.words[half : 2 * half]:
            yield "repeat"

    # leaving out --------------------------------------------------------------------------------
    def _lacks(self) -> bool:
        return lacks(self.said, self.allowed)


def lacks(said: Text, allowed: Allowance) -> bool:
    """Whether what the move has to convey is not all in these words."""
    move, say, text = allowed.move, allowed.say, said.text
    if move.kind in ("press", "probe", "wrap_up", "hint") and not count_asks(text):
        return True
    if move.kind == "twist" and "?" in say.text and not count_asks(text):
        return True
    if LEAVING.search(say.text) and not allowed.asks and not LEAVING.search(text):
        return True
    if move.verdict == "agree" and not AFFIRMING.search(text):
        return True
    if move.verdict == "record" and not NOTING.search(text):
        return True
    if move.facts or move.kind in ("twist", "call_time"):
        if _lost_numbers(said, say):
            return True
        negators = allowed.background.negators
        if move.verdict != "agree" and say.stems & negators and not said.stems & negators:
            return True
    return _kept(said, allowed) < _least_kept(allowed)


def _lost_numbers(said: Text, say: Text) -> bool:
    return any(not any(same(q, own) for own in said.quantities) for q in say.quantities)


def _kept(said: Text, allowed: Allowance) -> float:
    """Of the script's own words; of a fact that is told, each must keep its share."""
    parts = [
        [stem for stem in allowed.background.text(fact.answer).content if stem in allowed.say.stems]
        for fact in allowed.facts
        if allowed.move.verdict != "agree"
    ]
    shares = [
        sum(stem in said.stems for stem in part) / len(part)
        for part in parts or [allowed.salient]
        if part
    ]
    return min(shares, default=1.0)


def _least_kept(allowed: Allowance) -> float:
    kind = allowed.move.kind
    if allowed.facts:
        return KEPT_TOLD
    if kind == "twist":
        return KEPT_NEWS
    if kind in ("call_time", "reply"):
        return KEPT_SAID
    return 0.0 if kind in ("assumption", "decline") else KEPT_ASKED


ASKED_FREELY = frozenset(
    "second seconds day days week weeks month months year years minute minutes hour".split()
)
DENYING = NEGATING - {"only", "hardly", "barely", "scarcely", "seldom", "rarely"}
STRICT = frozenset([*MOST, *LEAST]) - {"up", "limit"}
COMPARED = {
    "most": (
        "most",
        "under",
        "below",
        "within",
        "less",
        "fewer",
        "up",
        "maximum",
        "limit",
        "ceiling",
    ),
    "least": ("least", "over", "above", "more", "minimum", "beyond"),
}


def _denials(tokens: Iterable[str]) -> int:
    return sum(token in DENYING or token.endswith("n't") for token in tokens)


def _holds_row(tokens: tuple[str, ...], row: tuple[str, ...]) -> bool:
    padded = (BREAK, *tokens, BREAK)
    return any(padded[i : i + len(row)] == row for i in range(len(padded) - len(row) + 1))


def most_words(say: str) -> int:
    return int(max(LONGEST, STRETCH * len(say.split()) + SPARE))


def is_put(sentence: str) -> bool:
    """Put as a question from its first words on, or as an order to tell."""
    return bool(PUT.match(sentence) or ORDERING.match(sentence) or CONDITION.match(sentence))


def is_asking(sentence: str) -> bool:
    """With a mark, by its word order, or as an order: "walk me through ..."."""
    if "?" in sentence or ORDERING.match(sentence):
        return True
    return asks(sentence) and not AS_A_NOUN.match(sentence)


def count_asks(text: str) -> int:
    """How many things are asked. "What do you log, and who reads it?" asks two, "how and why" one."""
    total = 0
    for sentence in SENTENCE.split(text):
        if not sentence.strip() or not is_asking(sentence):
            continue
        flat = SETTING.sub("", PAIRED.sub("what", sentence.lower()), count=1)
        total += max(1, flat.count("?"))
        head = FIRST_ASKER.search(flat)
        place = head.end() if head else 0
        total += len(FURTHER.findall(flat, place))
    return total


def _foreign(char: str) -> bool:
    if char.isascii():
        return ord(char) < 32 and char not in "\n\r\t"
    category = unicodedata.category(char)
    if category[0] == "N":
        return True
    if category[0] == "L":
        return "LATIN" not in unicodedata.name(char, "")
    return category in ("So", "Sk", "Cn", "Co", "Cf", "Cs", "Cc", "Mn", "Me")


def names_of(breaches: Iterable[str]) -> str:
    """As the end of "it ...": the first two are enough to mend it."""
    return ", and it ".join([BREACHES[breach] for breach in breaches][:2])
