"""Watches a spool from inside its receiver process, for the service's readiness."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from collector.interface import CommitCallback, SpoolSink, SpoolUnavailable

__all__ = ["SpoolGuard"]

_PROBE_INTERVAL_S = 1.0


class SpoolGuard:
    """A :class:`collector.interface.SpoolSink` that tells when its spool stops taking data.

    While it does not, no traffic may come (the service is not ready), so the guard itself
    tries again, with an empty body: joined to others it changes nothing.
    """

    def __init__(
        self,
        spool: SpoolSink,
        loop: asyncio.AbstractEventLoop,
        on_change: Callable[[bool], None],
    ) -> None:
        """``on_change`` is called on ``loop`` with whether the spool can be written."""
        self._spool = spool
        self._loop = loop
        self._on_change = on_change
        self._writable: bool | None = None
        self._known = asyncio.Event()

    async def first_verdict(self) -> None:
        """Wait until it is known, and told, whether the spool can be written."""
        await self._known.wait()

    def append(self, body: bytes, span_count: int, done: CommitCallback) -> None:
        """Queue ``body`` (see :class:`collector.interface.SpoolSink`)."""

        def watched(failure: Exception | None) -> None:
            done(failure)
            self._note(failure is None)

        try:
            self._spool.append(body, span_count, watched)
        except SpoolUnavailable:
            self._note(False)
            raise

    async def watch(self) -> None:
        """Probe the spool now and, while it cannot be written, again and again."""
        while True:
            if not self._writable:
                self._probe()
            await asyncio.sleep(_PROBE_INTERVAL_S)

    def _probe(self) -> None:
        try:
            self.append(b"", 0, lambda _failure: None)
        except SpoolUnavailable:
            return  # noted by append, which also told the service

    def _note(self, writable: bool) -> None:
        if writable is self._writable:
            return
        self._writable = writable
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, writable)

    def _tell(self, writable: bool) -> None:
        self._on_change(writable)
        self._known.set()
