"""The writer: a batch and its spool positions in one durable transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, insert, select, update

from model.batch import SpanBatch
from storage.catalogue import catalogues, item_keys
from storage.columnar import Columnar
from storage.incoming import Identities, Rows, Traces, find_traces, identities, signed_ids, uuids
from storage.interface import SpoolPosition, StoreError, WriteResult
from storage.interned import RESOURCES, SCOPES, SHAPES
from storage.interning import Interner
from storage.ledger import Ledger
from storage.schema import Schema

__all__ = ["FindStored", "SQLWriter", "WritableDatabase"]

FindStored = Callable[[Connection, Schema, SpanBatch, Identities, Rows], Sequence[int]]
"""Returns the positions in the rows of those spans of a batch that are stored (rule G1)."""


class WritableDatabase(Protocol):
    """What the writer needs of an engine."""

    def transaction(self) -> AbstractContextManager[tuple[Connection, Schema]]:
        """Open a transaction for writing that commits at the end of the block."""
        ...


class SQLWriter:
    """Implements :class:`storage.interface.SpanWriter`."""

    def __init__(
        self,
        database: WritableDatabase,
        columnar: Columnar,
        ledger: Ledger,
        find_stored: FindStored,
    ) -> None:
        self._database = database
        self._columnar = columnar
        self._ledger = ledger
        self._find_stored = find_stored
        self._lock = threading.Lock()
        self._resources = Interner(RESOURCES, ledger)
        self._scopes = Interner(SCOPES, ledger)
        self._shapes = Interner(SHAPES, ledger)
        self._catalogues = catalogues(columnar)
        self._services, self._operations, self._event_keys, self._link_keys = self._catalogues
        self._spools: set[str] = set()

    def write(self, batch: SpanBatch, positions: Sequence[SpoolPosition]) -> WriteResult:
        """See :meth:`storage.interface.SpanWriter.write`."""
        with self._lock:
            found = identities(batch.spans)
            try:
                with self._database.transaction() as (connection, schema):
                    if not self._ledger.begin(connection, schema):
                        self._forget_stored()
                    rows = self._new_rows(connection, schema, batch, found)
                    if len(rows):
                        starts = found.start_ns[rows]
                        self._ledger.add(
                            connection, len(rows), int(starts.min()), int(starts.max())
                        )
                        self._write_spans(connection, schema, batch, found, rows)
                    self._write_positions(connection, schema, positions)
                    self._ledger.end(connection)
            except BaseException:
                self._forget()
                raise
            for part in (self._ledger, *self._parts()):
                part.keep()
            self._spools.update(position.spool for position in positions)
        return WriteResult(written=len(rows), duplicates=len(batch) - len(rows))

    def positions(self) -> dict[str, int]:
        """See :meth:`storage.interface.SpanWriter.positions`."""
        with self._database.transaction() as (connection, schema):
            spools = schema.spool_positions
            rows = connection.execute(select(spools.c.spool, spools.c.position))
            return {spool: int(position) for spool, position in rows}

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keep the writer from writing, and let it ask the tables again for all ids after."""
        with self._lock:
            try:
                yield
            finally:
                self._forget()

    def _new_rows(
        self, connection: Connection, schema: Schema, batch: SpanBatch, found: Identities
    ) -> Rows:
        if not len(batch):
            return np.empty(0, dtype=np.intp)
        rows = found.ordered()
        new = np.ones(len(rows), dtype=bool)
        new[list(self._find_stored(connection, schema, batch, found, rows))] = False
        return rows[new]

    def _write_spans(
        self,
        connection: Connection,
        schema: Schema,
        batch: SpanBatch,
        found: Identities,
        rows: Rows,
    ) -> None:
        first_seq = self._ledger.take(connection, schema.spans.c.seq, len(rows))
        spans = batch.spans.take(pa.array(rows))
        traces = find_traces(found, rows, spans)
        numbered = {
            "resource": self._resources.column(
                connection, schema, batch.resources, spans.column("resource")
            ),
            "scope": self._scopes.column(connection, schema, batch.scopes, spans.column("scope")),
            "shape": self._shapes.column(connection, schema, batch.shapes, spans.column("shape")),
        }
        incoming = _span_table(spans, first_seq, numbered, schema)
        self._columnar.insert(connection, schema.spans, incoming)
        self._write_catalogue(connection, schema, spans)
        newest_ns = int(traces.end_ns.max())
        for items, catalogue, target in (
            (spans.column("events"), self._event_keys, schema.event_keys),
            (spans.column("links"), self._link_keys, schema.link_keys),
        ):
            keys = item_keys(pc.unique(items.drop_null()).to_pylist())
            catalogue.see(connection, target, (((key,), newest_ns) for key in sorted(keys)))
        self._write_pieces(connection, schema, spans, _trace_table(spans, first_seq, traces))

    def _write_pieces(
        self, connection: Connection, schema: Schema, spans: pa.Table, pieces: pa.Table
    ) -> None:
        """Insert ``pieces``, rows of ``traces``, whose spans stand in the same order."""
        self._columnar.insert(connection, schema.traces, pieces)

    def _write_catalogue(self, connection: Connection, schema: Schema, spans: pa.Table) -> None:
        names = list(self._operations.key_columns)
        newest = spans.select([*names, "start_ns"]).unify_dictionaries().group_by(names)
        columns = newest.aggregate([("start_ns", "max")]).select([*names, "start_ns_max"])
        seen = [
            (tuple(key), time_ns)
            for *key, time_ns in zip(*(column.to_pylist() for column in columns), strict=True)
        ]
        self._operations.see(connection, schema.operations, seen)
        width = len(self._services.key_columns)
        self._services.see(
            connection, schema.services, ((key[:width], time_ns) for key, time_ns in seen)
        )

    def _write_positions(
        self, connection: Connection, schema: Schema, positions: Sequence[SpoolPosition]
    ) -> None:
        spools = schema.spool_positions
        if any(position.spool not in self._spools for position in positions):
            self._spools = set(connection.execute(select(spools.c.spool)).scalars())
        new = {p.spool: p.position for p in positions if p.spool not in self._spools}
        known = {p.spool: p.position for p in positions if p.spool in self._spools}
        for spool, position in new.items():
            connection.execute(insert(spools).values(spool=spool, position=position))
        for spool, position in known.items():
            connection.execute(
                update(spools).where(spools.c.spool == spool).values(position=position)
            )

    def _forget(self) -> None:
        self._ledger.forget()
        self._forget_stored()
        self._spools = set()

    def _forget_stored(self) -> None:
        for part in self._parts():
            part.forget()

    def _parts(self) -> tuple[_Part, ...]:
        return (self._resources, self._scopes, self._shapes, *self._catalogues)


