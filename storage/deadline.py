"""The time limit of a query: cancels the statement that is running when it passes."""

from __future__ import annotations

import threading
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
        self._finished = False
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
            self._finished = True

    def expire(self) -> None:
        """Cancel the work, unless it has finished."""
        with self._lock:
            if not self._finished:
                self.passed = True
                self._cancel()


@contextmanager
def deadline(timeout_s: float, cancel: Callable[[], None]) -> Iterator[Deadline]:
    """Call ``cancel`` once if the block takes longer than ``timeout_s`` seconds."""
    limit = Deadline(timeout_s, cancel)
    if timeout_s <= 0:
        raise limit.error()
    timer = threading.Timer(timeout_s, limit.expire)
    timer.daemon = True
    timer.start()
    try:
        yield limit
    finally:
        limit.finish()
        timer.cancel()
