"""The formats a transcript may come in, most telling first: the first that fits reads the file."""

from app.transcripts.formats import (
    assemblyai,
    datatalks,
    deepgram,
    descript,
    json_turns,
    markdown,
    meet,
    native,
    otter,
    plain,
    podcastindex,
    rev,
    slack,
    srt,
    teams,
    web_page,
    webvtt,
    whatsapp,
    whisper,
    youtube,
    zoom_chat,
)
from app.transcripts.formats.source import Format, Reading, Source


def read_docx(source: Source) -> Reading:
    """The document's words, read by whichever text format they are in."""
    inner = Source(None, b"", teams.docx_text(source.data))
    found = detect(inner)
    return FORMATS[found].read(inner)


FORMATS: dict[str, Format] = {
    "docx": Format("a Word document, as Teams saves one", teams.sniff_docx, read_docx),
    "native-lines": Format('JSON Lines of {"at", "text"}', native.sniff_lines, native.read_lines),
    "native": Format("Sevenstep's own JSON", native.sniff, native.read),
    "deepgram-json": Format("Deepgram's JSON", deepgram.sniff, deepgram.read),
    "rev-json": Format("Rev's JSON of monologues", rev.sniff_json, rev.read_json),
    "podcastindex-json": Format("podcast namespace JSON", podcastindex.sniff, podcastindex.read),
    "assemblyai-json": Format("AssemblyAI's JSON", assemblyai.sniff, assemblyai.read),
    "slack-json": Format("a Slack export's JSON", slack.sniff_json, slack.read_json),
    "whisper-json": Format("Whisper's JSON", whisper.sniff_json, whisper.read_json),
    "json-turns": Format("other JSON lists of turns", json_turns.sniff, json_turns.read),
    "webvtt": Format("WebVTT captions", webvtt.sniff, webvtt.read),
    "substation": Format("SubStation subtitles", srt.sniff_substation, srt.read_substation),
    "whisper-tsv": Format("Whisper's TSV", whisper.sniff_tsv, whisper.read_tsv),
    "whisper-console": Format("Whisper's screen", whisper.sniff_console, whisper.read_console),
    "srt": Format("SubRip captions", srt.sniff, srt.read),
    "lrc": Format("LRC lyrics file", whisper.sniff_lyrics, whisper.read_lyrics),
    "datatalks-yaml": Format("DataTalks page source", datatalks.sniff_yaml, datatalks.read_yaml),
    "html": Format("a web page", web_page.sniff, web_page.read),
    "datatalks-page": Format("DataTalks page text", datatalks.sniff_page, datatalks.read_page),
    "zoom-chat": Format("Zoom's saved chat", zoom_chat.sniff, zoom_chat.read),
    "whatsapp": Format("WhatsApp's exported chat", whatsapp.sniff, whatsapp.read),
    "teams-paste": Format("a copied Teams transcript", teams.sniff_paste, teams.read_paste),
    "slack-paste": Format("a copied Slack conversation", slack.sniff_paste, slack.read_paste),
    "google-meet": Format("Google Meet's transcript", meet.sniff, meet.read),
    "otter": Format("Otter's text export", otter.sniff, otter.read),
    "rev-text": Format("Rev's text", rev.sniff_text, rev.read_text),
    "descript": Format("Descript's export", descript.sniff, descript.read),
    "markdown-bold-speakers": Format("bold names in Markdown", markdown.sniff, markdown.read),
    "youtube-paste": Format("a copied YouTube transcript", youtube.sniff, youtube.read),
    "named-lines": Format("`Name: text`", plain.sniff_named, plain.read_named),
    "paragraphs": Format("text without names", plain.sniff_paragraphs, plain.read_paragraphs),
}


def detect(source: Source) -> str:
    """The id of the first format that fits; "paragraphs" where none does better."""
    return next((id for id, known in FORMATS.items() if known.sniff(source)), "paragraphs")
