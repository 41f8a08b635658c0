import time

from app.live.clock import ServerClock


def test_it_starts_at_the_wall_it_was_given_and_only_goes_on():
    before = time.monotonic_ns()
    clock = ServerClock(1_000)
    times = [clock.now() for _ in range(1_000)]
    passed = (time.monotonic_ns() - before) // 1_000_000
    assert times == sorted(times)
    assert 1_000 <= times[0] <= times[-1] <= 1_000 + passed + 1


def test_setting_the_wall_clock_changes_nothing(monkeypatch):
    clock = ServerClock()
    first = clock.now()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert clock.now() >= first
