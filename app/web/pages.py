"""A report as one page of its own, with nothing to load: what `sevenstep score` writes."""

from markupsafe import Markup

from app.rubric.load import Rubric
from app.scoring.faces import wording
from app.scoring.report import Report
from app.transcripts.transcript import Transcript
from app.web.templating import render, static_folder
from app.web.views.marked import marked_turns
from app.web.views.report import report_view
from app.web.views.words import LEVEL_MEANING, LEVELS

STYLES = ("site.css", "report.css")
BESIDE = ("beside.css",)


def report_page(report: Report, transcript: Transcript, rubric: Rubric) -> str:
    """The words stand at the end of the same page, so that quotes lead somewhere without us."""
    names = (*STYLES, *BESIDE) if report.beside else STYLES
    styles = "\n".join((static_folder() / name).read_text(encoding="utf-8") for name in names)
    return render(
        "alone.html",
        theme="auto",
        path="/",
        name=report.file or transcript.title or "Interview",
        styles=Markup(styles),
        view=report_view(report, transcript, rubric, transcript_at=""),
        both=report.beside and _both(report, report.beside, rubric),
        turns=marked_turns(transcript, report),
        levels=list(zip(LEVELS, LEVEL_MEANING, strict=True)),
    )


def _both(report: Report, beside: Report, rubric: Rubric) -> dict[str, object]:
    return {
        "raters": (wording.rater(report), wording.rater(beside)),
        "verdict": wording.verdict(beside),
        "apart": wording.apart(report, beside),
        "pairs": tuple(wording.pairs(report, beside, rubric)),
        "far": wording.FAR_APART,
    }
