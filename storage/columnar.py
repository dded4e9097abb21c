"""What an engine has to give beyond SQL: Arrow tables, and rows as its driver has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import pyarrow as pa
from sqlalchemy import Connection, FromClause, SelectBase, Table

__all__ = ["Columnar", "Parameters"]

Parameters: TypeAlias = Mapping[str, int | UUID | Sequence[int] | Sequence[UUID]]
"""Values of a statement's ``bindparam``."""


class Columnar(Protocol):
    """Moves rows between an engine and Arrow, in the transaction of the connection."""

    def fetch(
        self,
        connection: Connection,
        statement: SelectBase,
        parameters: Parameters | None = None,
    ) -> pa.Table:
        """Run a statement and return its rows, in columns named as the statement names them.

        Statements are kept compiled, so one that is run often had better be one object with
        parameters.
        """
        ...

    def rows(
        self, connection: Connection, statement: SelectBase, parameters: Parameters
    ) -> list[tuple[Any, ...]]:
        """Run a statement like :meth:`fetch` and return its rows as values of the driver.

        For few rows of many columns, for which Arrow does not pay, and which take less time than
        what SQLAlchemy makes around them.
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
