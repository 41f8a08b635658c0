"""`sevenstep score`: transcripts in, reports out, in the order of the files."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from app.commands.files import read_input
from app.endpoint import Endpoint
from app.errors import SevenstepError
from app.rubric.shelf import DEFAULT, get_rubric
from app.scoring.faces.markdown import to_markdown
from app.scoring.faces.terminal import to_text
from app.scoring.knowledge import Knowledge
from app.scoring.report import Report
from app.scoring.scorer import score_transcript, unscorable
from app.settings import content_folder, endpoint_of_environment
from app.transcripts import FORMATS, Transcript, read_transcript

HELP = "score transcript files against the rubric"
FACES = ("text", "json", "jsonl", "md", "html")
PARALLEL_FROM = 24
CHUNK = 8
UNSET = (
    "sevenstep score: --judge llm needs a model endpoint: set SEVENSTEP_LLM_BASE_URL and SEVENSTEP_LLM_MODEL, and "
    "SEVENSTEP_LLM_API_KEY where it wants one, or leave --judge out for the offline score. `sevenstep fake-llm` "
    "is an endpoint to try it with.\n"
)

Rate = Callable[[Transcript, Knowledge, str], tuple[Report, bool]]


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker process needs for one file."""

    file: str
    rubric: str
    content: Path | None
    face: str
    question: str | None
    speaker: str | None
    as_format: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="files, or - for standard input")
    parser.add_argument("--format", choices=FACES, default="text")
    parser.add_argument("--question", metavar="SLUG")
    parser.add_argument("--rubric", metavar="ID", default=DEFAULT)
    parser.add_argument("--judge", choices=["offline", "llm"], default="offline")
    parser.add_argument("--speaker", metavar="NAME", help="who the candidate is")
    parser.add_argument("--as", dest="as_format", metavar="FORMAT", choices=[*FORMATS])


def run(options: argparse.Namespace) -> int:
    endpoint = endpoint_of_environment() if options.judge == "llm" else None
    if options.judge == "llm" and endpoint is None:
        sys.stderr.write(UNSET)
        return 2
    content = content_folder()
    get_knowledge(options.rubric, content)  # a wrong rubric is said once, before any file
    work = [
        Work(
            file,
            options.rubric,
            content,
            options.format,
            options.question,
            options.speaker,
            options.as_format,
        )
        for file in options.files
    ]
    unusable = 0
    for printed, usable in _judged(work, endpoint) if endpoint else _scored(work):
        sys.stdout.write(printed)
        unusable += not usable
    return 3 if unusable else 0


def _scored(work: list[Work]) -> Iterator[tuple[str, bool]]:
    """In order; over the cores, with a bar on a terminal, where there are many files."""
    if len(work) < PARALLEL_FROM or any(item.file == "-" for item in work):
        yield from map(score_file, work)
        return
    with ExitStack() as stack:
        pool = stack.enter_context(ProcessPoolExecutor(os.cpu_count()))
        results = pool.map(score_file, work, chunksize=CHUNK)
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import track

            results = iter(track(results, "Scoring", total=len(work), console=Console(stderr=True)))
        yield from results


def _judged(work: list[Work], endpoint: Endpoint) -> Iterator[tuple[str, bool]]:
    """One after another: the endpoint is what takes the time."""
    from app.commands.opinion import judges

    with judges(endpoint, work[0].content) as opened:
        for item in work:
            yield score_file(item, opened.report)


@cache
def get_knowledge(rubric: str, content: Path | None) -> Knowledge:
    return Knowledge(get_rubric(rubric, content))


def by_rules(transcript: Transcript, knowledge: Knowledge, file: str) -> tuple[Report, bool]:
    report = score_transcript(transcript, knowledge)
    return report, report.scorable


def score_file(work: Work, rate: Rate = by_rules) -> tuple[str, bool]:
    """(what to print, whether it could be scored). A file that cannot be read gets a report that says why."""
    knowledge = get_knowledge(work.rubric, work.content)
    try:
        name, data = read_input(work.file)
        transcript = read_transcript(
            data, name=name, as_format=work.as_format, speaker=work.speaker
        )
        if work.question:
            transcript = replace(transcript, question=work.question)
        report, usable = rate(transcript, knowledge, work.file)
    except SevenstepError as error:
        transcript = Transcript(())
        report, usable = unscorable(transcript, knowledge, str(error)), False
    return show(replace(report, file=work.file), transcript, knowledge, work.face), usable


def show(report: Report, transcript: Transcript, knowledge: Knowledge, face: str) -> str:
    if face == "jsonl":
        return report.to_json() + "\n"
    if face == "json":
        return report.to_json(indent=1) + "\n"
    if face == "md":
        return to_markdown(report, transcript, knowledge.rubric)
    if face == "html":
        from app.web.pages import report_page

        return report_page(report, transcript, knowledge.rubric)
    return to_text(report, transcript, knowledge.rubric)
