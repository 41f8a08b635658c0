"""The cast: Dana sets a task and Sam answers, once in every format (the files in samples/)."""

import io
from pathlib import Path

import docx

FOLDER = Path(__file__).parent / "samples"
TURNS = (
    "Design a system that flags fraudulent card payments. Where would you start?",
    "I would start with the goal. We lose two percent of revenue, and a decision is needed "
    "within 100 milliseconds.",
    "How would you label the data?",
    "Chargebacks arrive after 60 days, so recent payments have no labels yet.",
)


def teams_docx() -> bytes:
    """As Teams saves one: the name, the time and the words in one paragraph."""
    document = docx.Document()
    document.add_paragraph("Mock interview-20240503_100000-Meeting Recording")
    document.add_paragraph("May 3, 2024, 10:00AM")
    document.add_paragraph("Dana Kim started transcription")
    names = ("Dana Kim", "Sam Ode") * 2
    for name, at, text in zip(names, ("0:00", "0:06", "0:15", "0:18"), TURNS, strict=True):
        document.add_paragraph(f"{name}   {at}\n{text}")
    return _saved(document)


def plain_docx() -> bytes:
    document = docx.Document()
    for name, text in zip(("Dana", "Sam") * 2, TURNS, strict=True):
        document.add_paragraph(f"{name}: {text}")
    return _saved(document)


def _saved(document: docx.document.Document) -> bytes:
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


SAMPLES = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())} | {
    "docx.docx": teams_docx(),
    "docx--plain.docx": plain_docx(),
}


def format_of(sample: str) -> str:
    """'webvtt--zoom.vtt' is a webvtt sample."""
    return sample.rsplit(".", 1)[0].split("--")[0]
