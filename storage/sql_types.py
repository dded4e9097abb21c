"""What the tables have in PostgreSQL alone, written once."""

from __future__ import annotations

from sqlalchemy import Index, String, Table, text

__all__ = ["BY_TIME", "TEXT", "index"]

TEXT = String().with_variant(String(collation="C"), "postgresql")
"""Text that compares by its bytes in every engine, whatever the database's locale is."""

BY_TIME = "RANGE (start_ns)"
"""How a table of rows with a time is partitioned."""


def index(table: Table, column: str, *, name: str = "", where: str = "") -> None:
    """Give ``table`` a b-tree in PostgreSQL, over the rows that meet ``where``.

    A column store needs none.
    """
    found = Index(
        f"{table.name}_{name or column}",
        table.c[column],
        postgresql_where=text(where) if where else None,
    )
    found.ddl_if(dialect="postgresql")
