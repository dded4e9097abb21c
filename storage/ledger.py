"""What a writing transaction has to know of the others, and to tell them."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Column, Connection

from storage.schema import Schema

__all__ = ["Ledger"]


class Ledger(Protocol):
    """Numbers rows and keeps the store's extent, over all writers of a store.

    Between :meth:`begin` and the end of the transaction no other writer is in its own, so numbers
    rise in the order of commits: whoever sees a number sees all below it that there will ever be.
    """

    def begin(self, connection: Connection, schema: Schema) -> bool:
        """Begin a transaction; return whether what is known of stored rows still holds."""
        ...

    def take(self, connection: Connection, column: Column[int], count: int) -> int:
        """Return the first of ``count`` numbers for new rows; none was ever given before."""
        ...

    def add(self, connection: Connection, spans: int, oldest_ns: int, newest_ns: int) -> None:
        """Record spans that the transaction adds, and their first and last start (ns)."""
        ...

    def end(self, connection: Connection) -> None:
        """Write down what is to be written down, as the last thing before the commit."""
        ...

    def keep(self) -> None:
        """Go on from here, after the commit."""
        ...

    def forget(self) -> None:
        """Go back to what the tables say, after a rollback or after rows were deleted."""
        ...
