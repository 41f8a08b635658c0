"""Read a transcript turn by turn: clauses, what each is about, which criteria it bears on and how deeply.

`Listener.hear` takes one turn and keeps only what later turns need (what was told, what was said before),
so a live room pays for the turn and not for the transcript.
"""

from collections import defaultdict
from collections.abc import Iterable

from app.concepts.clauses import Clause, ClauseCutter
from app.concepts.forms import Form, Phrase
from app.concepts.hits import Hit
from app.concepts.words import Words
from app.scoring.echo import Echo
from app.scoring.gates import REPEATED, grams, listed
from app.scoring.heard import Finding, FlagSign, Heard, HeardClause, Span
from app.scoring.knowledge import Knowledge, Owner
from app.scoring.quotes import quote_bounds
from app.scoring.stepwords import TOPICS
from app.scoring.sums import Sums
from app.scoring.topics import follow, hear_question
from app.scoring.view import REACH, TurnView
from app.transcripts.transcript import Speaker, Turn

LEAST_THOUGHT = 12
PARROTED = 0.25  # share of a turn; real guests stay under it in 99.9 % of their turns
LEAST_PARROTED = 20
ORDER_REACH = 2  # clauses
MENTIONED = 1
NEARLY = 1.0  # log-odds: the clause is as good as about the criterion's step
SPOKEN_OF = 2.0  # the clause is about another step, yet says something of this one
CRITERION_VOTE = 1.2
ATTRIBUTED_REACH = 8
WITHDRAWN_REACH = 20


