"""Third-party transcripts beside the checkout, file by file against what is known of them."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.transcripts import read_transcript, unscorable_reason
from app.transcripts.decode import decode
from app.transcripts.formats import FORMATS
from app.transcripts.formats.source import Source

SHARED = Path(os.environ.get("SEVENSTEP_SHARED") or Path(__file__).parents[3] / "shared")
CORPUS = SHARED / "corpus"
EXPECTED = CORPUS / "transcripts_expected.json"
FILES = json.loads(EXPECTED.read_text("utf-8"))["files"] if EXPECTED.is_file() else {}

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FILES, reason="the shared corpus is not beside the checkout"),
]


@pytest.fixture(params=FILES or [None])
def known(request):
    return FILES[request.param]


@pytest.fixture
def data(known):
    return (CORPUS / known["file"]).read_bytes()


@pytest.fixture
def transcript(data):
    return read_transcript(data)


def test_the_format_is_recognised(known, transcript):
    family = known["format"].split()[0]
    assert transcript.format == {"rendered": "datatalks-page"}.get(family, family)


def test_turns_and_speakers(known, transcript):
    names = dict.fromkeys(t.name for t in transcript.turns if t.name)
    assert list(names) == sorted(known["speakers"], key=list(names).index)
    assert len(transcript.turns) == (known["turns"] or 1)


def test_the_first_words(known, transcript):
    assert transcript.turns[0].name == known["first_turn"]["speaker"]
    words = " ".join(transcript.turns[0].text.split())
    assert words.startswith(known["first_turn"]["opening"])


def test_first_and_last_time(known, transcript):
    times = [t.at for t in transcript.turns if t.at is not None]
    first, last = known["first_timestamp"], known["last_timestamp"]
    if isinstance(first, str):
        assert (times[0], transcript.ends_at) == (0.0, seconds_between(first, last))
    else:
        assert (times[0], transcript.ends_at) == (first, last)


def seconds_between(first, last):
    order = "%Y/%m/%d %H:%M" if first[:2] == "20" else "%m/%d/%y %H:%M"
    moments = [datetime.strptime(moment, order).replace(tzinfo=UTC) for moment in (first, last)]
    return (moments[1] - moments[0]).total_seconds()


def has_blocks(known) -> bool:
    """Not chats, whose system messages are no pieces, nor where pieces are split or joined."""
    return known["turns"] is not None and not known["format"].startswith(
        ("whatsapp", "markdown-bold-speakers")
    )


@pytest.mark.parametrize(
    "known", [FILES[name] for name in FILES if has_blocks(FILES[name])] or [None]
)
def test_blocks(known):
    data = (CORPUS / known["file"]).read_bytes()
    transcript = read_transcript(data)
    reading = FORMATS[transcript.format].read(Source(None, data, decode(data)))
    counted = [p for p in reading.pieces if p.name or transcript.format != "datatalks-page"]
    assert len(counted) == known["blocks"]


def test_long_english_talk_is_scored(known, transcript):
    if known["spoken"] and known["about_ml"]:
        assert unscorable_reason(transcript) is None


def test_hardly_any_english_passage_is_refused():
    """At most one in two hundred, also as raw speech recognition would write it."""
    lines = (CORPUS / "passages.jsonl").read_text("utf-8").splitlines()
    texts = [text for line in lines if len((text := json.loads(line)["text"]).split()) >= 30]
    both = texts + ["".join(c for c in t.lower() if c.isalnum() or c == " ") for t in texts]
    asked = [read_transcript(text.encode(), as_format="paragraphs") for text in both]
    refused = [t for t in asked if {"not-english", "gibberish"} & {n.id for n in t.notes}]
    assert len(refused) <= 0.005 * len(asked)
