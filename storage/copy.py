"""Copies a store into another, of the same engine or not, and goes on where it was stopped.

Rows keep their numbers. Traces are copied batch by batch in the order of ``seq``, each chunk in
one transaction with a mark of how far the copy is; the small tables come before the spans that
name them, the rollups last. The mark is gone when all is copied: what is left is a plain store.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    update,
)

from model.columns import WELL_KNOWN
from storage.columnar import Columnar
from storage.config import StoreConfig
from storage.direct import columnar_of, create_store, name_of, open_engine
from storage.interface import StoreError
from storage.migrations import stored_schema
from storage.migrations.span_columns import add_columns
from storage.postgresql.partitions import Partitions
from storage.postgresql.tables import WRITER_STATE
from storage.postgresql.writer_state import locked_state, reset_writer_state
from storage.rollup_schema import graph_tables
from storage.schema import Schema

__all__ = ["CopyProgress", "copy_store"]

_CHUNK_SPANS = 25_000
_DAY_NS = 24 * 60 * 60 * 10**9

_MARK = Table(
    "copy_progress",
    MetaData(),
    Column("source", String, nullable=False, comment="what is copied"),
    Column("next_seq", BigInteger, nullable=False, comment="of the source; all below is copied"),
)


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """How far the copy is: ``spans`` of about ``total`` (what the source has) are copied."""

    doing: str
    spans: int
    total: int


def copy_store(
    source: StoreConfig, target: StoreConfig, *, chunk_spans: int = _CHUNK_SPANS
) -> Iterator[CopyProgress]:
    """Copy all of ``source`` into ``target``, which is made if it is not there.

    Yields after each step that is stored; stopped in between, or by an error, the next call with
    the same stores goes on from there. Nothing else may write to the target meanwhile: a
    PostgreSQL target that does notices it. What comes into a PostgreSQL source meanwhile is
    copied too, except for what comes while the rollups are being copied.

    Raises StoreError if the target holds other data or a store does not fit, and
    StoreUnavailable if one cannot be reached.
    """
    names = name_of(source), name_of(target)
    if names[0] == names[1]:
        raise StoreError(f"a store is not copied into itself: {names[0]}")
    with open_engine(source) as source_engine:
        schema = stored_schema(source_engine, WELL_KNOWN)
        create_store(target)
        with open_engine(target, read_only=False) as target_engine:
            with target_engine.begin() as connection:
                add_columns(connection, schema.columns)
            copy = _Copy(
                names[0],
                _Side(source_engine, schema, columnar_of(source)),
                _Side(target_engine, stored_schema(target_engine, WELL_KNOWN), columnar_of(target)),
                Partitions(target.retention.max_age_ns),
            )
            yield from copy.run(chunk_spans)


@dataclass(frozen=True, slots=True)
class _Side:
    engine: Engine
    schema: Schema
    columnar: Columnar

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"


class _Copy:
    def __init__(self, name: str, source: _Side, target: _Side, partitions: Partitions) -> None:
        self._name = name
        self._partitions = partitions
        self._source = source
        self._target = target
        graph = MetaData()
        graph_tables(graph)
        self._rollups = tuple(graph.tables)
        rows = {*graph.tables, source.schema.spans.name, source.schema.traces.name}
        self._small = tuple(name for name in source.schema.metadata.tables if name not in rows)

    def run(self, chunk_spans: int) -> Iterator[CopyProgress]:
        spans = self._source.schema.spans
        with self._source.engine.connect() as connection:
            total = connection.execute(select(func.count()).select_from(spans)).scalar_one()
        next_seq, done = self._begin()
        yield CopyProgress("spans", done, total)
        while True:
            end_seq = self._copy_small_tables()
            if next_seq >= end_seq:
                break
            while next_seq < end_seq:
                next_seq, copied = self._copy_chunk(next_seq, end_seq, chunk_spans)
                done += copied
                yield CopyProgress("spans", done, max(total, done))
        for name in self._rollups:
            self._copy_rollups(name)
            yield CopyProgress(name, done, max(total, done))
        self._finish()
        yield CopyProgress("done", done, max(total, done))

    def _begin(self) -> tuple[int, int]:
        """Return the next ``seq`` to copy, and how many spans are there already."""
        target = self._target
        with target.engine.begin() as connection:
            if inspect(connection).has_table(_MARK.name):
                mark = connection.execute(select(_MARK)).one()
                if mark.source != self._name:
                    raise StoreError(
                        f"the target holds a part of another store, {mark.source}: go on with "
                        "that copy, or name an empty target"
                    )
                spans = target.schema.spans
                count = select(func.count(), func.max(spans.c.seq))
                done, last_seq = connection.execute(count).one()
                if done and last_seq >= mark.next_seq:
                    raise _disturbed()
                return mark.next_seq, done
            for name, table in target.schema.metadata.tables.items():
                some = select(1).select_from(table).limit(1)
                if name != "rollup_state" and connection.execute(some).all():
                    raise StoreError(
                        f"the target holds other data, in its table {name}: a store is copied "
                        "into an empty one"
                    )
            _MARK.create(connection)
            connection.execute(insert(_MARK).values(source=self._name, next_seq=0))
            if target.is_postgresql:
                connection.execute(update(WRITER_STATE).values(next_seq=0))
            return 0, 0

    def _copy_small_tables(self) -> int:
        """Copy the tables that spans refer to, and return where the spans of that time end."""
        source = self._source
        traces = source.schema.traces.c
        with source.engine.connect() as reading, self._writing() as writing:
            end = func.coalesce(func.max(traces.first_seq + traces.span_count), 0)
            end_seq = int(reading.execute(select(end)).scalar_one())
            for name in self._small:
                table = source.schema.metadata.tables[name]
                self._replace(writing, name, source.columnar.fetch(reading, select(table)))
        return end_seq

    def _copy_chunk(self, first_seq: int, end_seq: int, spans: int) -> tuple[int, int]:
        """Copy whole pieces of traces; return the ``seq`` after them, and the number of spans."""
        source, target = self._source, self._target
        traces, stored = source.schema.traces, source.schema.spans
        following = func.coalesce(func.min(traces.c.first_seq), end_seq)
        with source.engine.connect() as connection:

            def next_piece(seq: int) -> int:
                statement = select(following).where(traces.c.first_seq >= seq)
                return min(end_seq, int(connection.execute(statement).scalar_one()))

            until_seq = next_piece(next_piece(first_seq) + spans)
            in_chunk = (traces.c.first_seq >= first_seq) & (traces.c.first_seq < until_seq)
            pieces = source.columnar.fetch(connection, select(traces).where(in_chunk))
            if not pieces.num_rows:
                return end_seq, 0
            ends = pc.add(pieces.column("first_seq"), pieces.column("span_count"))
            next_seq = int(pc.max(ends).as_py())
            # By time as well: that is what tables are ordered and divided by.
            oldest = pc.min(pieces.column("start_ns")).as_py()
            newest = pc.max(pieces.column("end_ns")).as_py()
            rows = source.columnar.fetch(
                connection,
                select(stored).where(
                    stored.c.seq >= first_seq,
                    stored.c.seq < next_seq,
                    stored.c.start_ns.between(oldest, newest),
                ),
            )
        self._make_partitions(rows.column("start_ns"), pieces.column("start_ns"))
        with self._writing(next_seq) as connection:
            target.columnar.insert(connection, target.schema.spans, rows.sort_by("seq"))
            target.columnar.insert(connection, target.schema.traces, pieces.sort_by("first_seq"))
        return next_seq, rows.num_rows

    def _make_partitions(self, *starts: pa.ChunkedArray) -> None:
        if not self._target.is_postgresql:
            return
        starts_ns = pc.unique(pa.chunked_array([c for s in starts for c in s.chunks])).to_pylist()
        days = self._partitions.wanted(starts_ns, time.time_ns())
        if days:
            with self._target.engine.begin() as connection:
                self._partitions.make(connection, self._target.schema, days)
            self._partitions.made(days)

    def _copy_rollups(self, name: str) -> None:
        """Copy a table of the graph, a day of its periods at a time if it has periods."""
        source, target = self._source, self._target
        table = source.schema.metadata.tables[name]
        with source.engine.connect() as reading, self._writing() as writing:
            if "start_ns" not in table.c:
                self._replace(writing, name, source.columnar.fetch(reading, select(table)))
                return
            copied = target.schema.metadata.tables[name]
            writing.execute(delete(copied))
            start = table.c.start_ns
            first = select(func.min(start))
            from_ns = reading.execute(first).scalar_one()
            while from_ns is not None:
                until_ns = from_ns + _DAY_NS
                rows = select(table).where(start >= from_ns, start < until_ns)
                target.columnar.insert(writing, copied, source.columnar.fetch(reading, rows))
                from_ns = reading.execute(first.where(start >= until_ns)).scalar_one()

    def _finish(self) -> None:
        with self._writing() as connection:
            if self._target.is_postgresql:
                reset_writer_state(connection, self._target.schema)
            _MARK.drop(connection)

    def _replace(self, writing: Connection, name: str, rows: pa.Table) -> None:
        table = self._target.schema.metadata.tables[name]
        writing.execute(delete(table))
        self._target.columnar.insert(writing, table, rows)

    @contextmanager
    def _writing(self, next_seq: int | None = None) -> Iterator[Connection]:
        """A transaction of the target, which nobody else may have written to.

        Moves the mark to ``next_seq`` if that is given.
        """
        with self._target.engine.begin() as connection:
            if self._target.is_postgresql:
                state = locked_state(connection)
                mark = connection.execute(select(_MARK.c.next_seq)).scalar_one()
                if state["next_seq"] != mark:
                    raise _disturbed()
            yield connection
            if next_seq is not None:
                connection.execute(update(_MARK).values(next_seq=next_seq))
                if self._target.is_postgresql:
                    connection.execute(update(WRITER_STATE).values(next_seq=next_seq))


def _disturbed() -> StoreError:
    return StoreError(
        "something else has written to the target since the copy began: stop it, and copy into an "
        "empty target"
    )
