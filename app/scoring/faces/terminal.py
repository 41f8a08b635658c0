"""The report as terminal."""

from app.rubric.load import Rubric
from app.scoring.report import Report
from app.transcripts.transcript import Transcript


def to_text(report: Report, transcript: Transcript, rubric: Rubric) -> str:
    return report.to_json(indent=1)
