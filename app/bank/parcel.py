"""Questions in and out: YAML, JSON, a summary as CSV, a zip of many; and what an import would do, before it does it.

Nothing is written here. What comes in is foreign: every file in a zip is counted and measured while it is unpacked, and
no name in it ever becomes a path.
"""

import csv
import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from app.bank.card import Card
from app.bank.changes import diff, in_words
from app.bank.question import Question
from app.bank.similar import Alike, Pair
from app.bank.slug import wrong_slug
from app.concepts.words import Reader
from app.content import Told, as_model, dump_yaml, parse_yaml
from app.errors import InvalidContent

MOST_BYTES = 50_000_000  # of a parcel
MOST_ENTRIES = 10_000
MOST_UNPACKED = 500_000_000
MOST_RATIO = (
    60  # a question packs to about a fifth; what packs to a hundredth is no text of a person
)
LARGEST_TEXT = 2_000_000  # as in app/content.py
CHUNK = 65536
DIRECTORY_ENTRY = b"PK\x01\x02"  # counted before anything is read
FORMATS = ("yaml", "json", "csv", "zip")
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same questions give the same bytes
COLUMNS = (
    "slug version status title domain category family modality seniority difficulty minutes tags authors facts "
    "follow_ups twists traps expects sha256"
).split()
Kind = Literal["new", "changed", "same", "duplicate", "invalid"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A text that came in, as YAML, or why there is none."""

    name: str
    text: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of an entry. `changes` say in a few words what differs from what is there, `diff` line by line;
    `problems` keep it out, `duplicate` names a question under another slug that it repeats."""

    name: str
    kind: Kind
    slug: str = ""
    title: str = ""
    text: str = ""
    changes: tuple[str, ...] = ()
    diff: tuple[str, ...] = ()
    problems: tuple[Told, ...] = ()
    duplicate: Pair | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """A question that is there, and its text."""

    question: Question
    text: str


@dataclass(frozen=True)
class Plan:
    entries: tuple[Planned, ...]

    def of_kind(self, kind: Kind) -> tuple[Planned, ...]:
        return tuple(entry for entry in self.entries if entry.kind == kind)

    @cached_property
    def writable(self) -> tuple[Planned, ...]:
        """What is new or changed; duplicates wait until somebody wants them all the same."""
        return tuple(entry for entry in self.entries if entry.kind in ("new", "changed"))


def read_parcel(name: str, data: bytes) -> list[Entry]:
    """The texts of a .yaml, .json or .zip, in its order. Raises InvalidContent where it is no such thing."""
    shown = ascii(name)[1:-1][-80:]
    if len(data) > MOST_BYTES:
        raise InvalidContent([f"{shown} is larger than {MOST_BYTES // 1_000_000} MB"])
    match name.rpartition(".")[2].lower():
        case "zip":
            return list(_zipped(shown, data))
        case "json":
            return list(_from_json(shown, data))
        case "yaml" | "yml":
            return [_from_yaml(shown, data)]
    raise InvalidContent([f"{shown} is no .yaml, .json or .zip"])


def plan(
    entries: Iterable[Entry],
    present: Mapping[str, Present],
    lint: Callable[[str], Sequence[Told]],
    reader: Reader,
) -> Plan:
    """`lint` tells what is wrong with a text, by line (app/bank/lines.py). A draft may have problems that only the
    linter sees; what is meant to be reviewed or published may not."""
    alike: list[Alike] = []  # made where something is new

    def repeated(question: Question) -> Pair | None:
        if not alike:
            alike.append(Alike(reader, (one.question for one in present.values())))
        return alike[0].add(question)

    planned: list[Planned] = []
    taken: set[str] = set()
    for entry in entries:
        one = _planned(entry, present, lint, repeated)
        if one.slug in taken:
            told = Told(1, f"the slug {one.slug} stands twice in what is imported")
            one = Planned(entry.name, "invalid", one.slug, one.title, problems=(told,))
        elif one.slug:
            taken.add(one.slug)
        planned.append(one)
    return Plan(tuple(planned))


def _planned(
    entry: Entry,
    present: Mapping[str, Present],
    lint: Callable[[str], Sequence[Told]],
    repeated: Callable[[Question], Pair | None],
) -> Planned:
    if entry.problem:
        return Planned(entry.name, "invalid", problems=(Told(1, entry.problem),))
    try:
        question = as_model(Question, parse_yaml(entry.text, entry.name), entry.name)
    except InvalidContent:
        return Planned(entry.name, "invalid", text=entry.text, problems=tuple(lint(entry.text)))
    there = present.get(question.slug)
    if wrong := wrong_slug(question.slug):
        return Planned(entry.name, "invalid", problems=(Told(1, wrong),))
    if there and there.text == entry.text:
        return Planned(entry.name, "same", question.slug, question.title, entry.text)
    about = (question.slug, question.title, entry.text)
    words = tuple(in_words(there.question, question)) if there else ()
    if there and not words and _is_made(entry.text, question):
        return Planned(entry.name, "same", *about)
    problems = tuple(lint(entry.text))
    if problems and question.status != "draft":
        return Planned(entry.name, "invalid", *about, problems=problems)
    if there:
        lines = tuple(diff(there.text, entry.text, question.slug))
        words = words or ("comments or layout only",)
        return Planned(entry.name, "changed", *about, words, lines, problems)
    pair = repeated(question)
    kind: Kind = "duplicate" if pair else "new"
    return Planned(entry.name, kind, *about, problems=problems, duplicate=pair)


def _is_made(text: str, question: Question) -> bool:
    """Came as JSON: its layout is nobody's choice."""
    return text == question_yaml(question.model_dump(mode="json", exclude_defaults=True))


def question_yaml(value: Mapping[str, Any]) -> str:
    """The text of a question, fields in the order of the schema; unknown ones last, for the schema to refuse."""
    known = [name for name in Question.model_fields if name in value]
    strange = [name for name in value if name not in Question.model_fields]
    return dump_yaml({name: value[name] for name in (*known, *strange)})


def to_json(questions: Iterable[Question]) -> str:
    """A list; "<" is escaped, so that the text is inert wherever it is put."""
    values = [q.model_dump(mode="json", exclude_defaults=True) for q in questions]
    return json.dumps(values, ensure_ascii=False, indent=1).replace("<", "\\u003c") + "\n"


def to_csv(cards: Iterable[Card]) -> str:
    """One row a question. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for card in cards:
        rows.writerow(inert(_cell(getattr(card, name))) for name in COLUMNS)
    return out.getvalue()


def _cell(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(ACTIVE) else cell


def to_zip(texts: Mapping[str, str]) -> bytes:
    """slug -> text, as SLUG.yaml each."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for slug, text in texts.items():
            if wrong := wrong_slug(slug):
                raise InvalidContent([wrong])
            packed.writestr(zipfile.ZipInfo(f"{slug}.yaml", EPOCH), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _from_yaml(name: str, data: bytes) -> Entry:
    if len(data) > LARGEST_TEXT:
        return Entry(name, problem=f"is larger than {LARGEST_TEXT // 1_000_000} MB")
    try:
        return Entry(name, data.decode("utf-8"))
    except UnicodeDecodeError:
        return Entry(name, problem="is not UTF-8 text")


def _from_json(name: str, data: bytes) -> Iterator[Entry]:
    """One question or a list of them; each becomes YAML, so that one reader sees everything."""
    try:
        value = json.loads(
            data.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_pairs
        )
    except UnicodeDecodeError:
        yield Entry(name, problem="is not UTF-8 text")
        return
    except RecursionError:
        yield Entry(name, problem="is nested too deep")
        return
    except ValueError as error:
        yield Entry(name, problem=f"is not valid JSON: {str(error)[:200]}")
        return
    items = value if isinstance(value, list) else [value]
    if len(items) > MOST_ENTRIES:
        yield Entry(name, problem=f"holds more than {MOST_ENTRIES} questions")
        return
    for number, item in enumerate(items, 1):
        shown = f"{name}, number {number}" if isinstance(value, list) else name
        if not isinstance(item, dict):
            yield Entry(shown, problem="is no question: a mapping of fields is wanted")
            continue
        try:
            text = question_yaml(item)
            text.encode("utf-8")
        except (UnicodeEncodeError, RecursionError):
            yield Entry(shown, problem="holds what cannot be written as text")
            continue
        yield (
            Entry(shown, text)
            if len(text) <= LARGEST_TEXT
            else Entry(shown, problem=f"is larger than {LARGEST_TEXT // 1_000_000} MB")
        )


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:60]!r} stands twice")
    return found


