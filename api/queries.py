"""Blocking work of requests, on a bounded number of threads with a bounded queue.

The store's reader blocks, and assembling and encoding a large trace takes seconds of CPU. Both
run here and never in the event loop, so that a heavy query delays no other connection, and at
most ``max_concurrent_queries`` of them compete with ingest.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from aiohttp import web

from api.config import ApiConfig
from api.errors import Overloaded
from api.metrics import QUERIES_REFUSED, QUERIES_RUNNING, QUERIES_WAITING
from storage.interface import QueryTimeout

__all__ = ["QUERIES", "Deadline", "Queries"]

_T = TypeVar("_T")


class Deadline:
    """The moment by which a request must be answered.

    Args:
        limit_s: seconds from now.
    """

    def __init__(self, limit_s: float) -> None:
        self._at = time.monotonic() + limit_s

    def remaining(self) -> float:
        """Return the seconds left, more than 0. Raises QueryTimeout when there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise QueryTimeout("the request's time limit ran out before its query was finished")
        return left


class Queries:
    """Runs blocking work on threads; more work than may wait is refused.

    Args:
        config: the limits on threads, queue and time.
    """

    def __init__(self, config: ApiConfig) -> None:
        self._threads = ThreadPoolExecutor(config.max_concurrent_queries, "api-query")
        self._limit = config.max_concurrent_queries + config.max_queued_queries
        self._timeout_s = config.query_timeout_s
        self._lock = threading.Lock()
        self._admitted = 0

    async def run(self, work: Callable[[Deadline], _T]) -> _T:
        """Return ``work``'s result.

        The time limit runs from this call, so waiting for a thread uses it up too. Raises
        Overloaded when the queue is full, QueryTimeout, and whatever ``work`` raises.
        """
        with self._lock:
            if self._admitted >= self._limit:
                QUERIES_REFUSED.inc()
                raise Overloaded(self._admitted)
            self._admitted += 1
        deadline = Deadline(self._timeout_s)
        QUERIES_WAITING.inc()
        future = self._threads.submit(_run, work, deadline)
        # Counted off when the thread is free again, which a client that went away cannot hasten.
        future.add_done_callback(self._finished)
        return await asyncio.wrap_future(future)

    async def close(self) -> None:
        """Drop what waits and wait for what runs (each is bounded by the time limit)."""
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)

    def _finished(self, future: Future[_T]) -> None:
        if future.cancelled():  # it never got a thread
            QUERIES_WAITING.dec()
        with self._lock:
            self._admitted -= 1


def _run(work: Callable[[Deadline], _T], deadline: Deadline) -> _T:
    QUERIES_WAITING.dec()
    with QUERIES_RUNNING.track_inprogress():
        deadline.remaining()
        return work(deadline)


QUERIES = web.AppKey("QUERIES", Queries)
