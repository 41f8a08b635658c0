"""Bytes to clean text: whatever the encoding, no unseen marks, one kind of line end."""

import html
import re
import unicodedata

from app.errors import UnreadableTranscript

BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
KNOWN_BINARIES = (
    (b"%PDF", "a PDF; copy its text, or save it as .txt"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"ID3", "a sound file; transcribe it first"),
    (b"RIFF", "a sound or video file; transcribe it first"),
    (b"OggS", "a sound file; transcribe it first"),
    (b"fLaC", "a sound file; transcribe it first"),
    (b"\x1aE\xdf\xa3", "a video; transcribe it first"),
    (b"\xd0\xcf\x11\xe0", "an old Word document; save it as .docx or .txt"),
    (b"\x1f\x8b", "a packed file; unpack it first"),
    (b"{\\rtf", "a rich text file; save it as .docx or .txt"),
)
# Joiners (U+200C, U+200D) stay: Persian and emoji need them.
UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
COMBINING = "".join(c for c in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(c))
COMBINING_RUN = re.compile(f"[{COMBINING}]{{16,}}")


def decode(data: bytes) -> str:
    """The text of a file. Raises where the bytes are no text at all."""
    for magic, what in KNOWN_BINARIES:
        if data.startswith(magic):
            raise UnreadableTranscript(f"This is {what}.")
    text = _decoded(data)
    if _looks_binary(text):
        raise UnreadableTranscript(
            "This file holds no text: it looks like a sound, video or "
            "program file. Sevenstep reads transcripts."
        )
    return clean(text)


def _decoded(data: bytes) -> str:
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, errors="replace")
    if utf16 := _utf16_without_bom(data):
        return data.decode(utf16, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "\n".join(_line(line) for line in data.split(b"\n"))


def _line(line: bytes) -> str:
    """Files put together from others change encoding between lines."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _utf16_without_bom(data: bytes) -> str | None:
    """English in UTF-16 has a zero in every second byte."""
    sample = data[:2000]
    half = len(sample) // 2
    if half < 2:
        return None
    if sample[1::2].count(0) > 0.6 * half and sample[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.6 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def _looks_binary(text: str) -> bool:
    """Control characters or undecodable bytes in more than one of ten characters.

    NULs alone do not count: some recorders pad their files with them.
    """
    sample = text[:20_000].replace("\x00", "")
    odd = len(CONTROL.findall(sample)) + sample.count("\ufffd")
    return odd > 0.1 * len(sample) if len(sample) > 20 else False


def clean(text: str) -> str:
    """Composed (NFC), without unseen marks and control characters, lines ended by \\n."""
    text = CONTROL.sub("", LINE_END.sub("\n", text))
    if text.isascii():
        return text
    text = SPACE.sub(" ", UNSEEN.sub("", text))
    # Normalising is quadratic in a run of combining marks; nobody writes sixteen on a letter.
    return unicodedata.normalize("NFC", COMBINING_RUN.sub("", text))


def without_entities(text: str) -> str:
    """'&amp;' as '&'. An entity with thousands of digits stays as it is written."""
    try:
        return html.unescape(text)
    except ValueError:
        return text
