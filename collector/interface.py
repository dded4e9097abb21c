"""The seam between the receivers and the spool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

__all__ = ["CommitCallback", "SpoolFull", "SpoolSink", "SpoolUnavailable"]


class SpoolUnavailable(Exception):
    """The spool cannot take data now (write error, draining). The client should try again."""


class SpoolFull(SpoolUnavailable):
    """The spool holds as many bytes as it may. The client should try again later."""


CommitCallback = Callable[[Exception | None], None]
"""Called once with None after fsync, or with the reason why the body is not on disk.

It runs on the spool's committer thread and must not block or raise.
"""


class SpoolSink(Protocol):
    """Where receivers put accepted request bodies."""

    def append(self, body: bytes, span_count: int, done: CommitCallback) -> None:
        """Queue a serialised ExportTraceServiceRequest for the next group commit.

        Returns at once; thread-safe. ``done`` is called when the body is durable or has
        failed. Raises SpoolFull or SpoolUnavailable when the body cannot even be queued.
        """
        ...
