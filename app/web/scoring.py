"""From bytes to a kept transcript, and from that to a kept report."""

from dataclasses import replace

from app.rubric.shelf import DEFAULT
from app.scoring.scorer import score_transcript
from app.storage import reports
from app.storage.db import transaction
from app.storage.reports import KeptReport, KeptTranscript
from app.transcripts import Transcript, read_transcript
from app.web.deps import Home
from app.web.names import clean_name


def keep_transcript(
    home: Home,
    data: bytes,
    *,
    name: str | None,
    question: str | None = None,
    speaker: str | None = None,
    as_format: str | None = None,
) -> KeptTranscript:
    """Raises UnreadableTranscript and its kin."""
    transcript = read_transcript(data, name=name, as_format=as_format, speaker=speaker or None)
    if question:
        transcript = replace(transcript, question=question)
    title = clean_name(name or transcript.title, "Pasted transcript")
    with transaction(home.engine) as db:
        return reports.add_transcript(db, transcript, name=title, now=home.now())


def score_kept(
    home: Home,
    kept: KeptTranscript,
    *,
    as_cast: Transcript | None = None,
    replaces: str | None = None,
    rubric: str = DEFAULT,
) -> KeptReport:
    """`as_cast` is the same transcript with other roles, which is kept beside the first."""
    knowledge = home.standards.knowledge(rubric)
    transcript = as_cast or kept.transcript
    report = replace(score_transcript(transcript, knowledge), file=None)
    with transaction(home.engine) as db:
        if transcript != kept.transcript:
            kept = reports.add_transcript(db, transcript, name=kept.name, now=home.now())
        return reports.add_report(
            db, kept, report, knowledge.rubric, now=home.now(), replaces=replaces
        )
