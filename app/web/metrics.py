"""What the service counts, for Prometheus. No session, no name and no word is in any of it.

With several workers each counts for itself, in a folder that PROMETHEUS_MULTIPROC_DIR names, and whichever is asked
answers for all.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from app.live.meters import Outcome, Way

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Metrics:
    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "sevenstep_requests",
            "Answered requests; a route is its pattern",
            ("method", "route", "status"),
            registry=registry,
        )
        self._sockets = Gauge(
            "sevenstep_sockets",
            "Sockets that are open",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._rooms = Gauge(
            "sevenstep_rooms",
            "Sessions held in memory",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._appends = Counter(
            "sevenstep_appends", "Commands by what became of them", ("outcome",), registry=registry
        )
        self._append_seconds = Histogram(
            "sevenstep_append_seconds",
            "What it took to store a command, or to say no",
            registry=registry,
            buckets=SECONDS,
        )
        self._wakes = Counter(
            "sevenstep_wakes",
            "Word between processes that something was stored; missed is what the poll found",
            ("way",),
            registry=registry,
        )
        self._deadlines = Counter(
            "sevenstep_deadlines", "Interviews that were ended for their time", registry=registry
        )
        self._redis = Gauge(
            "sevenstep_redis_up",
            "Whether Redis is reached, in all workers; 0 where none is used",
            registry=registry,
            multiprocess_mode="livemin",
        )

    def requested(self, method: str, route: str, status: int) -> None:
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()

    def appended(self, outcome: Outcome, seconds: float) -> None:
        self._appends.labels(outcome).inc()
        self._append_seconds.observe(seconds)

    def wake(self, way: Way) -> None:
        self._wakes.labels(way).inc()

    def deadline(self) -> None:
        self._deadlines.inc()

    def measure(self, *, sockets: int, rooms: int, redis: bool) -> None:
        self._sockets.set(sockets)
        self._rooms.set(rooms)
        self._redis.set(redis)

    def told(self) -> bytes:
        """In the text format of Prometheus."""
        if FOLDER not in os.environ:
            return generate_latest(self._registry)
        of_all = CollectorRegistry()
        MultiProcessCollector(of_all)  # type: ignore[no-untyped-call]
        return generate_latest(of_all)


def forget_worker(pid: int) -> None:
    """Its sockets and rooms went with it."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]
