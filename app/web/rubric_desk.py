"""The rubric's desk: what stands of each of its files, the drafts on top, and how they become a new version.

Like the questions' (app/storage/desk.py): on SQLite the files of the content folder are the truth, and drafts wait in
the journal; on PostgreSQL, or without a folder, the journal is the truth from the first version that was published in
it, and the files are what it began with. A rubric is published as a whole: its files agree or nothing is changed.
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.content import as_model, ended_like, parse_yaml, plain_lines
from app.errors import Conflict, InvalidContent, NotFound
from app.rubric.lint import lint_rubric
from app.rubric.load import (
    VERSION_FILE,
    About,
    Rubric,
    hash_texts,
    part_of,
    read_rubric,
    read_texts,
)
from app.rubric.proof import place_of, proof
from app.rubric.shelf import DEFAULT, find_rubrics
from app.scoring.examples import run_examples
from app.scoring.knowledge import Knowledge
from app.storage.db import Database, Transaction, transaction, writing
from app.storage.files import replace_file
from app.storage.reports import keep_rubric
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
    last_seq,
    latest,
    sha256_of,
    take_turns,
    text_of,
    texts_of,
)
from app.web.rescoring import knowledge_of
from app.web.standards import Standards

KIND: Kind = "rubric"
DRAFT, PUBLISHED, FILED = "draft", "published", "as its file"
STANDS = (PUBLISHED, FILED)
VERSION_LINE = re.compile(r"^version:[^\r\n]*", re.MULTILINE)
BY_FILE = Author("the file")
LONGEST_COMMENT = 2000
NO_FILE = "The rubric has no such file."
FEW = 4  # rubrics of which is remembered what was found
FOUND: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
FINDING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Standing:
    """A file. `text` is what curators go on from, `in_use` what is scored by; `head` the last entry of its journal,
    which begins with the first change made here."""

    name: str
    text: str
    in_use: str
    head: Revision | None

    @property
    def sha256(self) -> str:
        return sha256_of(self.text)

    @property
    def is_ahead(self) -> bool:
        return self.text != self.in_use


@dataclass(frozen=True, slots=True)
class Problem:
    """`line` counts from 1, 0 where the whole file is meant; an empty `file` is the whole rubric."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """What stands and the drafts on top of it, as the rubric that they would be. `base` is a hash of it all. `changed`
    are titles of criteria and flags that are new, gone or another. Old problems stood before the drafts."""

    base: str
    names: tuple[str, ...]
    rubric: Rubric | None
    problems: tuple[Problem, ...]
    failing: tuple[Problem, ...]
    old: int
    changed: tuple[str, ...]

    @property
    def can_be_published(self) -> bool:
        new = self.problems or self.failing
        return bool(self.names) and self.rubric is not None and not new


class RubricDesk:
    """One for a process. Every method may be called from any thread; checking takes some seconds."""

    def __init__(
        self,
        engine: Database,
        standards: Standards,
        content: Path | None,
        now: Callable[[], datetime],
        *,
        files: bool,
    ) -> None:
        self._engine = engine
        self._standards = standards
        self._content = content
        self._now = now
        self._folder = content / "rubrics" / DEFAULT if files and content is not None else None
        self._lock = threading.Lock()
        self._known_seq = -1

    # reading ----------------------------------------------------------------------------------
    def standings(self) -> dict[str, Standing]:
        """In the order of the names."""
        with transaction(self._engine) as db:
            return self._standings(db)

    def standing(self, name: str) -> Standing:
        """Raises NotFound."""
        found = self.standings().get(name)
        if found is None:
            raise NotFound(NO_FILE)
        return found

    def history(self, name: str) -> list[Revision]:
        """The latest first."""
        self.standing(name)
        with transaction(self._engine) as db:
            return history(db, KIND, _id(name))

    def version(self, name: str, number: int) -> tuple[Revision, str]:
        """An entry of the history and its text. Raises NotFound."""
        self.standing(name)
        with transaction(self._engine) as db:
            revision = get_revision(db, KIND, _id(name), number)
            return revision, text_of(db, revision.sha256)

    def began_with(self, name: str, base: str) -> str | None:
        """The text with this hash, where it stands or once stood in the journal: what somebody began to edit."""
        standing = self.standing(name)
        for text in (standing.text, standing.in_use):
            if sha256_of(text) == base:
                return text
        with transaction(self._engine) as db:
            return texts_of(db, [base]).get(base)

    def check(self) -> Check:
        """The drafts with what stands under them: read, linted, every example run."""
        standings = self.standings()
        texts = {name: standing.text for name, standing in standings.items()}
        names = tuple(name for name, standing in standings.items() if standing.is_ahead)
        base = hash_texts(texts)
        if not names:
            return Check(base, names, None, (), (), 0, ())
        try:
            rubric = read_rubric(texts)
            knowledge = knowledge_of(rubric)
        except InvalidContent as error:
            told = [
                Problem(name, one.line, one.sentence)
                for name, text in texts.items()
                for one in proof(name, text)
            ]
            told = told or [Problem("", 0, sentence) for sentence in error.problems]
            return Check(base, names, None, tuple(told), (), 0, ())
        standing_ = self._standards.knowledge()
        old_problems, old_failing = findings(standing_)
        problems, failing = findings(knowledge)
        if rubric.about.id != DEFAULT:
            problems = (*problems, f"the id is {rubric.about.id}; it must stay {DEFAULT}")
        stood = len({*old_problems} & {*problems}) + len({*old_failing} & {*failing})
        return Check(
            base,
            names,
            rubric,
            _placed(problems, old_problems, texts),
            _placed(failing, old_failing, texts),
            stood,
            changed_parts(standing_.rubric, rubric),
        )

    # changing ---------------------------------------------------------------------------------
    def save(
        self, name: str, text: str, *, base: str, author: Author, comment: str = ""
    ) -> Standing:
        """A draft by somebody who began from the text whose hash is `base`. Raises Stale where another stands now,
        InvalidContent with every problem; then nothing is changed."""
        self.standing(name)
        text = plain(text)
        if told := proof(name, text):
            raise InvalidContent([one.sentence for one in told])
        with writing(self._engine) as db:
            take_turns(db)
            now = self._synced(db, name)
            if now.sha256 != base:
                raise Stale(now.head)
            if text != plain(now.text):
                text = ended_like(text, now.text)
                self._append(db, name, text, now.head, DRAFT, author, comment)
        return self.standing(name)

    def discard(self, name: str, *, base: str, author: Author) -> Standing:
        """Back to what is scored by; the draft stays in the history. Raises Stale, or Conflict where there is none."""
        with writing(self._engine) as db:
            take_turns(db)
            now = self._synced(db, name)
            if now.sha256 != base:
                raise Stale(now.head)
            if not now.is_ahead:
                raise Conflict("There is no draft to discard.")
            comment = "The draft was discarded."
            self._append(db, name, now.in_use, now.head, FILED, author, comment, "restored")
        return self.standing(name)

    def publish(self, *, base: str, author: Author, comment: str) -> Rubric:
        """All drafts as the next version. Raises Stale where anything was changed since it was checked as `base`,
        Conflict where the check found what is in the way."""
        check = self.check()
        if check.base != base:
            raise Stale(None)
        if not check.can_be_published:
            raise Conflict("There is nothing to publish, or the check found what is in the way.")
        with writing(self._engine) as db:
            take_turns(db)
            standings = self._standings(db)
            standings |= {name: self._synced(db, name) for name in (*check.names, VERSION_FILE)}
            texts = {name: standing.text for name, standing in standings.items()}
            if hash_texts(texts) != base:
                raise Stale(None)
            version = self._next_version(standings[VERSION_FILE])
            texts[VERSION_FILE] = VERSION_LINE.sub(f"version: {version}", texts[VERSION_FILE], 1)
            rubric = read_rubric(texts)
            for name in sorted({*check.names, VERSION_FILE, *self._never_published(db, texts)}):
                head = standings[name].head
                said = comment.strip()[:LONGEST_COMMENT]
                self._append(db, name, texts[name], head, PUBLISHED, author, said, version=version)
            for version_ in (self._standards.rubric(), rubric):
                keep_rubric(db, version_)  # sessions that began with it go on with it
            db.flush()
            if self._folder is not None:
                self._write(texts, standings)
        assert check.rubric is not None
        self._take(rubric, knowledge_of(check.rubric).renamed(rubric))
        return rubric

    # what is scored by ------------------------------------------------------------------------
    def has_edits(self) -> bool:
        """The journal holds what no file does."""
        if self._folder is not None:
            return False
        with transaction(self._engine) as db:
            return bool(heads(db, KIND, (PUBLISHED,)))

    def rubric(self) -> Rubric:
        """As it stands. Raises InvalidContent."""
        standings = self.standings()
        return read_rubric({name: standing.in_use for name, standing in standings.items()})

    def refresh(self) -> bool:
        """Takes what another process has published; says whether there was anything. Cheap where there was not."""
        if self._folder is not None:
            return False
        with self._lock:
            with transaction(self._engine) as db:
                seq = last_seq(db)
                if seq == self._known_seq:
                    return False
                is_edited = bool(heads(db, KIND, (PUBLISHED,)))
            self._known_seq = seq
            if not is_edited:
                return False
            rubric = self.rubric()
            if rubric.sha256 == self._standards.rubric().sha256:
                return False
            self._standards.renew(rubric, knowledge_of(rubric))
            return True

    def _take(self, rubric: Rubric, knowledge: Knowledge) -> None:
        with self._lock:
            self._standards.renew(rubric, knowledge)

    # inside -----------------------------------------------------------------------------------
    def _standings(self, db: Transaction) -> dict[str, Standing]:
        texts = self._files()
        all_, given, stands = (
            heads(db, KIND),
            heads(db, KIND, (PUBLISHED,)),
            heads(db, KIND, STANDS),
        )
        ours = {_id(name): name for name in texts}
        wanted = [head for head in all_.values() if head.id in ours and head.status == DRAFT]
        if self._folder is None:
            wanted += [head for head in given.values() if head.id in ours]
        kept = texts_of(db, [head.sha256 for head in wanted])
        found = {}
        for id, name in ours.items():
            head, in_use = all_.get(id), texts[name]
            if self._folder is None and id in given:
                in_use = kept[given[id].sha256]
            text = in_use
            if head is not None and head.status == DRAFT:
                if id not in stands or stands[id].sha256 == sha256_of(in_use):
                    text = kept[head.sha256]
            found[name] = Standing(name, text, in_use, head)
        return found

    def _files(self) -> dict[str, str]:
        """Of the rubric's folder, the user's own before the built-in one."""
        texts = read_texts(find_rubrics(self._content)[DEFAULT])
        return {name: text for name, text in texts.items() if part_of(name) is not None}

    def _synced(self, db: Transaction, name: str) -> Standing:
        """After the journal was told what stands where it did not know: at the first change made here, or where the
        file was changed by other means. Raises NotFound."""
        found = self._standings(db).get(name)
        if found is None:
            raise NotFound(NO_FILE)
        stood = latest(db, KIND, _id(name), STANDS)
        if stood is not None and stood.sha256 == sha256_of(found.in_use):
            return found
        base = 0 if found.head is None else found.head.number
        version = self._version_in_use(db)
        head = append(
            db,
            KIND,
            _id(name),
            found.in_use,
            base=base,
            version=version,
            status=FILED,
            action="found",
            author=BY_FILE,
            now=self._now(),
        )
        return Standing(name, found.in_use, found.in_use, head)

    def _append(
        self,
        db: Transaction,
        name: str,
        text: str,
        head: Revision | None,
        status: str,
        author: Author,
        comment: str,
        action: Action | None = None,
        version: int | None = None,
    ) -> Revision:
        return append(
            db,
            KIND,
            _id(name),
            text,
            base=0 if head is None else head.number,
            version=self._version_in_use(db) if version is None else version,
            status=status,
            action=action or ("edited" if status == DRAFT else "published"),
            author=author,
            now=self._now(),
            comment=comment.strip()[:LONGEST_COMMENT],
        )

    def _version_in_use(self, db: Transaction) -> int:
        return _version(self._standings(db)[VERSION_FILE].in_use)

    def _next_version(self, about: Standing) -> int:
        return max(_version(about.in_use) + 1, _version(about.text))

    def _never_published(self, db: Transaction, names: Iterable[str]) -> list[str]:
        """Where the journal is the truth it has every file from the first version on: another release of the program
        then changes none of them."""
        given = heads(db, KIND, (PUBLISHED,))
        return [name for name in names if self._folder is None and _id(name) not in given]

    def _write(self, texts: Mapping[str, str], standings: Mapping[str, Standing]) -> None:
        """The file that names the version comes last; a folder that was not there gets every file, as it shadows the
        built-in one."""
        assert self._folder is not None
        is_new = not (self._folder / VERSION_FILE).is_file()
        for name in sorted(texts, key=lambda name: name == VERSION_FILE):
            if is_new or texts[name] != standings[name].in_use:
                replace_file(self._folder / name, texts[name])


def findings(knowledge: Knowledge) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the linter says, and examples that do not get their depth; the same each time for a rubric, and asked for
    again when it is compared and published."""
    rubric = knowledge.rubric
    with FINDING:
        found = FOUND.pop(rubric.sha256, None)
        if found is None:
            found = tuple(lint_rubric(rubric)), tuple(run_examples(rubric, knowledge))
        FOUND[rubric.sha256] = found
        while len(FOUND) > FEW:
            del FOUND[next(iter(FOUND))]
        return found


