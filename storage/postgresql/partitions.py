"""Days as partitions of ``spans``, ``traces`` and ``trace_tags``, by start.

There is a partition for each day from the retention's cutoff to a few days ahead, made before it
is needed: to make one, PostgreSQL has to look at the default partition. That one takes what lies
outside, spans with a clock that is wrong or from an old file; else anybody could let us make
partitions without end.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, text

from storage.postgresql.tables import TRACE_TAGS
from storage.schema import Schema

__all__ = ["DAY_NS", "DEFAULT", "Partitions", "partition_name"]

DAY_NS = 86_400_000_000_000
DEFAULT = "default"

_AHEAD_DAYS = 3
_MOST_DAYS = 400
_LOCK_TIMEOUT = "3s"


class Partitions:
    """The partitions of a database, as far as this process knows them."""

    def __init__(self, max_age_ns: int | None) -> None:
        """``max_age_ns`` is that of the retention."""
        days = _MOST_DAYS if max_age_ns is None else -(-max_age_ns // DAY_NS) + 1
        self._kept_days = min(days, _MOST_DAYS)
        self._lock = threading.Lock()
        self._known: set[int] = set()

    def wanted(self, starts_ns: Iterable[int], now_ns: int) -> list[int]:
        """Return the days (ns) that spans of these starts want and that may be missing.

        With them come the days ahead.
        """
        today = now_ns - now_ns % DAY_NS
        first, last = today - self._kept_days * DAY_NS, today + _AHEAD_DAYS * DAY_NS
        days = {start - start % DAY_NS for start in starts_ns}
        asked = {day for day in days if first <= day <= last}
        asked.update(range(today, last + 1, DAY_NS))
        return sorted(asked - self._known)

    def make(self, connection: Connection, schema: Schema, days: Iterable[int]) -> None:
        """Make the partitions of ``days`` that are missing, in a transaction of their own."""
        connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        connection.execute(
            text(
                "SELECT pg_advisory_xact_lock("
                "hashtextextended('spanloom partitions ' || current_schema(), 0))"
            )
        )
        tables = _tables(schema)
        for table in tables:
            _make_default(connection, table)
        there = self.days(connection, schema)
        for day in days:
            if day not in there:
                for table in tables:
                    _make_day(connection, table, day)

    def made(self, days: Iterable[int]) -> None:
        """Remember that these days have partitions, after the commit."""
        with self._lock:
            self._known.update(days)

    def forget(self) -> None:
        """Ask the database again, after partitions were dropped or a connection broke."""
        with self._lock:
            self._known.clear()

    def days(self, connection: Connection, schema: Schema) -> list[int]:
        """Return the days (ns) that have a partition, rising."""
        statement = text(
            "SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid "
            "WHERE inhparent = to_regclass(:parent)"
        )
        names = connection.execute(statement, {"parent": schema.spans.name}).scalars()
        return sorted(_day_of(name) for name in names if not name.endswith(DEFAULT))

    def drop(self, connection: Connection, schema: Schema, day: int) -> None:
        """Drop the partition of a day and all that is in it."""
        connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        for table in _tables(schema):
            connection.execute(text(f"DROP TABLE {partition_name(table, day)}"))


def _tables(schema: Schema) -> tuple[Table, ...]:
    return schema.spans, schema.traces, TRACE_TAGS


def partition_name(table: Table, day: int) -> str:
    """Return the name of the partition of a day (ns)."""
    return f"{table.name}_{datetime.fromtimestamp(day // 1_000_000_000, UTC):%Y%m%d}"


def _day_of(name: str) -> int:
    date = datetime.strptime(name.rpartition("_")[2], "%Y%m%d").replace(tzinfo=UTC)
    return int(date.timestamp()) * 1_000_000_000


def _make_default(connection: Connection, table: Table) -> None:
    name = f"{table.name}_{DEFAULT}"
    connection.execute(text(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table.name} DEFAULT"))


def _make_day(connection: Connection, table: Table, day: int) -> None:
    name, parent = partition_name(table, day), table.name
    bounds = {"first": day, "end": day + DAY_NS}
    connection.execute(text(f"CREATE TABLE {name} (LIKE {parent})"))
    moved = text(
        f"WITH moved AS (DELETE FROM {parent}_{DEFAULT} "  # noqa: S608 # our own names
        "WHERE start_ns >= :first AND start_ns < :end RETURNING *) "
        f"INSERT INTO {name} SELECT * FROM moved"
    )
    connection.execute(moved, bounds)
    # The statement takes no parameters.
    connection.execute(
        text(
            f"ALTER TABLE {parent} ATTACH PARTITION {name} "
            f"FOR VALUES FROM ({day:d}) TO ({day + DAY_NS:d})"
        )
    )
