"""Rev: its JSON of monologues, and its text with `Name (00:12):` above the words.

https://docs.rev.ai/api/asynchronous/transcripts/
"""

import re
from typing import Any

from app.transcripts.formats.clock import CLOCK, seconds
from app.transcripts.formats.headed import NAME, Head, read_headed
from app.transcripts.formats.runs import speaker_name
from app.transcripts.formats.source import Piece, Reading, Source, entries, number, words_of

HEAD = re.compile(rf"^(?P<name>{NAME}):?[ \t]{{1,4}}[(\[](?P<at>{CLOCK})[)\]]:?$")


def sniff_json(source: Source) -> bool:
    return isinstance(source.json, dict) and isinstance(source.json.get("monologues"), list)


def read_json(source: Source) -> Reading:
    names = {
        s.get("id"): words_of(s.get("name"))
        for s in entries(source.json.get("speakers"))
        if isinstance(s.get("id"), (int, str))
    }
    return Reading([_monologue(m, names) for m in entries(source.json["monologues"])])


def _monologue(monologue: dict[str, Any], names: dict[Any, str]) -> Piece:
    elements = entries(monologue.get("elements"))
    text = "".join(v for e in elements if isinstance(v := e.get("value"), str))
    starts = [at for e in elements if (at := number(e.get("ts"))) is not None]
    ends = [at for e in elements if (at := number(e.get("end_ts"))) is not None]
    speaker = monologue.get("speaker")
    known = names.get(speaker) if isinstance(speaker, (int, str)) else None
    name = known or speaker_name(speaker)
    return Piece(
        " ".join(text.split()), name, starts[0] if starts else None, ends[-1] if ends else None
    )


def head(line: str) -> Head | None:
    found = HEAD.match(line.strip()) if len(line) < 100 else None
    return Head(found["name"].strip(), seconds(found["at"])) if found else None


def sniff_text(source: Source) -> bool:
    return any(head(line) for line in source.head)


def read_text(source: Source) -> Reading:
    return read_headed(source.lines, head)
