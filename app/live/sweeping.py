"""When Python looks for garbage that refers to itself, in a process that serves.

A full look takes as long as there are objects: over a second with a thousand rooms, in which nobody gets an answer, and
by itself it comes every few seconds while rooms fill. Young garbage, which is nearly all, goes as before.
"""

import gc
import threading

YOUNG, MIDDLE = 5_000, 10
SELDOM = 1_000_000  # looks at the middle generation before a full one comes by itself
SWEEP_EVERY = 600.0  # seconds; a pause of a second is then one turn in six hundred


def sweep_seldom(every: float = SWEEP_EVERY) -> threading.Event:
    """For this process, until the event is set."""
    gc.set_threshold(YOUNG, MIDDLE, SELDOM)
    stop = threading.Event()

    def sweep() -> None:
        while not stop.wait(every):
            gc.collect()

    threading.Thread(target=sweep, name="sweeping", daemon=True).start()
    return stop
