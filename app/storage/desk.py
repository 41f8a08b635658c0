"""The curators' desk: what stands of each question, and every way of changing it.

On SQLite the files of a content folder are the truth: a published question is its file, a draft on top of it waits in
the journal, and one that candidates are not given is a file that says so. On PostgreSQL, or without a folder, the
journal is the truth for whatever was edited, and files are what it began with.
"""

import threading
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import cast

from sqlalchemy import select
from sqlmodel import Session, col

from app.bank.bank import SLUG, Kept, next_version, path_of, read_question
from app.bank.card import Outline, Outlined, outline_of
from app.bank.question import Question, Status
from app.bank.rewrite import set_fields
from app.content import ended_like, plain_lines, read_text
from app.errors import Conflict, InvalidContent, InvalidInput, NotFound, Unavailable
from app.settings import data_folder
from app.storage.db import Database, Trouble, is_shared, transaction, writing
from app.storage.files import (
    Noted,
    Place,
    find_places,
    place_of,
    read_once,
    recall,
    remember,
    replace_file,
)
from app.storage.revisions import (
    Action,
    Author,
    Kind,
    Revision,
    Stale,
    append,
    get_revision,
    heads,
    history,
    keep_text,
    last_seq,
    latest,
    readable,
    sha256_of,
    show_answers,
    take_turns,
    text_of,
    texts_of,
)
from app.storage.tables import RevisionRow

QUESTION: Kind = "question"
IN_USE = ("published", "retired")  # statuses of what a file or the journal holds for candidates
BY_FILE = Author("the file")
LONGEST_COMMENT = 2000
FEW = 100  # texts that are read while one waits for them: a few seconds
WHOLE = (
    64  # texts of the journal that stay in memory as they were read, a quarter of a megabyte each
)
AT_ONCE = 1000  # that are read between two times that they are remembered
# action -> the statuses that it may be taken from, and the one that it leads to
NEXT: dict[Action, tuple[tuple[Status, ...], Status]] = {
    "submitted": (("draft",), "review"),
    "returned": (("review",), "draft"),
    "published": (("draft", "review"), "published"),
    "retired": (("published",), "retired"),
    "reopened": (("retired",), "draft"),
}


class BrokenFile(InvalidContent):
    """The file as it was left by other means is no question: it says nothing about a text that was sent."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__([f"the file on disk cannot be read: {problem}" for problem in problems])


class StillReading(Unavailable):
    """There are so many texts to read that whoever asked does not want to wait for them."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__(
            f"The questions are being read: {done:,} of {total:,} so far. That takes minutes once; pages that do not "
            "need all of them open as ever."
        )


@dataclass(slots=True)
class Filing:
    """A transaction, and the files (by slug) that are replaced just before it is committed."""

    db: Session
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """A question as its curators see it. `latest` is the text they go on from, `in_use` what candidates are given,
    `head` the last entry of its journal, which begins with the first change made here."""

    slug: str
    latest: Kept
    in_use: Kept | None
    head: Revision | None

    @property
    def is_ahead(self) -> bool:
        """Something waits that candidates are not given."""
        return self.in_use is not None and self.in_use.sha256 != self.latest.sha256


