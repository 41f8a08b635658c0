"""Every format: recognised, read, and described in docs/formats.md."""

import io
import json
import re
from pathlib import Path

import docx
import pytest

from app.errors import SevenstepError, UnreadableTranscript
from app.transcripts import FORMATS, NOTES, Speaker, read_transcript
from app.transcripts.formats import detect
from app.transcripts.formats.source import Source

from .cast import SAMPLES, TURNS, format_of

DOCS = Path(__file__).parents[2] / "docs" / "formats.md"
CANDIDATE_ONLY = "native-lines"


@pytest.mark.parametrize("id", FORMATS)
def test_every_format_has_a_sample(id):
    assert any(format_of(sample) == id for sample in SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_is_recognised(sample):
    assert read_transcript(SAMPLES[sample]).format == format_of(sample)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if format_of(s) != CANDIDATE_ONLY])
def test_every_word_arrives_and_nothing_else(sample):
    turns = read_transcript(SAMPLES[sample]).turns
    assert " ".join(" ".join(t.text for t in turns).split()) == " ".join(TURNS)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if format_of(s) != CANDIDATE_ONLY])
def test_named_samples_have_four_turns_and_roles(sample):
    turns = read_transcript(SAMPLES[sample]).turns
    if len(turns) == 1:
        assert turns[0].name is None
        return
    assert [" ".join(t.text.split()) for t in turns] == list(TURNS)
    assert [t.speaker for t in turns] == [Speaker.INTERVIEWER, Speaker.CANDIDATE] * 2
    assert turns[0].name == turns[2].name != turns[1].name == turns[3].name


@pytest.mark.parametrize("sample", SAMPLES)
def test_times_run_forward_from_the_start(sample):
    transcript = read_transcript(SAMPLES[sample])
    times = [t.at for t in transcript.turns if t.at is not None]
    assert times == sorted(times)
    if times:
        assert transcript.ends_at is not None and transcript.ends_at >= times[-1]


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_right_format_can_be_forced(sample):
    detected = read_transcript(SAMPLES[sample])
    assert read_transcript(SAMPLES[sample], as_format=format_of(sample)) == detected


@pytest.mark.parametrize("id", FORMATS)
def test_a_wrong_format_is_refused_or_read_but_never_crashes(id):
    for data in SAMPLES.values():
        try:
            read_transcript(data, as_format=id)
        except SevenstepError as exc:
            assert str(exc).endswith(".")


def test_the_docs_list_the_formats_and_no_others():
    page = DOCS.read_text("utf-8").split("## Notes")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)
    assert listed == list(FORMATS)


def test_the_docs_list_the_notes_and_no_others():
    listed = DOCS.read_text("utf-8").split("## Notes")[1]
    assert re.findall(r"^\| `([a-z-]+)` \|", listed, re.MULTILINE) == list(NOTES)


def test_times_of_three_notations_agree():
    texts = (
        "[00:12] Dana: Hi.\n[1:00:12] Sam: Hello.",
        "Dana (0:12): Hi.\nSam (1:00:12): Hello.",
        "Dana: [00:00:12] Hi.\nSam: [01:00:12] Hello.",
    )
    for text in texts:
        assert [t.at for t in read_transcript(text.encode()).turns] == [12.0, 3612.0]


def test_a_section_heading_is_no_speaker():
    text = (
        "Interviewer: Design a feed.\nCandidate: Three parts.\nRequirements: fast.\n"
        "Metrics: clicks.\nKafka: for events.\nInterviewer: And data?\nCandidate: Logs.\n"
    )
    turns = read_transcript(text.encode()).turns
    assert [t.name for t in turns] == ["Interviewer", "Candidate"] * 2
    assert "Kafka: for events." in turns[1].text


def test_a_write_up_with_headings_is_one_nameless_turn():
    text = "Goal: flag fraud.\n\nData: chargebacks.\n\nModel: boosted trees.\n\nServing: online.\n"
    assert detect(Source(None, b"", text)) == "paragraphs"


def test_rolling_captions_keep_what_is_really_said_twice():
    cues = "".join(
        f"00:0{n}.000 --> 00:0{n}.900\n{t}\n\n"
        for n, t in enumerate(
            ["we train it", "we train it", "and then", "deploy", "watch", "retrain"]
        )
    )
    assert read_transcript(f"WEBVTT\n\n{cues}".encode()).turns[0].text.count("we train it") == 2


def test_two_voices_in_one_cue_are_two_turns():
    vtt = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Dana>How?</v> <v.loud Sam>By &lt;ranking&gt;.</v>\n"
    )
    turns = read_transcript(vtt.encode()).turns
    assert [(t.name, t.text) for t in turns] == [("Dana", "How?"), ("Sam", "By <ranking>.")]


def test_inline_stamps_date_the_turn_and_leave_its_text():
    text = "**Dana:** First \\[01:00\\] second.\n\n**Sam:** Third.\n\n**Dana:** Fourth.\n"
    first = read_transcript(text.encode()).turns[0]
    assert (first.text, first.at) == ("First second.", 60.0)


