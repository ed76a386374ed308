"""Whether a thread of the outbox works or waits: only where it waits for the server, further connections help."""

from __future__ import annotations

import time
from typing import NamedTuple

# So long one connection works before it looks whether it waits more than it works itself. Threads that all have
# something to do take the interpreter from one another.
_ALONE_SECONDS = 0.05


class Moment(NamedTuple):
    """A moment of this thread: by the clock, and the processor time it had used; both in seconds."""

    at: float
    used: float

    @classmethod
    def now(cls) -> Moment:
        return cls(time.monotonic(), time.thread_time())

    def is_past(self) -> bool:
        """Whether it is long enough ago to say anything about it."""
        return time.monotonic() - self.at > _ALONE_SECONDS

    def helpers_wanted(self) -> int:
        """How many more threads could work in the time this one has waited since then."""
        passed, used = time.monotonic() - self.at, time.thread_time() - self.used
        return int(passed / max(used, 0.001)) - 1
