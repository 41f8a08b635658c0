"""Garbage that refers to itself goes, and a full look for it does not come by itself."""

import gc
import threading
import weakref

import pytest

from app.live.sweeping import sweep_seldom


@pytest.fixture
def collecting():
    """The test process goes on as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


class Ring:
    def __init__(self):
        self.me = self


def test_old_garbage_is_swept_away(collecting):
    gone = threading.Event()
    ring = Ring()
    gc.collect()  # it is of the oldest generation now
    known = weakref.ref(ring, lambda _: gone.set())
    del ring
    stop = sweep_seldom(0.01)
    assert gone.wait(30) and known() is None
    stop.set()


def test_no_full_look_while_rooms_fill(collecting):
    looked = set()

    def note(phase, info):
        looked.add(info["generation"])

    gc.callbacks.append(note)
    stop = sweep_seldom()
    kept = [[n] for n in range(600_000)]
    stop.set()
    gc.callbacks.remove(note)
    assert len(kept) == 600_000 and looked == {0, 1}