class _Part(Protocol):
    def keep(self) -> None: ...

    def forget(self) -> None: ...


def _span_table(
    spans: pa.Table, first_seq: int, numbered: dict[str, pa.Array], schema: Schema
) -> pa.Table:
    columns = {"seq": pa.array(np.arange(first_seq, first_seq + len(spans)))}
    for name in spans.column_names:
        values = spans.column(name)
        if name not in schema.spans.columns:
            raise StoreError(
                f"the batch has a column {name!r} that the store was not opened with: configure "
                "the decoder and the store with the same columns"
            )
        if name in numbered:
            columns[name] = numbered[name]
        elif name == "trace_id":
            columns[name] = uuids(values)
        elif name in ("span_id", "parent_span_id"):
            columns[name] = signed_ids(values)
        elif values.null_count < len(values):
            columns[name] = values
    return pa.table(columns)


def _trace_table(spans: pa.Table, first_seq: int, traces: Traces) -> pa.Table:
    return pa.table(
        {
            "trace_id": uuids(spans.column("trace_id").take(pa.array(traces.first_row))),
            "first_seq": traces.first_row + first_seq,
            "span_count": traces.span_count,
            "start_ns": traces.start_ns,
            "end_ns": traces.end_ns,
            "root_start_ns": traces.root_start_ns,
        }
    )
