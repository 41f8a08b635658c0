"""The log against a plain list, over whatever order of calls Hypothesis thinks of."""

import asyncio
import secrets
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.errors import Conflict, NotFound, Unavailable
from app.storage.db import open_log
from app.storage.log import Draft
from tests.storage.writing import QUESTION, begin, numbers, running, send

STREAMS = st.sampled_from(["main", "staff"])
SOME_DRAFTS = st.lists(STREAMS, max_size=3)
ACTORS = st.sampled_from(["sam", "dana"])
CMDS = st.sampled_from([None, "1", "2", "3", "4"])
BACK = st.integers(min_value=0, max_value=4)


class AgainstAList(RuleBasedStateMachine):
    """`events` is the list: what is stored, in order. `receipts` is what each command led to."""

    def __init__(self, url):
        super().__init__()
        self.url = url
        self.runner = asyncio.Runner()
        self.log = self.run(open_log(url))
        self.run(self.log.keep_content(QUESTION))
        self.start()

    def run(self, work):
        return self.runner.run(work)

    def teardown(self):
        self.run(self.log.close())
        self.runner.close()

    def start(self):
        self.session = secrets.token_hex(16)
        self.now = 1_000
        self.receipts = {}
        self.events = list(self.run(begin(self.log, self.session)).events)

    def heads(self, events=None):
        streams = [event.stream for event in (self.events if events is None else events)]
        return streams.count("main"), streams.count("staff")

    @rule(streams=SOME_DRAFTS, actor=ACTORS, cmd=CMDS, back=BACK, passed=st.integers(-50, 50))
    def append(self, streams, actor, cmd, back, passed):
        """By somebody who has not folded the last few events, with a clock that may have been set back."""
        drafts = [Draft(stream, "turn", {"n": n}) for n, stream in enumerate(streams)]
        known = self.events[: max(0, len(self.events) - back)]
        self.now += passed
        shown = []

        def decide(newer, now):
            shown.append((list(newer), now))
            return running(*drafts)

        receipt = self.run(
            send(
                self.log,
                session=self.session,
                actor=actor,
                cmd=cmd,
                digest=b"x",
                decide=decide,
                known=self.heads(known),
                at=self.now,
            )
        )
        if (actor, cmd) in self.receipts:
            assert receipt.dup and not shown
            assert list(receipt.events) == self.receipts[actor, cmd]
            return
        at = max(self.now, self.events[-1].at)
        assert not receipt.dup
        assert shown == [(self.events[len(known) :], at)]
        assert [(e.stream, e.body, e.at) for e in receipt.events] == [
            (draft.stream, draft.body, at) for draft in drafts
        ]
        self.events += receipt.events
        if cmd is not None and drafts:
            self.receipts[actor, cmd] = list(receipt.events)

    @precondition(lambda self: self.receipts)
    @rule(data=st.data())
    def send_something_else_under_an_old_name(self, data):
        actor, cmd = data.draw(st.sampled_from(sorted(self.receipts)))
        with pytest.raises(Conflict):
            self.run(send(self.log, session=self.session, actor=actor, cmd=cmd, digest=b"y"))

    @rule(ahead=st.integers(1, 3))
    def append_knowing_too_much(self, ahead):
        main, staff = self.heads()
        with pytest.raises(Unavailable):
            self.run(send(self.log, session=self.session, known=(main + ahead, staff)))

    @rule(stream=STREAMS, after=st.integers(0, 12), limit=st.integers(1, 6))
    def read(self, stream, after, limit):
        of_stream = [event for event in self.events if event.stream == stream]
        got = self.run(self.log.read(self.session, stream, after, limit))
        assert got == of_stream[after : after + limit]

    @rule(back=st.integers(0, 9))
    def fold(self, back):
        known = self.events[: max(0, len(self.events) - back)]
        got = self.run(self.log.history(self.session, self.heads(known)))
        assert got == self.events[len(known) :]

    @rule()
    def restart(self):
        self.run(self.log.close())
        self.log = self.run(open_log(self.url))

    @rule()
    def delete(self):
        self.run(self.log.delete(self.session))
        with pytest.raises(NotFound):
            self.run(self.log.head(self.session))
        self.start()

    @invariant()
    def the_head_is_the_end_of_the_list(self):
        head = self.run(self.log.head(self.session))
        assert (head.main, head.staff) == self.heads()
        assert head.last_at == self.events[-1].at
        last = {event.stream: event.eid for event in self.events}
        assert (head.main_eid, head.staff_eid) == (last.get("main"), last.get("staff"))

    @invariant()
    def each_stream_counts_from_one(self):
        for stream in ("main", "staff"):
            seqs = [seq for where, seq in numbers(self.events) if where == stream]
            assert seqs == list(range(1, len(seqs) + 1))


def test_the_log_is_a_list(url, tmp_path):
    made = iter(range(10_000))

    def machine():
        if not url.startswith("sqlite"):
            return AgainstAList(url)
        own = tmp_path / f"{next(made)}.db"
        shutil.copy(Path(url.removeprefix("sqlite:///")), own)
        return AgainstAList(f"sqlite:///{own}")

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
