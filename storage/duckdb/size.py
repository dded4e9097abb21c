"""How many bytes the store takes, and how many of them are live.

A DuckDB file never shrinks: what is deleted is used again by later inserts. And it frees space
by whole row groups (122,880 rows) only, so the space of a row group that is deleted in part
counts as used. Live bytes are therefore the used blocks, times the share of rows in the span
table that are not deleted.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

__all__ = ["bytes_on_disk", "live_bytes", "log_bytes"]


def bytes_on_disk(path: Path) -> int:
    """Return the size of the database file and its write-ahead log."""
    return _size(path) + log_bytes(path)


def log_bytes(path: Path) -> int:
    """Return the size of the write-ahead log of the database file ``path``."""
    return _size(path.with_name(path.name + ".wal"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # a checkpoint removes the log
        return 0


def live_bytes(connection: Connection, spans: int) -> int:
    """Return the bytes of used blocks that ``spans`` rows, which are not deleted, stand for."""
    used = connection.execute(
        text("SELECT used_blocks * block_size FROM pragma_database_size()")
    ).scalar_one()
    rows = connection.execute(
        text("SELECT estimated_size FROM duckdb_tables() WHERE table_name = 'spans'")
    ).scalar_one()
    return int(used) * min(spans, int(rows)) // max(int(rows), 1)
