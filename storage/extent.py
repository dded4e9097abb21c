"""How many spans are stored and which time they cover, known without asking the database."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select

from storage.schema import Schema

__all__ = ["Extent", "ExtentValue", "read_extent"]


@dataclass(frozen=True, slots=True)
class ExtentValue:
    """Rows of the span table, and the first and last start among them (ns; None if no row)."""

    spans: int = 0
    oldest_ns: int | None = None
    newest_ns: int | None = None


class Extent:
    """The extent of the store, kept by the writer and the retention."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value = ExtentValue()

    @property
    def value(self) -> ExtentValue:
        """The extent after the last commit."""
        return self._value

    def widen(self, oldest_ns: int, newest_ns: int) -> None:
        """Cover two starts about to be committed.

        Before the commit, so that whoever sees the spans also sees an extent that holds them;
        an extent that is too wide after a failure does no harm.
        """
        with self._lock:
            known = self._value
            self._value = ExtentValue(
                known.spans,
                oldest_ns if known.oldest_ns is None else min(known.oldest_ns, oldest_ns),
                newest_ns if known.newest_ns is None else max(known.newest_ns, newest_ns),
            )

    def count(self, spans: int) -> None:
        """Count spans after their commit."""
        with self._lock:
            self._value = replace(self._value, spans=self._value.spans + spans)

    def set(self, value: ExtentValue) -> None:
        """Replace the extent, after it was read from the database."""
        with self._lock:
            self._value = value


def read_extent(connection: Connection, schema: Schema) -> ExtentValue:
    """Read the extent from the span table: a scan of one column, for start-up and retention."""
    start_ns = schema.spans.c.start_ns
    statement = select(func.count(), func.min(start_ns), func.max(start_ns))
    spans, oldest_ns, newest_ns = connection.execute(statement).one()
    return ExtentValue(int(spans), oldest_ns, newest_ns)
