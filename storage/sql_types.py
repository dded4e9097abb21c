"""What the tables have in PostgreSQL alone, written once."""

from __future__ import annotations

from sqlalchemy import Index, String, Table

__all__ = ["BY_TIME", "TEXT", "index"]

TEXT = String().with_variant(String(collation="C"), "postgresql")
"""Text that compares by its bytes in every engine, whatever the database's locale is."""

BY_TIME = "RANGE (start_ns)"
"""How a table of rows with a time is partitioned."""


def index(table: Table, *columns: str) -> None:
    """Give ``table`` a b-tree in PostgreSQL; a column store needs none."""
    name = f"{table.name}_{'_'.join(columns)}"
    Index(name, *(table.c[one] for one in columns)).ddl_if(dialect="postgresql")
