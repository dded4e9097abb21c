"""The way back of the spool's verdicts: from its committer thread to the waiting requests."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from collector.interface import SpoolSink
from collector.receivers.budget import Reservation

__all__ = ["Commits"]


class Commits:
    """Appends bodies to the spool for the requests of one event loop and wakes them.

    A group commit settles many requests; they share one wake-up of the loop, since a wake-up
    each (a write to the loop's self-pipe) would cost more than the rest of the way back.
    """

    def __init__(self, sink: SpoolSink) -> None:
        self._sink = sink
        self._lock = threading.Lock()
        self._settled: list[tuple[asyncio.Future[Exception | None], Exception | None]] = []

    def append(
        self, body: bytes, span_count: int, reservation: Reservation
    ) -> asyncio.Future[Exception | None]:
        """Hand ``body`` to the spool; the result says None when it is durable, or why not.

        What ``reservation`` holds is released with the spool's verdict, not when the client
        has gone: the spool has the body until then. Raises what the sink raises.
        """
        future: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        held = reservation.transfer()

        def done(failure: Exception | None) -> None:
            held.release()
            self._settle_soon(future, failure)

        try:
            self._sink.append(body, span_count, done)
        except BaseException:
            held.release()
            raise
        return future

    def _settle_soon(
        self, future: asyncio.Future[Exception | None], failure: Exception | None
    ) -> None:
        with self._lock:
            self._settled.append((future, failure))
            is_first = len(self._settled) == 1
        if is_first:
            # A loop that is closed has no requests left that could be told.
            with contextlib.suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        with self._lock:
            settled, self._settled = self._settled, []
        for future, failure in settled:
            if not future.done():  # a client that has gone cancelled it
                future.set_result(failure)
