"""The time of the AWS that the tests play: it stands still, or goes on with every request."""

import threading
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970; `step_s` pass with each request, and nothing else moves it."""

    def __init__(self, now: datetime, step_s: float = 0.0) -> None:
        self.now = now.timestamp()
        self.step_s = step_s
        self._lock = threading.Lock()

    @property
    def instant(self) -> datetime:
        """The time as a datetime."""
        return datetime.fromtimestamp(self.now, UTC)

    def tick(self) -> float:
        """Let one request pass and return the time at which it is answered."""
        with self._lock:
            self.now += self.step_s
            return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self.now += seconds