def _placed(
    said: Iterable[str], old: Iterable[str], texts: Mapping[str, str]
) -> tuple[Problem, ...]:
    """Those that are new, where they belong."""
    return tuple(Problem(*place_of(one, texts), one) for one in said if one not in old)


def changed_parts(old: Rubric, new: Rubric) -> tuple[str, ...]:
    """Titles of criteria and flags that are new, gone or another."""
    before = {id: c for id, (_, c) in old.criteria.items()}
    after = {id: c for id, (_, c) in new.criteria.items()}
    found = [
        (after.get(id) or before[id]).title
        for id in {**after, **before}
        if before.get(id) != after.get(id)
    ]
    flags_before, flags_after = ({f.id: f for f in rubric.flags} for rubric in (old, new))
    found += [
        (flags_after.get(id) or flags_before[id]).title
        for id in {**flags_after, **flags_before}
        if flags_before.get(id) != flags_after.get(id)
    ]
    return tuple(found)


def plain(text: str) -> str:
    """As a file ends its lines; a browser sends them otherwise."""
    return plain_lines(text)


def _id(name: str) -> str:
    return f"{DEFAULT}/{name}"


def _version(text: str) -> int:
    """Of rubric.yaml."""
    return as_model(About, parse_yaml(text, VERSION_FILE), VERSION_FILE).version