def _zipped(name: str, data: bytes) -> Iterator[Entry]:
    if data.count(DIRECTORY_ENTRY) > MOST_ENTRIES:
        raise InvalidContent([f"{name} holds more than {MOST_ENTRIES} files"])
    try:
        packed = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise InvalidContent([f"{name} is no zip that can be read"]) from error
    infos = packed.infolist()
    left = MOST_UNPACKED
    for info in infos:
        if info.is_dir():
            continue
        shown = ascii(info.filename)[1:-1][-120:]
        problem = _wrong_file(info)
        if problem:
            yield Entry(shown, problem=problem)
            continue
        try:
            unpacked = _unpacked(packed, info, left)
        except InvalidContent as error:
            yield Entry(shown, problem=str(error))
            continue
        left -= len(unpacked)
        if left <= 0:
            raise InvalidContent([f"{name} unpacks to more than {MOST_UNPACKED // 1_000_000} MB"])
        if info.filename.lower().endswith(".json"):
            yield from _from_json(shown, unpacked)
        else:
            yield _from_yaml(shown, unpacked)


def _wrong_file(info: zipfile.ZipInfo) -> str:
    """Why a file of a zip is left out; empty where it is not."""
    # zipfile cuts names at NUL and turns backslashes on Windows alone: the name as it was sent counts.
    sent = info.orig_filename
    path = sent.replace("\\", "/")
    parts = path.split("/")
    if "\x00" in sent or path.startswith("/") or ".." in parts or ":" in path:
        return "has a name that leads out of its folder"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link, not a file"
    if info.flag_bits & 0x1:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in a way that is not read here"
    if not parts[-1].lower().endswith((".yaml", ".yml", ".json")) or parts[-1].startswith(
        ("_", ".")
    ):
        return "is no question: only .yaml and .json are read"
    return ""


def _unpacked(packed: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    """Measured while it is unpacked: what the zip says of its own sizes is not believed."""
    most = min(MOST_BYTES if info.filename.lower().endswith(".json") else LARGEST_TEXT, left)
    ratio = max(info.compress_size, 1) * MOST_RATIO + CHUNK
    out = bytearray()
    try:
        with packed.open(info) as opened:
            while chunk := opened.read(CHUNK):
                out += chunk
                if len(out) > most:
                    raise InvalidContent([f"is larger than {most // 1_000_000} MB"])
                if len(out) > ratio:
                    raise InvalidContent(["is packed too tightly to be a text"])
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise InvalidContent(["cannot be unpacked"]) from error
    return bytes(out)
