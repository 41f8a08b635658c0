"""The public door: encodings, limits, native turns, and files made to do harm."""

import io
import json
import random
import time
import zipfile

import pytest
from hypothesis import given, settings, strategies as st

from app.errors import InvalidInput, SevenstepError, TooLarge, UnreadableTranscript
from app.transcripts import FORMATS, Speaker, read_transcript, unscorable_reason

from .cast import SAMPLES

TALK = "Dana: Où commencer?\nSam: At the goal – “café” payments.\n"


def texts(data, **options):
    return [t.text for t in read_transcript(data, **options).turns]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_any_common_encoding(encoding):
    assert texts(TALK.encode(encoding)) == ["Où commencer?", "At the goal – “café” payments."]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028", "\x85"])
def test_any_line_end(end):
    assert len(texts(TALK.replace("\n", end).encode())) == 2


def test_lines_of_two_encodings():
    data = "Dana: café?\n".encode() + "Sam: naïve.\n".encode("cp1252")
    assert texts(data) == ["café?", "naïve."]


def test_unseen_marks_go_and_composed_letters_stay():
    data = "\u202aDana\u202c:\u00a0Hi\u200b.\x00\nSam: cafe\u0301.\n".encode()
    assert texts(data) == ["Hi.", "café."]


def test_marks_inside_json_go_too():
    data = json.dumps({"turns": [{"speaker": "Sam", "text": "a\u0000b\ud800 c\u202e"}]}).encode()
    assert texts(data) == ["ab c"]


def test_native_turns_are_taken_as_given():
    turns = [
        {"speaker": "candidate", "text": "One."},
        {"speaker": "candidate", "text": "Two."},
        {"speaker": "candidate", "text": ""},
    ]
    data = json.dumps({"schema": 1, "question": "news-feed", "turns": turns}).encode()
    transcript = read_transcript(data)
    assert [t.text for t in transcript.turns] == ["One.", "Two.", ""]
    assert transcript.question == "news-feed"


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_is_printed_reads_back_the_same(sample):
    once = read_transcript(SAMPLES[sample])
    again = read_transcript(json.dumps(once.as_native()).encode())
    assert again.turns == once.turns


@pytest.mark.parametrize(
    "value, said",
    [
        ({"schema": 2, "turns": []}, "schema 2"),
        ({"turns": {}}, "list"),
        ({"turns": ["hello"]}, "Turn 0 is not"),
        ({"turns": [{"speaker": "Sam"}]}, "words"),
        ({"turns": [{"speaker": 1, "text": "hi"}]}, "speaker"),
        ({"turns": [{"speaker": "Sam", "name": 1, "text": "hi"}]}, "name"),
        ({"turns": [{"speaker": "Sam", "text": "hi", "at": "soon"}]}, "seconds"),
        ({"turns": [{"speaker": "Sam", "text": "hi", "at": -1}]}, "seconds"),
        ({"question": 1, "turns": [{"speaker": "Sam", "text": "hi"}]}, "question"),
        ({"turns": []}, "no words"),
    ],
)
def test_what_is_wrong_with_a_native_file_is_said(value, said):
    with pytest.raises(UnreadableTranscript, match=said):
        read_transcript(json.dumps(value).encode())


def test_empty_lines_between_turns_are_nothing():
    assert texts(b'{"text": "hi"}\n\n{"text": "there"}\n') == ["hi", "there"]


def test_a_broken_line_is_named():
    with pytest.raises(UnreadableTranscript, match="Line 2"):
        read_transcript(b'{"at": 1, "text": "hi"}\n{"at": 2,\n')


def test_an_unknown_format_lists_the_known_ones():
    with pytest.raises(UnreadableTranscript, match="webvtt"):
        read_transcript(b"Dana: Hi.", as_format="mp3")


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\0" * 1000, b"... !!!\n"])
def test_nothing_to_read(data):
    with pytest.raises(UnreadableTranscript):
        read_transcript(data)


@pytest.mark.parametrize(
    "start, said",
    [
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG", "picture"),
        (b"ID3", "sound"),
        (b"PK\x03\x04", "packed"),
        (bytes(random.Random(7).randbytes(5000)), "no text"),
    ],
)
def test_a_binary_file_is_called_what_it_is(start, said):
    with pytest.raises(UnreadableTranscript, match=said):
        read_transcript(start + b"\x00\x01" * 100)


def test_five_megabytes_are_the_limit():
    with pytest.raises(TooLarge):
        read_transcript(b"a" * 5_000_001)


def chatter(turns, seconds):
    rows = [
        {"speaker": str(n % 2), "text": "hi there", "at": n * seconds / turns} for n in range(turns)
    ]
    return json.dumps({"turns": rows}).encode()


def test_two_thousand_turns_an_hour_are_the_limit():
    assert len(read_transcript(chatter(2_000, 60)).turns) == 2_000
    assert len(read_transcript(chatter(3_900, 7_200)).turns) == 3_900
    with pytest.raises(TooLarge, match="2,000"):
        read_transcript(chatter(2_001, 1_800))


def test_ten_thousand_turns_are_the_limit_without_times():
    rows = [{"speaker": str(n % 2), "text": "hi there"} for n in range(10_001)]
    with pytest.raises(TooLarge, match="10,000"):
        read_transcript(json.dumps({"turns": rows}).encode())


