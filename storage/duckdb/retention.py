"""Deleting what is too old or too much, in small steps beside the writer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Table,
    column,
    delete,
    func,
    select,
    table,
)

from storage.doomed import GRACE_NS, doomed_pieces, keep_time
from storage.duckdb.database import Database, registered
from storage.duckdb.size import live_bytes, log_bytes
from storage.extent import Extent, read_extent
from storage.graph.state import freeze
from storage.interface import RetentionReport, StoreUnavailable
from storage.interned import RESOURCES, SCOPES, SHAPES, InternedCache
from storage.metrics import CHECKPOINTS_PUT_OFF, RETENTION_DELETED_SPANS
from storage.writer import SQLWriter

__all__ = ["Retention"]

_STEP_PIECES = 20_000
_DOOMED = "doomed_spans"


class Retention:
    """Implements :meth:`storage.interface.Store.apply_retention`."""

    def __init__(
        self, database: Database, writer: SQLWriter, extent: Extent, interned: InternedCache
    ) -> None:
        self._database = database
        self._writer = writer
        self._extent = extent
        self._interned = interned

    def apply(self, now_ns: int, max_age_ns: int | None, max_bytes: int | None) -> RetentionReport:
        """Delete by age, then by size. Raises StoreUnavailable; what was deleted stays so."""
        by_age = by_size = 0
        if max_age_ns is not None:
            by_age = self._delete_before(now_ns - max_age_ns)
            RETENTION_DELETED_SPANS.labels("age").inc(by_age)
        if max_bytes is not None:
            cutoff_ns = self._cutoff(max_bytes)
            if cutoff_ns is not None:
                by_size = self._delete_before(cutoff_ns)
                RETENTION_DELETED_SPANS.labels("size").inc(by_size)
        return RetentionReport(by_age + by_size, by_age, by_size)

    def _cutoff(self, max_bytes: int) -> int | None:
        if self._live_bytes() + log_bytes(self._database.path) <= max_bytes:
            return None
        # What a span takes in the log says little of what it will take in the file.
        with self._writer.paused():
            self._checkpoint()
        live = self._live_bytes()
        if live <= max_bytes:
            return None
        with self._database.transaction() as (connection, schema):
            share = 1 - max_bytes / live
            found = select(func.percentile_disc(share).within_group(schema.traces.c.end_ns))
            cutoff_ns = connection.execute(found).scalar()
        return None if cutoff_ns is None else int(cutoff_ns) + 1

    def _live_bytes(self) -> int:
        spans = self._database.extent().spans
        with self._database.transaction() as (connection, _):
            return live_bytes(connection, spans)

    def _delete_before(self, cutoff_ns: int) -> int:
        deleted = 0
        while step := self._delete_step(cutoff_ns):
            deleted += step
        if deleted:
            self._tidy(cutoff_ns)
        return deleted

    def _delete_step(self, cutoff_ns: int) -> int:
        with self._database.transaction() as (connection, schema):
            pieces = connection.execute(doomed_pieces(schema, cutoff_ns, _STEP_PIECES)).all()
            if not pieces:
                return 0
            numbers = [n for first, count in pieces for n in range(first, first + count)]
            firsts = [first for first, _ in pieces]
            freeze(connection, schema, cutoff_ns)
            _delete_numbered(connection, schema.spans, "seq", numbers)
            with _numbered(connection, firsts) as doomed:
                connection.execute(keep_time(schema, doomed, cutoff_ns))
            _delete_numbered(connection, schema.traces, "first_seq", firsts)
        return len(numbers)

    def _tidy(self, cutoff_ns: int) -> None:
        """Delete what no span needs any more, while no batch can begin to need it."""
        with self._writer.paused():
            with self._database.transaction() as (connection, schema):
                spans = schema.spans.c
                for kind, reference in (
                    (RESOURCES, spans.resource),
                    (SCOPES, spans.scope),
                    (SHAPES, spans.shape),
                ):
                    shared = kind.table(schema)
                    used = select(reference).distinct()
                    connection.execute(delete(shared).where(shared.c.id.not_in(used)))
                for seen in (
                    schema.services,
                    schema.operations,
                    schema.event_keys,
                    schema.link_keys,
                ):
                    gone = seen.c.last_seen_ns + 2 * GRACE_NS < cutoff_ns
                    connection.execute(delete(seen).where(gone))
                self._extent.set(read_extent(connection, schema))
            self._interned.forget()
            self._checkpoint()

    def _checkpoint(self) -> None:
        try:
            self._database.checkpoint()
        except StoreUnavailable:
            # A reader holds an old snapshot. The next checkpoint frees the space.
            CHECKPOINTS_PUT_OFF.inc()


def _delete_numbered(connection: Connection, target: Table, name: str, numbers: list[int]) -> None:
    with _numbered(connection, numbers) as doomed:
        connection.execute(delete(target).where(target.c[name].in_(doomed)))


@contextmanager
def _numbered(connection: Connection, numbers: list[int]) -> Iterator[Select[tuple[int]]]:
    with registered(connection, _DOOMED, pa.table({"number": numbers})):
        yield select(table(_DOOMED, column("number", BigInteger)).c.number)
