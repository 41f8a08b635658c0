"""The curators' desk: what stands of each question, and every way of changing it.

On SQLite the files of a content folder are the truth: a published question is its file, a draft on top of it waits in
the journal, and one that candidates are not given is a file that says so. On PostgreSQL, or without a folder, the
journal is the truth for whatever was edited, and files are what it began with.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from app.bank.bank import Kept, Shelf, next_version, path_of, read_question
from app.bank.question import Status
from app.bank.rewrite import set_fields
from app.content import ended_like, plain_lines, read_text
from app.errors import Conflict, InvalidContent, InvalidInput, NotFound
from app.storage.db import Database, transaction, writing
from app.storage.files import replace_file
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

QUESTION: Kind = "question"
IN_USE = ("published", "retired")  # statuses of what a file or the journal holds for candidates
BY_FILE = Author("the file")
LONGEST_COMMENT = 2000
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


class Desk:
    """One for a process. Every method may be called from any thread."""

    def __init__(
        self, engine: Database, content: Path | None, now: Callable[[], datetime], *, files: bool
    ) -> None:
        self._engine = engine
        self._content = content
        self._now = now
        self._folder = content / "question_bank" if files and content is not None else None
        self._shelf = Shelf(content)
        self._lock = threading.Lock()
        self._parsed: dict[str, Kept | None] = {}  # of the journal, by hash
        self._known_seq = -1
        self._heads: dict[str, Revision] = {}
        self._given: dict[str, Revision] = {}
        self._filed: dict[str, Revision] = {}  # what is in its file, as far as the journal knows

    @property
    def problems(self) -> list[str]:
        """Of files that could not be read when they were last looked at."""
        return self._shelf.problems

    # reading ----------------------------------------------------------------------------------
    def questions(self) -> dict[str, Kept]:
        """What candidates are given: slug -> the published question."""
        with self._lock:
            all_ = self._in_use()
        return {s: kept for s, kept in all_.items() if kept.question.status == "published"}

    def everything(self) -> dict[str, Standing]:
        """In the order of the slugs, drafts and retired ones too."""
        with self._lock:
            in_use = self._in_use()
            found: dict[str, Standing] = {}
            for slug in sorted(in_use.keys() | self._heads.keys()):
                head, given = self._heads.get(slug), in_use.get(slug)
                kept = given if self._is_of_file(slug, given) else self._kept(head)
                if kept is not None:
                    shown = given if given and given.question.status in IN_USE else None
                    found[slug] = Standing(slug, kept, shown, head)
            return found

    def standing(self, slug: str) -> Standing:
        """Raises NotFound; InvalidContent where the file cannot be read as a question."""
        found = self.everything().get(slug)
        if found is None:
            path = path_of(slug, self._content)
            if path is not None:
                read_question(read_text(path), slug, path.name)
            raise NotFound("There is no such question.")
        return found

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
            if head.status not in before:
                raise Conflict(
                    f"It is {head.status}, so it cannot be {action} now; look at it again first."
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
    def _in_use(self) -> dict[str, Kept]:
        """Under the lock. In the files' mode the files; else they with the journal's latest published over them."""
        files = self._shelf.all()
        with transaction(self._engine) as db:
            seq = last_seq(db)
            if seq != self._known_seq:
                self._heads = heads(db, QUESTION)
                self._given = heads(db, QUESTION, IN_USE)
                filed = heads(db, QUESTION, IN_USE, or_found=True)
                self._filed = {
                    slug: _in_file(filed.get(slug), head) for slug, head in self._heads.items()
                }
                of = (*self._heads.values(), *self._given.values())
                wanted = {revision.sha256: revision.id for revision in of}
                missing = wanted.keys() - self._parsed.keys()
                for sha256, text in texts_of(db, missing).items():
                    self._parsed[sha256] = _read(text, wanted[sha256])
                self._known_seq = seq
        if self._folder is not None:
            return files
        edited = {slug: self._kept(revision) for slug, revision in self._given.items()}
        return files | {slug: kept for slug, kept in edited.items() if kept is not None}

    def _kept(self, revision: Revision | None) -> Kept | None:
        return None if revision is None else self._parsed.get(revision.sha256)

    def _is_of_file(self, slug: str, given: Kept | None) -> bool:
        """Nothing waits in the journal on top of what is in use."""
        head = self._heads.get(slug)
        if head is None:
            return True
        if given is None or self._folder is None:
            return False
        filed = self._filed[slug]
        return given.sha256 != filed.sha256 or head.sha256 == filed.sha256

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
        """The journal's latest and its text, after a change of the file that was made by other means has been entered.
        Raises NotFound, BrokenFile."""
        head = latest(db, QUESTION, slug)
        file = None if head is not None and self._folder is None else self._file(slug)
        if file is None:
            if head is None:
                raise NotFound("There is no such question.")
            return head, text_of(db, head.sha256)
        if head is not None:
            filed = _in_file(self._last_filed(db, slug), head)
            if filed.sha256 == sha256_of(file):
                return head, text_of(db, head.sha256)
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


def _in_file(filed: Revision | None, head: Revision) -> Revision:
    """`filed` is the latest that was in use or found; drafts on top of a draft in the file are written to it."""
    return filed if filed is not None and filed.status in IN_USE else head


def _read(text: str, slug: str) -> Kept | None:
    """None for one that an older schema let pass."""
    try:
        return read_question(text, slug, f"{slug}.yaml")
    except InvalidContent:
        return None
