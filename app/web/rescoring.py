"""What a new version of a question or a rubric would change in what was scored: shown before it is published.

Nothing is stored. Marks depend on the rubric and on the question's prompt; facts and expectations move what an
interviewer tells and hears, so of a new question that is compared as well.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.bank.asking import load_asking
from app.bank.question import Question
from app.bank.sheet import FactSheet
from app.interview.ear import Ear
from app.interview.persona import load_small_talk
from app.live.hearing import Expectations
from app.rubric.load import Rubric
from app.scoring.knowledge import Knowledge
from app.scoring.report import Report
from app.scoring.rescore import Change, compare
from app.scoring.scorer import score_transcript
from app.storage.db import transaction
from app.storage.scored import Said, Words, find_said, question_as_it_was, words_of
from app.transcripts.transcript import Speaker, Transcript
from app.web.deps import Home

MOST = 200  # that are looked at, the newest
WITHIN = 25.0  # seconds; a session takes a tenth of one
PAUSE = 0.002  # seconds between two, in which others have their turn
ONE_AT_A_TIME, BUILDING = threading.Lock(), threading.Lock()
FEW = 2  # drafts that stay ready
RECENT: dict[str, Knowledge] = {}


@dataclass(frozen=True, slots=True)
class Heard:
    """What an interviewer would have made of the same words: facts that would (no longer) have been told, and criteria
    whose expected answer would (no longer) have been heard."""

    told: tuple[str, ...] = ()
    not_told: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    not_expected: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.told + self.not_told + self.expected + self.not_expected)


@dataclass(frozen=True, slots=True)
class Moved:
    """A session or transcript of which something would be another. Of a live interview, which is its people's alone,
    there is no name, date, address or word here, and its marks are shown by how much they move alone."""

    change: Change
    heard: Heard
    is_private: bool
    name: str = ""
    at: datetime | None = None
    address: str = ""

    @property
    def moved(self) -> tuple[float, int]:
        return self.change.moved, self.heard.count


@dataclass(frozen=True, slots=True)
class Rescored:
    """`looked_at` of `total` were compared; `in_time` is false where time was up before all of the newest were.
    `titles` are those of the criteria, `facts` what the question's facts are about."""

    total: int
    looked_at: int
    in_time: bool
    moved: tuple[Moved, ...]
    titles: dict[str, str]
    facts: dict[str, str]

    @property
    def up(self) -> int:
        return sum(one.change.by > 0 for one in self.moved)

    @property
    def down(self) -> int:
        return sum(one.change.by < 0 for one in self.moved)

    @property
    def won(self) -> list[tuple[str, int]]:
        """criterion -> in how many it would be met deeper, the most first."""
        return self._count(won=True)

    @property
    def lost(self) -> list[tuple[str, int]]:
        return self._count(won=False)

    def _count(self, *, won: bool) -> list[tuple[str, int]]:
        counts = Counter(
            criterion.id
            for one in self.moved
            for criterion in one.change.criteria
            if criterion.is_won == won
        )
        return [(self.titles.get(id, id), count) for id, count in counts.most_common()]


def rescore(
    home: Home,
    *,
    question: Question | None,
    rubric: Rubric | None,
    slug: str | None,
    most: int = MOST,
    within: float = WITHIN,
) -> Rescored:
    """With a new question, rubric, or both; of one question's sessions, or of all. Takes as long as `within`: not for
    the event loop. Raises InvalidContent where a form of the new version cannot be read."""
    with ONE_AT_A_TIME:
        standing = home.standards.knowledge()
        new = standing if rubric is None else knowledge_of(rubric)
        ears = Ears(home.standards.content, standing, new)
        with transaction(home.engine) as db:
            said, total = find_said(db, slug, most)
        moved: list[Moved] = []
        looked_at = 0
        until = time.monotonic() + within
        for one in said:
            if time.monotonic() > until:
                break
            with transaction(home.engine) as db:
                words = words_of(db, one)
                sha256 = one.question_sha256
                was = question_as_it_was(db, sha256) if sha256 and not ears.knows(sha256) else None
            if words is None:
                total -= 1
                continue
            looked_at += 1
            change = _change(words, ears.prompt(one, was), question, standing, new)
            heard = ears.compare(one, words.transcript, question)
            if not change.is_none or heard.count:
                moved.append(_shown(one, words, change, heard))
            time.sleep(PAUSE)
    rubrics = (standing.rubric, new.rubric)
    return Rescored(
        total=total,
        looked_at=looked_at,
        in_time=looked_at >= min(total, most),
        moved=tuple(sorted(moved, key=lambda one: one.moved, reverse=True)),
        titles={id: c.title for r in rubrics for id, (_, c) in r.criteria.items()},
        facts=ears.facts | ({f.id: f.about for f in question.facts} if question else {}),
    )


