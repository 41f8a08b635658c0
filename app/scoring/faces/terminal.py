"""The report for a terminal: plain text, no colours, at most WIDTH columns."""

import textwrap
from collections.abc import Iterator

from app.rubric.load import Rubric
from app.scoring.advice import next_best
from app.scoring.faces import wording
from app.scoring.faces.wording import Part, Row, visible
from app.scoring.report import Report
from app.transcripts.transcript import Transcript

WIDTH = 92
BAR = 28
QUOTE = 240
MISSING = 4
TITLE = 60
COLUMN = 15


def to_text(report: Report, transcript: Transcript, rubric: Rubric) -> str:
    return "\n".join(_lines(report, transcript, rubric)) + "\n"


def _lines(report: Report, transcript: Transcript, rubric: Rubric) -> Iterator[str]:
    title = visible(report.file or transcript.title or report.question or "Report")
    yield from _wrapped(title)
    yield "=" * min(len(title), WIDTH)
    yield from _wrapped(wording.verdict(report))
    if not report.scorable:
        yield from _wrapped(visible(report.reason or ""))
        yield from _notes(report)
        yield from ("", *_wrapped(wording.made_by(report)))
        return
    if advices := next_best(report, rubric):
        yield from ("", "What would have raised it most")
        for advice in advices:
            where = f"{advice.step.title}: {advice.criterion.missed_title}"
            yield from _wrapped(f"{where.rstrip('.')}. {advice.criterion.next_time}", "  * ")
    yield ""
    for part in wording.parts(report, rubric):
        yield _bar(part)
    for part in wording.parts(report, rubric):
        yield from _step(part, transcript)
    yield from _flags(report, transcript, rubric)
    if report.beside:
        yield from _beside(report, report.beside, rubric)
    yield from _notes(report)
    yield from ("", *_wrapped(wording.made_by(report)))


def _beside(report: Report, beside: Report, rubric: Rubric) -> Iterator[str]:
    """Both raters in two columns."""
    yield from ("", "Two opinions", "-" * 12)
    for name, of in (("first", report), ("second", beside)):
        yield from _wrapped(f"The {name} column is by {wording.rater(of)}: {wording.verdict(of)}")
    yield from _wrapped(wording.apart(report, beside))
    for pair in wording.pairs(report, beside, rubric):
        yield from ("", *_row(pair.level))
        for row in pair.criteria:
            yield from _row(row, "  ")


def _row(row: Row, lead: str = "") -> Iterator[str]:
    title, *more = textwrap.wrap(lead + row.title, TITLE, subsequent_indent=lead + "  ")
    yield f"{title:<{TITLE}} {row.here:<{COLUMN}} {row.beside}"
    yield from more
    if row.far:
        yield f"{lead}  ! {wording.FAR_APART}"


def _bar(part: Part) -> str:
    value = part.score.level
    filled = 0 if value is None else round(BAR * min(max(value, 0.0), 4.0) / 4)
    bar = "#" * filled + "." * (BAR - filled)
    return f"{part.score.id:<13} [{bar}] {wording.level(value)}"


def _step(part: Part, transcript: Transcript) -> Iterator[str]:
    yield ""
    title = f"{part.step.title} — {wording.level(part.score.level)}"
    yield title
    yield "-" * min(len(title), WIDTH)
    yield from _wrapped(f"{part.score.summary} ({wording.minutes(part.score)})")
    for criterion, mark in part.shown:
        depth = wording.DEPTHS[mark.depth or 0]
        prompted = f", {wording.PROMPTED}" if mark.prompted else ""
        note = f"; {mark.note}" if mark.note else ""
        yield from _wrapped(f"{criterion.title.rstrip('.')} [{depth}{prompted}{note}]", "  + ")
        for evidence in mark.evidence:
            quote = wording.quoted(evidence, QUOTE)
            yield from _wrapped(f'"{quote}" ({wording.place(evidence.turn, transcript)})', "      ")
    if part.score.other:
        yield from _wrapped("Also on this step, though no criterion names it:", "  + ")
        for evidence in part.score.other:
            quote = wording.quoted(evidence, QUOTE)
            yield from _wrapped(f'"{quote}" ({wording.place(evidence.turn, transcript)})', "      ")
    for criterion, _ in part.missing[:MISSING]:
        yield from _wrapped(criterion.missed_title, "  - ")
        yield from _wrapped(f"Next time: {criterion.next_time}", "      ")
    if more := part.missing[MISSING:]:
        yield from _wrapped("Also not heard: " + "; ".join(c.title for c, _ in more), "  - ")
    if part.unjudged:
        yield from _wrapped("Not judged: " + "; ".join(c.title for c in part.unjudged), "  ? ")


def _flags(report: Report, transcript: Transcript, rubric: Rubric) -> Iterator[str]:
    if not report.flags:
        return
    titles = {flag.id: flag.title for flag in rubric.flags}
    yield from ("", "Worth a second look", "-" * 19)
    for flag in report.flags:
        yield from _wrapped(f"{titles.get(flag.id, flag.id)}. {flag.why}", "  ! ")
        where = wording.place(flag.turn, transcript)
        yield from _wrapped(f'"{wording.shortened(flag.quote, QUOTE)}" ({where})', "      ")


def _notes(report: Report) -> Iterator[str]:
    if not (report.notes or report.advisories):
        return
    yield from ("", "Notes")
    for note in report.notes:
        yield from _wrapped(visible(note["message"]), "  ")
    for advisory in report.advisories:
        turn = "" if advisory.turn is None else f"Turn {advisory.turn}: "
        yield from _wrapped(f"{turn}{advisory.message}", "  ")


def _wrapped(text: str, lead: str = "") -> list[str]:
    after = " " * len(lead)
    return textwrap.wrap(text, WIDTH, initial_indent=lead, subsequent_indent=after) or [lead]
