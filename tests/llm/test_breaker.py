"""Three failures in three minutes, a minute's rest, one try: read as a story of times in milliseconds."""

import pytest
from hypothesis import given, strategies as st

from app.llm.breaker import COUNTED, FAILURES, OPEN_FOR, WITHIN, Breaker
from app.llm.model import FAULTS


def broken(at: int = 0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.admit(at)
        breaker.failed("server", at)
    return breaker


def test_a_new_one_lets_everything_through():
    assert all(Breaker().admit(at) for at in (0, 1, 10**12))


def test_it_opens_at_the_third_failure_within_three_minutes():
    """One candidate who waits 20 seconds for each turn, and thinks for a minute, is enough."""
    breaker = Breaker()
    for at in (20_000, 100_000):
        breaker.failed("slow", at)
        assert breaker.admit(at)
    breaker.failed("slow", 180_000)
    assert breaker.is_open(180_000) and not breaker.admit(180_000)


def test_failures_that_lie_further_apart_do_not_add_up():
    breaker = Breaker()
    for at in (0, WITHIN, 2 * WITHIN, 3 * WITHIN):
        breaker.failed("slow", at)
        assert breaker.admit(at)


def test_successes_in_between_do_not_hide_an_endpoint_that_fails_every_second_time():
    breaker = Breaker()
    for at in (0, 10):
        breaker.failed("cut", at)
        breaker.succeeded()
        assert breaker.admit(at)
    breaker.failed("cut", 20)
    assert breaker.is_open(20)


def test_after_a_minute_one_call_goes_through_and_no_other():
    breaker = broken(at=0)
    assert not breaker.admit(OPEN_FOR - 1)
    assert breaker.admit(OPEN_FOR)
    assert not breaker.admit(OPEN_FOR) and not breaker.admit(OPEN_FOR + 20_000)


def test_its_success_closes_it():
    breaker = broken(at=0)
    breaker.admit(OPEN_FOR)
    breaker.succeeded()
    assert breaker.admit(OPEN_FOR)
    breaker.failed("server", OPEN_FOR)
    assert breaker.admit(OPEN_FOR)  # what was before is forgotten


def test_its_failure_opens_it_for_another_minute():
    breaker = broken(at=0)
    breaker.admit(OPEN_FOR)
    breaker.failed("unreachable", OPEN_FOR + 3_000)
    assert not breaker.admit(2 * OPEN_FOR)
    assert breaker.admit(2 * OPEN_FOR + 3_000)


def test_where_whoever_tried_went_away_the_next_one_tries():
    breaker = broken(at=0)
    assert breaker.admit(OPEN_FOR)
    breaker.left()
    assert breaker.admit(OPEN_FOR)


def test_a_try_of_which_nothing_was_heard_is_not_waited_for_without_end():
    breaker = broken(at=0)
    assert breaker.admit(OPEN_FOR)
    assert breaker.admit(2 * OPEN_FOR)


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - COUNTED))
def test_what_is_about_the_request_or_ourselves_opens_nothing(fault):
    breaker = Breaker()
    for _ in range(10):
        breaker.failed(fault, 0)
    assert breaker.admit(0)


@pytest.mark.parametrize("fault", ["rejected", "filtered"])
def test_a_server_that_refuses_a_request_is_there(fault):
    breaker = broken(at=0)
    breaker.admit(OPEN_FOR)
    breaker.failed(fault, OPEN_FOR)
    assert breaker.admit(OPEN_FOR)


def test_every_fault_either_counts_or_does_not():
    assert set(FAULTS) - COUNTED == {"rejected", "filtered", "budget", "down", "ledger"}


@given(st.lists(st.tuples(st.integers(0, 30_000), st.booleans()), max_size=60))
def test_it_never_stays_open_by_itself(story):
    """Whatever happened, a minute and a bit later somebody may try."""
    breaker, now = Breaker(), 0
    for later, fails in story:
        now += later
        if breaker.admit(now):
            breaker.failed("server", now) if fails else breaker.succeeded()
    assert breaker.admit(now + OPEN_FOR)