def knowledge_of(rubric: Rubric) -> Knowledge:
    """Building takes a second or two, and the same draft is tried several times before it is published."""
    with BUILDING:
        known = RECENT.pop(rubric.sha256, None) or Knowledge(rubric)
        RECENT[rubric.sha256] = known
        while len(RECENT) > FEW:
            del RECENT[next(iter(RECENT))]
        return known


def _change(
    words: Words, prompt: str | None, question: Question | None, standing: Knowledge, new: Knowledge
) -> Change:
    """Beside the report that was given, where the rubric that stands gave it; else beside what that rubric gives."""
    before = words.report
    if before is None or before.rubric.sha256 != standing.rubric.sha256:
        before = score_transcript(words.transcript, standing, question_text=prompt)
    later = prompt if question is None or prompt is None else question.prompt
    if new is standing and later == prompt:
        return compare(before, before)
    return compare(before, _score(words.transcript, new, later))


def _score(transcript: Transcript, knowledge: Knowledge, prompt: str | None) -> Report:
    return score_transcript(transcript, knowledge, question_text=prompt)


def _shown(said: Said, words: Words, change: Change, heard: Heard) -> Moved:
    if said.is_live:
        criteria = tuple(replace(one, evidence=()) for one in change.criteria)
        return Moved(replace(change, criteria=criteria), heard, is_private=True)
    address = f"/reports/{said.report}" if said.report else f"/sessions/{said.session}"
    return Moved(change, heard, False, words.name, said.at, address)


class Ears:
    """What an interviewer makes of a candidate's words, by the version of the question; each is built once."""

    def __init__(self, content: Path | None, standing: Knowledge, new: Knowledge) -> None:
        self._content = content
        self._standing, self._new = standing, new
        self._asking = load_asking(content)
        self._small_talk = load_small_talk(content).kinds()
        self._was: dict[str, Question | None] = {}
        self._built: dict[str, tuple[Ear, Expectations]] = {}

    @property
    def facts(self) -> dict[str, str]:
        known = [question for question in self._was.values() if question is not None]
        return {fact.id: fact.about for question in known for fact in question.facts}

    def knows(self, sha256: str) -> bool:
        return sha256 in self._was

    def prompt(self, said: Said, was: Question | None) -> str | None:
        """As the session had it; None for a transcript that was no session."""
        if said.question_sha256 is None:
            return None
        known = self._was.setdefault(said.question_sha256, was)
        return None if known is None else known.prompt

    def compare(self, said: Said, transcript: Transcript, question: Question | None) -> Heard:
        was = self._was.get(said.question_sha256 or "")
        if question is None or was is None or said.question_sha256 is None or was == question:
            return Heard()
        parts = self._apart(was, question)
        told, expected = self._hear(said.question_sha256, was, self._standing, transcript, parts)
        then_told, then_expected = self._hear("", question, self._new, transcript, parts)
        return Heard(
            told=tuple(sorted(then_told - told)),
            not_told=tuple(sorted(told - then_told)),
            expected=tuple(sorted(then_expected - expected)),
            not_expected=tuple(sorted(expected - then_expected)),
        )

    def _apart(self, was: Question, new: Question) -> tuple[bool, bool]:
        """Whether what is told, and what is expected, may differ; hearing what cannot takes as long for nothing."""
        all_ = self._new is not self._standing or was.words != new.words
        told = all_ or (was.facts, was.prompt) != (new.facts, new.prompt)
        return told, all_ or was.expects != new.expects

    def _hear(
        self,
        key: str,
        question: Question,
        knowledge: Knowledge,
        transcript: Transcript,
        parts: tuple[bool, bool],
    ) -> tuple[set[str], set[str]]:
        """Facts that the candidate asked for, and criteria whose expected answer was found; of the parts that are
        wanted."""
        told: set[str] = set()
        expected: set[str] = set()
        if not any(parts):
            return told, expected
        if key not in self._built:
            sheet = FactSheet(question, knowledge.rubric.lexicon, self._asking)
            self._built[key] = (Ear(sheet, self._small_talk), Expectations(sheet, knowledge))
        ear, expectations = self._built[key]
        for text in _said(transcript):
            if parts[0]:
                told.update(asked.fact.id for asked in ear.understand(text).asked if asked.fact)
            if parts[1]:
                words = ear.sheet.reader.read(text)
                expected.update(hit.owner for hit in expectations.find(words))
        return told, expected


def _said(transcript: Transcript) -> Iterator[str]:
    return (turn.text for turn in transcript.turns if turn.speaker is Speaker.CANDIDATE)
