"""`sevenstep score --judge llm`: a model's opinion on files, with the offline report beside it.

Answers are kept and spending is counted in the configured database, so going on after a failure pays for nothing twice.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from app.endpoint import Endpoint
from app.errors import SevenstepError
from app.llm.assess import FAILED, Progress, assess, fingerprint
from app.llm.estimate import Estimate, estimate
from app.llm.model import Fault, ModelFailed
from app.llm.models import Models
from app.scoring.knowledge import Knowledge
from app.scoring.report import Report
from app.scoring.scorer import score_transcript
from app.settings import database_url
from app.storage.db import Database, migrate, open_database
from app.storage.spending import SqlLedger
from app.storage.votes import SqlVotes
from app.transcripts.transcript import Transcript

PASSING: frozenset[Fault] = frozenset(
    {"busy", "server", "slow", "stalled", "overlong", "cut", "empty", "unreachable", "ledger"}
)
PAUSES = (1.0, 5.0)  # seconds before another try
LONGEST_PAUSE = 30.0  # a server that asks for more has nothing to give today


class Judges:
    """One endpoint for all files of a command."""

    def __init__(self, endpoint: Endpoint, engine: Database, content: Path | None) -> None:
        self._endpoint = endpoint
        self._engine = engine
        self._content = content
        self._models = Models(
            endpoint, SqlLedger(engine, endpoint.budget, _now), lambda: round(monotonic() * 1000)
        )
        self._loop = asyncio.Runner()

    def close(self) -> None:
        self._loop.run(self._models.close())
        self._loop.close()
        self._engine.dispose()

    def report(
        self, transcript: Transcript, knowledge: Knowledge, file: str
    ) -> tuple[Report, bool]:
        """(the judge's report with the offline one beside it, True), or (the offline one with a note why, False)."""
        offline = score_transcript(transcript, knowledge)
        try:
            if offline.scorable:
                expected = estimate(
                    transcript, knowledge.rubric, self._endpoint.prices, self._content
                )
                _say(file, _announced(expected, self._endpoint))
            judged = self._loop.run(self._assess(transcript, knowledge, file))
        except SevenstepError as error:
            said = f"The judge could not be asked: {error}"
            _say(file, said)
            note = {"id": FAILED, "message": said}
            return replace(offline, notes=(*offline.notes, note)), False
        return replace(judged, beside=offline), judged.scorable

    async def _assess(self, transcript: Transcript, knowledge: Knowledge, file: str) -> Report:
        name = self._endpoint.judge_model
        key = fingerprint(transcript, knowledge, name, content=self._content)
        first: ModelFailed | None = None
        for pause in (*PAUSES, None):
            line = Line(file)
            try:
                return await assess(
                    transcript,
                    knowledge,
                    self._models.judge(f"file:{key[:32]}"),
                    votes=SqlVotes(self._engine, _now),
                    content=self._content,
                    progress=line,
                )
            except ModelFailed as failure:
                asked = failure.retry_after or 0.0
                if pause is None or failure.fault not in PASSING or asked > LONGEST_PAUSE:
                    # "left alone for a while" says less than why
                    said = first if first and failure.fault == "down" else failure
                    raise said from None
                first = failure
                _say(file, f"{failure} Trying again.")
                await asyncio.sleep(max(pause, asked))
            finally:
                line.end()
        raise AssertionError("the last try returns or raises")


@contextmanager
def judges(endpoint: Endpoint, content: Path | None) -> Iterator[Judges]:
    """Raises CannotStart where the database cannot be used."""
    engine = open_database(database_url(os.environ.get("SEVENSTEP_DATABASE")))
    migrate(engine)
    opened = Judges(endpoint, engine, content)
    try:
        yield opened
    finally:
        opened.close()


class Line:
    """Progress on standard error: on a terminal one line that changes, else a line for every step."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._changes = sys.stderr.isatty()
        self._steps = 0

    def __call__(self, progress: Progress) -> None:
        if self._changes:
            sys.stderr.write(f"\r\x1b[K{self._file}: {_told(progress)}")
            sys.stderr.flush()
        elif progress.steps_done > self._steps:
            self._steps = progress.steps_done
            _say(self._file, _told(progress))

    def end(self) -> None:
        if self._changes:
            sys.stderr.write("\n")


def _announced(expected: Estimate, endpoint: Endpoint) -> str:
    money = f", {expected.money:.2f} in money" if expected.money else ""
    return (
        f"{endpoint.judge_model} at {endpoint.host} reads the transcript: about {expected.calls} calls and "
        f"{expected.tokens:,} tokens{money}."
    )


def _told(progress: Progress) -> str:
    tokens = progress.tokens_in + progress.tokens_out
    cost = f", {progress.cost:.2f} in money" if progress.cost else ""
    return (
        f"{progress.steps_done} of {progress.steps} steps, {progress.votes_done} of "
        f"{progress.votes_planned} votes, {tokens:,} tokens{cost}"
    )


def _say(file: str, sentence: str) -> None:
    sys.stderr.write(f"{file}: {sentence}\n")
    sys.stderr.flush()


def _now() -> datetime:
    return datetime.now(UTC)
