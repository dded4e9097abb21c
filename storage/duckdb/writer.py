"""The writer: a batch and its spool positions in one durable transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Uuid, and_, cast, column, func, insert, select, table, update

from model.batch import SpanBatch
from storage.duckdb.catalogue import catalogues, item_keys
from storage.duckdb.database import Database, registered
from storage.duckdb.incoming import (
    Identities,
    Traces,
    find_traces,
    identities,
    identity_table,
    signed_ids,
    time_ranges,
    uuids,
)
from storage.duckdb.interning import Interner
from storage.extent import Extent
from storage.graph.state import StateName, read_numbers
from storage.interface import SpoolPosition, StoreError, WriteResult
from storage.interned import RESOURCES, SCOPES, SHAPES
from storage.schema import Schema

__all__ = ["DuckDBWriter"]

_SPANS = "incoming_spans"
_TRACES = "incoming_traces"
_IDENTITIES = "incoming_identities"

Rows = npt.NDArray[np.intp]


class DuckDBWriter:
    """Implements :class:`storage.interface.SpanWriter`."""

    def __init__(self, database: Database, extent: Extent) -> None:
        self._database = database
        self._extent = extent
        self._lock = threading.Lock()
        self._resources = Interner(RESOURCES)
        self._scopes = Interner(SCOPES)
        self._shapes = Interner(SHAPES)
        self._services, self._operations, self._event_keys, self._link_keys = catalogues()
        self._next_seq: int | None = None
        self._least_seq = 0
        self._spools: set[str] = set()

    def write(self, batch: SpanBatch, positions: Sequence[SpoolPosition]) -> WriteResult:
        """See :meth:`storage.interface.SpanWriter.write`."""
        with self._lock:
            found = identities(batch.spans)
            try:
                with self._database.transaction() as (connection, schema):
                    rows = self._new_rows(connection, schema, batch, found)
                    if len(rows):
                        starts = found.start_ns[rows]
                        self._extent.widen(int(starts.min()), int(starts.max()))
                        self._write_spans(connection, schema, batch, found, rows)
                    self._write_positions(connection, schema, positions)
            except BaseException:
                self._forget()
                raise
            self._keep()
            self._spools.update(position.spool for position in positions)
            self._extent.count(len(rows))
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
        with registered(connection, _IDENTITIES, identity_table(batch.spans, found, rows)):
            incoming = table(
                _IDENTITIES, *map(column, ("position", "trace_id", "span_id", "kind", "start_ns"))
            )
            spans = schema.spans
            for first_ns, last_ns in time_ranges(found.start_ns):
                stored = select(incoming.c.position).join(
                    spans,
                    and_(
                        spans.c.start_ns.between(first_ns, last_ns),
                        spans.c.start_ns == incoming.c.start_ns,
                        spans.c.trace_id == incoming.c.trace_id,
                        spans.c.span_id == incoming.c.span_id,
                        spans.c.kind == incoming.c.kind,
                    ),
                )
                new[list(connection.execute(stored).scalars())] = False
        return rows[new]

    def _write_spans(
        self,
        connection: Connection,
        schema: Schema,
        batch: SpanBatch,
        found: Identities,
        rows: Rows,
    ) -> None:
        first_seq = self._first_seq(connection, schema)
        self._next_seq = first_seq + len(rows)
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
        with registered(connection, _SPANS, incoming):
            _insert(connection, schema, incoming)
            self._write_catalogue(connection, schema)
        newest_ns = int(traces.end_ns.max())
        for items, catalogue, target in (
            (spans.column("events"), self._event_keys, schema.event_keys),
            (spans.column("links"), self._link_keys, schema.link_keys),
        ):
            keys = item_keys(pc.unique(items.drop_null()).to_pylist())
            catalogue.see(connection, target, (((key,), newest_ns) for key in sorted(keys)))
        pieces = _trace_table(spans, first_seq, traces)
        with registered(connection, _TRACES, pieces):
            names = pieces.column_names
            source = table(_TRACES, *map(column, names))
            connection.execute(insert(schema.traces).from_select(names, select(source)))

    def _write_catalogue(self, connection: Connection, schema: Schema) -> None:
        names = self._operations.key_columns
        source = table(_SPANS, *map(column, (*names, "start_ns")))
        keys = [source.c[name] for name in names]
        statement = select(*keys, func.max(source.c.start_ns)).group_by(*keys)
        seen = [(tuple(key), int(time_ns)) for *key, time_ns in connection.execute(statement)]
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

    def _first_seq(self, connection: Connection, schema: Schema) -> int:
        """Return the next number: greater than any before, even if its span was deleted.

        The rollups tell new pieces of traces from those they know by their numbers.
        """
        if self._next_seq is None:
            last = connection.execute(select(func.max(schema.spans.c.seq))).scalar_one()
            watermark = read_numbers(connection, schema)[StateName.WATERMARK]
            after_last = 0 if last is None else int(last) + 1
            self._next_seq = max(after_last, watermark, self._least_seq)
        return self._next_seq

    def _keep(self) -> None:
        for part in self._parts():
            part.keep()

    def _forget(self) -> None:
        for part in self._parts():
            part.forget()
        self._least_seq = self._next_seq or self._least_seq
        self._next_seq = None
        self._spools = set()

    def _parts(self) -> tuple[_Part, ...]:
        return (
            self._resources,
            self._scopes,
            self._shapes,
            self._services,
            self._operations,
            self._event_keys,
            self._link_keys,
        )


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


def _insert(connection: Connection, schema: Schema, incoming: pa.Table) -> None:
    names = incoming.column_names
    source = table(_SPANS, *map(column, names))
    types = {name: schema.spans.columns[name].type for name in names}
    values = [
        cast(source.c[name], Uuid) if isinstance(types[name], Uuid) else source.c[name]
        for name in names
    ]
    connection.execute(insert(schema.spans).from_select(names, select(*values)))
