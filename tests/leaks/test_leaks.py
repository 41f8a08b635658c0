"""Over many sessions, nothing that is the interviewer's reaches anybody else: no frame, page, answer, export or error.

Recorded where it leaves the service (recorder.py), played by a script (playing.py), found by words that stand nowhere
else (canaries.py). The same search finds a seat that leaks.
"""

import asyncio
import re
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fastapi.routing import _IncludedRouter

from app.live.connection import Connection
from app.main import create_app
from app.settings import Settings
from app.web import line, private, sessions
from app.web.live import guests, seats
from app.web.live.panels import Panels
from app.web.standards import Standards
from tests.leaks.canaries import Canaries, write_content
from tests.leaks.playing import Play, Service
from tests.leaks.recorder import Recorder
from tests.leaks.search import coverage_words, leaks

pytestmark = pytest.mark.anyio
SESSIONS = 100
AT_ONCE = 5
EVERY_ROUTE = 50  # of the sessions one in so many walks over all the routes that there are
PARAMETER = re.compile(r"{[^}]*}")


class Stage:
    """A service whose machine's marks have canaries too, and the search over what left it."""

    def __init__(self, service, canaries, question, rubric, token):
        self.token = token
        self.service, self.canaries, self.question = service, canaries, question
        self.coverage = coverage_words(rubric)
        self.plays = []

    async def play(self, count, *, walk=True):
        """Several at once: a service that waits for its store has time for another."""
        for first in range(0, count, AT_ONCE):
            seeds = range(first, min(first + AT_ONCE, count))
            await asyncio.gather(*(self._play(seed, walk) for seed in seeds))

    async def _play(self, seed, walk):
        play = Play(self.service, self.canaries, self.question, seed, self.token)
        self.plays.append(play)
        await play.run()
        if walk and seed % EVERY_ROUTE == 0:
            await self._walk(play)

    async def _walk(self, play):
        """Every GET route that the application has, as everybody."""
        report = (await play.room()).session.report or "none"
        known = [route for route in self.service.app.routes if isinstance(route, _IncludedRouter)]
        routes = [route for part in known for route in part.effective_route_contexts()]
        paths = sorted({route.path for route in routes if "GET" in route.methods})
        assert {"/live/{id}", "/sessions/{id}/bundle", "/reports/{id}"} <= set(paths)
        for client in (*play.people.values(), play.stranger):
            for path in paths:
                for id in (play.id, report) if "{" in path else ("",):
                    await client.get(PARAMETER.sub(id, path))

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


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The question, its canaries and what is built of it, once."""
    folder, canaries = tmp_path_factory.mktemp("content"), Canaries()
    question = write_content(folder, canaries)
    return Standards(folder), canaries, question


@pytest.fixture
def staged(content, database, monkeypatch):
    standards, canaries, question = content
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
    monkeypatch.setattr(line, "PANELS_EVERY", 0.1)  # seconds; more states of each panel are sent

    @asynccontextmanager
    async def opened(**settings):
        wanted = Settings(database=database, content=standards.content, **settings)
        app = create_app(wanted, standards=standards)
        async with app.router.lifespan_context(app):
            service = Service(Recorder(app))
            yield Stage(service, canaries, question, standards.rubric(), wanted.token or "")

    return opened


async def test_nothing_of_the_interviewers_side_reaches_anybody_else(staged):
    async with staged() as stage:
        await stage.play(SESSIONS)
        assert Counter(stage.leaks()) == Counter()
        got = Counter((r.who, r.kind) for r in stage.service.recorder.records)
        for who in ("candidate", "observer"):
            assert got[who, "frame"] > 20 * SESSIONS and got[who, "body"] > 5 * SESSIONS
        assert got["stranger", "body"] > SESSIONS


async def test_with_a_token_the_house_is_closed_to_them_and_so_is_the_room(staged):
    async with staged(token="a token of the house") as stage:
        await stage.play(3)
        assert Counter(stage.leaks()) == Counter()


def everybody_reads_the_staff_stream(_app, patch):
    patch.setattr(seats, "sees_staff", lambda _role, _room: True)


def a_candidate_gets_the_interviewers_panels(_app, patch):
    class Leaky(Panels):
        def __init__(self, me, _role, *, sees_staff):
            super().__init__(me, "interviewer", sees_staff=True)

    patch.setattr(seats, "Panels", Leaky)


def a_connection_follows_both_streams(_app, patch):
    patch.setattr(line, "Connection", lambda actor, **_: Connection(actor, sees_staff=True))


def reports_are_open_to_whoever_has_their_address(app, _patch):
    app.dependency_overrides[private.open_report] = lambda: None


def bundles_are_open_to_whoever_has_their_address(app, _patch):
    app.dependency_overrides[private.open_session] = lambda: None
    app.dependency_overrides[private.open_bundle] = lambda: None


def whoever_is_in_may_see_marks_and_card(app, _patch):
    app.dependency_overrides[guests.staff] = guests.inside


def a_fact_stands_beside_what_was_said(_app, patch):
    draw = seats.turn_fragment

    def leaky(room, *given):
        fragment = draw(room, *given)
        facts = room.expectations.sheet.question.facts
        return fragment | {"html": fragment["html"] + facts[-1].answer}

    patch.setattr(seats, "turn_fragment", leaky)


@pytest.mark.parametrize(
    ("mutate", "what"),
    [
        (everybody_reads_the_staff_stream, "a private note"),
        (a_candidate_gets_the_interviewers_panels, "one of the follow_ups"),
        (a_connection_follows_both_streams, "the staff stream"),
        (reports_are_open_to_whoever_has_their_address, "a mark of the machine"),
        (bundles_are_open_to_whoever_has_their_address, "a reason for a mark"),
        (whoever_is_in_may_see_marks_and_card, "coverage"),
        (a_fact_stands_beside_what_was_said, "one of the facts"),
    ],
)
async def test_the_search_finds_a_room_that_leaks(staged, monkeypatch, mutate, what):
    async with staged() as stage:
        mutate(stage.service.app, monkeypatch)
        with suppress(AssertionError):  # some of what is refused is not refused any more
            await stage.play(1, walk=False)
        assert what in {leak.what.partition(":")[0] for leak in stage.leaks()}
