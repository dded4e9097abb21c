"""What an engine has to give beyond SQL: results and rows as Arrow tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import pyarrow as pa
from sqlalchemy import Connection, FromClause, SelectBase, Table

__all__ = ["Columnar"]


class Columnar(Protocol):
    """Moves rows between an engine and Arrow, in the transaction of the connection."""

    def fetch(
        self,
        connection: Connection,
        statement: SelectBase,
        parameters: Mapping[str, int | Sequence[int]] | None = None,
    ) -> pa.Table:
        """Run a statement and return its rows, in columns named as the statement names them.

        ``parameters`` are values of the statement's ``bindparam``; statements are kept
        compiled, so one that is run often had better be one object with parameters.
        """
        ...

    def lend(
        self, connection: Connection, name: str, rows: pa.Table
    ) -> AbstractContextManager[FromClause]:
        """Let statements of this connection read ``rows``, few of them, as the table ``name``."""
        ...

    def insert(self, connection: Connection, target: Table, rows: pa.Table) -> None:
        """Insert ``rows``, whose columns are named as those of ``target``."""
        ...
