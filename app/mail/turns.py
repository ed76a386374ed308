"""Whose turn it is to write to SQLite, which lets others wait by sleeping, longer than any transaction here takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

Row = Mapping[str, Any]


class _Waiting:
    """A row that somebody is to write; None: nobody has tried yet."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.is_written: bool | None = None


class Turn:
    """`with turn:` writes alone. `record()` lets whoever has the turn write for all who wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[_Waiting] = deque()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def record(self, row: Row, write: Callable[[Sequence[Row]], bool]) -> bool:
        """Return when the row is committed, by this thread or another; False if that failed.

        `write` commits several rows at once, because a transaction costs more than what stands in it.
        """
        own = _Waiting(row)
        self._waiting.append(own)
        with self._lock:
            if own.is_written is None:
                # Only who has the turn takes away from it; what is added meanwhile waits for the next one.
                together = [self._waiting.popleft() for _ in range(len(self._waiting))]
                is_written = write([each.row for each in together])
                for each in together:
                    each.is_written = is_written
            return bool(own.is_written)
