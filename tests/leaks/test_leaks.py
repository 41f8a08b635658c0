"""Over many sessions, nothing that is the interviewer's reaches anybody else: no frame, page, answer, export or error.

Recorded where it leaves the service (recorder.py), played by a script (playing.py), found by words that stand nowhere
else (canaries.py). The same search finds a seat that leaks.
"""

import re
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.main import create_app
from app.settings import Settings
from app.web import line, sessions
from app.web.standards import Standards
from tests.leaks.canaries import Canaries, write_content
from tests.leaks.playing import Play, Service
from tests.leaks.recorder import Recorder
from tests.leaks.search import coverage_words, leaks

SESSIONS = 30
EVERY_ROUTE = 40  # of the sessions one in so many walks over all the routes that there are
PARAMETER = re.compile(r"{[^}]*}")


class Stage:
    """A service whose machine's marks have canaries too, and the search over what left it."""

    def __init__(self, service, canaries, question, rubric):
        self.service, self.canaries, self.question = service, canaries, question
        self.coverage = coverage_words(rubric)
        self.plays = []

    def play(self, count):
        for _ in range(count):
            play = Play(self.service, self.canaries, self.question, len(self.plays))
            self.plays.append(play)
            play.run()
            if play.seed % EVERY_ROUTE == 0:
                self._walk(play)

    def _walk(self, play):
        """Every GET route that the application has, as everybody."""
        report = play._room.session.report or "none"
        paths = sorted(
            {
                r.path
                for r in self.service.app.routes
                if "GET" in (getattr(r, "methods", None) or ())
            }
        )
        for client in (*play.people.values(), play.stranger):
            for path in paths:
                for id in (play.id, report) if "{" in path else ("",):
                    client.get(PARAMETER.sub(id, path))

    def leaks(self):
        shown = {play.id: play.shown for play in self.plays}

        def is_shown(record):
            while_on = shown.get(record.session, ())
            return record.who == "observer" and any(a <= record.number < b for a, b in while_on)

        records = self.service.recorder.records
        return list(leaks(records, self.canaries, self.coverage, is_shown))


@pytest.fixture
def database(tmp_path):
    """In memory where there is such a folder: what is looked for here is no matter of the disk."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield f"sqlite:///{folder}/leaks.db"


@pytest.fixture
def staged(tmp_path, database, monkeypatch):
    canaries = Canaries()
    question = write_content(tmp_path / "content", canaries)
    standards = Standards(tmp_path / "content")
    score = sessions.score_transcript

    def scored(*given, **named):
        report = score(*given, **named)
        steps = tuple(
            replace(
                step,
                summary=f"The {canaries.word('a sentence of the machine')} part.",
                level=canaries.level("a mark of the machine"),
            )
            for step in report.steps
        )
        return replace(report, steps=steps)

    monkeypatch.setattr(sessions, "score_transcript", scored)
    monkeypatch.setattr(line, "PANELS_EVERY", 0.0)  # every state of every panel is sent

    @contextmanager
    def opened(**settings):
        wanted = Settings(database=database, content=tmp_path / "content", **settings)
        recorder = Recorder(create_app(wanted, standards=standards))
        with ExitStack() as stack:
            service = Service(recorder, stack)
            yield Stage(service, canaries, question, standards.rubric())

    return opened


def test_nothing_of_the_interviewers_side_reaches_anybody_else(staged):
    with staged() as stage:
        stage.play(SESSIONS)
        assert Counter(stage.leaks()) == Counter()
