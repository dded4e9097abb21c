"""The time limit of a query: cancels the statement that is running when it passes."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from storage.interface import QueryTimeout

__all__ = ["Deadline", "deadline"]


class Deadline:
    """Says whether the time is up; made by :func:`deadline`."""

    def __init__(self, timeout_s: float, cancel: Callable[[], None]) -> None:
        self._timeout_s = timeout_s
        self._cancel = cancel
        self._lock = threading.Lock()
        self.finished = False
        self.passed = False

    def check(self) -> None:
        """Raise QueryTimeout if the time is up; to be called between statements."""
        if self.passed:
            raise self.error()

    def error(self) -> QueryTimeout:
        """Return the error that says which limit was passed."""
        return QueryTimeout(
            f"the query did not finish within {self._timeout_s:g} s: narrow its time range or "
            "its conditions"
        )

    def finish(self) -> None:
        """Stop watching: from now on nothing is cancelled."""
        with self._lock:
            self.finished = True
            self._cancel = _nothing  # which may hold a connection

    def expire(self) -> None:
        """Cancel the work, unless it has finished."""
        with self._lock:
            if not self.finished:
                self.passed = True
                self._cancel()


def _nothing() -> None:
    pass


class _Watch:
    """Waits for all deadlines in one thread: to start one takes a tenth of a short query."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._limits: list[tuple[float, int, Deadline]] = []  # a heap; finished ones stay in it
        self._thread: threading.Thread | None = None

    def add(self, timeout_s: float, limit: Deadline) -> None:
        """Let ``limit`` expire after ``timeout_s`` seconds."""
        item = (time.monotonic() + timeout_s, next(self._numbers), limit)
        with self._changed:
            heapq.heappush(self._limits, item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._limits[0] is item:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            limit = self._next()
            if not limit.finished:
                # Cancelling may take as long as a network lets it.
                threading.Thread(target=limit.expire, name="deadline", daemon=True).start()

    def _next(self) -> Deadline:
        with self._changed:
            while True:
                left_s = self._limits[0][0] - time.monotonic() if self._limits else None
                if left_s is not None and left_s <= 0:
                    return heapq.heappop(self._limits)[2]
                self._changed.wait(left_s)


_WATCH = _Watch()


@contextmanager
def deadline(timeout_s: float, cancel: Callable[[], None]) -> Iterator[Deadline]:
    """Call ``cancel`` once if the block takes longer than ``timeout_s`` seconds."""
    limit = Deadline(timeout_s, cancel)
    if timeout_s <= 0:
        raise limit.error()
    _WATCH.add(timeout_s, limit)
    try:
        yield limit
    finally:
        limit.finish()