def packed(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


YAML = b"---\ntranscript:\n%s\n---\n"
HOSTILE = {
    "one line of a megabyte": b"model data " * 90_000,
    "one word of a megabyte": b"a" * 1_000_000,
    "objects in objects": b'{"a":' * 100_000,
    "braces": b"{" * 100_000,
    "lists in lists": b"[" * 100_000 + b"]" * 100_000,
    "a number of many digits": b'{"turns":[{"text":"a","at":' + b"9" * 9_000 + b"}]}",
    "yaml lists": YAML % (b"[" * 90_000),
    "yaml dashes": YAML % (b"- " * 90_000),
    "yaml mappings": YAML % (b"{a: " * 90_000),
    "yaml aliases": YAML % b"- &a [x, x]\n- &b [*a, *a]\n- line: *b",
    "yaml of a megabyte": YAML % (b"- line: hi\n" * 90_000),
    "packed a thousandfold": packed({"word/document.xml": b"a" * 41_000_000}),
    "entities": packed({"word/document.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
    "lines without end": b"a\n" * 200_000,
    "open comments": b"<html>" + b"<!--" * 200_000,
    "open tags": b"<p>" + b"<a" * 300_000,
    "open cue tags": b"WEBVTT\n\n00:00.000 --> 00:01.000\n" + b"<" * 900_000,
    "a long entity": b"<p>&#" + b"9" * 9_000 + b"; hello</p>",
    "stars": b"**a" * 300_000,
    "colons": b"a:" * 400_000,
    "brackets": b"[00:00" * 100_000,
    "spaces": b"A" + b" " * 900_000 + b":",
    "combining marks": ("a" + "\u0591\u05b0" * 200_000).encode(),
    "half a surrogate": b"\xff\xfe" + b"\xd8" * 9_999,
    "a name in every line": b"".join(b"N%d A: hi there\n" % n for n in range(20_000)),
    "objects where texts belong": b'[{"ts":{},"text":"hello"}]',
    "results that are none": b'{"results":{"channels":[[1]],"utterances":[1]}}',
    "monologues that are none": b'{"monologues":[{"elements":"x","speaker":[1]}],"speakers":[{}]}',
    "hello": b"hello " * 50_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_quickly_dealt_with(case):
    started = time.monotonic()
    try:
        transcript = read_transcript(HOSTILE[case])
    except SevenstepError as exc:
        assert str(exc).endswith(".")
    else:
        unscorable_reason(transcript)
    assert time.monotonic() - started < 10


LINE = st.one_of(
    st.sampled_from(
        [
            "WEBVTT",
            "",
            "1",
            "00:00:01,000 --> 00:00:02,000",
            "00:01.000 --> 00:02.000 align:start",
            "Dana: How?",
            "**Sam:** \\[00:12\\] So",
            "[00:12] Sam: yes",
            "Sam (0:12):",
            "Sam  0:12",
            "0:12",
            "[01/02/24, 10:00] Dana: hi",
            "10:00:01 From Dana to Everyone : hi",
            "---",
            "transcript:",
            "- line: hello",
            "  sec: 1",
            "<cite>Dana:</cite>",
            "<p>hi",
            "[00:01.00]so",
            "start\tend\ttext",
            "1\t2\thi",
            "[Script Info]",
            "[Events]",
            "Format: Start, Text",
            "Dialogue: 0:00:00.00,hi",
            '{"text": "hi"}',
            "Sam  10:12 AM",
            "99:99",
            "Dana started transcription",
            "0:0:1.2 --> 0:0:4.5",
            "99/99/99, 99:99 - Sam: hi",
            "1 minute 2 seconds",
        ]
    ),
    st.text(max_size=30),
)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(LINE, max_size=12).map(
            lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass")
        ),
    ),
    st.sampled_from([None, *FORMATS]),
)
def test_whatever_comes_only_our_errors_go_out(data, as_format):
    try:
        transcript = read_transcript(data, as_format=as_format)
    except SevenstepError:
        return
    json.dumps(transcript.as_native()).encode()
    assert unscorable_reason(transcript) is None or unscorable_reason(transcript).endswith(".")


SCALAR = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
KEYS = st.sampled_from(
    "turns schema text at speaker name results channels alternatives words "
    "utterances transcript segments start end body monologues elements value "
    "ts user messages audio_url startTime speakers id".split()
)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.dictionaries(KEYS, JSON, max_size=4), st.lists(JSON, max_size=3)),
    st.sampled_from([None, *FORMATS]),
)
def test_whatever_the_json_only_our_errors_go_out(value, as_format):
    try:
        transcript = read_transcript(json.dumps(value).encode(), as_format=as_format)
    except SevenstepError:
        return
    json.dumps(transcript.as_native(), allow_nan=False).encode()


def test_the_candidate_can_be_named():
    data = b"Dana: Design a feed.\nSam: With ranking.\n"
    turns = read_transcript(data, speaker="dan").turns
    assert [t.speaker for t in turns] == [Speaker.CANDIDATE, Speaker.INTERVIEWER]
    with pytest.raises(InvalidInput, match="Dana, Sam"):
        read_transcript(data, speaker="Kim")
