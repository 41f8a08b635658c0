"""The interview's time: a fold of starts, pauses and extensions. Milliseconds of the server's clock."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class InterviewClock:
    """`spent` is what ran before `running_since`; `limit` is None where no time is set."""

    limit: int | None
    spent: int = 0
    running_since: int | None = None
    started_at: int | None = None

    def started(self, at: int) -> "InterviewClock":
        return replace(self, running_since=at, started_at=at)

    def paused(self, at: int) -> "InterviewClock":
        return replace(self, spent=self.elapsed(at), running_since=None)

    def resumed(self, at: int) -> "InterviewClock":
        return replace(self, running_since=at)

    def extended(self, ms: int) -> "InterviewClock":
        return self if self.limit is None else replace(self, limit=self.limit + ms)

    def credited(self, ms: int) -> "InterviewClock":
        """Time in which the service was down did not pass for the candidate."""
        since = self.running_since
        return self if since is None else replace(self, running_since=since + ms)

    def elapsed(self, now: int) -> int:
        since = self.running_since
        return self.spent + (max(0, now - since) if since is not None else 0)

    def left(self, now: int) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.elapsed(now))

    @property
    def due_at(self) -> int | None:
        """When the time is up, while it runs."""
        if self.limit is None or self.running_since is None:
            return None
        return self.running_since + self.limit - self.spent