@dataclass(frozen=True, slots=True)
class Journal:
    """What it says of each question: the latest, the latest in use, and the latest that is in its file as far as it
    knows. `seq` is its last entry of any kind."""

    seq: int = -1
    heads: dict[str, Revision] = field(default_factory=dict)
    given: dict[str, Revision] = field(default_factory=dict)
    filed: dict[str, Revision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """Everything as it was for these files and this journal."""

    places: dict[str, Place]
    journal: Journal
    questions: dict[str, Kept]
    standings: dict[str, Standing]
    problems: list[str]


class Reading(threading.Thread):
    """Texts that are read beside the requests that wait for them."""

    def __init__(self, tasks: Sequence[Callable[[], object]], remember: Callable[[], None]) -> None:
        super().__init__(name="questions", daemon=True)
        self._tasks = tasks
        self._remember = remember
        self.done = 0
        self.total = len(tasks)
        self.is_over = threading.Event()

    def run(self) -> None:
        try:
            with suppress(Trouble):  # whoever needs what is left meets it again
                for task in self._tasks:
                    task()
                    self.done += 1
                    if self.done % AT_ONCE == 0:
                        self._remember()
            if self.total > FEW:  # before anybody goes on, and perhaps ends the process
                self._remember()
        finally:
            self.is_over.set()


class Desk:
    """One for a process. Every method may be called from any thread."""

    def __init__(
        self, engine: Database, content: Path | None, now: Callable[[], datetime], *, files: bool
    ) -> None:
        self._engine = engine
        self._content = content
        self._now = now
        self._folder = content / "question_bank" if files and content is not None else None
        self._lock = threading.Lock()
        self._reading: Reading | None = None
        # what was read: of files by their path, with the problems of one that is no question; of the journal by hash
        self._files: dict[str, tuple[Place, Kept | list[str]]] = {}
        self._texts: dict[str, Kept | None] = {}
        self._read_kept = lru_cache(WHOLE)(self._read_from_journal)
        self._is_recalled = False
        self._journal = Journal()
        self._view: View | None = None

    @property
    def problems(self) -> list[str]:
        """Of files that could not be read when they were last looked at."""
        return self._view.problems if self._view else []

    # reading ----------------------------------------------------------------------------------
    def questions(self, *, patience: float | None = None) -> dict[str, Kept]:
        """What candidates are given: slug -> the published question. Raises StillReading where reading what has changed
        takes more than `patience` seconds; None is for as long as it takes."""
        return self._current(patience).questions

    def everything(self, *, patience: float | None = None) -> dict[str, Standing]:
        """In the order of the slugs, drafts and retired ones too; the same object until something changes. Raises
        StillReading."""
        return self._current(patience).standings

    def standing(self, slug: str) -> Standing:
        """Of one, whatever must still be read of others. Raises NotFound; InvalidContent where the file cannot be read
        as a question."""
        if not SLUG.fullmatch(slug):
            raise NotFound("There is no such question.")
        path = path_of(slug, self._content)
        read = None if path is None else self._read_file(place_of(str(path)))
        file = read if isinstance(read, Kept) else None
        with transaction(self._engine) as db:
            head, given, filed = self._last(db, slug)
        found = self._stands(slug, file, head, given, filed)
        if found is None:
            if isinstance(read, list):
                raise InvalidContent(read)
            raise NotFound("There is no such question.")
        in_use = None if found.in_use is None else _whole(found.in_use)
        return Standing(slug, _whole(found.latest), in_use, head)

    def text(self, standing: Standing) -> str:
        """The YAML that curators go on from, as it was written."""
        text = self._readable(standing.slug)
        if text is not None and sha256_of(text) == standing.latest.sha256:
            return text
        with transaction(self._engine) as db:
            return text_of(db, standing.latest.sha256)

    def history(self, slug: str) -> list[Revision]:
        """The latest first; of one whose file was changed by other means, with that, where it can be read."""
        with self._writing() as filing:
            if latest(filing.db, QUESTION, slug) is not None:
                with suppress(BrokenFile):
                    self._synced(filing.db, slug)
            return history(filing.db, QUESTION, slug)

    def version(self, slug: str, number: int) -> tuple[Revision, str]:
        """An entry of the history and its text. Raises NotFound."""
        with transaction(self._engine) as db:
            revision = get_revision(db, QUESTION, slug, number)
            return revision, text_of(db, revision.sha256)

    def text_by_hash(self, slug: str, sha256: str) -> str | None:
        """A text that somebody began from: what stands, or once stood in the journal. None where neither knows it."""
        text = self._readable(slug)
        if text is not None and sha256_of(text) == sha256:
            return text
        with transaction(self._engine) as db:
            return texts_of(db, [sha256]).get(sha256)

    def in_use_text(self, slug: str) -> str | None:
        """What candidates are given, as it was written."""
        with transaction(self._engine) as db:
            given = latest(db, QUESTION, slug, IN_USE)
            if self._folder is None and given is not None:
                return text_of(db, given.sha256)
        return self._readable(slug)

    # changing ---------------------------------------------------------------------------------
    def create(
        self,
        slug: str,
        text: str,
        *,
        author: Author,
        action: Action = "created",
        comment: str = "",
        as_draft: bool = True,
    ) -> Standing:
        """A new question. Raises Conflict where the slug is taken, InvalidContent with every problem. What is not taken
        in as a draft has been through the linter."""
        text = self._taken(slug, plain_lines(text), as_draft=as_draft)
        with self._writing() as filing:
            is_there = path_of(slug, self._content) is not None
            if is_there or latest(filing.db, QUESTION, slug) is not None:
                raise Conflict(f"There is a question {slug} already; choose another slug.")
            self._append(filing, slug, text, 0, action, author, comment)
            show_answers(filing.db, slug, self._now())
        return self.standing(slug)

    def save(
        self,
        slug: str,
        text: str,
        *,
        base: str,
        author: Author,
        action: Action = "edited",
        comment: str = "",
        as_draft: bool = True,
    ) -> Standing:
        """A new text by somebody who began from the one whose hash is `base`. Raises Stale where another stands now,
        InvalidContent with every problem; then nothing is changed. What is not taken in as a draft has been through the
        linter; in the place of a text in use it gets the next version. Lines end as they did, and a text that says
        nothing new leaves everything as it is, the status too."""
        taken = self._taken(slug, text, as_draft=as_draft)
        with self._writing() as filing:
            head, now = self._synced(filing.db, slug)
            if sha256_of(now) != base:
                raise Stale(head)
            if plain_lines(text) != plain_lines(now):
                if read_question(taken, slug, f"{slug}.yaml").question.status in IN_USE:
                    version = self._next_version(filing.db, slug, taken)
                    taken = set_fields(taken, {"version": version})
                taken = ended_like(taken, now)
                if plain_lines(taken) != plain_lines(now):
                    self._append(filing, slug, taken, head.number, action, author, comment)
        return self.standing(slug)

    def take(
        self, slug: str, action: Action, *, base: str, author: Author, comment: str = ""
    ) -> Standing:
        """A step of the review. Raises Conflict where it does not follow on the present one."""
        before, status = NEXT[action]
        with self._writing() as filing:
            head, now = self._synced(filing.db, slug)
            if sha256_of(now) != base:
                raise Stale(head)
            status_now = read_question(now, slug, f"{slug}.yaml").question.status
            if status_now not in before:
                raise Conflict(
                    f"It is {status_now}, so it cannot be {action} now; look at it again first."
                )
            changes: dict[str, object] = {"status": status}
            if action == "published":
                changes["version"] = self._next_version(filing.db, slug, now)
            self._append(
                filing, slug, set_fields(now, changes), head.number, action, author, comment
            )
        return self.standing(slug)

    def restore(self, slug: str, number: int, *, base: str, author: Author) -> Standing:
        """An older text, as a draft."""
        _, text = self.version(slug, number)
        return self.save(
            slug,
            text,
            base=base,
            author=author,
            action="restored",
            comment=f"As it was in entry {number}.",
        )

    def discard(self, slug: str, *, base: str, author: Author) -> Standing:
        """Back to what candidates are given; the draft stays in the history."""
        with self._writing() as filing:
            head, now = self._synced(filing.db, slug)
            if sha256_of(now) != base:
                raise Stale(head)
            given = self._last_filed(filing.db, slug)
            if given is None or given.status not in IN_USE or given.number == head.number:
                raise Conflict("There is no draft to discard.")
            text = text_of(filing.db, given.sha256)
            self._append(
                filing, slug, text, head.number, "restored", author, "The draft was discarded."
            )
        return self.standing(slug)

    def comment(self, slug: str, comment: str, *, author: Author) -> None:
        """Raises InvalidInput for an empty one."""
        if not readable(comment).strip():
            raise InvalidInput("Write a comment first.")
        with self._writing() as filing:
            head, now = self._synced(filing.db, slug)
            self._append(filing, slug, now, head.number, "commented", author, comment)

    def keep(self, text: str) -> str:
        """For later, under its hash: what was shown in the plan of an import is what will be imported."""
        with writing(self._engine) as db:
            return keep_text(db, text)

    def kept(self, sha256: str) -> str:
        """Raises NotFound."""
        with transaction(self._engine) as db:
            return text_of(db, sha256)

    def show_answers(self, slug: str) -> None:
        with writing(self._engine) as db:
            show_answers(db, slug, self._now())

    # inside -----------------------------------------------------------------------------------
    def _current(self, patience: float | None) -> View:
        """What was put together last, or another where a file or the journal has changed."""
        places, journal = find_places(self._content), self._look_at_journal()
        view = self._view
        if view is not None and view.places == places and view.journal is journal:
            return view
        self._recall()
        unread = [place for place in places.values() if self._read_of(place) is None]
        self._read([partial(self._read_file, place) for place in unread], patience)
        files: dict[str, Kept] = {}
        problems: list[str] = []
        for slug, place in places.items():
            read = self._read_file(place)
            if isinstance(read, Kept):
                files[slug] = read
            else:
                problems += read
        needed = {revision.sha256: revision for revision in self._needed(files, journal)}
        missing = [revision for sha256, revision in needed.items() if sha256 not in self._texts]
        self._read([partial(self._read_text, revision) for revision in missing], patience)
        standings: dict[str, Standing] = {}
        questions: dict[str, Kept] = {}
        for slug in sorted(files.keys() | journal.heads.keys()):
            file, head = files.get(slug), journal.heads.get(slug)
            given, filed = journal.given.get(slug), journal.filed.get(slug)
            standing = self._stands(slug, file, head, given, filed)
            if standing is not None:
                standings[slug] = standing
            kept = self._in_use(file, given)
            if kept is not None and kept.question.status == "published":
                questions[slug] = kept
        self._forget({place.path for place in places.values()}, needed.keys())
        self._view = view = View(places, journal, questions, standings, problems)
        return view

    def _look_at_journal(self) -> Journal:
        """As it is now; what was known of it, where nothing was added."""
        known = self._journal
        with transaction(self._engine) as db:
            seq = last_seq(db)
            if seq == known.seq:
                return known
            since = select(col(RevisionRow.id)).where(
                col(RevisionRow.kind) == QUESTION, col(RevisionRow.seq) > known.seq
            )
            changed = set(db.scalars(since.limit(FEW + 1)))
            if known.seq in range(seq) and len(changed) <= FEW:
                kept = Journal(seq, dict(known.heads), dict(known.given), dict(known.filed))
                for slug in changed:
                    found = zip(
                        (kept.heads, kept.given, kept.filed), self._last(db, slug), strict=True
                    )
                    for by_slug, revision in found:
                        if revision is not None:
                            by_slug[slug] = revision
            else:
                newest = heads(db, QUESTION)
                filed = heads(db, QUESTION, IN_USE, or_found=True)
                kept = Journal(
                    seq,
                    newest,
                    heads(db, QUESTION, IN_USE),
                    {slug: _in_file(filed.get(slug), head) for slug, head in newest.items()},
                )
        self._journal = kept
        return kept

    def _last(
        self, db: Session, slug: str
    ) -> tuple[Revision | None, Revision | None, Revision | None]:
        """What a Journal holds of one question."""
        head = latest(db, QUESTION, slug)
        if head is None:
            return None, None, None
        filed = _in_file(self._last_filed(db, slug), head)
        return head, latest(db, QUESTION, slug, IN_USE), filed

    def _needed(self, files: dict[str, Kept], journal: Journal) -> Iterator[Revision]:
        """Texts that stand in the journal alone."""
        if self._folder is None:
            yield from journal.given.values()
        for slug, head in journal.heads.items():
            if not self._is_of_file(files.get(slug), head, journal.filed.get(slug)):
                yield head

    def _stands(
        self,
        slug: str,
        file: Kept | None,
        head: Revision | None,
        given: Revision | None,
        filed: Revision | None,
    ) -> Standing | None:
        """None where there is nothing to read. `file` is what its file holds; the others are of a Journal. What is in
        use stands in for a head that an older schema let pass."""
        in_use = self._in_use(file, given)
        is_of_file = head is None or self._is_of_file(in_use, head, filed)
        kept = in_use if is_of_file or head is None else self._read_text(head) or in_use
        if kept is None:
            return None
        shown = in_use if in_use is not None and in_use.question.status in IN_USE else None
        return Standing(slug, kept, shown, head)

    def _in_use(self, file: Kept | None, given: Revision | None) -> Kept | None:
        """In the files' mode the file; else it with the journal's latest published over it."""
        if self._folder is not None or given is None:
            return file
        return self._read_text(given) or file

    def _is_of_file(self, file: Kept | None, head: Revision, filed: Revision | None) -> bool:
        """Nothing waits in the journal on top of what is in use."""
        if file is None or filed is None or self._folder is None:
            return False
        return file.sha256 != filed.sha256 or head.sha256 == filed.sha256

    # what was read ----------------------------------------------------------------------------
    def _read(self, tasks: Sequence[Callable[[], object]], patience: float | None) -> None:
        """One thread reads, whoever waits for it; what was changed meanwhile is left. Raises StillReading."""
        if not tasks:
            return
        with self._lock:
            if self._reading is None or self._reading.is_over.is_set():
                self._reading = Reading(tasks, self._remember)
                self._reading.start()
            reading = self._reading
        if not reading.is_over.wait(None if reading.total <= FEW else patience):
            raise StillReading(reading.done, reading.total)

    def _read_of(self, place: Place) -> Kept | list[str] | None:
        """None where it has not been read as it is now."""
        known, read = self._files.get(place.path, (None, None))
        return read if known == place else None

    def _read_file(self, place: Place) -> Kept | list[str]:
        """The question, or the problems that there are with it."""
        read = self._read_of(place)
        if read is None:
            try:
                read = self._outlined(read_once(place)[1], place)
            except InvalidContent as error:
                read = error.problems
            self._files[place.path] = place, read
        return read

    def _read_text(self, revision: Revision) -> Kept | None:
        """None for one that an older schema let pass."""
        sha256, slug = revision.sha256, revision.id
        with suppress(KeyError):
            return self._texts[sha256]
        with transaction(self._engine) as db:
            text = texts_of(db, [sha256]).get(sha256, "")
        kept = None
        with suppress(InvalidContent):
            read = read_question(text, slug, f"{slug}.yaml")
            kept = self._outlined(outline_of(read.question, sha256), None)
        self._texts[sha256] = kept
        return kept

    def _outlined(self, outline: Outline, place: Place | None) -> Kept:
        question = Outlined(outline, partial(self._read_again, outline, place))
        return Kept(cast(Question, question), outline.card.sha256)

    def _read_again(self, outline: Outline, place: Place | None) -> Question:
        """The whole of what was outlined. Raises Conflict where it is nowhere any more."""
        slug, sha256 = outline.card.slug, outline.card.sha256
        if place is not None:
            with suppress(InvalidContent):
                kept = read_once(place)[0]
                if kept.sha256 == sha256:
                    return kept.question
        return self._read_kept(slug, sha256)

    def _read_from_journal(self, slug: str, sha256: str) -> Question:
        """Raises Conflict where it does not know the text."""
        with transaction(self._engine) as db:
            text = texts_of(db, [sha256]).get(sha256)
        if text is None:
            raise Conflict(f"The file of {slug} was changed just now; load the page again.")
        return read_question(text, slug, f"{slug}.yaml").question

    def _recall(self) -> None:
        """What was read before the last start, of files that are as they were."""
        with self._lock:
            if self._is_recalled:
                return
            for noted in recall(self._memory()):
                kept = self._outlined(noted.outline, noted.place)
                if noted.place is None:
                    self._texts.setdefault(kept.sha256, kept)
                else:
                    self._files.setdefault(noted.place.path, (noted.place, kept))
            self._is_recalled = True

    def _forget(self, paths: Set[str], hashes: Set[str]) -> None:
        """All but these."""
        for path in self._files.keys() - paths:
            self._files.pop(path, None)
        for sha256 in self._texts.keys() - hashes:
            self._texts.pop(sha256, None)

    def _remember(self) -> None:
        read = [*list(self._files.values()), *((None, one) for one in list(self._texts.values()))]
        noted = (
            Noted(place, outline_of(kept.question, kept.sha256))
            for place, kept in read
            if isinstance(kept, Kept)
        )
        remember(self._memory(), noted)

    def _memory(self) -> Path:
        """Beside the database, or where one of its own would be."""
        file = None if is_shared(self._engine) else self._engine.url.database
        return Path(f"{file}.outlines") if file else data_folder() / "sevenstep.outlines"

    @contextmanager
    def _writing(self) -> Iterator[Filing]:
        """Journal and files change together: a file that cannot be written leaves the journal as it was, and one that
        was written where the commit failed is found by the next look at it."""
        with writing(self._engine) as db:
            take_turns(db)
            filing = Filing(db)
            yield filing
            db.flush()
            if self._folder is not None:
                for slug, text in filing.files.items():
                    replace_file(self._folder / f"{slug}.yaml", text)

    def _synced(self, db: Session, slug: str) -> tuple[Revision, str]:
        """The journal's latest and the text to go on from, after a change of the file that was made by other means has
        been entered. Raises NotFound, BrokenFile."""
        head = latest(db, QUESTION, slug)
        file = None if head is not None and self._folder is None else self._file(slug)
        if file is None:
            if head is None:
                raise NotFound("There is no such question.")
            return head, self._text_of(db, head)
        if head is not None:
            filed = _in_file(self._last_filed(db, slug), head)
            if filed.sha256 == sha256_of(file):
                return head, file if head.sha256 == filed.sha256 else self._text_of(db, head)
        try:
            question = read_question(file, slug, f"{slug}.yaml").question
        except InvalidContent as error:
            raise BrokenFile(error.problems) from None
        found = append(
            db,
            QUESTION,
            slug,
            file,
            base=0 if head is None else head.number,
            version=question.version,
            status=question.status,
            action="found",
            author=BY_FILE,
            now=self._now(),
        )
        return found, file

    def _text_of(self, db: Session, head: Revision) -> str:
        """Its own, or that of what is in use, as `_stands` has it."""
        text = text_of(db, head.sha256)
        if self._texts.get(head.sha256) is not None or _is_question(text, head.id):
            return text
        given = None if self._folder is not None else latest(db, QUESTION, head.id, IN_USE)
        given_text = None if given is None else text_of(db, given.sha256)
        for other in (given_text, self._readable(head.id)):
            if other is not None and _is_question(other, head.id):
                return other
        return text

    def _append(
        self,
        filing: Filing,
        slug: str,
        text: str,
        base: int,
        action: Action,
        author: Author,
        comment: str,
    ) -> None:
        question = read_question(text, slug, f"{slug}.yaml").question
        filed = self._last_filed(filing.db, slug)
        append(
            filing.db,
            QUESTION,
            slug,
            text,
            base=base,
            version=question.version,
            status=question.status,
            action=action,
            author=author,
            now=self._now(),
            comment=comment.strip()[:LONGEST_COMMENT],
        )
        is_filed = question.status in IN_USE or filed is None or filed.status not in IN_USE
        # a copy of a built-in file would hide what later releases make of it
        if is_filed and text != self._readable(slug):
            filing.files[slug] = text

    def _last_filed(self, db: Session, slug: str) -> Revision | None:
        """The latest that was in use or found in the file; what follows a draft in the file goes into the file too."""
        return latest(db, QUESTION, slug, IN_USE, or_found=True)

    def _next_version(self, db: Session, slug: str, text: str) -> int:
        version = read_question(text, slug, f"{slug}.yaml").question.version
        given = latest(db, QUESTION, slug, IN_USE)
        if given is None:
            return version
        return next_version(text, version, text_of(db, given.sha256), given.version)

    def _taken(self, slug: str, text: str, *, as_draft: bool) -> str:
        """Raises InvalidContent."""
        text = plain_lines(text)
        status = read_question(text, slug, f"{slug}.yaml").question.status
        if status == "draft" or not as_draft:
            return text
        return set_fields(text, {"status": "draft"})

    def _file(self, slug: str) -> str | None:
        """Raises BrokenFile."""
        path = path_of(slug, self._content)
        try:
            return None if path is None else read_text(path)
        except InvalidContent as error:
            raise BrokenFile(error.problems) from None

    def _readable(self, slug: str) -> str | None:
        try:
            return self._file(slug)
        except BrokenFile:
            return None


def _is_question(text: str, slug: str) -> bool:
    with suppress(InvalidContent):
        read_question(text, slug, f"{slug}.yaml")
        return True
    return False


def _in_file(filed: Revision | None, head: Revision) -> Revision:
    """`filed` is the latest that was in use or found; drafts on top of a draft in the file are written to it."""
    return filed if filed is not None and filed.status in IN_USE else head


def _whole(kept: Kept) -> Kept:
    """With the question itself."""
    question = kept.question
    return Kept(question.whole(), kept.sha256) if isinstance(question, Outlined) else kept
