"""The report as Markdown. Whatever came from a transcript is escaped: it is words, never markup."""

import re
from collections.abc import Iterator

from app.rubric.load import Rubric
from app.scoring.advice import next_best
from app.scoring.faces import wording
from app.scoring.faces.wording import Part, Row
from app.scoring.report import Evidence, Report
from app.transcripts.transcript import Transcript

MARKUP = re.compile(r"([\\`*_\[\]<>#|~&@$]|:(?=//)|(?<=www)\.|^[-+=])", re.IGNORECASE)
QUOTE = 400


def to_markdown(report: Report, transcript: Transcript, rubric: Rubric) -> str:
    return "\n".join(_lines(report, transcript, rubric)) + "\n"


def escaped(text: str) -> str:
    """One line on which nothing is markup, a link or the start of a block."""
    return MARKUP.sub(r"\\\1", " ".join(wording.visible(text).split()))


def _lines(report: Report, transcript: Transcript, rubric: Rubric) -> Iterator[str]:
    title = report.file or transcript.title or report.question or "Report"
    yield from (f"# {escaped(title)}", "", f"**{wording.verdict(report)}**")
    if not report.scorable:
        yield from ("", escaped(report.reason or ""))
        yield from _notes(report)
        yield from ("", f"*{wording.made_by(report)}*")
        return
    if advices := next_best(report, rubric):
        yield from ("", "## What would have raised it most", "")
        for advice in advices:
            missed = advice.criterion.missed_title.rstrip(".")
            yield f"- **{advice.step.title}: {missed}.** {advice.criterion.next_time}"
    yield from ("", "## Levels", "", "| Step | Level of 4 | Share |", "| --- | --- | --- |")
    for part in wording.parts(report, rubric):
        level = wording.level(part.score.level)
        yield f"| {part.step.title} | {level} | {wording.minutes(part.score)} |"
    for part in wording.parts(report, rubric):
        yield from _step(part, transcript)
    yield from _flags(report, transcript, rubric)
    if report.beside:
        yield from _beside(report, report.beside, rubric)
    yield from _notes(report)
    yield from ("", f"*{escaped(wording.made_by(report))}*")


def _beside(report: Report, beside: Report, rubric: Rubric) -> Iterator[str]:
    raters = [escaped(wording.rater(each)) for each in (report, beside)]
    yield from ("", "## Two opinions", "", wording.apart(report, beside), "")
    yield f"| | {raters[0]} | {raters[1]} | |"
    yield "| --- | --- | --- | --- |"
    yield f"| **Overall** | {wording.verdict(report)} | {wording.verdict(beside)} | |"
    for pair in wording.pairs(report, beside, rubric):
        yield _row(f"**{pair.level.title}**", pair.level)
        for row in pair.criteria:
            yield _row(row.title, row)


def _row(title: str, row: Row) -> str:
    return f"| {title} | {row.here} | {row.beside} | {wording.FAR_APART if row.far else ''} |"


def _step(part: Part, transcript: Transcript) -> Iterator[str]:
    yield from ("", f"## {part.step.title}: {wording.level(part.score.level)}", "")
    yield part.score.summary
    if part.shown or part.score.other:
        yield from ("", "### Shown", "")
    for criterion, mark in part.shown:
        prompted = f", {wording.PROMPTED}" if mark.prompted else ""
        note = f"; {mark.note}" if mark.note else ""
        depth = wording.DEPTHS[mark.depth or 0]
        yield f"- **{criterion.title.rstrip('.')}** ({depth}{prompted}{note})"
        yield from (_quote(evidence, transcript) for evidence in mark.evidence)
    if part.score.other:
        yield "- Also on this step, though no criterion names it:"
        yield from (_quote(evidence, transcript) for evidence in part.score.other)
    if part.missing:
        yield from ("", "### Missing", "")
    for criterion, _ in part.missing:
        missed = criterion.missed_title.rstrip(".")
        yield f"- **{missed}.** Next time: {criterion.next_time} ({criterion.study})"
    if part.unjudged:
        yield from ("", "Not judged: " + "; ".join(c.title for c in part.unjudged))


def _quote(evidence: Evidence, transcript: Transcript) -> str:
    said = escaped(wording.quoted(evidence, QUOTE))
    return f"  - “{said}” ({wording.place(evidence.turn, transcript)})"


def _flags(report: Report, transcript: Transcript, rubric: Rubric) -> Iterator[str]:
    if not report.flags:
        return
    titles = {flag.id: flag.title for flag in rubric.flags}
    yield from ("", "## Worth a second look", "")
    for flag in report.flags:
        yield f"- **{titles.get(flag.id, flag.id).rstrip('.')}.** {flag.why}"
        said = escaped(wording.shortened(flag.quote, QUOTE))
        yield f"  - “{said}” ({wording.place(flag.turn, transcript)})"


def _notes(report: Report) -> Iterator[str]:
    if not (report.notes or report.advisories):
        return
    yield from ("", "## Notes", "")
    yield from (f"- {escaped(note['message'])}" for note in report.notes)
    for advisory in report.advisories:
        turn = "" if advisory.turn is None else f"Turn {advisory.turn}: "
        yield f"- {turn}{advisory.message}"
