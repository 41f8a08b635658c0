"""What of a streamed reply may be shown now. A word that may be said goes out at once; any other holds the rest back
until its sentence is complete and has been read as a whole. What was shown is never taken back for its words."""

from dataclasses import dataclass

from app.interview.manners import RUN
from app.interview.move import Move
from app.interview.session import Session
from app.llm.allowed import (
    BREAK,
    COMPARING,
    FOLD,
    NEGATING,
    Allowance,
    Background,
    is_numeric,
    tokens_of,
)
from app.llm.breaches import breaches_of, count_asks, most_words
from app.llm.patterns import OPPOSED, ORDERING, SENTENCE

LETTERS = 12  # of the longest word that so many words could have on average
AHEAD = 1  # words after a delicate one that show what it is said of
PRAISING = frozenset(
    "good great nice excellent perfect perfectly awesome amazing fantastic brilliant wonderful "
    "superb impressive impressed interesting clever smart lovely cool correct correctly exactly "
    "exact outstanding solid fair reasonable sensible valid strong helpful fine sound sounds "
    "thoughtful insightful astute sharp thorough promising convincing plausible right true spot "
    "neat sweet splendid terrific marvelous marvellous stellar commendable nuanced mature well "
    "better best wise key important useful elegant careful crucial sense agree agreed like liked "
    "love loved enjoy admire appreciate buy nicely nailed bravo kudos congratulations congrats "
    "thank thanks glad pleased happy hoped weak poor bad wrong disappointing vague shallow naive "
    "messy yes yeah yep yup indeed absolutely definitely certainly precisely holds works track "
    "wow".split()
)
JUDGING = frozenset(
    "mark marks score scores scored scoring grade grades graded grading rubric rubrics criteria "
    "criterion points point credit assess assessed assessment judged judging level hire bar "
    "seniority looking hear missed missing forgot forgotten overlooked skipped feedback evaluated "
    "answer answers hint prompt prompts instructions instruction script assistant ai model "
    "language bot rules rule told instructed programmed trained simulated persona actually "
    "opposite reverse help assist yes no interviewer user line move version example instance "
    "should might maybe perhaps probably typically usually normally i'd i'll".split()
)
OPENING = 4  # words at the beginning of a sentence
OPENERS = frozenset(
    "okay ok alright all so now then and let me ask this put that on to as for well".split()
)
QUOTES = ('"', "“")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole reply, and what speaks against it: empty where it may be said."""

    text: str
    breaches: tuple[str, ...]


class Screen:
    """One reply to one move. Fed with pieces as they come, in order."""

    def __init__(self, background: Background, session: Session, move: Move) -> None:
        self._allowed = Allowance(background, session, move)
        self._background = background
        self._raw = ""
        self._text = ""
        self._shown = 0  # characters of the text
        self._passed = 0  # up to where whole sentences have been read
        self._looked = 0  # up to where words have been looked at
        self._held = False
        self.breaches: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return self._text[: self._shown].rstrip()

    def feed(self, piece: str) -> str:
        """What may be shown beyond what was shown before; empty once something speaks against the reply."""
        self._raw += piece
        self._text = self._tidied(self._raw)
        if self.breaches:
            return ""
        if len(self._raw) > LETTERS * most_words(self._allowed.say.text):
            self.breaches = ("long",)
            return ""
        if wrapped(self._text, self._allowed.say.text):
            return ""
        before = self._shown
        self._read_sentences()
        if not self.breaches:
            self._show_words()
        return self._text[before : self._shown]

    def finish(self) -> Verdict:
        text = unwrapped(self._text.strip(), self._allowed.say.text)
        found = self.breaches or breaches_of(text, self._allowed, whole=True, raw=self._raw.strip())
        return Verdict(text, found)

    @staticmethod
    def _tidied(raw: str) -> str:
        """On one line; a longer raw text gives a longer one with the same beginning."""
        text = " ".join(raw.split())
        return f"{text} " if raw[-1:].isspace() and text else text

    # whole sentences ----------------------------------------------------------------------------
    def _read_sentences(self) -> None:
        ends = [match.end() for match in SENTENCE.finditer(self._text, self._passed)]
        if not ends:
            return
        text = self._text[: ends[-1]].rstrip()
        self.breaches = breaches_of(text, self._allowed, whole=False, raw=self._raw.lstrip())
        if self.breaches:
            return
        self._passed = ends[-1]
        self._shown = max(self._shown, ends[-1])
        self._held = self._has_asked(text)

    def _has_asked(self, text: str) -> bool:
        """All that may be asked is asked: what follows is read as a whole."""
        return count_asks(text) >= max(1, count_asks(self._allowed.say.text))

    # words of an unfinished sentence ------------------------------------------------------------
    def _show_words(self) -> None:
        """Only whole words, each with the one after it known."""
        if self._held:
            return
        end = self._text.rfind(" ") + 1
        if end == self._looked:
            return
        self._looked = end
        last = tokens_of(self._text[self._passed : end])
        tokens = (BREAK, *last)
        chunks = self._chunks(end)
        place = 1
        for start, stop in chunks:
            count = len(tokens_of(self._text[start:stop]))
            if start >= self._shown:
                for at in range(place, place + count):
                    may = self._may(tokens, at)
                    if may is None:
                        return
                    if not may:
                        self._held = True
                        return
                self._shown = stop
            place += count

    def _chunks(self, end: int) -> list[tuple[int, int]]:
        """Of the sentence that has begun: from and until where, the blank behind it included."""
        found = []
        start = self._passed
        while start < end:
            stop = self._text.index(" ", start) + 1
            found.append((start, stop))
            start = stop
        return found

    def _may(self, tokens: tuple[str, ...], at: int) -> bool | None:
        """None where the next words decide and have not come yet."""
        token = tokens[at]
        if token == BREAK:
            return True
        if not all(char.isalnum() or char in "'-%$€£" for char in token) or not token.isascii():
            return token in self._allowed.say.tokens
        if self._is_delicate(token):
            if at + AHEAD >= len(tokens):
                return None
            return (tokens[at - 1], token, tokens[at + 1]) in self._allowed.trigrams
        if (tokens[at - 1], token) not in self._allowed.bigrams:
            stems = self._background.stems_of(token)
            if not self._allowed.stems.issuperset(stems):
                return False
            if not (at <= OPENING and token in OPENERS) and not self._is_question(tokens, at):
                return False
        return not self._begins_known_run(tokens, at) and not self._asks_further(tokens, at)

    @staticmethod
    def _is_delicate(token: str) -> bool:
        return (
            is_numeric(token)
            or bool(FOLD.match(token))
            or token in NEGATING
            or token.endswith("n't")
            or token in COMPARING
            or token in PRAISING
            or token in JUDGING
            or token in OPPOSED
        )

    def _is_question(self, tokens: tuple[str, ...], at: int) -> bool:
        """The sentence so far is one that the move may put."""
        if not self._allowed.asks:
            return False
        begun = [token for token in tokens[1 : at + 1] if token != BREAK]
        while begun and begun[0] in OPENERS:
            begun = begun[1:]
        return bool(begun) and (begun[0] in ASKERS or bool(ORDERING.match(" ".join(begun))))

    def _begins_known_run(self, tokens: tuple[str, ...], at: int) -> bool:
        """Four words in a row of something untold, or of what it has said before."""
        words = tuple(token for token in tokens[: at + 1] if token != BREAK)[-(RUN - 1) :]
        if len(words) < RUN - 1:
            return False
        if words in self._allowed.earlier_runs:
            return True
        return words in self._background.openings and not self._allowed.was_said(words)

    def _asks_further(self, tokens: tuple[str, ...], at: int) -> bool:
        """A second question within the sentence: ", and what ..."."""
        if tokens[at] not in ASKERS or at < 4:
            return False
        if tokens[at - 1] not in (BREAK, "and", "or", "but", "then", "also"):
            return False
        return count_asks(self._allowed.say.text) < 2


ASKERS = frozenset(
    "what how why which who whose where when would could should do does did is are was were can will".split()
)


def wrapped(text: str, say: str) -> bool:
    """Whether it begins with a quotation mark that the script has not: the whole reply may stand in marks."""
    return text.startswith(QUOTES) and not say.startswith(QUOTES)


def unwrapped(text: str, say: str) -> str:
    """Without the marks around all of it, which some models set."""
    inner = text[1:-1]
    if wrapped(text, say) and text[-1:] in ('"', "”") and not set(inner) & set('"“”'):
        return inner.strip()
    return text
