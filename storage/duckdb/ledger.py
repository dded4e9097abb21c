"""The ledger of the one writer that a DuckDB file has: kept in memory, found anew at a start."""

from __future__ import annotations

from sqlalchemy import Column, Connection, func, select

from storage.extent import Extent
from storage.graph.state import StateName, read_numbers
from storage.schema import Schema

__all__ = ["DuckDBLedger"]


class DuckDBLedger:
    """Implements :class:`storage.ledger.Ledger`."""

    def __init__(self, extent: Extent) -> None:
        self._extent = extent
        self._schema: Schema | None = None
        self._next: dict[str, int] = {}
        self._least: dict[str, int] = {}
        self._added = 0

    def begin(self, connection: Connection, schema: Schema) -> bool:
        """See :meth:`storage.ledger.Ledger.begin`."""
        self._schema = schema
        self._added = 0
        return True

    def take(self, connection: Connection, column: Column[int], count: int) -> int:
        """See :meth:`storage.ledger.Ledger.take`."""
        name = str(column)
        first = self._next.get(name)
        if first is None:
            first = max(self._after_last(connection, column), self._least.get(name, 0))
        self._next[name] = first + count
        return first

    def _after_last(self, connection: Connection, column: Column[int]) -> int:
        last = connection.execute(select(func.max(column))).scalar_one()
        after_last = 0 if last is None else int(last) + 1
        assert self._schema is not None  # set at the beginning of the transaction
        if column is not self._schema.spans.c.seq:
            return after_last
        # The rollups tell new pieces of traces from those they know by their numbers, which may
        # be of spans that are deleted.
        return max(after_last, read_numbers(connection, self._schema)[StateName.WATERMARK])

    def add(self, connection: Connection, spans: int, oldest_ns: int, newest_ns: int) -> None:
        """See :meth:`storage.ledger.Ledger.add`."""
        self._extent.widen(oldest_ns, newest_ns)
        self._added += spans

    def end(self, connection: Connection) -> None:
        """See :meth:`storage.ledger.Ledger.end`."""

    def keep(self) -> None:
        """See :meth:`storage.ledger.Ledger.keep`."""
        self._extent.count(self._added)
        self._added = 0

    def forget(self) -> None:
        """See :meth:`storage.ledger.Ledger.forget`."""
        self._least.update(self._next)
        self._next = {}
        self._added = 0