class Listener:
    """Hears the turns of one interview in order."""

    def __init__(self, knowledge: Knowledge, question: str | None = None) -> None:
        self._knowledge = knowledge
        self._cutter = ClauseCutter(knowledge.reader)
        self._sums = Sums(knowledge.reader)
        self._echo = Echo(knowledge.reader.read(question) if question else None)
        self._said: set[tuple[str, ...]] = set()
        self._raised: dict[str, str] = {}
        self._context: list[float] = [0.0] * len(TOPICS)
        self.heard = Heard()

    def hear(self, number: int, turn: Turn) -> None:
        words = self._knowledge.reader.read(turn.text)
        if not len(words):
            return
        if turn.speaker is Speaker.CANDIDATE:
            self._hear_candidate(number, words)
        else:
            self._hear_other(number, words)

    def _hear_other(self, number: int, words: Words) -> None:
        self._echo.hear(words)
        self._sums.hear_budget(words)
        for hit in self._knowledge.index.find(words):
            if hit.owner.role == "form" and hit.owner.id not in self._raised:
                self._raised[hit.owner.id] = "interviewer"
                self.heard.raised[hit.owner.id] = number
        stems = [words.stems[i] for i in words.content if words.numbers[i] is None]
        self._context = hear_question(self._context, self._step_scores(stems))

    def _step_scores(self, content: list[str]) -> list[float]:
        pairs = [f"{a} {b}" for a, b in zip(content, content[1:], strict=False)]
        return self._knowledge.step_words.of([*content, *pairs])

    def _hear_candidate(self, number: int, words: Words) -> None:
        heard = self.heard
        knowledge = self._knowledge
        markers = knowledge.markers.find(words)
        hits = knowledge.index.find(words)
        clauses = self._cutter.cut(words)
        view = TurnView(knowledge, words, markers, clauses)
        strange, pairs = knowledge.order.strange(words)
        heard.strange_pairs += strange
        heard.function_pairs += pairs
        view.listed = covered(listed(words), len(words))
        view.echoed = self._echo.covers(words)
        if any(view.listed):
            heard.listed_turns.append(number)
        if sum(view.echoed) >= PARROTED * len(words) and len(words) >= LEAST_PARROTED:
            heard.echoing_turns.append(number)
        first_clause = len(heard.clauses)
        for clause in clauses:
            heard.clauses.append(self._clause(number, words, clause, view))
        _spread_orders(heard.clauses[first_clause:])
        self._name_steps(first_clause, hits, view)
        self._find(number, words, hits, view, first_clause)
        for fault in self._sums.check(words):
            span = Span(number, words.starts[fault.first], words.ends[fault.last])
            heard.flags.append(FlagSign(fault.id, span))
        if any(clause.repeated for clause in heard.clauses[first_clause:]):
            heard.repeated_turns.append(number)
        if any(clause.ordered for clause in heard.clauses[first_clause:]):
            heard.ordered_turns.append(number)

    def _clause(self, number: int, words: Words, clause: Clause, view: TurnView) -> HeardClause:
        content = [words.stems[i] for i in view.content_between(clause.first, clause.last)]
        said = grams(words, clause.first, clause.last)
        seen = sum(gram in self._said for gram in said)
        self._said.update(said)
        found = HeardClause(
            turn=number,
            start=words.starts[clause.first],
            end=words.ends[clause.last],
            words=clause.last - clause.first + 1,
            content=len(content),
            scores=self._step_scores([s for s in content if not s[0].isdigit()]),
        )
        known = self._knowledge.known
        found.specific = sum(s not in known and not s[0].isdigit() for s in content)
        found.repeated = bool(said) and seen >= REPEATED * len(said)
        found.reasons = view.has(("reason", "condition", "purpose"), clause)
        found.contrast = view.has(("contrast",), clause)
        found.how = view.has(("how",), clause)
        found.numbers = view.amount(clause.first, clause.last)
        found.asked = view.is_question(clause)
        found.listed = view.share(view.listed, clause) > 0.5
        found.echoed = view.share(view.echoed, clause) > 0.5
        found.ordered = view.has(("injection",), clause)
        return found

    # which step ------------------------------------------------------------------------------
    def _name_steps(self, first: int, hits: list[Hit[Owner]], view: TurnView) -> None:
        """Content first, then what the neighbours are about, then what was asked before."""
        clauses = self.heard.clauses[first:]
        step_of = self._knowledge.step_of
        for hit in hits:
            if hit.owner.role == "form":
                own = clauses[view.clause_of(hit.first)].scores
                own[TOPICS.index(step_of[hit.owner.id])] += CRITERION_VOTE
        path, self._context = follow(self._context, [clause.scores for clause in clauses])
        for clause, step in zip(clauses, path, strict=True):
            clause.step = step

    # which criteria --------------------------------------------------------------------------
    def _find(
        self, number: int, words: Words, hits: list[Hit[Owner]], view: TurnView, first: int
    ) -> None:
        cancelled: dict[str, list[tuple[int, int]]] = {}
        turned: dict[str, list[int]] = {}
        excused: dict[str, list[int]] = {}
        for hit in hits:
            owner = hit.owner
            if owner.role == "lookalike":
                cancelled.setdefault(owner.id, []).append((hit.first, hit.last))
            elif owner.role == "excuse":
                excused.setdefault(owner.id, []).append(hit.first)
            elif owner.role == "opposite" and not view.is_negated(hit):
                turned.setdefault(owner.id, []).append(view.clause_of(hit.first))
        heard = self.heard
        support: dict[tuple[str, int], set[str]] = defaultdict(set)
        for hit in hits:
            if hit.owner.role == "form":
                support[hit.owner.id, first + view.clause_of(hit.first)].add(hit.form.text)
        for hit in hits:
            role, id = hit.owner.role, hit.owner.id
            clause_number = first + view.clause_of(hit.first)
            clause = heard.clauses[clause_number]
            if clause.repeated or clause.ordered:
                continue
            if role == "sign":
                if not (
                    view.is_negated(hit)
                    or view.is_asked(hit)
                    or any(abs(place - hit.first) <= REACH for place in excused.get(id, ()))
                ):
                    heard.flags.append(FlagSign(id, self._span(number, words, hit, view)))
                continue
            if role == "opposite":
                if not view.is_negated(hit):
                    continue
            elif role != "form":
                continue
            elif (
                (view.is_negated(hit) and not hit.form.has_negator)
                or _overlaps(hit, cancelled.get(id, ()))
                or view.clause_of(hit.first) in turned.get(id, ())
            ):
                continue
            if id not in self._knowledge.asking and view.is_asked(hit):
                continue
            if all(view.echoed[place] for place in hit.places):
                continue
            depth = self._depth(hit, id, view)
            prompted = self._raised.get(id) == "interviewer"
            if prompted and depth < 2:
                continue
            if any(view.listed[place] for place in hit.places) or view.near(
                "attributed", hit, ATTRIBUTED_REACH
            ):
                depth = min(depth, 1)
            if view.near_after("withdrawn", hit, WITHDRAWN_REACH):
                depth = max(depth - 1, 0)
            own, best = (
                clause.scores[TOPICS.index(t)] for t in (self._knowledge.step_of[id], clause.step)
            )
            fits = own >= best - NEARLY
            if not fits:
                depth = min(depth, MENTIONED) if own >= SPOKEN_OF else 0
            if depth > 2 and len(support[id, clause_number]) == 1 and loose(hit.form):
                depth = 2
            if not depth:
                continue
            heard.findings.append(
                Finding(
                    id,
                    depth,
                    self._span(number, words, hit, view),
                    clause_number,
                    prompted,
                    fits,
                    len(support[id, clause_number]),
                )
            )
        for finding in heard.findings:
            self._raised.setdefault(finding.criterion, "candidate")

    def _depth(self, hit: Hit[Owner], criterion: str, view: TurnView) -> int:
        low, high = view.thought(hit)
        if high - low + 1 < LEAST_THOUGHT:
            return 1
        if not self._explains(hit, criterion, view, low, high):
            return 1
        if not view.justifies(hit, low, high):
            return 2
        return 4 if view.grounds(low, high) else 3

    def _explains(
        self, hit: Hit[Owner], criterion: str, view: TurnView, low: int, high: int
    ) -> bool:
        words = view.words
        own = {words.stems[place] for place in hit.places}
        around = set(words.stems[low : high + 1]) - own
        if any(phrase <= around for phrase in self._knowledge.how[criterion]):
            return True
        return view.count(("how", "example"), low, high, hit.places) >= 1

    @staticmethod
    def _span(number: int, words: Words, hit: Hit[Owner], view: TurnView) -> Span:
        low, high = view.clause_bounds(hit)
        clause = (words.starts[low], words.ends[high])
        start, end = quote_bounds(words.text, words.starts[hit.first], words.ends[hit.last], clause)
        return Span(number, start, end)


def _spread_orders(clauses: list[HeardClause]) -> None:
    """An order to the scorer seldom comes in one clause: its neighbours belong to it."""
    given = [place for place, clause in enumerate(clauses) if clause.ordered]
    for place in given:
        for clause in clauses[max(0, place - ORDER_REACH) : place + ORDER_REACH + 1]:
            clause.ordered = True


def covered(stretches: list[tuple[int, int]], size: int) -> list[bool]:
    row = [False] * size
    for first, last in stretches:
        row[first : last + 1] = [True] * (last + 1 - first)
    return row


def _overlaps(hit: Hit[Owner], stretches: Iterable[tuple[int, int]]) -> bool:
    return any(first <= hit.last and hit.first <= last for first, last in stretches)


def loose(form: Form | Phrase) -> bool:
    """Two slots, each with many alternatives: alone it may be a chance likeness."""
    return isinstance(form, Form) and len(form.slots) == 2 and min(map(len, form.slots)) > 1