@pytest.mark.parametrize(
    "dates, days",
    [
        (("03/05/24", "13/05/24"), 10),
        (("05/03/24", "05/13/24"), 10),
        (("2024/05/03", "2024/05/13"), 10),
        (("3.5.24", "4.5.24"), 1),
    ],
)
def test_the_order_of_the_date_is_found_out(dates, days):
    chat = "".join(
        f"[{d}, 10:00] {n}: hello\n" for d, n in zip(dates, ("Dana", "Sam"), strict=True)
    )
    assert read_transcript(chat.encode()).turns[1].at == days * 86_400


def test_a_clock_past_midnight_goes_on():
    chat = "23:59:00 From Dana to Everyone : hi\n00:01:00 From Sam to Everyone : hello\n"
    assert [t.at for t in read_transcript(chat.encode()).turns] == [0.0, 120.0]


def test_the_page_of_a_web_site_loses_menus_and_scripts():
    page = "<html><nav>Menu</nav><p>Dana: Hi &amp; hello</p><!-- Sam: no --><p>Sam: Yes</p>"
    turns = read_transcript(page.encode()).turns
    assert [t.text for t in turns] == ["Hi & hello", "Yes"]


def test_a_line_that_introduces_a_speaker_is_no_turn():
    text = (
        "Interviewer: Dana\nCandidate: Sam Ode\n\nDana: Design a feed.\nSam: How large?\n"
        "Dana: Large.\nSam: Then two towers.\n"
    )
    turns = read_transcript(text.encode()).turns
    assert [t.name for t in turns] == ["Dana", "Sam"] * 2
    assert [t.speaker for t in turns] == [Speaker.INTERVIEWER, Speaker.CANDIDATE] * 2


@pytest.mark.parametrize("before, after", [("", ""), ("### ", ""), ("**", ":**"), ("", ":")])
def test_a_role_alone_on_its_line_heads_what_follows(before, after):
    said = (("Interviewer", "Design a feed."), ("Candidate", "How large?"))
    text = "\n\n".join(f"{before}{name}{after}\n{words}" for name, words in said)
    turns = read_transcript(text.encode()).turns
    assert [(t.name, t.text) for t in turns] == list(said)


@pytest.mark.parametrize(
    "line",
    [
        "- {}: {}",
        "1. {}: {}",
        "> {}: {}",
        "{} - {}",
        "{}: {}",
        "**{}**: {}",
        "**{}** (0:12): {}",
        "[0:12] {}: {}",
        "{}:\t{}",
    ],
)
def test_roles_are_found_under_any_decoration(line):
    said = [("Interviewer", "Design a feed."), ("Candidate", "How large?")]
    text = "\n".join(line.format(*turn) for turn in said)
    assert [(t.name, t.text) for t in read_transcript(text.encode()).turns] == said


def test_a_word_document_can_be_forced_into_a_text_format():
    assert len(read_transcript(SAMPLES["docx--plain.docx"], as_format="named-lines").turns) == 4


def test_deepgram_without_words_still_has_its_transcript():
    value = {"results": {"channels": [{"alternatives": [{"transcript": "Rank it."}]}, {}]}}
    assert read_transcript(json.dumps(value).encode()).turns[0].text == "Rank it."


def test_a_speaker_may_be_an_object():
    rows = [{"speaker": {"id": 7, "name": "Sam"}, "text": "Rank it.", "start": "1.5"}]
    turn = read_transcript(json.dumps(rows).encode()).turns[0]
    assert (turn.name, turn.at) == ("Sam", 1.5)


def test_an_entry_without_seconds_has_its_written_time():
    page = "---\ntranscript:\n- line: Hi there\n  time: '1:02'\n  who: Dana\n---\n"
    assert read_transcript(page.encode()).turns[0].at == 62.0


def test_a_table_in_a_word_document_is_read_by_its_rows():
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    for row, cells in enumerate((("Dana", "Design a feed."), ("Sam", "How large?"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    packed = io.BytesIO()
    document.save(packed)
    turns = read_transcript(packed.getvalue()).turns
    assert [(t.name, t.text) for t in turns] == [("Dana", "Design a feed."), ("Sam", "How large?")]


def test_dates_that_are_none_leave_the_clock():
    chat = "[99/99/24, 10:00] Dana: hi there\n[99/99/24, 10:01] Sam: hello\n"
    assert [t.at for t in read_transcript(chat.encode()).turns] == [0.0, 60.0]


def test_broken_subtitles_are_refused():
    with pytest.raises(UnreadableTranscript, match="subtitle"):
        read_transcript(b"[Script Info]\n[Events]\nFormat: Start, Text\nDialogue: soon,hi\n")


def test_a_number_or_a_sentence_is_no_name():
    label = "One Two Three Four Five Six Seven"
    text = f"Interviewer: How?\n{label}: small\n2024: large\n" * 3
    assert len(read_transcript(text.encode()).turns) == 1
