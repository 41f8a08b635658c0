"""The checker finds nothing in an honest log, and every fault that is built into one."""

import pytest

from tests.faults.checker import check
from tests.faults.history import History, stored
from tests.faults.interview import RULES, Client, begin, run
from tests.faults.mutants import MUTANTS

pytestmark = pytest.mark.anyio


async def test_an_honest_log_is_in_order(log):
    history, sessions = await run(log)
    assert check(history, sessions, RULES) == []
    assert history.fail and any(len(answers) > 1 for answers in history.answers.values())
    assert all(session.head.staff for session in sessions)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_fault_is_found(log, mutant):
    spoiled = mutant(log)
    try:
        history, sessions = await run(spoiled)
    except ConnectionError:
        history, sessions = await cut_short(spoiled)
    found = check(history, sessions, RULES)
    assert any(sentence.startswith(mutant.breaks) for sentence in found), found


async def cut_short(log):
    """The same for a log that loses its answers."""
    history = History()
    await begin(log, "short")
    client = Client(log, history, "short", "sam", 1, lambda: 2_000)
    for n in range(12):
        try:
            await client.send(n)
        except ConnectionError:
            continue
    return history, [await stored(log, "short")]
